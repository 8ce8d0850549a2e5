//! What is known of each dossier beside its words: what it is filtered, counted and sorted by.
//!
//! Each segment says what its documents say; that is read once and kept as long as the segment lives, so that a commit
//! costs what it brought, not what the archive holds. Where documents of a segment were deleted, only their dossiers
//! are read again.

use std::collections::HashMap;

use rayon::prelude::*;
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

/// What the living documents of one segment say of their dossiers.
pub(crate) struct SegmentFacts {
    /// In rising order.
    dossiers: Vec<(Group, DossierFacts)>,
    /// The segment's own strings: numbers and bits are of these.
    names: Names,
    kinds: Names,
}

/// Strings by number, from 1.
#[derive(Default, Clone)]
pub(crate) struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

/// A column of strings, and by its ordinals their numbers.
struct Named {
    column: Option<StrColumn>,
    numbers: Vec<u32>,
}

/// The columns of one segment.
struct Columns {
    fonds: Named,
    department: Named,
    box_name: Named,
    kind: Named,
    days: Column<u64>,
    quality: Column<u64>,
    unreadable: Column<u64>,
}

impl Facts {
    /// Puts together what the segments say.
    pub(crate) fn read(segments: &[Segment], dossiers: usize) -> Result<Self, IndexError> {
        let mut facts = Self {
            dossiers: vec![DossierFacts::default(); dossiers],
            ..Self::default()
        };
        // Each is read once: all at the same time.
        segments
            .par_iter()
            .try_for_each(|segment| segment.facts().map(drop))?;
        for segment in segments {
            let said = segment.facts()?;
            let names = facts.names.take(&said.names);
            let kinds = facts.kinds.take(&said.kinds);
            for (group, of) in &said.dossiers {
                facts.dossiers[*group as usize].take(of, &names, &kinds);
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

impl SegmentFacts {
    /// Reads what a segment says of all its dossiers.
    pub(crate) fn read(segment: &Segment) -> Result<Self, IndexError> {
        let mut facts = Self {
            dossiers: Vec::new(),
            names: Names::default(),
            kinds: Names::default(),
        };
        let columns = Columns::open(segment, &mut facts.names, &mut facts.kinds)?;
        facts.dossiers.extend(
            segment
                .groups()
                .filter_map(|group| Some((group, columns.of_dossier(segment, group)?))),
        );
        Ok(facts)
    }

    /// What a segment says, where it said this before documents of some dossiers were deleted.
    pub(crate) fn read_again(&self, segment: &Segment, touched: &[Group]) -> Result<Self, IndexError> {
        let mut facts = Self {
            dossiers: Vec::with_capacity(self.dossiers.len()),
            names: self.names.clone(),
            kinds: self.kinds.clone(),
        };
        let columns = Columns::open(segment, &mut facts.names, &mut facts.kinds)?;
        for (group, of) in &self.dossiers {
            let of = match touched.binary_search(group) {
                Ok(_) => columns.of_dossier(segment, *group),
                Err(_) => Some(*of),
            };
            facts.dossiers.extend(of.map(|of| (*group, of)));
        }
        Ok(facts)
    }
}

impl DossierFacts {
    /// Adds what another segment says; its numbers and bits stand for these.
    fn take(&mut self, other: &Self, names: &[u32], kinds: &[u32]) {
        self.is_there = true;
        let set = |value: &mut u32, number: u32| {
            if let Some(&number) = (number as usize).checked_sub(1).and_then(|at| names.get(at)) {
                *value = number;
            }
        };
        set(&mut self.fonds, other.fonds);
        set(&mut self.department, other.department);
        set(&mut self.box_name, other.box_name);
        for (at, &kind) in kinds.iter().enumerate().take(KINDS_MAX - 1) {
            if other.kinds >> (at + 1) & 1 == 1 && (kind as usize) < KINDS_MAX {
                self.kinds |= 1 << kind;
            }
        }
        if let Some(quality) = other.quality.of() {
            self.quality.worsen(quality);
        }
        match (self.is_described, other.is_described) {
            (true, _) => {}
            (false, true) => {
                (self.years, self.days, self.is_described) = (other.years, other.days, true);
            }
            (false, false) => {
                self.years.add(&other.years);
                self.days = span(self.days, other.days);
            }
        }
    }

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
        self.days = span(self.days, (first, latest));
        if !is_page {
            let (first, last) = (self.days.0 / 10_000, self.days.1 / 10_000);
            (first..=last).for_each(|year| self.years.insert(year as u16));
        }
    }
}

/// First and last day of both; a first one of 0 is none.
fn span(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    match (a, b) {
        ((0, _), other) | (other, (0, _)) => other,
        (a, b) => (a.0.min(b.0), a.1.max(b.1)),
    }
}

impl YearSet {
    fn add(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

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

    /// The number of a string, a new one where it was not known.
    fn enter(&mut self, name: &str) -> u32 {
        if let Some(number) = self.number(name) {
            return number;
        }
        self.names.push(name.to_owned());
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// Takes in other strings; gives the number of each.
    fn take(&mut self, others: &Self) -> Vec<u32> {
        others.names.iter().map(|name| self.enter(name)).collect()
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
            numbers.push(self.enter(&String::from_utf8_lossy(terms.key())));
        }
        Ok(numbers)
    }
}

impl Columns {
    /// Their strings are entered in `names` and `kinds`.
    fn open(segment: &Segment, names: &mut Names, kinds: &mut Names) -> Result<Self, IndexError> {
        let columns = segment.reader.fast_fields();
        Ok(Self {
            fonds: Named::open(columns.str("fonds_facet")?, names)?,
            department: Named::open(columns.str("department_facet")?, names)?,
            box_name: Named::open(columns.str("box_facet")?, names)?,
            kind: Named::open(columns.str("kind_facet")?, kinds)?,
            days: columns.u64("days")?,
            quality: columns.u64("quality")?,
            unreadable: columns.u64("unreadable")?,
        })
    }

    /// What the living documents of a dossier say; `None` where it has none here.
    fn of_dossier(&self, segment: &Segment, group: Group) -> Option<DossierFacts> {
        let mut of = DossierFacts::default();
        for doc in segment.documents(group) {
            of.is_there = true;
            let set = |value: &mut u32, column: &Named| *value = column.numbers(doc).next().unwrap_or(*value);
            set(&mut of.fonds, &self.fonds);
            set(&mut of.department, &self.department);
            set(&mut of.box_name, &self.box_name);
            for kind in self.kind.numbers(doc).filter(|&kind| (kind as usize) < KINDS_MAX) {
                of.kinds |= 1 << kind;
            }
            of.take_quality(self, doc);
            of.take_days(self, doc, segment.is_page(doc));
        }
        of.is_there.then_some(of)
    }
}

impl Named {
    fn open(column: Option<StrColumn>, names: &mut Names) -> Result<Self, IndexError> {
        let numbers = names.ordinals(column.as_ref())?;
        Ok(Self { column, numbers })
    }

    /// The numbers of a document's strings.
    fn numbers(&self, doc: DocId) -> impl Iterator<Item = u32> {
        let ordinals = self
            .column
            .iter()
            .flat_map(move |column| column.ords().values_for_doc(doc));
        ordinals.filter_map(|ordinal| self.numbers.get(ordinal as usize).copied())
    }
}
