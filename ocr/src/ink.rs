//! Where something is written on a page, found in milliseconds.
//!
//! The cost of a mistake is not even: a blank page that is read costs a fraction of a second, a line of
//! faint text that is dropped is lost. So a page is blank at once only where nothing but paper, dust, dark
//! edges and punch holes is left; in every other case it is read first (see [`Ink::is_faint`]).

use hrisov_imaging::marks::{Mark, Marks};
use hrisov_model::Rect;

use crate::{
    paper::{EDGE_MARGIN, EVEN_WHITE, Paper, TILE_PX},
    raster::Raster,
};

/// Pixels of the longer side after reduction: 100 dpi for A4, where a stroke of a pen is one pixel wide.
const REDUCED_SIDE_PX: u32 = 1200;
/// From that share of dark ground on it is a dark page.
const DARK_PAGE: f32 = 0.3;
/// A page is blank after a fruitless reading if its marks are weaker than this share of the paper's
/// value (bleed-through, pencil dust) or cover less than that share of the page.
const FAINT_CONTRAST: f32 = 0.25;
const FAINT_SHARE: f32 = 0.000_2;

/// A sheet that was reduced further is larger than A3 at 600 dpi: on a map the strokes are too fine to be seen then.
const MOST_REDUCED: u32 = 8;
/// Print is that much darker than paper, of 255, on poor pages too: where marks must be darker to be told from grain, they
/// may be there unseen. Grain of a tenth of that is strong.
const DROWNING_CONTRAST: f32 = 100.0;

/// What touches an edge, stays near it and is that long, as a share of the longer side, is an edge itself; shorter
/// ones may be letters that are cut.
const LONG_EDGE: f32 = 0.05;
/// Edges that cover less than this share of a page are a frame. More of them is the lid, which stays: its black keeps
/// Otsu's threshold low: without it 397 words of 13 typescripts were missed in place of 353.
const FRAME_SHARE: f32 = 0.03;

/// Lighter pixels of a dark page are grit, or letters: of these the fullest page has 8,000.
const LIGHT: u8 = 128;
const MOST_PATCHES: usize = 50_000;

/// An area that may hold light letters on a dark ground: so tall and wide in reduced pixels (a line of small
/// print) and filled so far, or, where it is larger than paper is looked for, so much darker than the page.
const SOLID_HEIGHT_PX: u32 = 9;
const SOLID_WIDTH_PX: u32 = 24;
const SOLID_FILL: f32 = 0.5;

/// A dash of a fill-in line (`_ _ _ _`): flat, and 1 to 8 mm long, in reduced pixels.
const DASH_HEIGHT_PX: u32 = 3;
const DASH_WIDTH_PX: std::ops::RangeInclusive<u32> = 3..=32;
/// So many of them in a row make a line; fewer may be hyphens.
const DASHES_IN_A_ROW: usize = 4;
/// Paper within so many tiles of a mark is left as it is: dots and accents that count as dust are there.
const NEAR_TILES: isize = 2;
/// More candidates than on any form: noise, which is not worth the search.
const MOST_DASHES: usize = 4000;

/// What is darker than paper on a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ink {
    /// Dashes of fill-in lines, in pixels of the page, with the value of the paper around them.
    dashes: Vec<(Rect, u8)>,
    /// Rows of the dark frame that a scanner leaves around a page, in pixels of the page.
    frame: Vec<Rect>,
    /// Marks that may be letters, in pixels of the page.
    pub(crate) letters: Vec<Rect>,
    /// Whether a tile of the paper holds a mark.
    written: Vec<bool>,
    /// The paper itself.
    pub(crate) paper: Paper,
    /// Marks that may be writing.
    pub(crate) marks: u32,
    /// Share of the page that they cover.
    pub(crate) share: f32,
    /// How much darker than paper the darker half of them is, as a share of the paper's value.
    pub(crate) contrast: f32,
    /// Whether there is more dust in some place than chance would put there.
    pub(crate) clustered_dust: bool,
    /// Share of the page that is dark from an edge far into it: a table top around a small sheet, or a
    /// page in white on black.
    pub(crate) dark_share: f32,
    /// Whether some area is dark enough to hold light letters.
    pub(crate) has_solid_area: bool,
}

impl Ink {
    /// Looks at a page.
    pub(crate) fn of(page: &Raster<'_>) -> Self {
        let shorter = page.width.min(page.height).max(1);
        let factor = page
            .width
            .max(page.height)
            .div_ceil(REDUCED_SIDE_PX)
            .clamp(1, shorter);
        let reduced = page.reduced(factor);
        let paper = Paper::of(&reduced, factor);
        let mask = paper.darker(&reduced);
        sift(mask, &reduced, paper, factor)
    }

