//! What is said of a batch's box: its last comparison with the inventory, what keeps it open, or that it is closed.

use hrisov_catalog::{BoxDifferences, BoxName, BoxRecord, Catalog};
use serde::Serialize;

use crate::{
    commands::boxes::{describe_closing, lines},
    output::Output,
};

/// The state of a box, and everything that was ever done with it.
#[derive(Debug, Serialize)]
pub struct BoxState {
    closed: Option<BoxRecord>,
    differences: BoxDifferences,
    records: Vec<BoxRecord>,
}

impl BoxState {
    pub async fn of(catalog: &Catalog, of: &BoxName) -> anyhow::Result<Self> {
        Ok(Self {
            closed: catalog.closed_box(of).await?,
            differences: catalog.box_differences(of).await?,
            records: catalog.box_records(of).await?,
        })
    }

    /// That it is closed, or what is still to be cleared up before it can be.
    pub fn describe(&self, output: &Output) -> String {
        let speech = output.speech;
        if let Some(closed) = &self.closed {
            return describe_closing(closed, speech);
        }
        let left = lines(&self.differences, speech);
        if left.is_empty() {
            return speech
                .pick(
                    "Cutia se potrivește cu inventarul și se poate închide: hrisov box close\n",
                    "The box agrees with its inventory and can be closed: hrisov box close\n",
                )
                .to_owned();
        }
        let mut text = speech
            .pick(
                "De lămurit înainte de închidere:\n",
                "To be cleared up before the box is closed:\n",
            )
            .to_owned();
        for line in left {
            text.push_str(&format!("  ! {line}\n"));
        }
        text
    }
}
