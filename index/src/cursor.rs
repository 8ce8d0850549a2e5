//! Walking the index: where a unit of the query stands, document by document.

mod lists;
mod opened;
mod phrase;

use tantivy::{DocId, SegmentReader, TERMINATED, TantivyError, fieldnorm::FieldNormReader, schema::Field};

use crate::{
    fields::TextPair,
    query::{Neighbour, Typed, Unit},
};
use lists::{AnyOf, Beside};
pub(crate) use opened::Cursors;
use phrase::Phrase;

/// BM25's saturation of repeated words, and its weight of a text's length (the usual values).
const SATURATION: f32 = 1.2;
const LENGTH_WEIGHT: f32 = 0.75;

/// First and last position of an occurrence.
pub(crate) type Span = (u32, u32);

/// What is read from the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Detail {
    /// How often a word stands in a document.
    Counts,
    /// Where it stands as well.
    Positions,
}

/// A field and terms of it.
type Source<'a> = (Field, &'a [String]);

/// How a unit stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// By a form that recognition may have made of it, or one that was guessed.
    Near,
    /// In another form of the word.
    Loose,
    /// As it was typed.
    Exact,
}

/// How, and how much, a unit stands in a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Standing {
    pub(crate) level: Level,
    /// 0 to 1.
    pub(crate) share: f32,
}

#[derive(Clone)]
enum Matcher {
    Word(AnyOf),
    /// Terms, and others where a neighbour stands beside them.
    Supported(AnyOf, Beside),
    Phrase(Phrase),
    /// Terms, or else parts one after the other.
    Either(AnyOf, Phrase),
}

/// Which lists tell how a unit stands: the first that has the document, else the last level.
#[derive(Clone)]
struct Levels {
    lists: Vec<(Level, AnyOf)>,
    otherwise: Level,
    /// So many of the matcher's first lists stand here as well.
    repeated: usize,
}

/// Where one unit stands in one field of one segment.
#[derive(Clone)]
pub(crate) struct UnitCursor {
    matcher: Matcher,
    levels: Levels,
    /// Whether places side by side are one occurrence.
    is_run: bool,
    norms: Option<FieldNormReader>,
}

/// How a unit stands in a document, in a byte: 0 not at all, else the level above and the count below.
pub(crate) type Code = u8;

/// Codes that there are; as many as numbers of lengths.
pub(crate) const CODES: usize = 256;

/// Occurrences that count.
const COUNT_MAX: u32 = 63;
const COUNT_BITS: u32 = 6;

/// What [`Standing::share`] needs to know of a text of each length, by the length's number in the index.
pub(crate) struct Dampings([f32; CODES]);

impl Dampings {
    /// Against a typical length of so many words.
    pub(crate) fn new(typical_length: f32) -> Self {
        Self(std::array::from_fn(|id| {
            damping(FieldNormReader::id_to_fieldnorm(id as u8), typical_length)
        }))
    }

    /// How a unit stands by its code, in a text whose length has that number; `None` where it does not.
    pub(crate) fn standing(&self, code: Code, length_id: u8) -> Option<Standing> {
        let level = Level::of(code)?;
        let count = f32::from(code & COUNT_MAX as u8);
        let share = count / (count + self.0[usize::from(length_id)]);
        Some(Standing { level, share })
    }
}

impl Level {
    /// The level of a code; `None` where the unit does not stand.
    pub(crate) const fn of(code: Code) -> Option<Self> {
        match code >> COUNT_BITS {
            0 => None,
            1 => Some(Self::Near),
            2 => Some(Self::Loose),
            _ => Some(Self::Exact),
        }
    }

    /// Whether a code is of more than a near form: its highest bit says so.
    pub(crate) const fn is_sure(code: Code) -> bool {
        code >> (COUNT_BITS + 1) == 1
    }
}

fn code(level: Level, count: u32) -> Code {
    ((level as u8 + 1) << COUNT_BITS) | count.min(COUNT_MAX) as u8
}

fn damping(length: u32, typical_length: f32) -> f32 {
    SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length as f32 / typical_length)
}