    /// Nothing that could be writing, without any reading.
    pub(crate) fn is_none(&self) -> bool {
        self.marks == 0 && !self.clustered_dust && self.dark_share == 0.0
    }

    /// The page with the dashes of its fill-in lines painted over: where the space for a name is a row of
    /// dashes, Tesseract's layout analysis takes them for text and loses the words beside them.
    pub(crate) fn without_fill_in_lines<'a>(&self, page: Raster<'a>) -> Raster<'a> {
        page.painted(&self.dashes)
    }

    /// The even page without the dark frame around it: Tesseract takes a page with a frame for a picture now and then. Of
    /// generated degraded pages 8 % fewer words are missed.
    pub(crate) fn without_frame<'a>(&self, even: Raster<'a>) -> Raster<'a> {
        let places: Vec<(Rect, u8)> = self.frame.iter().map(|place| (*place, EVEN_WHITE)).collect();
        even.painted(&places)
    }

    /// The even page with white wherever no mark is near: on a page with hardly any, a threshold that looks for ink would
    /// find grain instead, and Tesseract would look for lines in it for minutes.
    pub(crate) fn marks_only<'a>(&self, even: Raster<'a>) -> Raster<'a> {
        let around = |tile: usize, x: isize, y: isize| {
            let (tile_x, tile_y) = (tile % self.paper.tiles_wide, tile / self.paper.tiles_wide);
            let tile_x = tile_x
                .checked_add_signed(x)
                .filter(|&x| x < self.paper.tiles_wide)?;
            let tile_y = tile_y.checked_add_signed(y)?;
            self.written.get(tile_y * self.paper.tiles_wide + tile_x).copied()
        };
        let is_near = |tile: usize| {
            (-NEAR_TILES..=NEAR_TILES)
                .any(|y| (-NEAR_TILES..=NEAR_TILES).any(|x| around(tile, x, y) == Some(true)))
        };
        let empty = (0..self.written.len()).filter(|&tile| !is_near(tile));
        let places: Vec<(Rect, u8)> = empty.map(|tile| (self.paper.place(tile), EVEN_WHITE)).collect();
        even.painted(&places)
    }

    /// Whether the grain is so strong that ink could hide in it: nobody can tell such a page from a blank one.
    pub(crate) fn is_drowned(&self) -> bool {
        self.paper.least_contrast >= DROWNING_CONTRAST
    }

    /// So little or so weak that a page on which no word was found counts as blank.
    pub(crate) fn is_faint(&self) -> bool {
        self.paper.factor <= MOST_REDUCED
            && !self.is_drowned()
            && self.dark_share < DARK_PAGE
            && (self.contrast < FAINT_CONTRAST || self.share < FAINT_SHARE)
    }
}

/// Whether a dark page is nothing but light grit: what black and white makes of a page that was scanned too dark. A page of
/// white letters on black has a tenth of so many patches at most; Tesseract looks for lines in grit for minutes.
pub(crate) fn is_grit(page: &Raster<'_>) -> bool {
    let light = page.grey.iter().map(|&value| value >= LIGHT);
    Marks::of(light, page.width as usize).all.len() > MOST_PATCHES
}

/// Whether light letters may stand in a mark.
fn is_solid(mark: &Mark) -> bool {
    mark.height() >= SOLID_HEIGHT_PX
        && mark.width() >= SOLID_WIDTH_PX
        && mark.area as f32 >= SOLID_FILL * (mark.width() * mark.height()) as f32
}

const fn place(mark: &Mark) -> Rect {
    Rect {
        x: mark.left,
        y: mark.top,
        width: mark.width(),
        height: mark.height(),
    }
}

/// A place on the reduced page in pixels of the page, with a rim of one reduced pixel, since reduction blurs.
const fn on_page(place: Rect, factor: u32) -> Rect {
    Rect {
        x: place.x.saturating_sub(1) * factor,
        y: place.y.saturating_sub(1) * factor,
        width: (place.width + 2) * factor,
        height: (place.height + 2) * factor,
    }
}

/// Whether one dash continues a row of dashes that ends with another: level with it, of about the same length, and no
/// further away than twice that length.
fn is_followed_by(last: &Mark, next: &Mark) -> bool {
    let gap = next.left.checked_sub(last.right + 1);
    let (shorter, longer) = (last.width().min(next.width()), last.width().max(next.width()));
    gap.is_some_and(|gap| (1..=2 * longer).contains(&gap))
        && longer <= 2 * shorter
        && last.bottom.abs_diff(next.bottom) <= 1
}

