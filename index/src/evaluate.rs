//! Which dossiers hold every unit of a query, how well, and on which of their pages.
//!
//! A page's score, with the description's words counted in, is how many units stand there (half for one
//! that stands there only by a near form), and below that how well: one page with all the words comes
//! before many with some. How well a unit stands grows in five steps (near form, stem in the text, exact in
//! the text, stem in reference or title, exact there), within a step as BM25 has it, and weighs more the
//! rarer it is; how near the units stand to each other is looked at on the best pages only. A dossier has the score of its
//! best page; one in which every unit stands without near forms comes before every other, and its score says so by as many
//! units more.
//!
//! Everything is tallied in arrays by dossier while the postings are walked once, all segments at the same time; where
//! the rarest unit occurs in few dossiers, only their documents are looked at.

mod nearness;
mod sweep;
mod tally;
mod walk;

use std::collections::HashMap;

use rayon::prelude::*;
use tantivy::{DocId, TERMINATED, TantivyError};

use crate::{
    IndexError,
    cursor::{Cursors, Detail, Level, Standing, UnitCursor},
    fields::TextPair,
    query::{Query, UNITS_MAX, Unit},
    snapshot::{EXACT_COUNT_MAX, Group, Snapshot},
};

use tally::{Description, PageTally, Tally};

/// Up to so many documents of the rarest unit are read first to see which dossiers come into question.
const RARE_DOCUMENTS_MAX: u64 = 10_000;

/// A unit in more documents says nothing of a dossier that lacks another one.
const TELLING_DOCUMENTS_MAX: u64 = 1_000;

/// What it costs, in nanoseconds on a laptop of 2023: to read a document of the rarest unit to see whose it is; to seek a
/// unit with all its forms in a document; to enter a document of a unit when all are swept; to pass one over.
const SCOPE_COST: f64 = 500.0;
const SEEK_COST: f64 = 100.0;
const SWEEP_COST: f64 = 14.0;
const PASS_COST: f64 = 0.3;

/// A text field with what it is worth.
#[derive(Clone, Copy)]
struct Ranked {
    pair: TextPair,
    /// Steps below its first one.
    base: f32,
    typical_length: f32,
}

/// Steps of quality over all fields.
const STEPS: f32 = 5.0;

/// What a unit counts that stands somewhere only by a near form.
const NEAR_COUNTS: f32 = 0.5;

/// A page that holds less than this part of what is asked for, each unit by its weight, tells little: of a street the word or
/// the number alone, one of three names, but not one of two.
const TELLING_SHARE: f32 = 0.4;

/// The parts of a score that tell how well its units stand, and how near: together less than any unit more.
const QUALITY_PART: f32 = 0.34;
const NEARNESS_PART: f32 = 0.15;

/// A query ready to be run against one state of the index.
pub(crate) struct Evaluation<'a> {
    pub(crate) snapshot: &'a Snapshot,
    units: &'a [Unit],
    cursors: Cursors<'a>,
    excluded: &'a [Unit],
    required: u64,
    /// Each unit's part of a score; together 1.
    weights: Vec<f32>,
    /// Documents that may hold each unit.
    frequencies: Vec<u64>,
}

/// A dossier that holds every unit, or nearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RankedDossier {
    pub(crate) group: Group,
    pub(crate) score: f32,
    pub(crate) page_hits: u64,
    /// Bits of the units that it lacks.
    pub(crate) missing: u64,
}

/// Which pages of a dossier are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Those that hold much of what is asked for, or what better ones lack.
    Telling,
    /// All with at least one unit.
    All,
}

/// A page with at least one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RankedPage {
    pub(crate) segment: usize,
    pub(crate) doc: DocId,
    pub(crate) number: u32,
    pub(crate) score: f32,
    /// Bits of the units that it holds.
    found: u64,
}

/// Which documents a pass looks at.
enum Scope {
    All,
    /// Per segment, in rising order.
    Only(Vec<Vec<DocId>>),
}

/// Which units stand somewhere: one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Units {
    /// In any way.
    any: u64,
    /// Without near forms.
    sure: u64,
}

