//! The engine of the archive: Tesseract, with as many readings of a page as it needs.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use hrisov_model::{Block, Languages, Line, PageText, Processing, Rect, Rotation, UnreadableReason, Word};
use jiff::Timestamp;

use crate::{
    Engine, OcrError, Page, Reading, RecogniseOptions,
    ink::Ink,
    languages::model_folder,
    mapping::Mapping,
    merge::merged,
    plan::{Models, Plan, Remedy, TURN_GAIN},
    quality::Quality,
    raster::Raster,
    tesseract::{RawPage, Recogniser, letter_count},
};

/// Sets of models kept loaded: two for one choice of languages, and two more after a change.
const LOADED_MODELS: usize = 4;
/// A remedy is tried first on consecutive lines with at least so many letters: a few lines of a page.
const SAMPLE_LETTERS: u32 = 200;
/// A turn under which lines read with this confidence is the right one: no other is tried.
const RIGHT_TURN_CONFIDENCE: f32 = 0.75;
/// Lines read with this confidence are not read again: nine of ten of their words are right, and another reading
/// errs as often. Those that two readings left below the other value are read a third time.
const SURE_LINE: f32 = 0.9;
const SURE_LINE_AFTER_TWO: f32 = 0.75;
/// A page is read again where so large a share of its letters stands in lines that are not sure: for a single such
/// line the search for lines costs more than it gains.
const POOR_SHARE: f32 = 0.15;
/// A word that is believed, and the mean of a page that is, when it is decided that nothing was read.
const BELIEVED_WORD: f32 = 0.7;
const BELIEVED_WORD_LETTERS: u32 = 3;
const BELIEVED_PAGE: f32 = 0.35;

/// Reads pages with the system's Tesseract. Models are loaded when first needed and stay.
pub struct TesseractEngine {
    folder: PathBuf,
    recognisers: Vec<Recogniser>,
    made: Vec<ReadingMade>,
}

/// One reading of the last page or of a part of it: what it cost and what it gave.
#[derive(Debug, Clone)]
pub struct ReadingMade {
    /// How it was made.
    pub recipe: String,
    /// Pixels that were read.
    pub pixels: u64,
    /// Time that it took; one thread works on it.
    pub elapsed: Duration,
    /// Letters and figures read.
    pub letters: u32,
    /// Share of them in words of the dictionary, 0 to 1.
    pub dictionary_share: f32,
    /// Mean confidence by letters, 0 to 1.
    pub confidence: f32,
}

/// One finished reading with how it was made.
struct Attempt {
    plan: Plan,
    read_size: (u32, u32),
    raw: RawPage,
    quality: Quality,
    /// How many readings it was made of.
    readings: u32,
}

impl TesseractEngine {
    /// An engine with the installed models; checks that those of the options are there and loads none.
    ///
    /// # Errors
    /// [`OcrError::NoLanguageData`], [`OcrError::MissingLanguage`].
    pub fn new(options: &RecogniseOptions) -> Result<Self, OcrError> {
        let folder = model_folder()?;
        crate::languages::check_in(&folder, &options.languages)?;
        Ok(Self {
            folder,
            recognisers: Vec::new(),
            made: Vec::new(),
        })
    }

    /// All readings made for the page recognised last, in their order.
    pub fn readings_made(&self) -> &[ReadingMade] {
        &self.made
    }

    /// Reads a page, tries what may help while the result is poor, and gives the best reading.
    fn best_attempt(
        &mut self,
        first: Plan,
        raster: &Raster<'_>,
        languages: &Languages,
    ) -> Result<Attempt, OcrError> {
        let mut best = self.attempt(raster, first, languages)?;
        let mut untried = Remedy::IN_ORDER.to_vec();
        if languages.codes().len() == 1 {
            untried.retain(|remedy| *remedy != Remedy::AllModels);
        }
        while let Some(at) = untried
            .iter()
            .position(|remedy| remedy.may_help(&best.plan, &best.quality))
        {
            let remedy = untried.remove(at);
            let Some(plan) = self.next_plan(remedy, &best, raster, languages)? else {
                continue;
            };
            let next = self.attempt(raster, plan, languages)?;
            if remedy.has_helped(&best.quality, &next.quality) {
                best = next;
            }
        }
        self.read_again(best, raster, languages)
    }

