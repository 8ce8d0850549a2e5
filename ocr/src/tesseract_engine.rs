//! The engine of the archive: Tesseract, with as many readings of a page as it needs.

use std::{path::PathBuf, time::Duration};

use hrisov_model::{
    Doubt, Languages, LineDirection, PageCondition, PageText, Rect, Rotation, Thresholds, doubts,
};

use crate::{
    Engine, OcrError, Page, Reading, RecogniseOptions,
    attempt::{Attempt, models, nothing_recognised, upright_turn},
    clock::processor_time,
    ink::{Ink, is_grit},
    languages::{LATIN, check_in, is_installed, model_folder},
    lean::Lean,
    merge::written_words,
    plan::{Layout, Models, Plan, Remedy, TURN_GAIN},
    quality::Quality,
    raster::Raster,
    tesseract::Recogniser,
    unread::unread,
};

/// Sets of models kept loaded: two for one choice of languages, and two more after a change.
const LOADED_MODELS: usize = 4;
/// A page that reads worse than this on level lines is read as it lies as well.
const DOUBTED_LEAN: f32 = 0.6;
/// One in so many lines of a page that lies on its side tells how it lies.
const TELLING_PART: u32 = 6;
/// A turn under which lines read with this confidence is the right one: no other is tried.
const RIGHT_TURN_CONFIDENCE: f32 = 0.75;
/// Lines read with this confidence are not read again: nine of ten of their words are right, and another reading
/// errs as often. Those that two readings left below the other value are read a third time.
const SURE_LINE: f32 = 0.9;
const SURE_LINE_AFTER_TWO: f32 = 0.75;
/// A page is read again where so large a share of its letters stands in lines that are not sure: for a single such
/// line the search for lines costs more than it gains.
const POOR_SHARE: f32 = 0.15;

/// Which of two models is surer tells nothing of fewer letters, some fifteen words: the language's own one knows its marks.
const TELLING_LETTERS: u32 = 100;

/// Where a page has so many letters and not one was read, the search for columns took all of it for a picture, as a large
/// stain may make it do: lines are looked for from edge to edge. Two such pages in 11,083 generated ones have 635 and 1,042
/// marks.
const WRITTEN_LETTERS: usize = 100;

/// Letters on which no word was read are looked at again where they are so many, a number of each row of a short table,
/// and so large a share of all; on pages that read worse than that they are dirt.
const LEAST_UNREAD: usize = 8;
const UNREAD_SHARE: f32 = 0.03;
const LEGIBLE_PAGE: f32 = 0.75;
/// What was read on the rest of a page counts where it was read this well: columns of numbers are, with 0.78 and more;
/// grain, stamps and signatures with 0.45 at most.
const REST_CONFIDENCE: f32 = 0.6;

/// Reads pages with the system's Tesseract. Models are loaded when first needed and stay.
pub struct TesseractEngine {
    folder: PathBuf,
    /// Whether there is a second model to read poor lines; see [`crate::languages::LATIN`].
    has_latin: bool,
    recognisers: Vec<Recogniser>,
    made: Vec<ReadingMade>,
    /// How many readings there were once the first of the whole page was made, and when that was.
    first_made: (usize, Duration),
    time_again: Duration,
}

/// One reading of the last page or of a part of it: what it cost and what it gave.
#[derive(Debug, Clone)]
pub struct ReadingMade {
    /// How it was made.
    pub recipe: String,
    /// Pixels that were read.
    pub pixels: u64,
    /// Processor time that it took, with the preparation of what is read.
    pub elapsed: Duration,
    /// Letters and figures read.
    pub letters: u32,
    /// Share of them in words of the dictionary, 0 to 1.
    pub dictionary_share: f32,
    /// Mean confidence by letters, 0 to 1.
    pub confidence: f32,
}

impl TesseractEngine {
    /// An engine with the installed models; checks that those of the options are there and loads none.
    ///
    /// # Errors
    /// [`OcrError::NoLanguageData`], [`OcrError::MissingLanguage`].
    pub fn new(options: &RecogniseOptions) -> Result<Self, OcrError> {
        let folder = model_folder()?;
        check_in(&folder, &options.languages)?;
        Ok(Self {
            has_latin: is_installed(&folder, LATIN),
            folder,
            recognisers: Vec::new(),
            made: Vec::new(),
            first_made: (0, Duration::ZERO),
            time_again: Duration::ZERO,
        })
    }

