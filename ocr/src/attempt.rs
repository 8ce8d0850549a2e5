//! One finished reading of a page: how good it is, where samples of it lie, and what becomes of it.

use hrisov_model::{Block, Languages, Line, PageText, Processing, Rect, Rotation, UnreadableReason, Word};
use jiff::Timestamp;

use crate::{
    Reading,
    calibration::calibrate,
    ink::Ink,
    languages::LATIN,
    mapping::Mapping,
    merge::{completed, in_common, merged},
    plan::{Models, Plan},
    quality::Quality,
    raster::Raster,
    tesseract::{RawPage, Recogniser, letter_count},
};

/// A remedy is tried first on consecutive lines with at least so many letters: a few lines of a page.
const SAMPLE_LETTERS: u32 = 200;
/// A word that is believed, and the mean of a page that is, when it is decided that nothing was read.
const BELIEVED_WORD: f32 = 0.7;
const BELIEVED_WORD_LETTERS: u32 = 3;
const BELIEVED_PAGE: f32 = 0.35;

/// One finished reading with how it was made.
pub(crate) struct Attempt {
    pub(crate) plan: Plan,
    pub(crate) read_size: (u32, u32),
    pub(crate) raw: RawPage,
    pub(crate) quality: Quality,
    /// How many readings it was made of, and whether one was by [`Models::Latin`].
    pub(crate) readings: u32,
    pub(crate) by_latin: bool,
}

fn nothing_read(ink: &Ink) -> Reading {
    match ink.is_faint() {
        true => Reading::Blank,
        false => nothing_recognised(),
    }
}

pub(crate) fn nothing_recognised() -> Reading {
    Reading::Unreadable {
        reason: UnreadableReason::NothingRecognised,
        detail: "there are marks on the page, but no text was recognised".to_owned(),
    }
}

pub(crate) fn models(plan: Plan, languages: &Languages) -> Languages {
    let one = |code: &str| code.parse().expect("one code is a list of one");
    match plan.models {
        Models::All => languages.clone(),
        Models::First => one(&languages.codes()[0]),
        Models::Latin => one(LATIN),
    }
}

/// A few consecutive lines: where they stand on the raster that was read, and how well they read.
pub(crate) struct Sample {
    pub(crate) place: Rect,
    pub(crate) quality: Quality,
}

impl Sample {
    /// The lines from one on that have enough letters together.
    fn from(lines: &[(&Line, u32)]) -> Self {
        let mut letters = 0;
        let of_line = |line: &Line| {
            line.words
                .iter()
                .map(|word| letter_count(&word.text))
                .sum::<u32>()
        };
        let end = lines.iter().position(|(line, _)| {
            letters += of_line(line);
            letters >= SAMPLE_LETTERS
        });
        let lines = &lines[..end.map_or(lines.len(), |last| last + 1)];
        Self {
            place: Rect::bounding(lines.iter().map(|(line, _)| line.rect)).unwrap_or_default(),
            quality: Quality::of(lines.iter().copied()),
        }
    }
}

impl Attempt {
    pub(crate) fn mapping(&self, raster: &Raster<'_>) -> Mapping {
        Mapping {
            master: (raster.width, raster.height),
            rotation: self.plan.rotation,
            read: self.read_size,
        }
    }

    /// This reading and another one made into one; see [`merged`].
    pub(crate) fn merged_with(self, other: &Self, sure: f32) -> Self {
        self.with(other, |own, other| merged(own, other, sure))
    }

    /// This reading with that of the rest of the page; see [`completed`].
    pub(crate) fn completed_by(self, rest: &Self) -> Self {
        self.with(rest, completed)
    }

    fn with(self, other: &Self, join: impl FnOnce(RawPage, &RawPage) -> RawPage) -> Self {
        let by_latin = self.by_latin || other.by_latin;
        let other = other.places_as_in(&self);
        let raw = join(self.raw, &other);
        Self {
            quality: Quality::of(raw.lines()),
            raw,
            readings: self.readings + 1,
            by_latin,
            ..self
        }
    }

    /// What was read, with places in the raster of another reading.
    fn places_as_in(&self, other: &Self) -> RawPage {
        let scale = other.read_size.0 as f32 / self.read_size.0 as f32;
        self.raw.clone().scaled(scale)
    }

    /// Whether another reading is surer of what both saw in lines that this one is not sure of.
    pub(crate) fn is_outdone_by(&self, other: &Self, sure: f32) -> bool {
        let (own, others) = in_common(&self.raw, &other.places_as_in(self), sure);
        others > own
    }

    /// Whether most of its letters are Latin ones: the block up to Latin Extended-B has those of all languages of Europe.
    pub(crate) fn is_in_latin_letters(&self) -> bool {
        let letters = || {
            self.words()
                .flat_map(|word| word.text.chars())
                .filter(|c| c.is_alphabetic())
        };
        2 * letters().filter(|letter| *letter < '\u{250}').count() > letters().count()
    }

    /// Places of the lines that read so well that no other reading could do better, and the letters of all others.
    pub(crate) fn sure_lines(&self, sure: f32) -> (Vec<Rect>, u32) {
        let (mut places, mut letters) = (Vec::new(), 0);
        for (line, _) in self.raw.lines() {
            let quality = Quality::of([(line, 0)].into_iter());
            match quality.confidence >= sure {
                true => places.push(line.rect),
                false => letters += quality.letters.max(1),
            }
        }
        (places, letters)
    }

    /// A sample from the first third of the reading on, past letterheads.
    pub(crate) fn lines_from_the_middle(&self) -> Sample {
        let lines: Vec<_> = self.raw.lines().collect();
        Sample::from(&lines[lines.len() / 3..])
    }