impl<'a> Evaluation<'a> {
    /// `None` where there is nothing to look for.
    pub(crate) fn new(snapshot: &'a Snapshot, query: &'a Query) -> Result<Option<Self>, IndexError> {
        let units = &query.units;
        let mut evaluation = Self {
            snapshot,
            units,
            cursors: Cursors::new(snapshot, units),
            excluded: &query.excluded,
            required: query.required(),
            weights: Vec::new(),
            frequencies: Vec::new(),
        };
        let of_segments = (0..snapshot.segments.len()).into_par_iter();
        let of_segments = of_segments.map(|at| evaluation.frequencies_in(at));
        let of_segments = of_segments.collect::<Result<Vec<_>, _>>()?;
        let of_unit = |unit: usize| of_segments.iter().map(|of_segment| of_segment[unit]).sum();
        evaluation.frequencies = (0..units.len()).map(of_unit).collect();
        let documents = snapshot.engine.num_docs();
        // Whole steps, so that what deleted documents add to a common word's count does not change ranks.
        let weight = |&frequency: &u64| (1 + (documents / frequency.max(1)).max(1).ilog2()) as f32;
        let sum: f32 = evaluation.frequencies.iter().map(weight).sum();
        evaluation.weights = evaluation
            .frequencies
            .iter()
            .map(|frequency| weight(frequency) / sum)
            .collect();
        Ok((!units.is_empty()).then_some(evaluation))
    }

    /// Every dossier that holds all units, in no order. `matters` says of which ones the rank does.
    pub(crate) fn dossiers(
        &self,
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) -> Result<Vec<RankedDossier>, IndexError> {
        match self.rarest_first().first() {
            Some(&rarest) if self.frequencies[rarest] > 0 => self.ranked(&self.scope(rarest)?, matters, 0),
            _ => Ok(Vec::new()),
        }
    }

    /// Dossiers that lack at most one of several units, in no order; none where what they hold says too little.
    pub(crate) fn nearly_whole(
        &self,
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) -> Result<Vec<RankedDossier>, IndexError> {
        let [first, second, ..] = self.rarest_first()[..] else {
            return Ok(Vec::new());
        };
        let mut groups = Vec::new();
        // What lacks one unit holds one of any two.
        for unit in [first, second] {
            if self.frequencies[unit] <= TELLING_DOCUMENTS_MAX {
                groups.extend(self.groups_with(unit)?);
            }
        }
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        groups.sort_unstable();
        groups.dedup();
        let scope = Scope::Only(self.snapshot.documents_of(&groups));
        self.ranked(&scope, matters, 1)
    }

    /// The dossiers within a scope that lack at most so many units.
    fn ranked(
        &self,
        scope: &Scope,
        matters: &(dyn Fn(Group) -> bool + Sync),
        lacking: u32,
    ) -> Result<Vec<RankedDossier>, IndexError> {
        let mut tally = Tally::new(self.snapshot.dossiers.len());
        self.tally_descriptions(scope, &mut tally)?;
        self.tally_pages(scope, &mut tally, matters)?;
        self.add_nearness(&mut tally)?;
        let excluded = self.excluded_groups()?;
        let whole = self.required.count_ones() as f32;
        let is_excluded = |group: usize| excluded.get(group).copied().unwrap_or(false);
        let found = tally.found.iter().enumerate();
        let wanted = found
            .filter(|&(group, found)| self.missing(found.any).count_ones() <= lacking && !is_excluded(group));
        Ok(wanted
            .map(|(group, found)| RankedDossier {
                group: group as Group,
                score: tally.best[group] + if self.missing(found.sure) == 0 { whole } else { 0.0 },
                page_hits: tally.page_hits[group].into(),
                missing: self.missing(found.any),
            })
            .collect())
    }

    /// The units that must be found, in the order in which documents have them.
    fn rarest_first(&self) -> Vec<usize> {
        let required = (0..self.units.len()).filter(|unit| self.required >> unit & 1 == 1);
        let mut required: Vec<usize> = required.collect();
        required.sort_by_key(|&unit| self.frequencies[unit]);
        required
    }