    /// All readings made for the page recognised last, in their order.
    pub fn readings_made(&self) -> &[ReadingMade] {
        &self.made
    }

    /// Reads a page, tries what may help while the result is poor, and gives the best reading. A first one below a score is
    /// given as it is.
    fn best_attempt(
        &mut self,
        first: Plan,
        raster: &Raster<'_>,
        letters: &[Rect],
        languages: &Languages,
        least_score: f32,
    ) -> Result<Attempt, OcrError> {
        let mut best = self.attempt(raster, first, languages)?;
        self.first_made = (self.made.len(), processor_time());
        if best.quality.score < least_score {
            return Ok(best);
        }
        let upright = upright_turn(first.rotation, &best.raw.blocks);
        if upright != first.rotation {
            let plan = Plan {
                rotation: upright,
                ..first
            };
            let turned = self.attempt(raster, plan, languages)?;
            if turned.quality.score > best.quality.score {
                best = turned;
            }
        }
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
        let is_picture = best.quality.letters == 0 && letters.len() >= WRITTEN_LETTERS;
        if is_picture && first.layout == Layout::Columns {
            let plan = Plan {
                layout: Layout::OneBlock,
                ..first
            };
            best = self.attempt(raster, plan, languages)?;
        }
        self.read_again(best, raster, letters, languages)
    }

    /// Lines that are hard to read are read again, each time prepared otherwise, and all readings made into one. One of them
    /// is by the model of all Latin letters, where that is surer of this page than the model of its language: the second,
    /// or the third where letters are broken, whose strokes the second one makes thicker, which neither model reads before.
    fn read_again(
        &mut self,
        mut best: Attempt,
        raster: &Raster<'_>,
        letters: &[Rect],
        languages: &Languages,
    ) -> Result<Attempt, OcrError> {
        let first = best.plan;
        let mut plans = vec![
            (first.sharper(), SURE_LINE),
            (first.smaller(), SURE_LINE_AFTER_TWO),
        ];
        let (_, poor_letters) = best.sure_lines(SURE_LINE);
        if self.has_latin && poor_letters >= TELLING_LETTERS && best.is_in_latin_letters() {
            let at = usize::from(first.broken_letters);
            plans.insert(at, (plans[at].0.by_latin(), SURE_LINE));
        }
        let mut plans = plans.into_iter();
        let mut by_own: Option<Attempt> = None;
        while let Some((plan, sure)) = plans.next() {
            let Some(rest) = poor_lines(&best, raster, sure) else {
                break;
            };
            let other = self.attempt(&rest, plan, languages)?;
            if plan.models == Models::Latin {
                let own = by_own.as_ref().unwrap_or(&best);
                if !own.is_outdone_by(&other, sure) {
                    continue;
                }
                plans.next();
            }
            best = best.merged_with(&other, sure);
            by_own = Some(other);
        }
        self.read_unread(best, raster, letters, languages)
    }

