//! Connected marks on a page: letters, strokes, dust, holes, borders.

/// One connected patch of dark pixels of a page; sizes below are those of a page reduced to about 100 dpi.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its first column.
    pub left: u32,
    /// Its last column.
    pub right: u32,
    /// Its first row.
    pub top: u32,
    /// Its last row.
    pub bottom: u32,
    /// How many pixels it has.
    pub area: u32,
    /// Where its pixels begin in [`Marks::pixels`].
    first: u32,
}

/// Flatter marks are dust, dots and rules, in reduced pixels.
const LEAST_LETTER_PX: u32 = 3;
/// Larger marks are pictures and borders: 12 mm of an A4 page.
const MOST_LETTER_PX: u32 = 48;
/// Letters are at most so many times wider than high (several that touch), and the other way round.
const MOST_ELONGATED: u32 = 6;
/// Marks up to this many reduced pixels in both directions are dust: half a millimetre.
const SPECK_PX: u32 = 2;
/// People leave 2 mm free, of an A4 page.
const EDGE_PX: u32 = 8;
/// A border is at least so many times longer than wide.
const BORDER_ELONGATED: u32 = 8;
/// A punch hole is 5 to 8 mm wide and lies within 25 mm of an edge: in shares of the longer side of A4.
const HOLE_SIDE: std::ops::RangeInclusive<f32> = 0.014..=0.034;
const HOLE_MARGIN: f32 = 0.085;
/// Share of its square that a disc fills is 0.785; a letter fills much less.
const HOLE_FILL: f32 = 0.65;

impl Mark {
    /// Columns.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }

    /// Whether it is so small that it is dust.
    #[must_use]
    pub fn is_speck(&self) -> bool {
        self.width().max(self.height()) <= SPECK_PX
    }

    /// Whether it may be a letter or a few that touch, by its size and shape.
    #[must_use]
    pub fn is_letter(&self) -> bool {
        let shorter = self.width().min(self.height());
        let longer = self.width().max(self.height());
        shorter >= LEAST_LETTER_PX && longer <= MOST_LETTER_PX && longer <= MOST_ELONGATED * shorter
    }

    /// Whether it begins at an edge of a page of that size.
    #[must_use]
    pub const fn touches_edge(&self, width: usize, height: usize) -> bool {
        self.left == 0
            || self.top == 0
            || self.right as usize + 1 == width
            || self.bottom as usize + 1 == height
    }

    /// Whether all of it lies so near to one edge that it is the border of the sheet more likely than writing; a line
    /// along the edge may lie further inside.
    pub(crate) fn hugs_edge(&self, width: usize, height: usize) -> bool {
        let reach = |along: u32, across: u32| match along >= BORDER_ELONGATED * across {
            true => 3 * EDGE_PX,
            false => EDGE_PX,
        };
        let (of_sides, of_ends) = (
            reach(self.height(), self.width()),
            reach(self.width(), self.height()),
        );
        self.right < of_sides
            || self.bottom < of_ends
            || self.left + of_sides >= width as u32
            || self.top + of_ends >= height as u32
    }

    /// Whether it is a disc of the size and in the place of a punch hole.
    #[must_use]
    pub fn is_punch_hole(&self, width: usize, height: usize) -> bool {
        let longer = width.max(height) as f32;
        let margin = (longer * HOLE_MARGIN) as u32;
        let is_near_edge = self.left < margin
            || self.top < margin
            || self.right + margin > width as u32
            || self.bottom + margin > height as u32;
        let is_round = self.width().abs_diff(self.height()) * 4 <= self.width()
            && self.area as f32 >= HOLE_FILL * (self.width() * self.height()) as f32;
        is_near_edge && is_round && HOLE_SIDE.contains(&(self.width() as f32 / longer))
    }
}

/// Every mark of a page with its pixels.
#[derive(Debug, Default)]
pub struct Marks {
    /// Row after row, by the first pixel of each.
    pub all: Vec<Mark>,
    /// Places on the page, mark after mark.
    pixels: Vec<u32>,
}

impl Marks {
    /// The patches of dark pixels, eight neighbours each, of a page so many pixels wide.
    #[must_use]
    pub fn of(is_dark: impl IntoIterator<Item = bool>, width: usize) -> Self {
        let mut left: Vec<bool> = is_dark.into_iter().collect();
        let mut marks = Self::default();
        for start in 0..left.len() {
            if left[start] {
                marks.take(start, width, &mut left);
            }
        }
        marks
    }

    /// The places of a mark's pixels, from 0, row after row of the page; in no order.
    #[must_use]
    pub fn pixels(&self, mark: &Mark) -> &[u32] {
        &self.pixels[mark.first as usize..(mark.first + mark.area) as usize]
    }

    /// Moves the patch around `start` out of `left`.
    fn take(&mut self, start: usize, width: usize, left: &mut [bool]) {
        let height = left.len() / width;
        let first = self.pixels.len();
        self.pixels.push(start as u32);
        left[start] = false;
        let (x, y) = ((start % width) as u32, (start / width) as u32);
        let mut mark = Mark {
            left: x,
            right: x,
            top: y,
            bottom: y,
            area: 0,
            first: first as u32,
        };
        let mut next = first;
        while let Some(&at) = self.pixels.get(next) {
            next += 1;
            let (x, y) = (at as usize % width, at as usize / width);
            mark.left = mark.left.min(x as u32);
            mark.right = mark.right.max(x as u32);
            mark.bottom = mark.bottom.max(y as u32);
            for neighbour_y in y.saturating_sub(1)..(y + 2).min(height) {
                for neighbour_x in x.saturating_sub(1)..(x + 2).min(width) {
                    let neighbour = neighbour_y * width + neighbour_x;
                    if std::mem::take(&mut left[neighbour]) {
                        self.pixels.push(neighbour as u32);
                    }
                }
            }
        }
        mark.area = (next - first) as u32;
        self.all.push(mark);
    }
}