impl UnitCursor {
    /// `None` where the segment cannot hold the unit.
    pub(crate) fn open(
        segment: &SegmentReader,
        pair: TextPair,
        unit: &Unit,
        detail: Detail,
    ) -> Result<Option<Self>, TantivyError> {
        let (matcher, levels) = match unit {
            Unit::Word {
                exact,
                stems,
                ids,
                near,
                neighbours,
                far,
                ..
            } => {
                let beside = beside(segment, pair, far, neighbours)?;
                word(segment, pair, (exact, stems), (ids, near), beside, detail)?
            }
            Unit::Phrase { parts, .. } => {
                let parts: Vec<(&[String], &[String])> =
                    parts.iter().map(|part| (&*part.exact, &*part.near)).collect();
                (phrase(segment, pair, &parts, detail)?, Levels::only(Level::Exact))
            }
            Unit::Identifier { whole, parts } => (
                phrase(segment, pair, &exactly(parts), detail)?,
                Levels::open(
                    segment,
                    &[(Level::Exact, (pair.exact, std::slice::from_ref(whole)))],
                    Level::Loose,
                )?,
            ),
            Unit::Typed(unit) => typed(segment, pair, unit, detail)?,
        };
        let norms = segment.fieldnorms_readers().get_field(pair.exact)?;
        Ok(matcher.map(|matcher| Self {
            matcher,
            levels,
            is_run: matches!(unit, Unit::Typed(_)),
            norms,
        }))
    }

    pub(crate) fn doc(&self) -> DocId {
        match &self.matcher {
            Matcher::Word(word) => word.doc,
            Matcher::Supported(word, beside) => word.doc.min(beside.doc),
            Matcher::Phrase(phrase) => phrase.doc,
            Matcher::Either(word, phrase) => word.doc.min(phrase.doc),
        }
    }

    pub(crate) fn advance(&mut self) -> DocId {
        match &mut self.matcher {
            Matcher::Word(word) => word.advance(),
            _ => self.seek(self.doc() + 1),
        }
    }

    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        match &mut self.matcher {
            Matcher::Word(word) => word.seek(target),
            Matcher::Supported(word, beside) => word.seek(target).min(beside.seek(target)),
            Matcher::Phrase(phrase) => phrase.seek(target),
            Matcher::Either(word, phrase) => word.seek(target).min(phrase.seek(target)),
        }
    }

    /// How the unit stands in the current document, and how often in how long a text (BM25's curve
    /// against a fixed typical length, so that it depends on nothing but the document).
    pub(crate) fn standing(&mut self, typical_length: f32) -> Standing {
        let (level, count) = self.level_and_count();
        let count = count.min(COUNT_MAX) as f32;
        let length = self.norms.as_ref().map_or(0, |norms| norms.fieldnorm(self.doc()));
        Standing {
            level,
            share: count / (count + damping(length, typical_length)),
        }
    }

    /// How the unit stands in every document of the segment from here on. Lists of single words are gone through one
    /// after the other: with many long ones that is several times as fast as side by side.
    pub(crate) fn codes(mut self, max_doc: DocId) -> Vec<Code> {
        let mut codes = vec![0; max_doc as usize];
        if let Matcher::Word(word) | Matcher::Supported(word, _) = &mut self.matcher {
            for list in word.lists.iter_mut().skip(self.levels.repeated) {
                lists::mark(list, self.levels.otherwise, &mut codes);
            }
            for (level, list) in &mut self.levels.lists {
                list.lists
                    .iter_mut()
                    .for_each(|list| lists::mark(list, *level, &mut codes));
            }
            if let Matcher::Supported(_, beside) = &mut self.matcher {
                beside.mark(&mut codes);
            }
            return codes;
        }
        if self.levels.lists.is_empty()
            && let Matcher::Phrase(phrase) = self.matcher
        {
            phrase.mark(self.levels.otherwise, &mut codes);
            return codes;
        }
        while self.doc() != TERMINATED {
            let (level, count) = self.level_and_count();
            codes[self.doc() as usize] = code(level, count);
            self.advance();
        }
        codes
    }

    /// How the unit stands in the current document.
    pub(crate) fn level(&mut self) -> Level {
        self.level_and_count().0
    }

    fn level_and_count(&mut self) -> (Level, u32) {
        let doc = self.doc();
        self.levels.of(doc).unwrap_or_else(|| {
            let level = match &self.matcher {
                Matcher::Either(_, phrase) if phrase.doc == doc => Level::Loose,
                Matcher::Phrase(phrase) if phrase.is_misread => Level::Near,
                _ => self.levels.otherwise,
            };
            (level, self.matcher.count(doc))
        })
    }

    /// Where the unit stands in the current document; asks for [`Detail::Positions`].
    pub(crate) fn spans(&mut self) -> Vec<Span> {
        let doc = self.doc();
        let mut spans = match &mut self.matcher {
            Matcher::Word(word) => word.spans(),
            Matcher::Supported(word, beside) => {
                let mut spans = if word.doc == doc { word.spans() } else { Vec::new() };
                if beside.doc == doc {
                    spans.extend(beside.places.iter().map(|&place| (place, place)));
                    spans.sort_unstable();
                }
                spans
            }
            Matcher::Phrase(phrase) => phrase.occurrences.clone(),
            Matcher::Either(word, phrase) => {
                let mut spans = if word.doc == doc { word.spans() } else { Vec::new() };
                if phrase.doc == doc {
                    spans.extend(phrase.occurrences.iter().copied());
                }
                spans.sort_unstable();
                spans
            }
        };
        if self.is_run {
            spans = runs(&spans);
        }
        spans
    }

    /// Documents that may hold the unit, deleted ones included: an upper bound.
    pub(crate) fn doc_freq(&self) -> u32 {
        match &self.matcher {
            Matcher::Word(word) => word.doc_freq(),
            Matcher::Supported(word, beside) => word.doc_freq() + beside.doc_freq(),
            Matcher::Phrase(phrase) => phrase.doc_freq(),
            Matcher::Either(word, phrase) => word.doc_freq() + phrase.doc_freq(),
        }
    }
}

