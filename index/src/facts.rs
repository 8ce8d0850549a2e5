//! What is known of each dossier beside its words: what it is filtered, counted and sorted by.

use std::collections::HashMap;

use tantivy::{
    DocId,
    columnar::{Column, StrColumn},
};

use crate::{
    IndexError, Quality,
    snapshot::{Group, Segment},
};

/// Kinds of document that are told apart; a bit each.
const KINDS_MAX: usize = 64;

/// Mean confidence, in percent, from which a page counts as well read.
const GOOD_PERCENT: u64 = 80;

const FIRST_YEAR: u16 = 1700;
const YEARS: usize = 400;
const WORDS: usize = YEARS.div_ceil(64);

/// The facts of every dossier of one state of the index.
#[derive(Default)]
pub(crate) struct Facts {
    dossiers: Vec<DossierFacts>,
    /// Fonds, departments and boxes; number 0 is nothing.
    pub(crate) names: Names,
    pub(crate) kinds: Names,
}

/// The facts of one dossier.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DossierFacts {
    pub(crate) fonds: u32,
    pub(crate) department: u32,
    pub(crate) box_name: u32,
    pub(crate) kinds: u64,
    pub(crate) quality: QualityOf,
    pub(crate) years: YearSet,
    /// Earliest and latest day, as year, month and day in one number; 0 where there is none.
    pub(crate) days: (u32, u32),
    /// Whether the days are those of the description.
    is_described: bool,
    /// Whether there is anything of the dossier.
    pub(crate) is_there: bool,
}

/// A set of years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct YearSet([u64; WORDS]);

/// The worst quality so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QualityOf(Option<Quality>);

/// Strings by number, from 1.
#[derive(Default)]
pub(crate) struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

/// The columns of one segment.
struct Columns {
    fonds: Option<StrColumn>,
    department: Option<StrColumn>,
    box_name: Option<StrColumn>,
    kind: Option<StrColumn>,
    days: Column<u64>,
    quality: Column<u64>,
    unreadable: Column<u64>,
}

impl Facts {
    /// Reads the facts of all dossiers from the columns.
    pub(crate) fn read(segments: &[Segment], dossiers: usize) -> Result<Self, IndexError> {
        let mut facts = Self {
            dossiers: vec![DossierFacts::default(); dossiers],
            ..Self::default()
        };
        let columns = segments
            .iter()
            .map(Columns::open)
            .collect::<Result<Vec<_>, _>>()?;
        for (segment, columns) in segments.iter().zip(&columns) {
            let fonds = facts.names.ordinals(columns.fonds.as_ref())?;
            let departments = facts.names.ordinals(columns.department.as_ref())?;
            let boxes = facts.names.ordinals(columns.box_name.as_ref())?;
            let kinds = facts.kinds.ordinals(columns.kind.as_ref())?;
            for doc in segment.reader.doc_ids_alive() {
                let Some(group) = segment.group(doc) else { continue };
                let of = &mut facts.dossiers[group as usize];
                of.is_there = true;
                let set = |value: &mut u32, column: Option<&StrColumn>, numbers: &[u32]| {
                    let first = column.and_then(|column| column.ords().first(doc));
                    if let Some(number) = first.and_then(|ordinal| numbers.get(ordinal as usize)) {
                        *value = *number;
                    }
                };
                set(&mut of.fonds, columns.fonds.as_ref(), &fonds);
                set(&mut of.department, columns.department.as_ref(), &departments);
                set(&mut of.box_name, columns.box_name.as_ref(), &boxes);
                for ordinal in columns
                    .kind
                    .iter()
                    .flat_map(|column| column.ords().values_for_doc(doc))
                {
                    let kind = kinds[ordinal as usize] as usize;
                    of.kinds |= if kind < KINDS_MAX { 1 << kind } else { 0 };
                }
                of.take_quality(columns, doc);
                of.take_days(columns, doc, segment.is_page(doc));
            }
        }
        Ok(facts)
    }

    /// The facts of one dossier.
    pub(crate) fn of(&self, group: Group) -> &DossierFacts {
        &self.dossiers[group as usize]
    }

    /// Every dossier that is there.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group> {
        let there = self.dossiers.iter().enumerate().filter(|(_, of)| of.is_there);
        there.map(|(group, _)| group as Group)
    }
}

impl DossierFacts {
    /// First and last year.
    pub(crate) fn year_span(&self) -> Option<(u16, u16)> {
        let (first, last) = self.days;
        let year = |day: u32| (day / 10_000) as u16;
        (first != 0).then(|| (year(first), year(last)))
    }

