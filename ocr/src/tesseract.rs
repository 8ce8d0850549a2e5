//! One reading by Tesseract: a raster in, blocks of words with their places in that raster out.
//!
//! The binding's iterators outlive, by their types, the results they walk through, and they keep pointing
//! into them: here none of them leaves [`Recogniser::read`], and the results are cleared after the last
//! one is gone. Every text is freed by the binding as soon as it is copied.

use std::path::Path;

use hrisov_model::{Block, BlockKind, Languages, Line, Rect, Word, letters};
use tesseract_rs::{
    PageIterator, ResultIterator, TessPageIteratorLevel as Level, TessPageSegMode, TesseractAPI,
    TesseractError,
};

use crate::{
    OcrError, languages,
    plan::{Layout, Plan},
    raster::Raster,
};

/// Longest side that Tesseract takes: it keeps places in 16 bits with a sign.
pub(crate) const MAX_SIDE_PX: u32 = i16::MAX as u32;

/// Lines with less mean confidence are read inverted as well: Tesseract's own default.
const INVERTED_BELOW: &str = "0.7";

/// How grey becomes black and white, numbered as Tesseract's `thresholding_method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threshold {
    /// One value for the page, after Otsu: the default, best on clean paper.
    Otsu,
    /// A value for each neighbourhood, after Sauvola: for brown, stained and unevenly lit paper.
    Sauvola,
}

/// A loaded set of models. Not for more than one thread.
pub(crate) struct Recogniser {
    api: TesseractAPI,
    languages: Languages,
}

/// What one reading gave, in pixels of the raster that was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RawPage {
    /// Paragraphs in reading order.
    pub(crate) blocks: Vec<Block>,
    /// How many letters and figures of each line stand in words of the dictionary, the lines of all blocks in
    /// their order; not known of lines made from two readings.
    pub(crate) dictionary_letters: Vec<u32>,
}

impl RawPage {
    /// All lines in reading order, each with its letters in words of the dictionary.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&Line, u32)> {
        let lines = self.blocks.iter().flat_map(|block| &block.lines);
        lines.zip(
            self.dictionary_letters
                .iter()
                .copied()
                .chain(std::iter::repeat(0)),
        )
    }

    /// Its places in pixels of a raster that is so many times larger.
    pub(crate) fn scaled(mut self, scale: f32) -> Self {
        let side = |pixels: u32| (pixels as f32 * scale).round() as u32;
        let scaled = |rect: Rect| Rect {
            x: side(rect.x),
            y: side(rect.y),
            width: side(rect.width).max(1),
            height: side(rect.height).max(1),
        };
        self.blocks.iter_mut().for_each(|block| block.place(scaled));
        self
    }
}

/// The words of a line that is being collected, and their letters in words of the dictionary.
#[derive(Default)]
struct Words {
    words: Vec<Word>,
    dictionary_letters: u32,
}

impl Recogniser {
    /// Loads the models; some 0.1 s and 50 MB each.
    pub(crate) fn load(folder: &Path, languages: &Languages) -> Result<Self, OcrError> {
        languages::check_in(folder, languages)?;
        let api = TesseractAPI::new();
        api.init(folder, &languages.to_string())
            .map_err(|source| OcrError::NotLoaded {
                languages: languages.clone(),
                folder: folder.to_owned(),
                source,
            })?;
        let recogniser = Self {
            api,
            languages: languages.clone(),
        };
        // A page's text must not depend on which pages were read before it in the same process.
        recogniser.set("tessedit_enable_doc_dict", "0")?;
        recogniser.set("classify_enable_learning", "0")?;
        Ok(recogniser)
    }

    /// The library's version, such as `5.3.0`.
    pub(crate) fn version() -> String {
        TesseractAPI::version()
    }

    pub(crate) fn languages(&self) -> &Languages {
        &self.languages
    }

    /// Reads a raster of at most [`MAX_SIDE_PX`] a side.
    pub(crate) fn read(&self, raster: &Raster<'_>, plan: &Plan) -> Result<RawPage, OcrError> {
        let side = |pixels: u32| i32::try_from(pixels.min(MAX_SIDE_PX)).expect("at most 16 bits");
        let (width, height) = (side(raster.width), side(raster.height));
        let method = match plan.threshold {
            Threshold::Otsu => "0",
            Threshold::Sauvola => "2",
        };
        self.set("thresholding_method", method)?;
        let segmentation = match plan.layout {
            Layout::Columns => TessPageSegMode::PSM_AUTO,
            Layout::OneBlock => TessPageSegMode::PSM_SINGLE_BLOCK,
            Layout::Sparse => TessPageSegMode::PSM_SPARSE_TEXT,
        };
        self.api
            .set_page_seg_mode(segmentation)
            .map_err(failed("page segmentation"))?;
        let inverted_below = match plan.light_on_dark {
            true => INVERTED_BELOW,
            false => "0",
        };
        self.set("invert_threshold", inverted_below)?;
        self.api
            .set_image(&raster.grey, width, height, 1, side(raster.width))
            .map_err(failed("set image"))?;
        self.api
            .set_source_resolution(i32::try_from(plan.dpi).unwrap_or(i32::MAX))
            .map_err(failed("set resolution"))?;
        let page = self.recognise(Rect {
            x: 0,
            y: 0,
            width: raster.width,
            height: raster.height,
        });
        self.api.clear().map_err(failed("clear"))?;
        page
    }