impl Matcher {
    fn count(&self, doc: DocId) -> u32 {
        match self {
            Self::Either(word, _) | Self::Supported(word, _) if word.doc == doc => word.count(),
            Self::Supported(_, beside) => beside.places.len() as u32,
            Self::Word(word) => word.count(),
            Self::Phrase(phrase) | Self::Either(_, phrase) => phrase.occurrences.len() as u32,
        }
    }
}

impl Levels {
    const fn only(level: Level) -> Self {
        Self {
            lists: Vec::new(),
            otherwise: level,
            repeated: 0,
        }
    }

    fn open(
        segment: &SegmentReader,
        sources: &[(Level, Source<'_>)],
        otherwise: Level,
    ) -> Result<Self, TantivyError> {
        let mut lists = Vec::with_capacity(sources.len());
        for &(level, source) in sources {
            lists.extend(AnyOf::open(segment, &[source], Detail::Counts)?.map(|list| (level, list)));
        }
        Ok(Self {
            lists,
            otherwise,
            repeated: 0,
        })
    }

    /// Lists of a level.
    fn count_of(&self, level: Level) -> usize {
        let of_level = self.lists.iter().filter(|(of, _)| *of == level);
        of_level.map(|(_, list)| list.lists.len()).sum()
    }

    fn of(&mut self, doc: DocId) -> Option<(Level, u32)> {
        self.lists
            .iter_mut()
            .find_map(|(level, list)| (list.seek(doc) == doc).then(|| (*level, list.count())))
    }
}

/// A word: its stems, which every exact form has too, and what may stand for it.
fn word(
    segment: &SegmentReader,
    pair: TextPair,
    (exact, stems): (&[String], &[String]),
    (ids, near): (&[String], &[String]),
    beside: Option<Beside>,
    detail: Detail,
) -> Result<(Option<Matcher>, Levels), TantivyError> {
    if stems.is_empty() && near.is_empty() {
        let list = AnyOf::open(segment, &[(pair.exact, exact)], detail)?;
        return Ok((list.map(Matcher::Word), Levels::only(Level::Exact)));
    }
    if stems.is_empty() {
        let sources = [(pair.exact, exact), (pair.exact, near), (pair.ids, ids)];
        let list = AnyOf::open(segment, &sources, detail)?;
        let mut levels = Levels::open(segment, &[(Level::Exact, (pair.exact, exact))], Level::Near)?;
        levels.repeated = levels.count_of(Level::Exact);
        return Ok((list.map(Matcher::Word), levels));
    }
    let sources = [(pair.stem, stems), (pair.exact, near), (pair.ids, ids)];
    let list = AnyOf::open(segment, &sources, detail)?;
    let exact = (Level::Exact, (pair.exact, exact));
    let levels = match ids.is_empty() && near.is_empty() && beside.is_none() {
        true => Levels::open(segment, &[exact], Level::Loose)?,
        false => {
            let mut levels =
                Levels::open(segment, &[exact, (Level::Loose, (pair.stem, stems))], Level::Near)?;
            levels.repeated = levels.count_of(Level::Loose);
            levels
        }
    };
    let matcher = match (list, beside) {
        (Some(list), Some(beside)) => Some(Matcher::Supported(list, beside)),
        (None, Some(beside)) => Some(Matcher::Supported(AnyOf::none(), beside)),
        (list, None) => list.map(Matcher::Word),
    };
    Ok((matcher, levels))
}

/// What is less like a word, beside one of its neighbours.
fn beside(
    segment: &SegmentReader,
    pair: TextPair,
    far: &[String],
    neighbours: &[Neighbour],
) -> Result<Option<Beside>, TantivyError> {
    let Some(far) = AnyOf::open(segment, &[(pair.exact, far)], Detail::Positions)? else {
        return Ok(None);
    };
    let exact = neighbours.iter().map(|neighbour| (pair.exact, &*neighbour.exact));
    let stems = neighbours.iter().map(|neighbour| (pair.stem, &*neighbour.stems));
    let others: Vec<Source<'_>> = exact.chain(stems).collect();
    let others = AnyOf::open(segment, &others, Detail::Positions)?;
    Ok(others.map(|others| Beside::new(far, others)))
}

/// An identifier: its keys, or its parts one after the other.
fn typed(
    segment: &SegmentReader,
    pair: TextPair,
    unit: &Typed,
    detail: Detail,
) -> Result<(Option<Matcher>, Levels), TantivyError> {
    let sources = [&unit.sure, &unit.loose, &unit.guessed].map(|keys| (pair.ids, keys.as_slice()));
    let list = AnyOf::open(segment, &sources, detail)?;
    let parts = match unit.parts.is_empty() {
        true => None,
        false => Phrase::open(segment, pair, &exactly(&unit.parts), detail)?,
    };
    let levels = Levels::open(
        segment,
        &[
            (Level::Exact, (pair.ids, &unit.sure)),
            (Level::Loose, (pair.ids, &unit.loose)),
        ],
        Level::Near,
    )?;
    let matcher = match (list, parts) {
        (Some(list), Some(parts)) => Some(Matcher::Either(list, parts)),
        (Some(list), None) => Some(Matcher::Word(list)),
        (None, Some(parts)) => Some(Matcher::Phrase(parts)),
        (None, None) => None,
    };
    let is_literal = matches!(matcher, Some(Matcher::Phrase(_)));
    Ok((
        matcher,
        Levels {
            otherwise: if is_literal { Level::Loose } else { Level::Near },
            repeated: levels.count_of(Level::Exact) + levels.count_of(Level::Loose),
            ..levels
        },
    ))
}

/// Parts by their exact forms alone.
fn exactly(parts: &[Vec<String>]) -> Vec<(&[String], &[String])> {
    parts
        .iter()
        .map(|part| (part.as_slice(), <&[String]>::default()))
        .collect()
}

/// Parts by exact forms and by near ones; a phrase of one part is an exact word.
fn phrase(
    segment: &SegmentReader,
    pair: TextPair,
    parts: &[(&[String], &[String])],
    detail: Detail,
) -> Result<Option<Matcher>, TantivyError> {
    Ok(match parts {
        [(only, _)] => AnyOf::open(segment, &[(pair.exact, only)], detail)?.map(Matcher::Word),
        several => Phrase::open(segment, pair, several, detail)?.map(Matcher::Phrase),
    })
}

/// Spans that touch or overlap as one.
fn runs(spans: &[Span]) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    for &(first, last) in spans {
        match runs.last_mut() {
            Some(run) if first <= run.1 + 1 => run.1 = run.1.max(last),
            _ => runs.push((first, last)),
        }
    }
    runs
}
