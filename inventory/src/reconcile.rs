//! Which scanned dossier is which row of the inventory.

use std::collections::BTreeMap;

use hrisov_model::{DossierId, InventoryEntry};
use serde::Serialize;

use crate::{
    Finding, Images, LeafCounts, LeafRange, PaperInventory, Sides,
    fold::fold,
    matching::{Group, Sought, group_all},
};

/// A dossier as scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedDossier {
    /// Permanent identifier.
    pub id: DossierId,
    /// Reference within the box: the folder's or file's name.
    pub reference: String,
    /// Its page images.
    pub images: Images,
}

/// By what a row and a dossier were found to be the same, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBasis {
    /// The folder's name is the reference, or the number where there is none, letter by letter.
    ExactReference,
    /// The same but for case, diacritics, punctuation, leading zeros and words such as "dosar nr.".
    Reference,
    /// The name holds the number and a year within the extreme dates.
    NumberAndYear,
    /// The name holds the number.
    Number,
}

/// Whether the scans can come from as many leaves as the inventory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafComparison {
    /// They can.
    Agrees,
    /// They cannot.
    Differs(LeafCounts),
    /// The inventory does not say how many there are.
    NotStated,
}

/// How rows and dossiers ended; each row and each dossier is in exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// One row, one dossier.
    Matched {
        /// Index into the inventory's rows.
        row: usize,
        /// Index into the scanned dossiers.
        dossier: usize,
        /// By what.
        basis: MatchBasis,
        /// The two leaf counts.
        leaves: LeafComparison,
    },
    /// In the inventory alone.
    Missing {
        /// Index into the inventory's rows.
        row: usize,
    },
    /// Among the scans alone.
    Unexpected {
        /// Index into the scanned dossiers.
        dossier: usize,
    },
    /// They belong together, but which to which cannot be told.
    Ambiguous {
        /// Indexes into the inventory's rows, at least one.
        rows: Vec<usize>,
        /// Indexes into the scanned dossiers, at least one.
        dossiers: Vec<usize>,
    },
    /// Rows that mean one dossier.
    DuplicateRows {
        /// Indexes into the inventory's rows, at least two.
        rows: Vec<usize>,
        /// Index of the scanned dossier, at most one.
        dossiers: Vec<usize>,
    },
    /// A row with neither number nor reference.
    RowWithoutReference {
        /// Index into the inventory's rows.
        row: usize,
    },
}

/// An inventory beside the scans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The inventory.
    pub inventory: PaperInventory,
    /// The scans.
    pub dossiers: Vec<ScannedDossier>,
    /// How they were scanned.
    pub sides: Sides,
    /// In the order of the inventory; what is in none of its rows comes last.
    pub outcomes: Vec<Outcome>,
}

/// How many rows and dossiers ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of the inventory.
    pub rows: u32,
    /// Scanned dossiers.
    pub scanned: u32,
    /// Pairs of a row and a dossier.
    pub matched: u32,
    /// Pairs among them whose leaf counts differ.
    pub leaves_differ: u32,
    /// Rows without a dossier; a dossier that stands in several rows is counted once.
    pub missing: u32,
    /// Dossiers without a row.
    pub unexpected: u32,
    /// Dossiers of which it cannot be told which row is theirs.
    pub ambiguous: u32,
    /// Leaves that the rows of matched dossiers say, as far as they say.
    pub leaves: u64,
    /// Page images of all dossiers.
    pub pages: u64,
}

/// Brings an inventory and the scans together.
///
/// Exact references come first, then looser spellings, then numbers inside names. What fits more than one is never
/// matched but told.
#[must_use]
pub fn reconcile(inventory: PaperInventory, dossiers: Vec<ScannedDossier>, sides: Sides) -> Reconciliation {
    let sought: Vec<Sought> = inventory.rows.iter().map(|row| Sought::of(&row.entry)).collect();
    let names: Vec<&str> = dossiers
        .iter()
        .map(|dossier| dossier.reference.as_str())
        .collect();
    let grouped = group_all(&sought, &names);
    let mut outcomes = Vec::with_capacity(sought.len().max(names.len()));
    let mut rows_left = vec![true; sought.len()];
    let mut dossiers_left = vec![true; names.len()];
    for (
        basis,
        Group {
            rows,
            dossiers: found,
        },
    ) in grouped
    {
        rows.iter().for_each(|row| rows_left[*row] = false);
        found.iter().for_each(|dossier| dossiers_left[*dossier] = false);
        outcomes.push(match (rows.as_slice(), found.as_slice()) {
            ([row], [dossier]) => Outcome::Matched {
                row: *row,
                dossier: *dossier,
                basis,
                leaves: compare(&inventory.rows[*row].entry, &dossiers[*dossier], sides),
            },
            (_, [_]) if say_the_same(&inventory, &rows) => Outcome::DuplicateRows {
                rows,
                dossiers: found,
            },
            _ => Outcome::Ambiguous {
                rows,
                dossiers: found,
            },
        });
    }
    outcomes.extend(unmatched_rows(&inventory, &sought, &rows_left));
    outcomes.sort_by_key(Outcome::first_row);
    let unexpected = (0..names.len()).filter(|dossier| dossiers_left[*dossier]);
    outcomes.extend(unexpected.map(|dossier| Outcome::Unexpected { dossier }));
    Reconciliation {
        inventory,
        dossiers,
        sides,
        outcomes,
    }
}

