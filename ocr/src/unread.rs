//! Letters on which nothing was read: columns of a table, lines beside a stamp, whatever the search for lines left out.

use hrisov_model::Rect;

/// Marks that are so many times smaller or larger than the letters that were read are something else.
const LIKE_LETTERS: std::ops::RangeInclusive<f32> = 0.6..=1.7;
/// Letters of a word are nearer than this and as level as that, in heights of the higher one.
const WIDEST_GAP: f32 = 0.5;
const LEVEL: f32 = 0.7;
/// Of columns and lines that were left out 0.6 to 0.9 of the letters stand beside another one, of grain and stains less but
/// for one of 24 degraded pages.
const IN_WORDS: f32 = 0.6;
/// Fewer letters that were read do not tell how large letters are.
const FEWEST_READ: usize = 20;

/// How many letters, of so many that there are on a page, lie where no word was read; the places are those of one raster.
/// Where most of them stand alone they are dirt, and none is told.
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
    let is_like = |letter: &Rect| LIKE_LETTERS.contains(&(size(letter) as f32 / usual));
    let like: Vec<Rect> = left.into_iter().copied().filter(is_like).collect();
    let lying: Vec<Rect> = like.iter().copied().map(turned).collect();
    let in_words = in_words(&like).max(in_words(&lying));
    match (in_words as f32) < IN_WORDS * like.len() as f32 {
        true => (0, read.len()),
        false => (like.len(), like.len() + read.len()),
    }
}

/// How many letters stand beside another one in a row.
fn in_words(letters: &[Rect]) -> usize {
    let is_in_word = |letter: &&Rect| letters.iter().any(|other| is_beside(letter, other));
    letters.iter().filter(is_in_word).count()
}

fn is_beside(letter: &Rect, other: &Rect) -> bool {
    let (left, right) = match letter.x < other.x {
        true => (letter, other),
        false => (other, letter),
    };
    let height = left.height.max(right.height) as f32;
    let gap = right.x.saturating_sub(left.x + left.width) as f32;
    let end = (left.y + left.height).min(right.y + right.height);
    let shared = end.saturating_sub(left.y.max(right.y)) as f32;
    left.x != right.x && gap < WIDEST_GAP * height && shared > LEVEL * height
}

/// Its place where rows and columns are exchanged.
const fn turned(place: Rect) -> Rect {
    Rect {
        x: place.y,
        y: place.x,
        width: place.height,
        height: place.width,
    }
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
        let lying = |places: &[Rect]| -> Vec<Rect> { places.iter().copied().map(turned).collect() };
        assert_eq!(unread(&lying(&letters), &lying(&words)), (30, 110));
        let scattered = (0..40).map(|at| place(700 + 61 * (at % 8), 37 * at, 15, 24));
        let stained: Vec<Rect> = letters.into_iter().chain(scattered).collect();
        assert_eq!(unread(&stained, &words), (0, 80));
    }
}