    /// The best pages of each of some dossiers, at most `limit` each, best first.
    pub(crate) fn pages(
        &self,
        groups: &[Group],
        listed: Listed,
        limit: usize,
    ) -> Result<Vec<Vec<RankedPage>>, IndexError> {
        let mut pages = vec![Vec::new(); groups.len()];
        let slots: HashMap<Group, usize> = groups
            .iter()
            .enumerate()
            .map(|(at, &group)| (group, at))
            .collect();
        let docs = self.snapshot.documents_of(groups);
        let near = docs.iter().enumerate().map(|(at, docs)| self.nearness(at, docs));
        let near = near.collect::<Result<Vec<_>, _>>()?;
        let scope = Scope::Only(docs);
        let every: Vec<usize> = (0..self.units.len()).collect();
        for (at, near) in near.iter().enumerate() {
            self.walk(
                at,
                &[self.body()],
                &every,
                &scope,
                |segment, doc, found, quality| {
                    let slot = segment.group(doc).and_then(|group| slots.get(&group));
                    let Some(&slot) = slot else { return };
                    pages[slot].push(RankedPage {
                        segment: at,
                        doc,
                        number: segment.numbers.first(doc).unwrap_or(0) as u32,
                        found: found.any,
                        score: self.score(found, quality)
                            + NEARNESS_PART * near.get(&doc).copied().unwrap_or(0.0),
                    });
                },
            )?;
        }
        for pages in &mut pages {
            pages.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.number.cmp(&b.number)));
            if listed == Listed::Telling {
                self.leave_out_telling_little(pages);
            }
            pages.truncate(limit);
        }
        Ok(pages)
    }

    /// Leaves out of a dossier's pages those that hold little of what is asked for, and nothing that better ones lack.
    fn leave_out_telling_little(&self, pages: &mut Vec<RankedPage>) {
        let weight = |page: &RankedPage| {
            let found = self
                .weights
                .iter()
                .enumerate()
                .filter(|(unit, _)| page.found >> unit & 1 == 1);
            found.map(|(_, weight)| weight).sum::<f32>()
        };
        let mut covered = 0;
        pages.retain(|page| {
            let brings_more = page.found & !covered != 0;
            covered |= page.found;
            brings_more || weight(page) >= TELLING_SHARE
        });
    }

    /// Of each unit a cursor over the pages of a segment; `None` where it has none.
    pub(crate) fn page_cursors(
        &self,
        segment: usize,
        detail: Detail,
    ) -> Result<Vec<Option<UnitCursor>>, TantivyError> {
        let pair = self.snapshot.fields.body;
        let open = |unit| self.cursors.open(unit, segment, pair, detail);
        (0..self.units.len()).map(open).collect()
    }

    /// What each unit is worth, the rarer the more.
    pub(crate) fn weights(&self) -> &[f32] {
        &self.weights
    }

    fn body(&self) -> Ranked {
        Ranked {
            pair: self.snapshot.fields.body,
            base: 0.0,
            typical_length: 300.0,
        }
    }

    fn description(&self) -> [Ranked; 2] {
        let fields = &self.snapshot.fields;
        [
            Ranked {
                pair: fields.about,
                base: 2.0,
                typical_length: 8.0,
            },
            Ranked {
                pair: fields.place,
                base: 0.0,
                typical_length: 4.0,
            },
        ]
    }

    /// Documents of each unit in a segment, over all fields.
    fn frequencies_in(&self, at: usize) -> Result<Vec<u64>, TantivyError> {
        let of_unit = |unit| {
            let fields = [self.body()].into_iter().chain(self.description());
            let of_field = |field: Ranked| self.frequency(unit, at, field.pair);
            fields.map(of_field).sum::<Result<u64, _>>()
        };
        (0..self.units.len()).map(of_unit).collect()
    }

    /// Documents of a unit in a field of a segment.
    fn frequency(&self, unit: usize, at: usize, pair: TextPair) -> Result<u64, TantivyError> {
        let Some(mut cursor) = self.cursors.open(unit, at, pair, Detail::Counts)? else {
            return Ok(0);
        };
        let estimate = cursor.doc_freq();
        if estimate > EXACT_COUNT_MAX {
            return Ok(estimate.into());
        }
        let reader = &self.snapshot.segments[at].reader;
        let mut count = 0;
        while cursor.doc() != TERMINATED {
            count += u64::from(!reader.is_deleted(cursor.doc()));
            cursor.advance();
        }
        Ok(count)
    }

    /// The documents of the few dossiers that hold the rarest unit, or all.
    fn scope(&self, rarest: usize) -> Result<Scope, IndexError> {
        let rare = self.frequencies[rarest];
        let sweeping = self.cost_of_sweep();
        if self.units.len() == 1 || rare > RARE_DOCUMENTS_MAX || sweeping < SCOPE_COST * rare as f64 {
            return Ok(Scope::All);
        }
        let docs = self.snapshot.documents_of(&self.groups_with(rarest)?);
        let count: usize = docs.iter().map(Vec::len).sum();
        match SEEK_COST * (count * self.units.len()) as f64 > sweeping {
            true => Ok(Scope::All),
            false => Ok(Scope::Only(docs)),
        }
    }

    /// The dossiers with a unit anywhere, in rising order.
    fn groups_with(&self, unit: usize) -> Result<Vec<Group>, TantivyError> {
        let fields = [self.body()].into_iter().chain(self.description());
        let fields: Vec<Ranked> = fields.collect();
        let mut groups = Vec::new();
        for at in 0..self.snapshot.segments.len() {
            self.walk(at, &fields, &[unit], &Scope::All, |segment, doc, _, _| {
                groups.extend(segment.group(doc))
            })?;
        }
        groups.sort_unstable();
        groups.dedup();
        Ok(groups)
    }

    fn cost_of_sweep(&self) -> f64 {
        let standing: u64 = self.frequencies.iter().sum();
        let passed = self.snapshot.engine.num_docs() * self.units.len() as u64;
        SWEEP_COST * standing as f64 + PASS_COST * passed as f64
    }

    fn tally_descriptions(&self, scope: &Scope, tally: &mut Tally) -> Result<(), IndexError> {
        let every: Vec<usize> = (0..self.units.len()).collect();
        let of_segment = |at: usize| {
            let mut described: Vec<(usize, Description)> = Vec::new();
            self.walk(
                at,
                &self.description(),
                &every,
                scope,
                |segment, doc, found, quality| {
                    let quality = quality.to_vec();
                    let description = Description { found, quality };
                    described.extend(segment.group(doc).map(|group| (group as usize, description)));
                },
            )?;
            Ok::<_, TantivyError>(described)
        };
        let segments = (0..self.snapshot.segments.len()).into_par_iter();
        let described = segments.map(of_segment).collect::<Result<Vec<_>, _>>()?;
        for (group, description) in described.into_iter().flatten() {
            let score = self.score(description.found, &description.quality);
            tally.found[group].add(description.found);
            tally.best[group] = tally.best[group].max(score);
            tally.descriptions.push(description);
            tally.described[group] = tally.descriptions.len() as u32;
        }
        Ok(())
    }

    fn tally_pages(
        &self,
        scope: &Scope,
        tally: &mut Tally,
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) -> Result<(), TantivyError> {
        if matches!(scope, Scope::All) {
            return self.sweep(self.body(), tally, matters);
        }
        for at in 0..self.snapshot.segments.len() {
            let pages = self.walk_pages(at, scope, tally, matters)?;
            tally.take(pages);
        }
        Ok(())
    }

    /// Tallies the pages of a segment within a scope that hold any of the units.
    fn walk_pages(
        &self,
        at: usize,
        scope: &Scope,
        tally: &Tally,
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) -> Result<PageTally, TantivyError> {
        let every: Vec<usize> = (0..self.units.len()).collect();
        let mut pages = PageTally::default();
        self.walk(
            at,
            &[self.body()],
            &every,
            scope,
            |segment, doc, found, quality| {
                let Some(group) = segment.group(doc) else { return };
                let score = match tally.description(group) {
                    None => self.score(found, quality),
                    Some(description) => self.joint_score(found, quality, description),
                };
                pages.enter(self, (at, doc), group, (found, score), matters);
            },
        )?;
        Ok(pages)
    }

    /// Bits of the units that must be found and are not among these.
    const fn missing(&self, units: u64) -> u64 {
        self.required & !units
    }

    /// Whether more than one of the units that must be found is.
    const fn has_several(&self, found: Units) -> bool {
        let required = found.any & self.required;
        required & required.wrapping_sub(1) != 0
    }

    /// The score of a page together with its dossier's description.
    fn joint_score(&self, found: Units, quality: &[f32], description: &Description) -> f32 {
        let mut joint = [0.0_f32; UNITS_MAX];
        let both = quality.iter().zip(&description.quality);
        for (joint, (page, about)) in joint.iter_mut().zip(both) {
            *joint = page.max(*about);
        }
        let mut both = description.found;
        both.add(found);
        self.score(both, &joint[..quality.len()])
    }

    /// Units found, plus the weighted mean of their quality.
    fn score(&self, found: Units, quality: &[f32]) -> f32 {
        let of_unit = |(unit, &quality): (usize, &f32)| self.unit_score(unit, found, quality);
        quality.iter().enumerate().map(of_unit).sum()
    }

    /// A unit's part of a score.
    fn unit_score(&self, unit: usize, found: Units, quality: f32) -> f32 {
        let counts = match (self.required & found.any) >> unit & 1 {
            0 => 0.0,
            _ if found.sure >> unit & 1 == 1 => 1.0,
            _ => NEAR_COUNTS,
        };
        counts + QUALITY_PART * quality * self.weights[unit]
    }
}

impl Ranked {
    /// How well a unit stands, up to 1: steps and the share of the next; a near form is one wherever it stands.
    fn quality(&self, standing: Standing) -> f32 {
        let steps = match standing.level {
            Level::Near => 0.0,
            Level::Loose => self.base + 1.0,
            Level::Exact => self.base + 2.0,
        };
        (steps + standing.share) / STEPS
    }
}

impl Units {
    const fn add(&mut self, other: Self) {
        self.any |= other.any;
        self.sure |= other.sure;
    }
}
