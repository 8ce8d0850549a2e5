//! What a page's picture is like, in figures: what `imaging` measures and doubts are named from.

use serde::{Deserialize, Serialize};

use crate::{Rotation, Separator, WordSketch};

/// Words of 64 bits in a [`PageHash`]: 32 rows of 32 cells.
const HASH_WORDS: usize = 16;

/// What reading a page gave beside its text: doubts are named from it whenever they are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageFigures {
    /// Of its picture.
    pub condition: PageCondition,
    /// How it has to be turned, clockwise, for its text to stand upright; `None` without text.
    pub turn: Option<Rotation>,
    /// By how many percent of its words it looks like another language than those expected, as
    /// [`foreign_percent`](crate::foreign_percent) has it; `None` where there is too little text to tell.
    pub foreign_percent: Option<u8>,
    /// Words at an edge of the picture, as [`PageText::words_at_edge`](crate::PageText::words_at_edge) has them.
    #[serde(default)]
    pub edge_words: Option<u32>,
    /// Its words, for comparison with other pages.
    pub words: Option<WordSketch>,
    /// The separator sheet that it is; such a page is set apart with the dossier's next version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
}

/// The figures of one page's picture. None of them says anything about what is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageCondition {
    /// Marks that may be writing: everything darker than paper but dust, holes and what touches an edge.
    pub marks: u32,
    /// Share of the page that they cover, 0 to 1; 0.01 to 0.08 on pages of text.
    pub ink_share: f32,
    /// How light the paper is, 0 black to 1 white: a third of the page is as light or lighter, so that a small sheet
    /// on a black ground counts as itself.
    pub paper_level: f32,
    /// How much darker than paper the ink is, as a share of the paper's own level, 0 to 1, at about 100 dpi.
    pub contrast: f32,
    /// The same of strokes alone, as far as they cover what a leaf number covers: the contrast that their darkest pixels
    /// have at least, 0 where they cover less. `None` where it was not measured yet.
    #[serde(default)]
    pub stroke_contrast: Option<f32>,
    /// Share of the page that lies in lines darker than what is above and below, 0 to 1: writing, also where it is too
    /// pale to stand out letter by letter. `None` where it was not measured yet.
    #[serde(default)]
    pub line_share: Option<f32>,
    /// Share of the page that is black, 0 to 1, dark borders left out.
    pub black_share: f32,
    /// Share of the page that is dark and begins at an edge, 0 to 1: an open lid, a table top.
    pub dark_border: f32,
    /// How abrupt the edges of letters are: 1 (softer than 0.7 mm) to 9 (nothing but dust); print has 2.3 to 5.
    /// `None` where there are too few letters.
    pub sharpness: Option<f32>,
    /// Middle height of letters, between that of an x and of a capital, in pixels of the page as scanned.
    /// `None` where there are too few letters.
    pub letter_height_px: Option<f32>,
    /// Which way lines run; `None` where no lines are seen.
    pub lines: Option<LineDirection>,
    /// Clockwise lean of the lines against the nearest side, -15 to 15 degrees.
    pub skew_degrees: Option<f32>,
    /// Letters that the edge of the picture cuts through, on the edge with the most.
    pub cut_letters: u32,
    /// Dots per inch where the metadata gives a value that can be believed.
    pub dpi: Option<u32>,
    /// How much of the page is damaged and shown as empty paper, in percent, rounded up.
    #[serde(default, skip_serializing_if = "is_none_lost")]
    pub lost_percent: u8,
    /// What is written, for comparison with other pages; `None` where it is too little.
    pub hash: Option<PageHash>,
}

impl PageCondition {
    /// With as many digits as mean anything, so that descriptions stay short.
    #[must_use]
    pub fn rounded(self) -> Self {
        let to = |parts: f32| move |figure: f32| (figure * parts).round() / parts;
        let (share, coarse) = (to(100_000.0), to(100.0));
        Self {
            ink_share: share(self.ink_share),
            paper_level: share(self.paper_level),
            contrast: share(self.contrast),
            stroke_contrast: self.stroke_contrast.map(share),
            line_share: self.line_share.map(share),
            black_share: share(self.black_share),
            dark_border: share(self.dark_border),
            sharpness: self.sharpness.map(coarse),
            letter_height_px: self.letter_height_px.map(coarse),
            skew_degrees: self.skew_degrees.map(coarse),
            ..self
        }
    }

    /// A page of which nothing was seen: no marks on no paper.
    #[must_use]
    pub const fn unseen(dpi: Option<u32>) -> Self {
        Self {
            marks: 0,
            ink_share: 0.0,
            paper_level: 0.0,
            contrast: 0.0,
            stroke_contrast: None,
            line_share: None,
            black_share: 0.0,
            dark_border: 0.0,
            sharpness: None,
            letter_height_px: None,
            lines: None,
            skew_degrees: None,
            cut_letters: 0,
            dpi,
            lost_percent: 0,
            hash: None,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_none_lost(percent: &u8) -> bool {
    *percent == 0
}

/// Which way lines of text run in the raster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineDirection {
    /// From side to side: upright or upside down.
    Across,
    /// From top to bottom: the page lies on its side.
    Down,
}

/// 1024 bits: whether each cell of a grid over the writing holds more ink than the next one in its line.
/// The grid is centred, turned and scaled by the ink itself, so that resolution, brightness, margins and
/// skew of the scan do not enter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageHash([u64; HASH_WORDS]);

impl PageHash {
    /// From its bits, the first row's first cell as the most significant bit of the first word.
    #[must_use]
    pub const fn from_words(words: [u64; HASH_WORDS]) -> Self {
        Self(words)
    }

    /// From 0 (the same) to 1 (nothing in common): of the bits that either page has, the share that only
    /// one has. Most second scans of a sheet are 0.1 to 0.3 apart, pages with other words on them 0.35 to 0.7.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f32 {
        let (mut differing, mut either) = (0, 0);
        for (one, two) in self.0.iter().zip(&other.0) {
            differing += (one ^ two).count_ones();
            either += (one | two).count_ones();
        }
        differing as f32 / either.max(1) as f32
    }

    /// The bits, most significant first, as 256 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|word| format!("{word:016x}")).collect()
    }

    /// From what [`to_hex`](Self::to_hex) wrote; `None` where it is anything else.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        let words = hex.as_bytes().chunks(16).map(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u64::from_str_radix(digits, 16).ok()
        });
        let words: Vec<u64> = words.collect::<Option<_>>()?;
        let hash = Self(words.try_into().ok()?);
        (hash.to_hex() == hex).then_some(hash)
    }
}

impl From<PageHash> for String {
    fn from(hash: PageHash) -> Self {
        hash.to_hex()
    }
}

impl TryFrom<String> for PageHash {
    type Error = &'static str;

    fn try_from(hex: String) -> Result<Self, Self::Error> {
        Self::from_hex(&hex).ok_or("a page hash has 256 hexadecimal digits in small letters")
    }
}
