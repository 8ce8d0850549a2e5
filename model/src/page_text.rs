//! What was read on one page: the ALTO tree in memory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Languages, Rect, Rotation};

/// Words read with less confidence may be dirt along an edge.
const LEAST_SURE: f32 = 0.08;
/// So may words of fewer letters and figures: on generated pages that are cut off three words and more of two letters
/// end at the edge, on whole ones two at most; of single letters five.
const LEAST_LETTERS: usize = 2;
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Word {
    /// What was read, letter forms normalised, no white space.
    pub text: String,
    /// Where it stands.
    pub rect: Rect,
    /// The chance that the word was read right, 0 to 1, in steps of 0.01 (ALTO `WC`).
    pub confidence: f32,
    /// What less sure readings of the same place gave (ALTO `ALTERNATIVE`): to be found by, never shown as the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<String>,
}

impl Block {
    /// Puts it, its lines and their words elsewhere: `to` gives the new place of each.
    pub fn place(&mut self, to: impl Fn(Rect) -> Rect) {
        self.rect = to(self.rect);
        for line in &mut self.lines {
            line.rect = to(line.rect);
            line.words.iter_mut().for_each(|word| word.rect = to(word.rect));
        }
    }
}

impl PageText {
    /// The text of a part of a page, where it stands on the page.
    #[must_use]
    pub fn on_page(mut self, part: Rect, width_px: u32, height_px: u32) -> Self {
        let moved = |rect: Rect| Rect {
            x: rect.x + part.x,
            y: rect.y + part.y,
            ..rect
        };
        self.blocks.iter_mut().for_each(|block| block.place(moved));
        Self {
            width_px,
            height_px,
            ..self
        }
    }

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
        let sure: Vec<&Word> = self
            .words()
            .filter(|word| word.confidence >= LEAST_SURE)
            .collect();
        if sure.len() < FEWEST_WORDS {
            return None;
        }
        // Upright or on its side: the shorter side of a word is its height.
        let mut heights: Vec<u32> = sure
            .iter()
            .map(|word| word.rect.width.min(word.rect.height))
            .collect();
        let middle = heights.len() / 2;
        let near = *heights.select_nth_unstable(middle).1 / 2;
        let letters = |word: &Word| {
            word.text
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .count()
        };
        let words = sure.into_iter().filter(|word| letters(word) >= LEAST_LETTERS);
        let words: Vec<Rect> = words.map(|word| word.rect).collect();
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

    /// Mean confidence of the words, the share of them that is right, 0 to 1; `None` without words.
    #[must_use]
    pub fn mean_confidence(&self) -> Option<f32> {
        let (sum, words) = self.words().fold((0.0_f64, 0_usize), |(sum, words), word| {
            (sum + f64::from(word.confidence), words + 1)
        });
        (words > 0).then(|| (sum / words as f64) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of a line in its middle, and words one below the other at its left edge.
    fn page(at_edge: &[(&str, f32)]) -> PageText {
        let word = |x, y, (text, confidence): (&str, f32)| Word {
            text: text.to_owned(),
            rect: Rect {
                x,
                y,
                width: 60,
                height: 20,
            },
            confidence,
            ..Word::default()
        };
        let inside = (1..8).map(|at| word(at * 100, 300, ("scris", 0.9)));
        let edge = (0..).zip(at_edge).map(|(at, &of)| word(2, 400 + at * 40, of));
        let line = Line {
            rect: Rect::default(),
            words: inside.chain(edge).collect(),
        };
        PageText {
            width_px: 1000,
            height_px: 1400,
            blocks: vec![Block {
                rect: Rect::default(),
                kind: BlockKind::Text,
                lines: vec![line],
            }],
            processing: Processing {
                engine: "test".to_owned(),
                engine_version: "1".to_owned(),
                languages: Languages::default(),
                recipe: String::new(),
                rotation: Rotation::None,
                read_at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    #[test]
    fn words_at_an_edge_are_those_of_two_letters_that_are_no_dirt() {
        for (at_edge, expected) in [
            (&[][..], 0),
            (&[("nul", 0.6), ("re", 0.3), ("12", 0.2)], 3),
            (&[("l", 0.6), ("i", 0.6), (".", 0.6), ("|-", 0.6)], 0),
            (&[("nul", 0.05), ("re", 0.3)], 1),
        ] {
            assert_eq!(page(at_edge).words_at_edge(), Some(expected), "{at_edge:?}");
        }
        let mut short = page(&[]);
        short.blocks[0].lines[0].words.truncate(4);
        assert_eq!(short.words_at_edge(), None, "too little was read to tell");
    }
}