    /// The sample with the least share of letters in words of the dictionary.
    pub(crate) fn least_native_lines(&self) -> Sample {
        let lines: Vec<_> = self.raw.lines().collect();
        let samples = (0..lines.len()).map(|first| Sample::from(&lines[first..]));
        let full = |sample: &Sample| sample.quality.letters >= SAMPLE_LETTERS;
        let share = |sample: &Sample| sample.quality.dictionary_share();
        samples
            .filter(full)
            .min_by(|one, other| share(one).total_cmp(&share(other)))
            .unwrap_or_else(|| Sample::from(&lines))
    }

    fn words(&self) -> impl Iterator<Item = &Word> {
        self.raw
            .blocks
            .iter()
            .flat_map(|block| &block.lines)
            .flat_map(|line| &line.words)
    }

    /// Whether what was read is no more than what noise, a signature or another script gives.
    fn is_nothing(&self) -> bool {
        let is_believed = |word: &Word| {
            word.confidence >= BELIEVED_WORD && letter_count(&word.text) >= BELIEVED_WORD_LETTERS
        };
        self.quality.letters == 0
            || (self.quality.confidence < BELIEVED_PAGE && !self.words().any(is_believed))
    }

    pub(crate) fn into_reading(self, raster: &Raster<'_>, languages: &Languages, ink: &Ink) -> Reading {
        if self.is_nothing() {
            return nothing_read(ink);
        }
        let text = self.into_page_text(raster, languages);
        match text.blocks.is_empty() {
            true => nothing_read(ink),
            false => Reading::Text(text),
        }
    }

    fn into_page_text(self, raster: &Raster<'_>, languages: &Languages) -> PageText {
        let mapping = self.mapping(raster);
        let used = models(self.plan, languages);
        let processing = Processing {
            engine: "tesseract".to_owned(),
            engine_version: Recogniser::version(),
            recipe: match self.readings {
                1 => self.plan.recipe(&used.to_string()),
                readings => {
                    let by_latin = if self.by_latin { " with-Latin" } else { "" };
                    format!(
                        "{} merged-{readings}{by_latin}",
                        self.plan.recipe(&used.to_string())
                    )
                }
            },
            languages: used,
            rotation: upright_turn(self.plan.rotation, &self.raw.blocks),
            read_at: Timestamp::now(),
        };
        let mut blocks = self.raw.blocks;
        blocks
            .iter_mut()
            .for_each(|block| block.place(|rect| mapping.to_master(rect)));
        let mut text = PageText {
            width_px: raster.width,
            height_px: raster.height,
            blocks,
            processing,
        };
        calibrate(&mut text, self.readings);
        text
    }
}

/// How the page has to be turned for its text to stand upright: the turn under which it was read, and a
/// quarter more where its lines still run up or down, which Tesseract can read as they stand.
pub(crate) fn upright_turn(read_under: Rotation, blocks: &[Block]) -> Rotation {
    let mut letters = [0_u32; 3];
    for line in blocks.iter().flat_map(|block| &block.lines) {
        let count: u32 = line.words.iter().map(|word| letter_count(&word.text)).sum();
        letters[usize::from(quarters_of_line(line))] += count;
    }
    let [level, up, down] = letters;
    let further = match (level >= up && level >= down, up > down) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 3,
    };
    let degrees = (u16::from(read_under) + 90 * further) % 360;
    Rotation::try_from(degrees).expect("a sum of quarters is a quarter")
}

/// 0 for a line that runs across, 1 for one that runs up the page, 2 for one that runs down.
fn quarters_of_line(line: &Line) -> u8 {
    let is_vertical = line.words.len() > 1 && line.rect.height > 2 * line.rect.width;
    let (Some(first), Some(last)) = (line.words.first(), line.words.last()) else {
        return 0;
    };
    match (is_vertical, first.rect.y > last.rect.y) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    }
}

#[cfg(test)]
mod tests {
    use hrisov_model::BlockKind;

    use super::*;

    fn line_of(places: [(u32, u32); 2], size: (u32, u32)) -> Block {
        let words: Vec<Word> = places
            .into_iter()
            .map(|(x, y)| Word {
                text: "hotărâre".to_owned(),
                rect: Rect {
                    x,
                    y,
                    width: size.0,
                    height: size.1,
                },
                confidence: 0.9,
                ..Word::default()
            })
            .collect();
        let rect = Rect::bounding(words.iter().map(|word| word.rect)).unwrap();
        Block {
            rect,
            kind: BlockKind::Text,
            lines: vec![Line { rect, words }],
        }
    }

    #[test]
    fn lines_that_run_up_or_down_tell_how_the_page_lies() {
        let across = line_of([(10, 10), (100, 10)], (80, 20));
        let up = line_of([(10, 100), (10, 10)], (20, 80));
        let down = line_of([(10, 10), (10, 100)], (20, 80));
        for (read_under, blocks, expected) in [
            (Rotation::None, vec![across.clone()], Rotation::None),
            (Rotation::Half, vec![across.clone()], Rotation::Half),
            (Rotation::None, vec![up.clone()], Rotation::Right),
            (Rotation::None, vec![down.clone()], Rotation::Left),
            (Rotation::Left, vec![up.clone()], Rotation::None),
            (Rotation::None, vec![across.clone(), across, up], Rotation::None),
            (Rotation::None, vec![], Rotation::None),
        ] {
            assert_eq!(upright_turn(read_under, &blocks), expected, "{blocks:?}");
        }
    }
}