    /// Letters that the search for lines left out, columns of numbers above all, are read by themselves. Read as one block
    /// there are none; to look for them is a search for columns again.
    fn read_unread(
        &mut self,
        best: Attempt,
        raster: &Raster<'_>,
        letters: &[Rect],
        languages: &Languages,
    ) -> Result<Attempt, OcrError> {
        let mapping = best.mapping(raster);
        let words: Vec<Rect> = written_words(&best.raw)
            .map(|word| mapping.to_master(word.rect))
            .collect();
        let (unread, all) = unread(letters, &words);
        if best.plan.layout == Layout::OneBlock
            || best.quality.confidence < LEGIBLE_PAGE
            || unread < LEAST_UNREAD
            || (unread as f32) < UNREAD_SHARE * all as f32
        {
            return Ok(best);
        }
        let places: Vec<(Rect, u8)> = words
            .into_iter()
            .map(|place| (place, raster.middle_value(place)))
            .collect();
        let plan = Plan {
            layout: Layout::Sparse,
            ..best.plan
        };
        let rest = self.attempt(&raster.borrowed().painted(&places), plan, languages)?;
        if rest.quality.confidence < REST_CONFIDENCE {
            return Ok(best);
        }
        Ok(best.completed_by(&rest))
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

    /// The first reading of a page whose lines run up or down: under the quarter turn under which the part with most
    /// letters reads better. Tesseract reads such lines as they stand as well, at twice the cost.
    fn on_its_side(
        &mut self,
        first: Plan,
        raster: &Raster<'_>,
        letters: &[Rect],
        languages: &Languages,
    ) -> Result<Plan, OcrError> {
        let width = raster.width / TELLING_PART;
        let part = |at: u32| Rect {
            x: at * width / 2,
            y: 0,
            width,
            height: raster.height,
        };
        let letters_in = |part: &Rect| letters.iter().filter(|letter| letter.overlap(*part) > 0).count();
        let parts = (0..2 * TELLING_PART - 1).map(part);
        let part = raster.cropped(parts.max_by_key(letters_in).unwrap_or_default());
        let mut best = (first, 0.0);
        for rotation in [Rotation::Right, Rotation::Left] {
            let plan = Plan { rotation, ..first };
            let quality = self.attempt(&part, plan, languages)?.quality;
            if quality.score > best.1 {
                best = (plan, quality.score);
            }
            if quality.confidence >= RIGHT_TURN_CONFIDENCE {
                break;
            }
        }
        Ok(best.0)
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
        let started = processor_time();
        let upright = Plan {
            rotation: Rotation::None,
            ..plan
        }
        .read_size(raster.width, raster.height);
        let thickened = raster.borrowed().thickened(plan.thickened);
        let scaled = thickened.scaled(upright.0, upright.1);
        let scaled = (0..plan.softened).fold(scaled, |raster, _| raster.softened());
        let prepared = scaled.turned(plan.rotation);
        let raw = recogniser.read(&prepared, &plan)?;
        let quality = Quality::of(raw.lines());
        self.made.push(ReadingMade {
            recipe: plan.recipe(&models(plan, languages).to_string()),
            pixels: u64::from(read_size.0) * u64::from(read_size.1),
            elapsed: processor_time().saturating_sub(started),
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
            by_latin: plan.models == Models::Latin,
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
        self.first_made = (0, processor_time());
        let reading = self.read_page(page, options);
        let (readings, ended) = self.first_made;
        self.time_again = match self.made.len() > readings {
            true => processor_time().saturating_sub(ended),
            false => Duration::ZERO,
        };
        reading
    }

    fn time_again(&self) -> Duration {
        self.time_again
    }
}

/// A page whose paper is even, ready to be read.
pub(crate) struct Prepared<'raster, 'ink> {
    pub(crate) raster: Raster<'raster>,
    /// What was found on it.
    pub(crate) ink: &'ink Ink,
    /// As it was measured, where that is of letters.
    pub(crate) letter_height_px: Option<f32>,
}

impl TesseractEngine {
    fn read_page(&mut self, page: &Page<'_>, options: &RecogniseOptions) -> Result<Reading, OcrError> {
        let raster = Raster::of(page.grey);
        let ink = Ink::of(&raster);
        if doubted(page.condition, &[Doubt::TooFaint]) {
            return self.read_faint(page, raster, &ink, &options.languages);
        }
        if ink.is_none() {
            return Ok(match ink.is_drowned() {
                true => nothing_recognised(),
                false => Reading::Blank,
            });
        }
        if doubted(page.condition, &[Doubt::TooDark]) && is_grit(&raster) {
            return Ok(nothing_recognised());
        }
        let mut raster = ink.without_frame(ink.paper.even(ink.without_fill_in_lines(raster)));
        let mut letter_height_px = page.condition.letter_height_px;
        if doubted(page.condition, &[Doubt::Blank, Doubt::NearlyBlank]) {
            raster = ink.marks_only(raster);
            // What was measured there are specks.
            letter_height_px = None;
        }
        let ready = Prepared {
            raster,
            ink: &ink,
            letter_height_px,
        };
        self.read_prepared(page, ready, &options.languages, 0.0)
    }

    /// Reads a page whose paper is even. Where the first reading is below a score, nothing is tried that may help.
    pub(crate) fn read_prepared(
        &mut self,
        page: &Page<'_>,
        prepared: Prepared<'_, '_>,
        languages: &Languages,
        least_score: f32,
    ) -> Result<Reading, OcrError> {
        let Prepared {
            raster,
            ink,
            letter_height_px,
        } = prepared;
        let layout = match page.one_block {
            true => Layout::OneBlock,
            false => Layout::Columns,
        };
        let first = Plan {
            light_on_dark: ink.has_solid_area,
            broken_letters: Raster::of(page.grey).is_black_and_white(),
            layout,
            ..Plan::first(raster.width, raster.height, page.grey.dpi(), letter_height_px)
        };
        let lean = page
            .condition
            .skew_degrees
            .and_then(|degrees| Lean::of(degrees, raster.width, raster.height));
        let first = match page.condition.lines {
            Some(LineDirection::Down) => self.on_its_side(first, &raster, &ink.letters, languages)?,
            _ => first,
        };
        let Some(lean) = lean else {
            let best = self.best_attempt(first, &raster, &ink.letters, languages, least_score)?;
            return Ok(best.into_reading(&raster, languages, ink));
        };
        let level = lean.level(&raster, first.scale >= 1.0);
        let letters: Vec<Rect> = ink.letters.iter().map(|letter| lean.to_level(*letter)).collect();
        let best = self.best_attempt(first, &level, &letters, languages, least_score)?;
        if best.quality.confidence < DOUBTED_LEAN && best.quality.score >= least_score {
            // Where there is little to read, how it leans is a guess.
            let as_it_lies = self.attempt(&raster, best.plan, languages)?;
            if as_it_lies.quality.score >= best.quality.score {
                let as_it_lies = self.read_again(as_it_lies, &raster, &ink.letters, languages)?;
                return Ok(as_it_lies.into_reading(&raster, languages, ink));
            }
        }
        Ok(match best.into_reading(&level, languages, ink) {
            Reading::Text(text) => Reading::Text(leaning(text, lean)),
            nothing => nothing,
        })
    }
}

/// The page without the lines that read well, where there is enough on the others.
fn poor_lines<'a>(best: &Attempt, raster: &'a Raster<'_>, sure: f32) -> Option<Raster<'a>> {
    let (sure_lines, poor_letters) = best.sure_lines(sure);
    let mapping = best.mapping(raster);
    if best.quality.letters == 0 || (poor_letters as f32) < POOR_SHARE * best.quality.letters as f32 {
        return None;
    }
    let ground = |line: Rect| {
        let place = mapping.to_master(line);
        (place, raster.middle_value(place))
    };
    let places: Vec<(Rect, u8)> = sure_lines.into_iter().map(ground).collect();
    Some(raster.borrowed().painted(&places))
}

/// Whether a page's picture alone raises one of these doubts, by the thresholds as they were measured.
fn doubted(condition: &PageCondition, wanted: &[Doubt]) -> bool {
    doubts(condition, &Thresholds::default())
        .iter()
        .any(|doubt| wanted.contains(doubt))
}

/// What was read on the level raster, where it stands on a page that leans.
fn leaning(mut text: PageText, lean: Lean) -> PageText {
    (text.width_px, text.height_px) = lean.page();
    text.processing.recipe = format!("deskew{:+.1} {}", lean.degrees, text.processing.recipe);
    for block in &mut text.blocks {
        for line in &mut block.lines {
            for word in &mut line.words {
                word.rect = lean.to_page(word.rect);
            }
            line.rect = Rect::bounding(line.words.iter().map(|word| word.rect))
                .unwrap_or_else(|| lean.to_page(line.rect));
        }
        block.rect = Rect::bounding(block.lines.iter().map(|line| line.rect))
            .unwrap_or_else(|| lean.to_page(block.rect));
    }
    text
}
