//! What of a reconciliation a person must look at.

use crate::{Finding, FindingKind, LeafComparison, Outcome, Reconciliation};

impl Outcome {
    /// The finding that it is; `None` where row and scans agree.
    #[must_use]
    pub fn finding(&self, within: &Reconciliation) -> Option<Finding> {
        Some(match self {
            Self::Matched {
                leaves: LeafComparison::Agrees | LeafComparison::NotStated,
                ..
            } => return None,
            Self::Matched {
                row,
                dossier,
                leaves: LeafComparison::Differs(counts),
                ..
            } => Finding {
                leaves: Some(*counts),
                ..about(within, FindingKind::LeavesDiffer, &[*row], &[*dossier])
            },
            Self::Missing { row } => about(within, FindingKind::Missing, &[*row], &[]),
            Self::Unexpected { dossier } => about(within, FindingKind::Unexpected, &[], &[*dossier]),
            Self::Ambiguous { rows, dossiers } => about(within, FindingKind::Ambiguous, rows, dossiers),
            Self::DuplicateRows { rows, dossiers } => {
                about(within, FindingKind::DuplicateRows, rows, dossiers)
            }
            Self::RowWithoutReference { row } => {
                about(within, FindingKind::RowWithoutReference, &[*row], &[])
            }
        })
    }
}

fn about(within: &Reconciliation, kind: FindingKind, rows: &[usize], dossiers: &[usize]) -> Finding {
    let rows = || rows.iter().map(|row| &within.inventory.rows[*row]);
    let dossiers = || dossiers.iter().map(|dossier| &within.dossiers[*dossier]);
    Finding {
        kind,
        lines: rows().map(|row| row.line).collect(),
        labels: rows().filter_map(crate::Row::label).collect(),
        dossiers: dossiers().map(|dossier| dossier.id).collect(),
        folders: dossiers().map(|dossier| dossier.reference.clone()).collect(),
        column: None,
        text: None,
        leaves: None,
    }
}