    /// Lines that are hard to read are read again, each time prepared otherwise, and all readings made into one.
    fn read_again(
        &mut self,
        mut best: Attempt,
        raster: &Raster<'_>,
        languages: &Languages,
    ) -> Result<Attempt, OcrError> {
        let first = best.plan;
        for (plan, sure) in [
            (first.sharper(), SURE_LINE),
            (first.smaller(), SURE_LINE_AFTER_TWO),
        ] {
            let (sure_lines, poor_letters) = best.sure_lines(sure);
            if (poor_letters as f32) < POOR_SHARE * best.quality.letters as f32 {
                break;
            }
            let mapping = best.mapping(raster);
            let ground = |line: Rect| {
                let place = mapping.to_master(line);
                (place, raster.middle_value(place))
            };
            let places: Vec<(Rect, u8)> = sure_lines.into_iter().map(ground).collect();
            let rest = raster.borrowed().painted(&places);
            let other = self.attempt(&rest, plan, languages)?;
            let scale = best.read_size.0 as f32 / other.read_size.0 as f32;
            let raw = merged(best.raw, &other.raw.scaled(scale), sure);
            best = Attempt {
                quality: Quality::of(raw.lines()),
                raw,
                readings: best.readings + 1,
                ..best
            };
        }
        Ok(best)
    }

    fn next_plan(
        &mut self,
        remedy: Remedy,
        best: &Attempt,
        raster: &Raster<'_>,
        languages: &Languages,
    ) -> Result<Option<Plan>, OcrError> {
        let plan = best.plan;
        Ok(match remedy {
            Remedy::Sauvola => Some(Plan {
                threshold: crate::tesseract::Threshold::Sauvola,
                ..plan
            }),
            Remedy::AllModels => self
                .gains_by(plan.with_all_models(), best, raster, languages)?
                .then(|| plan.with_all_models()),
            Remedy::Turn => self
                .better_turn(best, raster, languages)?
                .map(|rotation| Plan { rotation, ..plan }),
        })
    }

    /// Whether the lines that look least like the first language read better with the models of all.
    fn gains_by(
        &mut self,
        plan: Plan,
        best: &Attempt,
        raster: &Raster<'_>,
        languages: &Languages,
    ) -> Result<bool, OcrError> {
        let sample = best.least_native_lines();
        let part = raster.cropped(best.mapping(raster).to_master(sample.place));
        let again = self.attempt(&part, plan, languages)?;
        Ok(Remedy::AllModels.has_helped(&sample.quality, &again.quality))
    }

    /// The turn under which a few lines of the page read better than they did, if one does.
    fn better_turn(
        &mut self,
        best: &Attempt,
        raster: &Raster<'_>,
        languages: &Languages,
    ) -> Result<Option<Rotation>, OcrError> {
        let sample = best.lines_from_the_middle();
        let part = raster.cropped(best.mapping(raster).to_master(sample.place));
        let mut found = (None, sample.quality.score * TURN_GAIN);
        for rotation in [Rotation::Half, Rotation::Right, Rotation::Left] {
            let plan = Plan {
                rotation,
                ..best.plan
            };
            let turned = self.attempt(&part, plan, languages)?.quality;
            if turned.score > found.1 {
                found = (Some(rotation), turned.score);
                if turned.confidence >= RIGHT_TURN_CONFIDENCE {
                    break;
                }
            }
        }
        Ok(found.0)
    }

    fn attempt(
        &mut self,
        raster: &Raster<'_>,
        plan: Plan,
        languages: &Languages,
    ) -> Result<Attempt, OcrError> {
        let read_size = plan.read_size(raster.width, raster.height);
        let recogniser = self.recogniser(&models(plan, languages))?;
        let upright = Plan {
            rotation: Rotation::None,
            ..plan
        }
        .read_size(raster.width, raster.height);
        let scaled = raster.scaled(upright.0, upright.1);
        let scaled = if plan.softened { scaled.softened() } else { scaled };
        let prepared = scaled.turned(plan.rotation);
        let started = Instant::now();
        let raw = recogniser.read(&prepared, &plan)?;
        let quality = Quality::of(raw.lines());
        self.made.push(ReadingMade {
            recipe: plan.recipe(&models(plan, languages).to_string()),
            pixels: u64::from(read_size.0) * u64::from(read_size.1),
            elapsed: started.elapsed(),
            letters: quality.letters,
            dictionary_share: quality.dictionary_share(),
            confidence: quality.confidence,
        });
        Ok(Attempt {
            plan,
            read_size,
            quality,
            raw,
            readings: 1,
        })
    }