    fn take_quality(&mut self, columns: &Columns, doc: DocId) {
        if let Some(percent) = columns.quality.first(doc) {
            self.quality.worsen(match percent < GOOD_PERCENT {
                true => Quality::Doubtful,
                false => Quality::Good,
            });
        }
        if columns.unreadable.first(doc).is_some_and(|pages| pages > 0) {
            self.quality.worsen(Quality::Unreadable);
        }
    }

    /// Days of the description put those of pages aside.
    fn take_days(&mut self, columns: &Columns, doc: DocId, is_page: bool) {
        let mut days = columns.days.values_for_doc(doc).peekable();
        if days.peek().is_none() || (is_page && self.is_described) {
            return;
        }
        if !is_page {
            self.years = YearSet::default();
            self.days = (0, 0);
            self.is_described = true;
        }
        // A page is as old as its latest date: birth dates are earlier.
        let mut latest = 0;
        let mut earliest = u32::MAX;
        for day in days.map(|day| day as u32) {
            self.years.insert((day / 10_000) as u16);
            latest = day.max(latest);
            earliest = day.min(earliest);
        }
        let first = if is_page { latest } else { earliest };
        self.days = match self.days {
            (0, _) => (first, latest),
            (known, last) => (known.min(first), last.max(latest)),
        };
        if !is_page {
            let (first, last) = (self.days.0 / 10_000, self.days.1 / 10_000);
            (first..=last).for_each(|year| self.years.insert(year as u16));
        }
    }
}

impl YearSet {
    fn insert(&mut self, year: u16) {
        if let Some(at) = Self::at(year) {
            self.0[at / 64] |= 1 << (at % 64);
        }
    }

    fn at(year: u16) -> Option<usize> {
        let at = usize::from(year.checked_sub(FIRST_YEAR)?);
        (at < YEARS).then_some(at)
    }

    /// Whether any year from the first to the last is in it.
    pub(crate) fn any_within(&self, first: u16, last: u16) -> bool {
        (first.max(FIRST_YEAR)..=last.min(FIRST_YEAR + YEARS as u16 - 1))
            .filter_map(Self::at)
            .any(|at| self.0[at / 64] >> (at % 64) & 1 == 1)
    }

    /// Calls with each year.
    pub(crate) fn each(&self, mut visit: impl FnMut(u16)) {
        for (at, &word) in self.0.iter().enumerate() {
            let mut left = word;
            while left != 0 {
                visit(FIRST_YEAR + (64 * at) as u16 + left.trailing_zeros() as u16);
                left &= left - 1;
            }
        }
    }
}

impl QualityOf {
    pub(crate) const fn of(self) -> Option<Quality> {
        self.0
    }

    /// The quality that counts as a number, as facets have it.
    pub(crate) const fn from_number(number: u32) -> Quality {
        match number {
            0 => Quality::Good,
            1 => Quality::Doubtful,
            _ => Quality::Unreadable,
        }
    }

    fn worsen(&mut self, quality: Quality) {
        self.0 = self.0.max(Some(quality));
    }
}

impl Names {
    /// The number of a string that is known.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The string of a number.
    pub(crate) fn name(&self, number: u32) -> &str {
        let at = (number as usize).checked_sub(1);
        at.and_then(|at| self.names.get(at)).map_or("", String::as_str)
    }

    /// The number of each ordinal of a column.
    fn ordinals(&mut self, column: Option<&StrColumn>) -> Result<Vec<u32>, IndexError> {
        let Some(column) = column else {
            return Ok(Vec::new());
        };
        let damaged = |_| IndexError::Damaged { what: "a column" };
        let mut numbers = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream().map_err(damaged)?;
        while terms.advance() {
            let name = String::from_utf8_lossy(terms.key()).into_owned();
            let next = self.names.len() as u32 + 1;
            numbers.push(*self.numbers.entry(name).or_insert_with_key(|name| {
                self.names.push(name.clone());
                next
            }));
        }
        Ok(numbers)
    }
}

impl Columns {
    fn open(segment: &Segment) -> Result<Self, IndexError> {
        let columns = segment.reader.fast_fields();
        Ok(Self {
            fonds: columns.str("fonds_facet")?,
            department: columns.str("department_facet")?,
            box_name: columns.str("box_facet")?,
            kind: columns.str("kind_facet")?,
            days: columns.u64("days")?,
            quality: columns.u64("quality")?,
            unreadable: columns.u64("unreadable")?,
        })
    }
}
