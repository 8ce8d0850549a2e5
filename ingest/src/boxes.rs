//! Boxes as a whole: held against their inventories, closed, opened again.
//!
//! A record is entered in the catalog, written to the store's journal and only then acted on, so that a crash between any
//! two is finished by the same functions: the record first, the descriptions of the box's dossiers after it.

use hrisov_catalog::{BOX_RECORD_FORMAT, BoxAct, BoxDifferences, BoxName, BoxRecord, Catalog, Comparison};
use hrisov_model::BoxRecordId;

use crate::{Archive, IngestError, Loader, journal, moment::now};

/// Who closes a box, and why its differences are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignOff {
    /// A person's name.
    pub by: Option<String>,
    /// Why the differences are accepted; `None` where none are.
    pub accept: Option<String>,
}

/// How the wish to close a box ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Closed {
    /// It is closed, now or since an earlier time.
    Box(Box<BoxRecord>),
    /// It is not: these differences are neither resolved nor accepted.
    Refused(BoxDifferences),
}

impl Loader {
    /// Remembers how a box and its inventory compare; what says the same as the last time is not written again.
    ///
    /// # Errors
    /// Where store or catalog fail.
    pub async fn record_comparison(&mut self, of: &BoxName, found: Comparison) -> Result<(), IngestError> {
        if self.archive.catalog.last_comparison(of).await?.as_ref() == Some(&found) {
            return Ok(());
        }
        self.record(of, BoxAct::Compared(found)).await.map(|_| ())
    }

    /// Closes a box, unless differences are left that nobody signed for. Repeatable: of a closed box what is missing of
    /// its closing is done.
    ///
    /// # Errors
    /// [`IngestError::BoxUnfinished`] while there is work left on it; where store, catalog, index or log fail.
    pub async fn close_box(&mut self, of: &BoxName, sign_off: &SignOff) -> Result<Closed, IngestError> {
        let catalog = &self.archive.catalog;
        let record = match catalog.closed_box(of).await? {
            Some(record) => record,
            None => {
                if catalog.open_batch_of(of).await?.is_some() || catalog.has_open_work_in(of).await? {
                    let (fonds, name) = (of.fonds.clone(), of.name.clone());
                    return Err(IngestError::BoxUnfinished { fonds, name });
                }
                let differences = catalog.box_differences(of).await?;
                if !differences.is_empty() && (sign_off.accept.is_none() || sign_off.by.is_none()) {
                    return Ok(Closed::Refused(differences));
                }
                let act = closing_act(catalog, of, sign_off, &differences).await?;
                self.record(of, act).await?
            }
        };
        let closing = record.closing();
        self.mark_dossiers(of, "the box is closed", |description| {
            description.closing.clone_from(&closing);
        })
        .await?;
        Ok(Closed::Box(Box::new(record)))
    }

    /// Opens a closed box again, so that it takes in files; gives whether it was closed. Repeatable.
    ///
    /// # Errors
    /// Where store, catalog, index or log fail.
    pub async fn reopen_box(&mut self, of: &BoxName, by: &str, reason: &str) -> Result<bool, IngestError> {
        let was_closed = self.archive.catalog.closed_box(of).await?.is_some();
        if was_closed {
            let act = BoxAct::Reopened {
                by: by.to_owned(),
                reason: reason.to_owned(),
            };
            self.record(of, act).await?;
        }
        self.mark_dossiers(of, "the box is open again", |description| {
            description.closing = None
        })
        .await?;
        Ok(was_closed)
    }

    async fn record(&mut self, of: &BoxName, act: BoxAct) -> Result<BoxRecord, IngestError> {
        let record = BoxRecord {
            format: BOX_RECORD_FORMAT.to_owned(),
            id: BoxRecordId::random(),
            of: of.clone(),
            at: now(),
            act,
        };
        self.archive.catalog.enter_box_record(&record).await?;
        finish_box_records(&self.archive).await?;
        Ok(record)
    }

    async fn mark_dossiers(
        &mut self,
        of: &BoxName,
        why: &str,
        change: impl Fn(&mut hrisov_model::DossierDescription),
    ) -> Result<(), IngestError> {
        let dossiers = self.archive.catalog.box_contents(of).await?;
        let ids: Vec<_> = dossiers.iter().map(|dossier| dossier.id).collect();
        self.redescribe(&ids, why, change).await?;
        // The closing itself, also of a box without dossiers.
        self.pass_on().await
    }
}

/// Writes the records that were entered and not written.
pub(crate) async fn finish_box_records(archive: &Archive) -> Result<(), IngestError> {
    for record in archive.catalog.unwritten_box_records().await? {
        let closing = journal::write_box_record(archive.blobs.as_ref(), &record).await?;
        archive
            .catalog
            .box_record_written(record.id, closing.as_ref())
            .await?;
    }
    Ok(())
}

/// Fails where a box is closed.
///
/// # Errors
/// [`IngestError::ClosedBox`], or where the catalog fails.
pub async fn refuse_closed_box(catalog: &Catalog, of: &BoxName) -> Result<(), IngestError> {
    match catalog.closed_box(of).await? {
        None => Ok(()),
        Some(record) => Err(IngestError::ClosedBox {
            fonds: of.fonds.clone(),
            name: of.name.clone(),
            at: record.at,
        }),
    }
}

async fn closing_act(
    catalog: &Catalog,
    of: &BoxName,
    sign_off: &SignOff,
    differences: &BoxDifferences,
) -> Result<BoxAct, IngestError> {
    let account = match catalog.latest_finished_batch(of).await? {
        None => hrisov_model::Account::default(),
        Some(batch) => catalog.account(batch.id).await?,
    };
    let dossiers = catalog.box_contents(of).await?;
    let accepted = differences.to_values();
    Ok(BoxAct::Closed {
        by: sign_off.by.clone(),
        reason: sign_off.accept.clone().filter(|_| !accepted.is_empty()),
        accepted,
        account,
        dossiers: dossiers.len() as u64,
        pages: dossiers.iter().map(|dossier| u64::from(dossier.pages)).sum(),
    })
}