    fn recogniser(&mut self, languages: &Languages) -> Result<&mut Recogniser, OcrError> {
        // The one used last stands last.
        let recogniser = match self
            .recognisers
            .iter()
            .position(|loaded| loaded.languages() == languages)
        {
            Some(at) => self.recognisers.remove(at),
            None => Recogniser::load(&self.folder, languages)?,
        };
        if self.recognisers.len() >= LOADED_MODELS {
            self.recognisers.remove(0);
        }
        self.recognisers.push(recogniser);
        Ok(self.recognisers.last_mut().expect("one was pushed"))
    }
}

impl Engine for TesseractEngine {
    fn recognise(&mut self, page: &Page<'_>, options: &RecogniseOptions) -> Result<Reading, OcrError> {
        self.made.clear();
        let raster = Raster::of(page.grey);
        let ink = Ink::of(&raster);
        if ink.is_none() {
            return Ok(Reading::Blank);
        }
        let raster = ink.paper.even(ink.without_fill_in_lines(raster));
        let first = Plan {
            light_on_dark: ink.has_solid_area,
            ..Plan::first(
                raster.width,
                raster.height,
                page.grey.dpi(),
                page.condition.letter_height_px,
            )
        };
        let best = self.best_attempt(first, &raster, &options.languages)?;
        if best.is_nothing() {
            return Ok(nothing_read(&ink));
        }
        Ok(Reading::Text(best.into_page_text(&raster, &options.languages)))
    }
}

fn nothing_read(ink: &Ink) -> Reading {
    match ink.is_faint() {
        true => Reading::Blank,
        false => Reading::Unreadable {
            reason: UnreadableReason::NothingRecognised,
            detail: "there are marks on the page, but no text was recognised".to_owned(),
        },
    }
}

fn models(plan: Plan, languages: &Languages) -> Languages {
    match plan.models {
        Models::All => languages.clone(),
        Models::First => languages.codes()[0]
            .parse()
            .expect("a code of a list of languages is a list of one"),
    }
}

/// A few consecutive lines: where they stand on the raster that was read, and how well they read.
struct Sample {
    place: Rect,
    quality: Quality,
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
    fn mapping(&self, raster: &Raster<'_>) -> Mapping {
        Mapping {
            master: (raster.width, raster.height),
            rotation: self.plan.rotation,
            read: self.read_size,
        }
    }

    /// Places of the lines that read so well that no other reading could do better, and the letters of all others.
    fn sure_lines(&self, sure: f32) -> (Vec<Rect>, u32) {
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
    fn lines_from_the_middle(&self) -> Sample {
        let lines: Vec<_> = self.raw.lines().collect();
        Sample::from(&lines[lines.len() / 3..])
    }

    /// The sample with the least share of letters in words of the dictionary.
    fn least_native_lines(&self) -> Sample {
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

    fn into_page_text(self, raster: &Raster<'_>, languages: &Languages) -> PageText {
        let mapping = self.mapping(raster);
        let used = models(self.plan, languages);
        let processing = Processing {
            engine: "tesseract".to_owned(),
            engine_version: Recogniser::version(),
            recipe: match self.readings {
                1 => self.plan.recipe(&used.to_string()),
                readings => format!("{} merged-{readings}", self.plan.recipe(&used.to_string())),
            },
            languages: used,
            rotation: upright_turn(self.plan.rotation, &self.raw.blocks),
            read_at: Timestamp::now(),
        };
        let blocks = self
            .raw
            .blocks
            .into_iter()
            .map(|block| placed(block, mapping))
            .collect();
        PageText {
            width_px: raster.width,
            height_px: raster.height,
            blocks,
            processing,
        }
    }
}

fn placed(mut block: Block, mapping: Mapping) -> Block {
    block.rect = mapping.to_master(block.rect);
    for line in &mut block.lines {
        line.rect = mapping.to_master(line.rect);
        for word in &mut line.words {
            word.rect = mapping.to_master(word.rect);
        }
    }
    block
}

/// How the page has to be turned for its text to stand upright: the turn under which it was read, and a
/// quarter more where its lines still run up or down, which Tesseract can read as they stand.
fn upright_turn(read_under: Rotation, blocks: &[Block]) -> Rotation {
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