fn sift(mask: Vec<bool>, page: &Raster<'_>, paper: Paper, factor: u32) -> Ink {
    let (width, height) = (page.width as usize, page.height as usize);
    let size = mask.len().max(1) as f32;
    let mut dust = vec![0_u32; paper.values.len()];
    let mut contrasts = [0_u32; 256];
    let mut written = vec![false; paper.values.len()];
    let (mut count, mut area, mut dark) = (0, 0, paper.dark_pixels());
    let mut has_solid_area = dark > 0 || paper.has_dark_ground();
    let (mut flat, mut edges, mut edge_area) = (Vec::new(), Vec::new(), 0);
    let mut letters = Vec::new();
    let marks = Marks::of(mask, width);
    for mark in &marks.all {
        let places = || marks.pixels(mark).iter().map(|&at| at as usize);
        has_solid_area |= is_solid(mark);
        if mark.touches_edge(width, height) {
            if places().any(|at| is_inside(at % width, at / width, page)) {
                dark += mark.area;
            } else if mark.width().max(mark.height()) as f32 >= LONG_EDGE * width.max(height) as f32 {
                edge_area += mark.area;
                edges.append(&mut rows(places().collect(), width, factor));
            }
            continue;
        }
        if mark.is_punch_hole(width, height) {
            continue;
        }
        if mark.is_speck() {
            let (x, y) = (mark.left as usize / TILE_PX, mark.top as usize / TILE_PX);
            dust[y * paper.tiles_wide + x] += 1;
            continue;
        }
        count += 1;
        area += mark.area;
        if mark.is_letter() {
            letters.push(on_page(place(mark), factor));
        }
        if mark.height() <= DASH_HEIGHT_PX && DASH_WIDTH_PX.contains(&mark.width()) {
            flat.push(*mark);
        }
        for at in places() {
            written[paper.tile(at % width, at / width)] = true;
            let value = paper.at(at % width, at / width);
            let contrast = u32::from(value.saturating_sub(page.grey[at])) * 255 / u32::from(value.max(1));
            contrasts[contrast.min(255) as usize] += 1;
        }
    }
    if edge_area as f32 > FRAME_SHARE * size {
        edges.clear();
    }
    let dash = |mark: Mark| {
        let value = paper.at(mark.left as usize, mark.top as usize);
        (on_page(place(&mark), factor), value)
    };
    Ink {
        dashes: rows_of_dashes(flat).into_iter().map(dash).collect(),
        frame: edges,
        letters,
        written,
        marks: count,
        share: area as f32 / size,
        contrast: upper_quartile(&contrasts) / 255.0,
        clustered_dust: is_clustered(&dust),
        dark_share: dark as f32 / size,
        has_solid_area,
        paper,
    }
}

/// The rows of a mark in pixels of the page, with a rim of one reduced pixel.
fn rows(mut pixels: Vec<usize>, width: usize, factor: u32) -> Vec<Rect> {
    pixels.sort_unstable();
    let in_one_row = |one: &usize, next: &usize| *next == one + 1 && !next.is_multiple_of(width);
    let row = |run: &[usize]| Rect {
        x: (run[0] % width) as u32,
        y: (run[0] / width) as u32,
        width: run.len() as u32,
        height: 1,
    };
    pixels
        .chunk_by(in_one_row)
        .map(|run| on_page(row(run), factor))
        .collect()
}

/// Whether a place lies further in than dark edges do.
fn is_inside(x: usize, y: usize, page: &Raster<'_>) -> bool {
    let far = |at: usize, side: u32| {
        let margin = (side as f32 * EDGE_MARGIN) as usize;
        at >= margin && at + margin < side as usize
    };
    far(x, page.width) && far(y, page.height)
}

/// Those flat patches that stand in rows.
fn rows_of_dashes(mut flat: Vec<Mark>) -> Vec<Mark> {
    if flat.len() > MOST_DASHES {
        return Vec::new();
    }
    flat.sort_unstable_by_key(|mark| mark.left);
    let mut rows: Vec<Vec<Mark>> = Vec::new();
    for mark in flat {
        let continued = rows
            .iter_mut()
            .rev()
            .find(|row| row.last().is_some_and(|last| is_followed_by(last, &mark)));
        match continued {
            Some(row) => row.push(mark),
            None => rows.push(vec![mark]),
        }
    }
    rows.retain(|row| row.len() >= DASHES_IN_A_ROW);
    rows.into_iter().flatten().collect()
}