    fn recognise(&self, raster: Rect) -> Result<RawPage, OcrError> {
        // Of a picture in which it cannot look for lines, a few pixels wide for instance, the library says no more than that
        // it failed: nothing stands there.
        if self.api.recognize().is_err() {
            return Ok(RawPage::default());
        }
        // Two walks over the same results in step: only one of the binding's types tells where a block
        // begins, only the other one the words.
        let walks = (self.api.get_page_iterator(), self.api.get_iterator());
        let (Ok(places), Ok(words)) = walks else {
            return Ok(RawPage::default());
        };
        collect(&places, &words, raster)
    }

    fn set(&self, name: &'static str, value: &str) -> Result<(), OcrError> {
        self.api.set_variable(name, value).map_err(failed(name))
    }
}

fn collect(places: &PageIterator, words: &ResultIterator, raster: Rect) -> Result<RawPage, OcrError> {
    let mut blocks: Vec<Vec<Words>> = Vec::new();
    let begins = |level| places.is_at_beginning_of(level).map_err(failed("walk"));
    loop {
        if blocks.is_empty() || begins(Level::RIL_PARA)? {
            blocks.push(Vec::new());
        }
        let lines = blocks.last_mut().expect("one was pushed before");
        if lines.is_empty() || begins(Level::RIL_TEXTLINE)? {
            lines.push(Words::default());
        }
        if let Some(word) = word_at(words, raster) {
            let line = lines.last_mut().expect("one was pushed before");
            if words.word_is_from_dictionary().unwrap_or(false) {
                line.dictionary_letters += letter_count(&word.text);
            }
            line.words.push(word);
        }
        let more = words.next(Level::RIL_WORD).map_err(failed("walk"))?;
        let more_places = places.next(Level::RIL_WORD).map_err(failed("walk"))?;
        if !more || !more_places {
            break;
        }
    }
    let lines = blocks.iter().flatten().filter(|line| !line.words.is_empty());
    Ok(RawPage {
        dictionary_letters: lines.map(|line| line.dictionary_letters).collect(),
        blocks: blocks.into_iter().filter_map(block).collect(),
    })
}

/// The word under the iterator; `None` on a picture, a rule, or where nothing but white space was read.
fn word_at(words: &ResultIterator, raster: Rect) -> Option<Word> {
    let text = words.get_utf8_text(Level::RIL_WORD).ok()?;
    let text: String = letters::normalise(&text).split_whitespace().collect();
    let (left, top, right, bottom) = words.get_bounding_box(Level::RIL_WORD).ok()?;
    let percent = words.confidence(Level::RIL_WORD).ok()?;
    (!text.is_empty() && !text.chars().all(is_rule)).then(|| Word {
        text,
        rect: clamped(left, top, right, bottom, raster),
        confidence: (percent.clamp(0.0, 100.0)).round() / 100.0,
        ..Word::default()
    })
}

/// What rules, borders of boxes and fill-in lines are read as: a word of nothing else was not written by anybody.
const fn is_rule(letter: char) -> bool {
    matches!(letter, '|' | '_' | '¦' | '│')
}

fn clamped(left: i32, top: i32, right: i32, bottom: i32, raster: Rect) -> Rect {
    let span = |start: i32, end: i32, size: u32| {
        let start = u32::try_from(start).unwrap_or(0).min(size.saturating_sub(1));
        let end = u32::try_from(end)
            .unwrap_or(0)
            .clamp(start + 1, size.max(start + 1));
        (start, end - start)
    };
    let (x, width) = span(left, right, raster.width);
    let (y, height) = span(top, bottom, raster.height);
    Rect { x, y, width, height }
}

fn block(lines: Vec<Words>) -> Option<Block> {
    let lines: Vec<Line> = lines
        .into_iter()
        .filter_map(|line| self::line(line.words))
        .collect();
    let rect = Rect::bounding(lines.iter().map(|line| line.rect))?;
    Some(Block {
        rect,
        kind: BlockKind::Text,
        lines,
    })
}

fn line(words: Vec<Word>) -> Option<Line> {
    let rect = Rect::bounding(words.iter().map(|word| word.rect))?;
    Some(Line { rect, words })
}

/// Letters and figures of a word: what counts when readings are compared.
pub(crate) fn letter_count(text: &str) -> u32 {
    text.chars().filter(|c| c.is_alphanumeric()).count() as u32
}

fn failed(step: &'static str) -> impl FnOnce(TesseractError) -> OcrError {
    move |source| OcrError::Tesseract { step, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_cut_to_the_raster_and_never_empty() {
        let raster = Rect {
            x: 0,
            y: 0,
            width: 100,
            height: 50,
        };
        for (place, expected) in [
            ((10, 5, 30, 20), (10, 5, 20, 15)),
            ((-4, -1, 30, 20), (0, 0, 30, 20)),
            ((90, 40, 130, 70), (90, 40, 10, 10)),
            ((200, 200, 300, 300), (99, 49, 1, 1)),
            ((20, 20, 20, 20), (20, 20, 1, 1)),
        ] {
            let rect = clamped(place.0, place.1, place.2, place.3, raster);
            assert_eq!((rect.x, rect.y, rect.width, rect.height), expected, "{place:?}");
        }
    }
}