impl Outcome {
    /// Place of its first row; dossiers without one come last.
    fn first_row(&self) -> usize {
        match self {
            Self::Matched { row, .. } | Self::Missing { row } | Self::RowWithoutReference { row } => *row,
            Self::Ambiguous { rows, .. } | Self::DuplicateRows { rows, .. } => {
                rows.first().copied().unwrap_or(usize::MAX)
            }
            Self::Unexpected { .. } => usize::MAX,
        }
    }
}

impl Reconciliation {
    /// Every doubt and difference: those of reading the inventory, then those of comparing it.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let read = self.inventory.findings.iter().cloned();
        read.chain(self.outcomes.iter().filter_map(|outcome| outcome.finding(self)))
            .collect()
    }

    /// Each matched dossier with what the inventory says of it: what its description takes over.
    pub fn accepted(&self) -> impl Iterator<Item = (DossierId, &InventoryEntry)> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Matched { row, dossier, .. } => {
                Some((self.dossiers[*dossier].id, &self.inventory.rows[*row].entry))
            }
            _ => None,
        })
    }

    /// How many ended how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut counts = Counts {
            rows: count(self.inventory.rows.len()),
            scanned: count(self.dossiers.len()),
            pages: self
                .dossiers
                .iter()
                .map(|dossier| u64::from(dossier.images.pages))
                .sum(),
            ..Counts::default()
        };
        for outcome in &self.outcomes {
            match outcome {
                Outcome::Matched { row, leaves, .. } => {
                    counts.matched += 1;
                    counts.leaves_differ += u32::from(matches!(leaves, LeafComparison::Differs(_)));
                    counts.leaves += u64::from(self.inventory.rows[*row].entry.leaves.unwrap_or(0));
                }
                Outcome::Missing { .. } | Outcome::RowWithoutReference { .. } => counts.missing += 1,
                Outcome::Unexpected { .. } => counts.unexpected += 1,
                Outcome::DuplicateRows { dossiers, .. } if dossiers.is_empty() => counts.missing += 1,
                Outcome::DuplicateRows { dossiers, .. } | Outcome::Ambiguous { dossiers, .. } => {
                    counts.ambiguous += count(dossiers.len());
                }
            }
        }
        counts
    }
}

fn compare(entry: &InventoryEntry, dossier: &ScannedDossier, sides: Sides) -> LeafComparison {
    let scanned = LeafRange::of(dossier.images, sides);
    match entry.leaves {
        None => LeafComparison::NotStated,
        Some(leaves) if scanned.contains(leaves) => LeafComparison::Agrees,
        Some(inventory) => LeafComparison::Differs(LeafCounts {
            inventory,
            scanned,
            pages: dossier.images.pages,
            blank_pages: dossier.images.blank_pages,
        }),
    }
}

/// Rows that no scan was found for; several that say the same of the same dossier are told together.
fn unmatched_rows(inventory: &PaperInventory, sought: &[Sought], left: &[bool]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut same: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for row in (0..sought.len()).filter(|row| left[*row]) {
        if inventory.rows[row].label().is_none() {
            outcomes.push(Outcome::RowWithoutReference { row });
        } else {
            same.entry((sought[row].key(), said(inventory, row)))
                .or_default()
                .push(row);
        }
    }
    outcomes.extend(same.into_values().map(|rows| match rows.as_slice() {
        [row] => Outcome::Missing { row: *row },
        _ => Outcome::DuplicateRows {
            rows,
            dossiers: Vec::new(),
        },
    }));
    outcomes
}

fn say_the_same(inventory: &PaperInventory, rows: &[usize]) -> bool {
    rows.windows(2)
        .all(|pair| said(inventory, pair[0]) == said(inventory, pair[1]))
}

/// What tells a dossier from another of the same number: title and dates.
fn said(inventory: &PaperInventory, row: usize) -> String {
    let entry = &inventory.rows[row].entry;
    let dates = entry.extreme_dates.as_ref().map(|dates| dates.text.as_str());
    fold(&[entry.title.as_deref().unwrap_or(""), dates.unwrap_or("")].join(" | "))
}
