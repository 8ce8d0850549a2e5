//! Letters on which nothing was read: columns of a table, lines beside a stamp, whatever the search for lines left out.

use hrisov_model::Rect;

/// Marks that are so many times smaller or larger than the letters that were read are something else.
const LIKE_LETTERS: std::ops::RangeInclusive<f32> = 0.6..=1.7;
/// Fewer letters that were read do not tell how large letters are.
const FEWEST_READ: usize = 20;

/// How many letters, of so many that there are on a page, lie where no word was read; the places are those of one raster.
pub(crate) fn unread(letters: &[Rect], words: &[Rect]) -> (usize, usize) {
    let (read, left): (Vec<&Rect>, Vec<&Rect>) = letters
        .iter()
        .partition(|letter| words.iter().any(|word| holds_middle(word, letter)));
    if read.len() < FEWEST_READ {
        return (0, read.len());
    }
    let mut sizes: Vec<u32> = read.iter().map(|letter| size(letter)).collect();
    let middle = sizes.len() / 2;
    let usual = (*sizes.select_nth_unstable(middle).1).max(1) as f32;
    let unread = left
        .iter()
        .filter(|letter| LIKE_LETTERS.contains(&(size(letter) as f32 / usual)))
        .count();
    (unread, unread + read.len())
}

fn size(letter: &Rect) -> u32 {
    letter.width.max(letter.height)
}

fn holds_middle(word: &Rect, letter: &Rect) -> bool {
    let (x, y) = (letter.x + letter.width / 2, letter.y + letter.height / 2);
    (word.x..word.x + word.width).contains(&x) && (word.y..word.y + word.height).contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }

    /// Rows of a table: a name that was read, a number beside it that was not, a dot and a stamp.
    #[test]
    fn a_column_on_which_nothing_was_read_is_counted_and_dirt_is_not() {
        let rows = 0..10;
        let words: Vec<Rect> = rows.clone().map(|row| place(100, 100 * row, 200, 30)).collect();
        let name = |row: u32| (0..8).map(move |at| place(100 + 25 * at, 100 * row + 5, 18, 22));
        let number = |row: u32| (0..3).map(move |at| place(800 + 25 * at, 100 * row + 5, 15, 24));
        let dirt = |row: u32| [place(600, 100 * row, 3, 3), place(1200, 100 * row, 90, 80)];
        let letters: Vec<Rect> = rows
            .flat_map(|row| name(row).chain(number(row)).chain(dirt(row)))
            .collect();
        assert_eq!(unread(&letters, &words), (30, 110));
        assert_eq!(unread(&letters, &[]), (0, 0));
    }
}
