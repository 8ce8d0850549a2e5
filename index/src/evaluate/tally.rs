//! What is known of dossiers while lists are walked.

use tantivy::DocId;

use super::{Evaluation, Units, nearness::Candidates};
use crate::snapshot::Group;

/// What is known of each dossier while postings are walked, by group.
pub(super) struct Tally {
    pub(super) found: Vec<Units>,
    pub(super) best: Vec<f32>,
    pub(super) page_hits: Vec<u32>,
    /// 1 + index into `descriptions`; 0 where the description holds no unit.
    pub(super) described: Vec<u32>,
    pub(super) descriptions: Vec<Description>,
    pub(super) candidates: Candidates,
}

pub(super) struct Description {
    pub(super) found: Units,
    pub(super) quality: Vec<f32>,
}

/// What the pages of one segment say.
#[derive(Default)]
pub(super) struct PageTally {
    pub(super) runs: Vec<Run>,
    pub(super) candidates: Candidates,
}

/// What pages of one dossier say that follow each other.
pub(super) struct Run {
    pub(super) group: Group,
    pub(super) found: Units,
    pub(super) best: f32,
    pub(super) page_hits: u32,
}

impl Tally {
    pub(super) fn new(dossiers: usize) -> Self {
        Self {
            found: vec![Units::default(); dossiers],
            best: vec![0.0; dossiers],
            page_hits: vec![0; dossiers],
            described: vec![0; dossiers],
            descriptions: Vec::new(),
            candidates: Candidates::default(),
        }
    }

    /// What of the units stands in a dossier's description, if any does.
    pub(super) fn description(&self, group: Group) -> Option<&Description> {
        let described = self.described[group as usize] as usize;
        described.checked_sub(1).map(|at| &self.descriptions[at])
    }

    pub(super) fn take(&mut self, pages: PageTally) {
        for run in pages.runs {
            let group = run.group as usize;
            self.found[group].add(run.found);
            self.best[group] = self.best[group].max(run.best);
            self.page_hits[group] += run.page_hits;
        }
        self.candidates.join(pages.candidates);
    }
}

impl Run {
    pub(super) fn new(group: Group) -> Self {
        Self {
            group,
            found: Units::default(),
            best: 0.0,
            page_hits: 0,
        }
    }

    pub(super) fn enter(&mut self, found: Units, score: f32) {
        self.found.add(found);
        self.best = self.best.max(score);
        self.page_hits += u32::from(found.any != 0);
    }
}

impl PageTally {
    /// Enters one page with what stands there and its score. Pages of a dossier mostly follow each other.
    pub(super) fn enter(
        &mut self,
        evaluation: &Evaluation<'_>,
        (at, doc): (usize, DocId),
        group: Group,
        (found, score): (Units, f32),
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) {
        if self.runs.last().is_none_or(|run| run.group != group) {
            self.runs.push(Run::new(group));
        }
        if let Some(run) = self.runs.last_mut() {
            run.enter(found, score);
        }
        if evaluation.has_several(found) && matters(group) {
            self.candidates.push(evaluation.snapshot, (at, doc), group, score);
        }
    }
}