fn upper_quartile(histogram: &[u32; 256]) -> f32 {
    let wanted = histogram.iter().sum::<u32>() / 4 * 3;
    let mut seen = 0;
    let place = histogram.iter().position(|count| {
        seen += count;
        seen > wanted
    });
    place.unwrap_or(0) as f32
}

/// Whether some tile holds more specks than chance: mean and five Poisson deviations, and three specks
/// whatever the mean. Letters so faint that they fall to pieces lie together, dust does not.
fn is_clustered(dust: &[u32]) -> bool {
    let mean = dust.iter().sum::<u32>() as f32 / dust.len().max(1) as f32;
    let most = mean + 5.0 * mean.sqrt() + 3.0;
    dust.iter().any(|&count| count as f32 > most)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    const WIDTH: u32 = 1240;
    const HEIGHT: u32 = 1754;

    /// A4 at 150 dpi: paper with grain, darker towards one side, the same for the same seed.
    struct Sheet {
        grey: Vec<u8>,
    }

    impl Sheet {
        fn new(paper: u8, grain: u8, seed: u32) -> Self {
            let mut state = seed;
            let mut random = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            };
            let pixel = |at: u32| {
                let shade = (at % WIDTH * 20 / WIDTH) as u8;
                let noise = match grain {
                    0 => 0,
                    grain => random() % (2 * grain + 1),
                };
                let value = i16::from(paper - shade) + i16::from(noise) - i16::from(grain);
                value.clamp(0, 255) as u8
            };
            Self {
                grey: (0..WIDTH * HEIGHT).map(pixel).collect(),
            }
        }

        fn darken(mut self, by: u8, is_ink: impl Fn(u32, u32) -> bool) -> Self {
            for (at, value) in self.grey.iter_mut().enumerate() {
                if is_ink(at as u32 % WIDTH, at as u32 / WIDTH) {
                    *value = value.saturating_sub(by);
                }
            }
            self
        }

        fn ink(&self) -> Ink {
            Ink::of(&self.raster())
        }

        fn raster(&self) -> Raster<'_> {
            Raster {
                width: WIDTH,
                height: HEIGHT,
                grey: Cow::Borrowed(&self.grey),
            }
        }
    }

    /// One line of 30 strokes like the letters i and l: 12 to 16 pixels high, 2 wide (2.4 and 0.34 mm).
    fn line_of_text(x: u32, y: u32) -> bool {
        (300..720).contains(&x) && x % 14 < 2 && (800..812 + x / 14 % 2 * 4).contains(&y)
    }

    fn edge(x: u32, y: u32) -> bool {
        x < 12 + y / 200 || y > HEIGHT - 20
    }

    fn hole(x: u32, y: u32) -> bool {
        [600, 1072]
            .iter()
            .any(|centre| x.abs_diff(70).pow(2) + y.abs_diff(*centre).pow(2) < 18 * 18)
    }

    fn dust(x: u32, y: u32) -> bool {
        (x / 2 * 7919 + y / 2 * 104_729).is_multiple_of(9973)
    }

    #[test]
    fn grit_on_black_is_told_from_white_letters_on_black() {
        let side = 1200;
        let grit = |at: u32| {
            if (at / side).is_multiple_of(3) && (at % side).is_multiple_of(3) {
                255
            } else {
                0
            }
        };
        let letters = |at: u32| {
            if (at / side) % 20 < 9 && (at % side) % 14 < 6 {
                255
            } else {
                0
            }
        };
        let page = |of: &dyn Fn(u32) -> u8| Raster {
            width: side,
            height: side,
            grey: (0..side * side).map(of).collect::<Vec<u8>>().into(),
        };
        assert!(is_grit(&page(&grit)));
        assert!(!is_grit(&page(&letters)));
    }

    #[test]
    fn paper_dust_edges_and_holes_are_blank_and_one_faint_line_is_not() {
        for (paper, grain) in [(250, 0), (240, 4), (200, 12), (160, 8), (215, 25)] {
            let blank = || {
                Sheet::new(paper, grain, 1978)
                    .darken(200, edge)
                    .darken(180, hole)
                    .darken(120, dust)
            };
            let ink = blank().ink();
            assert!(
                ink.is_none() && !ink.is_drowned(),
                "paper {paper} grain {grain}: {ink:?}"
            );
            // A reduced stroke keeps half of its contrast or more; five deviations of the grain above it.
            let faint = 24 + 3 * grain;
            let ink = blank().darken(faint, line_of_text).ink();
            assert!(
                !ink.is_none(),
                "paper {paper} grain {grain}: a line {faint} darker was lost"
            );
        }
    }

    #[test]
    fn noise_and_what_was_reduced_too_far_are_not_called_blank() {
        let noise = Sheet::new(180, 110, 7).ink();
        assert!(noise.is_none() && noise.is_drowned(), "{noise:?}");
        let side = MOST_REDUCED * REDUCED_SIDE_PX + 1;
        for (width, height, faint) in [(side, 40, false), (side / 2, 40, true)] {
            let map = Raster {
                width,
                height,
                grey: vec![255; (width * height) as usize].into(),
            };
            assert_eq!(Ink::of(&map).is_faint(), faint, "{width} x {height}");
        }
    }

    /// White on black, and a small sheet on a dark table: never blank without a reading; the small sheet is
    /// where nothing was read on it.
    #[test]
    fn dark_pages_are_not_blank_at_once() {
        let inverted = Sheet::new(250, 0, 3).darken(230, |x, y| !line_of_text(x, y));
        let table = Sheet::new(240, 4, 3).darken(220, |x, y| x > 900 || y > 1300);
        let frame = Sheet::new(240, 4, 3).darken(220, |x, y| x < 40 || y < 40 || x > 1200 || y > 1700);
        for (what, sheet, blank, faint) in [
            ("inverted", inverted, false, false),
            ("table", table, false, true),
            ("frame", frame, true, true),
        ] {
            let ink = sheet.ink();
            assert_eq!((ink.is_none(), ink.is_faint()), (blank, faint), "{what}: {ink:?}");
        }
    }

    #[test]
    fn only_dark_areas_may_hold_light_letters() {
        let bar = |x: u32, y: u32| (200..900).contains(&x) && (300..330).contains(&y);
        let panel = |x: u32, y: u32| (200..900).contains(&x) && (300..600).contains(&y);
        let rule = |x: u32, y: u32| (200..900).contains(&x) && (300..306).contains(&y);
        for (what, sheet, expected) in [
            ("text", Sheet::new(240, 4, 3).darken(200, line_of_text), false),
            ("a rule", Sheet::new(240, 4, 3).darken(200, rule), false),
            (
                "holes and dust",
                Sheet::new(240, 4, 3).darken(200, hole).darken(120, dust),
                false,
            ),
            ("a bar", Sheet::new(240, 4, 3).darken(200, bar), true),
            ("a grey panel", Sheet::new(240, 4, 3).darken(130, panel), true),
            (
                "brown paper",
                Sheet::new(110, 4, 3).darken(60, line_of_text),
                false,
            ),
        ] {
            assert_eq!(sheet.ink().has_solid_area, expected, "{what}");
        }
    }

    #[test]
    fn weak_marks_are_faint_and_print_is_not() {
        let sheet = || Sheet::new(240, 4, 7);
        assert!(sheet().darken(35, line_of_text).ink().is_faint());
        let print = |x, y| y % 40 < 28 && line_of_text(x, 800 + y % 40 % 14);
        let ink = sheet().darken(190, print).ink();
        assert!(!ink.is_faint(), "{ink:?}");
    }

    #[test]
    fn rows_of_dashes_are_painted_over_and_letters_and_hyphens_are_not() {
        let dashes = |x: u32, y: u32| (500..503).contains(&y) && (200..600).contains(&x) && x % 20 < 12;
        let hyphens = |x: u32, y: u32| {
            (600..603).contains(&y) && [300, 700].iter().any(|at| (*at..at + 12).contains(&x))
        };
        let sheet =
            Sheet::new(240, 0, 1).darken(200, |x, y| dashes(x, y) || hyphens(x, y) || line_of_text(x, y));
        let cleaned = sheet.ink().without_fill_in_lines(sheet.raster());
        let dark_in = |is_ink: &dyn Fn(u32, u32) -> bool| {
            let places = cleaned.grey.iter().enumerate().filter(|(_, value)| **value < 100);
            places
                .filter(|(at, _)| is_ink(*at as u32 % WIDTH, *at as u32 / WIDTH))
                .count()
        };
        let all = |is_ink: &dyn Fn(u32, u32) -> bool| {
            (0..WIDTH * HEIGHT)
                .filter(|at| is_ink(at % WIDTH, at / WIDTH))
                .count()
        };
        assert_eq!(dark_in(&dashes), 0);
        assert_eq!(dark_in(&hyphens), all(&hyphens));
        assert_eq!(dark_in(&line_of_text), all(&line_of_text));
    }
}
