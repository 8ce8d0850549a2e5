//! The applier: takes recorded versions from the outbox into the index, in the order of their commit.
//!
//! One process at a time. A crash before the index commit loses nothing: the rows are still in the outbox,
//! and putting a page again replaces it.

use hrisov_catalog::{Catalog, HeldDossier, OutboxRow};
use hrisov_index::{DossierEntry, DossierFacets, IndexWriter, PageEntry};
use hrisov_model::{DossierDescription, InventoryEntry, PageState};
use hrisov_store::{dossier::DossierObject, ocfl::StorageRoot};

use crate::IngestError;

/// Rows taken from the outbox at once.
const ROWS: u32 = 64;
/// Pages put before the index is committed: bounds what a crash makes the next run put again.
const PAGES_PER_COMMIT: usize = 2_000;

/// Drains the outbox into the index.
pub struct Applier {
    catalog: Catalog,
    root: StorageRoot,
    writer: IndexWriter,
    pending_pages: usize,
    last_seq: Option<u64>,
}

impl std::fmt::Debug for Applier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Applier")
            .field("pending_pages", &self.pending_pages)
            .finish_non_exhaustive()
    }
}

impl Applier {
    /// Reads from that catalog and store into that index.
    #[must_use]
    pub const fn new(catalog: Catalog, root: StorageRoot, writer: IndexWriter) -> Self {
        Self {
            catalog,
            root,
            writer,
            pending_pages: 0,
            last_seq: None,
        }
    }

    /// Puts everything that is in the outbox now; commits now and then. Gives the dossiers put.
    ///
    /// # Errors
    /// Where catalog, store or index fail, or a dossier cannot be read back.
    pub async fn drain(&mut self) -> Result<u64, IngestError> {
        let mut dossiers = 0;
        loop {
            let rows = self.unseen_rows().await?;
            if rows.is_empty() {
                return Ok(dossiers);
            }
            for row in rows {
                self.put(row).await?;
                dossiers += 1;
                if self.pending_pages >= PAGES_PER_COMMIT {
                    self.commit().await?;
                }
            }
        }
    }

    /// Makes everything put durable and visible, and forgets its outbox rows.
    ///
    /// # Errors
    /// Where index or catalog fail.
    pub async fn commit(&mut self) -> Result<(), IngestError> {
        let Some(seq) = self.last_seq.take() else {
            return Ok(());
        };
        let writer = &mut self.writer;
        tokio::task::block_in_place(|| writer.commit(seq))?;
        self.pending_pages = 0;
        Ok(self.catalog.clear_outbox(seq).await?)
    }

    async fn unseen_rows(&self) -> Result<Vec<OutboxRow>, IngestError> {
        let after = self.last_seq.unwrap_or(0);
        Ok(self.catalog.outbox_after(after, ROWS).await?)
    }

    async fn put(&mut self, row: OutboxRow) -> Result<(), IngestError> {
        if let Some(held) = self.catalog.dossier(row.dossier).await?
            // A later version of the same dossier has its own row: only the last is worth the work.
            && held.version == row.version
        {
            self.put_dossier(&held).await?;
        }
        self.last_seq = Some(row.seq);
        Ok(())
    }

    async fn put_dossier(&mut self, held: &HeldDossier) -> Result<(), IngestError> {
        let description = &held.description;
        self.writer.delete_dossier(description.id)?;
        if description.is_emptied_stack() {
            return Ok(());
        }
        self.writer.put_dossier(&entry(description))?;
        if description.pages.iter().all(|page| page.text_path.is_none()) {
            return Ok(());
        }
        let Some(object) = self.root.dossier(description.id).await? else {
            return Err(IngestError::Internal(format!(
                "dossier {} is not in the store",
                description.id
            )));
        };
        self.put_pages(description, &object).await
    }

    async fn put_pages(
        &mut self,
        of: &DossierDescription,
        object: &DossierObject,
    ) -> Result<(), IngestError> {
        for (number, page) in (1..).zip(&of.pages) {
            if let Some(revision) = page.text_digest
                && let Some(text) = object.page_text(page).await?
            {
                self.put_page(&PageEntry {
                    id: page.id,
                    dossier: of.id,
                    number,
                    revision,
                    text: &text,
                })?;
            }
        }
        Ok(())
    }

    fn put_page(&mut self, page: &PageEntry<'_>) -> Result<(), IngestError> {
        let writer = &mut self.writer;
        self.pending_pages += 1;
        Ok(tokio::task::block_in_place(|| writer.put_page(page))?)
    }
}

fn entry(description: &DossierDescription) -> DossierEntry {
    let count = |pages: usize| u32::try_from(pages).unwrap_or(u32::MAX);
    let unreadable = description
        .pages
        .iter()
        .filter(|page| matches!(page.state, PageState::Unreadable { .. }));
    DossierEntry {
        id: description.id,
        fonds: description.fonds.clone(),
        box_name: description.box_name.clone(),
        reference: description.reference.clone(),
        title: description.title.clone(),
        page_count: count(description.pages.len()),
        unreadable_pages: count(unreadable.count()),
        facets: facets(description.inventory.as_ref()),
    }
}

/// What results are narrowed by, as far as the paper inventory says.
fn facets(entry: Option<&InventoryEntry>) -> DossierFacets {
    let Some(entry) = entry else {
        return DossierFacets::default();
    };
    let years = entry.extreme_dates.as_ref().and_then(|dates| {
        let first = dates.first.or(dates.last)?.year;
        let last = dates.last.map_or(first, |date| date.year);
        Some((first.min(last), first.max(last)))
    });
    DossierFacets {
        department: entry.department.clone(),
        // The headings of its pages say it better than a title can.
        kind: None,
        years,
    }
}

#[cfg(test)]
mod tests {
    use hrisov_model::{ExtremeDates, PartialDate};

    use super::*;

    #[test]
    fn years_are_those_that_were_understood() {
        let year = |year| PartialDate {
            year,
            month: None,
            day: None,
        };
        for (first, last, years) in [
            (Some(1977), Some(1979), Some((1977, 1979))),
            (Some(1977), None, Some((1977, 1977))),
            (None, Some(1979), Some((1979, 1979))),
            (Some(1979), Some(1977), Some((1977, 1979))),
            (None, None, None),
        ] {
            let entry = InventoryEntry {
                extreme_dates: Some(ExtremeDates {
                    text: "x".to_owned(),
                    first: first.map(year),
                    last: last.map(year),
                }),
                department: Some("Stare civilă".to_owned()),
                ..InventoryEntry::default()
            };
            let found = facets(Some(&entry));
            assert_eq!(
                (found.years, found.department.as_deref()),
                (years, Some("Stare civilă"))
            );
        }
        assert_eq!(facets(None), DossierFacets::default());
    }
}
