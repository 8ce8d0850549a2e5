//! What stands between a box and its closing.

use hrisov_model::Digest;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{BoxAct, BoxDossier, BoxName, Catalog, CatalogError, Comparison};

/// What stands between a box and its closing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoxDifferences {
    /// Whether the comparison with the paper inventory says how things are now.
    pub compared: Compared,
    /// What the last comparison found, as it named it.
    pub findings: Vec<Value>,
    /// Files of the last load that are quarantined.
    pub quarantined: u64,
}

/// Whether a box was held against its paper inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// Since anything in it changed.
    Current,
    /// Before something in it changed.
    Outdated,
    /// Never.
    Never,
}

impl BoxDifferences {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.compared, Compared::Current) && self.findings.is_empty() && self.quarantined == 0
    }

    /// Each with its kind, as a closing keeps them.
    #[must_use]
    pub fn to_values(&self) -> Vec<Value> {
        let mut values = match self.compared {
            Compared::Current => Vec::new(),
            Compared::Outdated => vec![json!({"kind": "comparison_outdated"})],
            Compared::Never => vec![json!({"kind": "never_compared"})],
        };
        values.extend(self.findings.iter().cloned());
        if self.quarantined > 0 {
            values.push(json!({"kind": "quarantined", "files": self.quarantined}));
        }
        values
    }
}

impl Catalog {
    /// What stands between a box and its closing now.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn box_differences(&self, of: &BoxName) -> Result<BoxDifferences, CatalogError> {
        let last = self.last_comparison(of).await?;
        let scanned = scanned_digest(&self.box_contents(of).await?);
        let compared = match &last {
            None => Compared::Never,
            Some(last) if last.scanned_digest == scanned => Compared::Current,
            Some(_) => Compared::Outdated,
        };
        let quarantined = match self.latest_finished_batch(of).await? {
            None => 0,
            Some(batch) => self.account(batch.id).await?.quarantined,
        };
        Ok(BoxDifferences {
            compared,
            findings: last.map_or_else(Vec::new, |last| last.findings),
            quarantined,
        })
    }

    /// How a box and its inventory compared the last time; `None` where they never were.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn last_comparison(&self, of: &BoxName) -> Result<Option<Comparison>, CatalogError> {
        let records = self.box_records(of).await?;
        Ok(records.into_iter().rev().find_map(|record| match record.act {
            BoxAct::Compared(found) => Some(found),
            BoxAct::Closed { .. } | BoxAct::Reopened { .. } => None,
        }))
    }
}

/// The digest of what a comparison looks at of the scans.
#[must_use]
pub fn scanned_digest(dossiers: &[BoxDossier]) -> Digest {
    let line = |dossier: &BoxDossier| {
        format!(
            "{} {} {} {}\n",
            dossier.id, dossier.pages, dossier.blank_pages, dossier.reference
        )
    };
    Digest::of(dossiers.iter().map(line).collect::<String>().as_bytes())
}
