//! What was read on one page: the ALTO tree in memory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Languages, Rect, Rotation};

/// Words read with less confidence may be dirt along an edge.
const LEAST_SURE: f32 = 0.08;
/// Fewer words tell nothing of how far the writing reaches.
const FEWEST_WORDS: usize = 5;

/// The text of one page. Every place is in pixels of the master page after its orientation tag (for a
/// PDF, of the recorded rendering size), whatever was turned, scaled or cropped to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// Width of the page raster in pixels.
    pub width_px: u32,
    /// Height of the page raster in pixels.
    pub height_px: u32,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// How the text was made.
    pub processing: Processing,
}

/// How a page was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Processing {
    /// Name of the recogniser, such as `tesseract`.
    pub engine: String,
    /// Version of the recogniser, such as `5.3.0`.
    pub engine_version: String,
    /// Language models used.
    pub languages: Languages,
    /// Preparation steps in order, in our own stable words, such as `grey turn-90 deskew:-1.25`.
    pub recipe: String,
    /// How the page had to be turned, clockwise, for its text to stand upright.
    pub rotation: Rotation,
    /// When it was read (UTC).
    pub read_at: Timestamp,
}

/// A paragraph-like block of lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Where it stands.
    pub rect: Rect,
    /// What it is.
    pub kind: BlockKind,
    /// Its lines from first to last read.
    pub lines: Vec<Line>,
}

/// What a block is, in ALTO's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// `TextBlock`.
    Text,
}

/// One line of words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Where it stands.
    pub rect: Rect,
    /// Words in reading order; never empty.
    pub words: Vec<Word>,
}

/// One word (ALTO `String`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// What was read, letter forms normalised, no white space.
    pub text: String,
    /// Where it stands.
    pub rect: Rect,
    /// The chance that the word was read right, 0 to 1, in steps of 0.01 (ALTO `WC`).
    pub confidence: f32,
}

impl PageText {
    /// All lines in reading order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.blocks.iter().flat_map(|block| &block.lines)
    }

    /// All words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.lines().flat_map(|line| &line.words)
    }

    /// Words that end within half a letter of an edge of the picture, on the edge with the most: writing that runs
    /// over it. `None` where too little was read to tell.
    #[must_use]
    pub fn words_at_edge(&self) -> Option<u32> {
        let sure = self.words().filter(|word| word.confidence >= LEAST_SURE);
        let words: Vec<Rect> = sure.map(|word| word.rect).collect();
        if words.len() < FEWEST_WORDS {
            return None;
        }
        // Upright or on its side: the shorter side of a word is its height.
        let mut heights: Vec<u32> = words.iter().map(|word| word.width.min(word.height)).collect();
        let middle = heights.len() / 2;
        let near = *heights.select_nth_unstable(middle).1 / 2;
        let right = |word: &Rect| word.x + word.width + near >= self.width_px;
        let bottom = |word: &Rect| word.y + word.height + near >= self.height_px;
        let counts = [
            words.iter().filter(|word| word.x <= near).count(),
            words.iter().filter(|word| word.y <= near).count(),
            words.iter().filter(|word| right(word)).count(),
            words.iter().filter(|word| bottom(word)).count(),
        ];
        counts.into_iter().max().and_then(|most| u32::try_from(most).ok())
    }

    /// Plain text: words joined by one space, one line each, an empty line between blocks.
    #[must_use]
    pub fn to_plain_text(&self) -> String {
        let block_text = |block: &Block| {
            let lines = block.lines.iter().map(|line| {
                line.words
                    .iter()
                    .map(|word| word.text.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        self.blocks
            .iter()
            .map(block_text)
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    /// Mean confidence of the words weighted by their letters, 0 to 1; `None` without words.
    #[must_use]
    pub fn mean_confidence(&self) -> Option<f32> {
        let (sum, letters) = self.words().fold((0.0_f64, 0_usize), |(sum, letters), word| {
            let count = word.text.chars().count();
            (sum + f64::from(word.confidence) * count as f64, letters + count)
        });
        (letters > 0).then(|| (sum / letters as f64) as f32)
    }
}
