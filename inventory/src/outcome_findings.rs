//! What of a reconciliation a person must look at.

use crate::{Finding, FindingKind, LeafComparison, Outcome, Reconciliation};

impl Outcome {
    /// Indexes into the inventory's rows.
    #[must_use]
    pub fn rows(&self) -> Vec<usize> {
        match self {
            Self::Matched { row, .. } | Self::Missing { row } | Self::RowWithoutReference { row } => {
                vec![*row]
            }
            Self::Unexpected { .. } => Vec::new(),
            Self::Ambiguous { rows, .. } | Self::DuplicateRows { rows, .. } => rows.clone(),
        }
    }

    /// Indexes into the scanned dossiers.
    #[must_use]
    pub fn dossiers(&self) -> Vec<usize> {
        match self {
            Self::Matched { dossier, .. } | Self::Unexpected { dossier } => vec![*dossier],
            Self::Missing { .. } | Self::RowWithoutReference { .. } => Vec::new(),
            Self::Ambiguous { dossiers, .. } | Self::DuplicateRows { dossiers, .. } => dossiers.clone(),
        }
    }

    /// What kind of finding it is; `None` where row and scans agree.
    #[must_use]
    pub const fn kind(&self) -> Option<FindingKind> {
        match self {
            Self::Matched {
                leaves: LeafComparison::Agrees | LeafComparison::NotStated,
                ..
            } => None,
            Self::Matched {
                leaves: LeafComparison::Differs(_),
                ..
            } => Some(FindingKind::LeavesDiffer),
            Self::Missing { .. } => Some(FindingKind::Missing),
            Self::Unexpected { .. } => Some(FindingKind::Unexpected),
            Self::Ambiguous { .. } => Some(FindingKind::Ambiguous),
            Self::DuplicateRows { .. } => Some(FindingKind::DuplicateRows),
            Self::RowWithoutReference { .. } => Some(FindingKind::RowWithoutReference),
        }
    }

    /// The finding that it is; `None` where row and scans agree.
    #[must_use]
    pub fn finding(&self, within: &Reconciliation) -> Option<Finding> {
        let rows: Vec<_> = self
            .rows()
            .into_iter()
            .map(|row| &within.inventory.rows[row])
            .collect();
        let dossiers: Vec<_> = self
            .dossiers()
            .into_iter()
            .map(|dossier| &within.dossiers[dossier])
            .collect();
        Some(Finding {
            kind: self.kind()?,
            lines: rows.iter().map(|row| row.line).collect(),
            labels: rows.iter().filter_map(|row| row.label()).collect(),
            dossiers: dossiers.iter().map(|dossier| dossier.id).collect(),
            folders: dossiers.iter().map(|dossier| dossier.reference.clone()).collect(),
            column: None,
            text: None,
            leaves: match self {
                Self::Matched {
                    leaves: LeafComparison::Differs(counts),
                    ..
                } => Some(*counts),
                _ => None,
            },
        })
    }
}
