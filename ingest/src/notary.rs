//! The notary: enters every event of the catalog and every closing of a load or box into the log, once.
//!
//! What has no leaf waits; there is no other list of what is to be done. A batch goes into the log first and
//! into the catalog second. Between the two a crash leaves leaves that the catalog does not know of: they lie after
//! the position that the catalog remembers, and are matched with their events by their salted commitments before
//! anything is added. A rebuilt catalog starts at position 0 and is matched with the whole log by the same code.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use hrisov_catalog::{Catalog, Closing, ClosingLeaf, ClosingOf, EventLeaf, LeafAs, LoggedEvent};
use hrisov_ledger::{Commitment, Leaf, LeafKind, LedgerError, Log, Reader};
use hrisov_model::DossierId;
use jiff::Timestamp;

use crate::{IngestError, moment::now};

/// Events entered at once: one checkpoint, and one write of each tile, for all of them.
const EVENTS: u32 = 4096;
/// Leaves of the log that are matched at once.
const LEAVES: u64 = 2048;
/// The log is at most so long behind the catalog while a load runs. A batch costs some writes that wait for the
/// disk; with one in two seconds they are not noticed beside those of the deposits.
const PAUSE: Duration = Duration::from_secs(2);

/// The one writer of the archive's log; its owner holds the archive's writer lock.
#[derive(Debug)]
pub struct Notary {
    catalog: Catalog,
    log: Log,
    position: u64,
    entered_at: Instant,
}

impl Notary {
    /// Takes over the log, and matches with the catalog what a crash left unmatched. After an error it is of no more
    /// use: open it anew.
    ///
    /// # Errors
    /// Where log or catalog fail, or do not belong together.
    pub async fn open(catalog: Catalog, log: Log) -> Result<Self, IngestError> {
        match_leaves(&catalog, &log.reader()).await?;
        Ok(Self {
            position: log.size(),
            catalog,
            log,
            entered_at: Instant::now(),
        })
    }

    /// Enters what waits, where the last batch is long enough ago.
    ///
    /// # Errors
    /// Where log or catalog fail.
    pub async fn enter_due(&mut self) -> Result<(), IngestError> {
        match self.entered_at.elapsed() >= PAUSE {
            true => self.enter_all().await.map(|_| ()),
            false => Ok(()),
        }
    }

    /// Enters everything that waits; how many leaves it was.
    ///
    /// # Errors
    /// Where log or catalog fail.
    pub async fn enter_all(&mut self) -> Result<u64, IngestError> {
        let mut entered = 0;
        loop {
            let waiting = self.catalog.events_to_log(EVENTS).await?;
            let closings = self.catalog.closings_to_log().await?;
            if waiting.is_empty() && closings.is_empty() {
                self.entered_at = Instant::now();
                return Ok(entered);
            }
            self.enter(&waiting, &closings).await?;
            entered += (waiting.len() + closings.len()) as u64;
        }
    }

    /// Enters the closings and records that wait, and no events: of a catalog that may be damaged, nothing else is made
    /// part of the log.
    ///
    /// # Errors
    /// Where log or catalog fail.
    pub async fn enter_closings(&mut self) -> Result<u64, IngestError> {
        let closings = self.catalog.closings_to_log().await?;
        if !closings.is_empty() {
            self.enter(&[], &closings).await?;
        }
        Ok(closings.len() as u64)
    }

    async fn enter(&mut self, waiting: &[LoggedEvent], closings: &[Closing]) -> Result<(), IngestError> {
        let at = now();
        let leaves = waiting.iter().map(|logged| leaf(logged, at));
        let leaves: Vec<Leaf> = leaves.chain(closings.iter().map(closing_leaf)).collect();
        let appended = self.log.append(self.position, &leaves).await?;
        let found = waiting.iter().zip(&appended.indexes);
        let found: Vec<_> = found
            .map(|(logged, &leaf)| EventLeaf {
                event: logged.event.id,
                leaf,
                leaf_as: logged.leaf_as,
            })
            .collect();
        let closed = closings.iter().zip(&appended.indexes[waiting.len()..]);
        let closed: Vec<_> = closed
            .map(|(closing, &leaf)| ClosingLeaf { of: closing.of, leaf })
            .collect();
        let position = appended.checkpoint.checkpoint().size;
        self.catalog.record_leaves(&found, &closed, position).await?;
        self.position = position;
        Ok(())
    }
}

fn leaf(logged: &LoggedEvent, at: Timestamp) -> Leaf {
    match logged.leaf_as {
        LeafAs::Event => Leaf::of_event(logged.dossier, &logged.event),
        LeafAs::Adoption => Leaf::of_adoption(logged.dossier, &logged.event, at),
    }
}

fn closing_leaf(closing: &Closing) -> Leaf {
    let commitment = Commitment::new(&closing.salt, &closing.digest);
    match closing.of {
        ClosingOf::Load(batch) => Leaf::of_closing(batch, commitment, closing.at),
        ClosingOf::Box(record) => Leaf::of_closing(record, commitment, closing.at),
        ClosingOf::Review(record) => Leaf::of_closing(record, commitment, closing.at),
        ClosingOf::Fixity(record) => Leaf::of_fixity_check(record, commitment, closing.at),
    }
}

/// Matches the leaves after the catalog's position with the events that have none: after a crash some, after a
/// rebuild all. A leaf that is no event's is passed over: `verify` names it.
///
/// # Errors
/// Where log or catalog fail; [`LedgerError::AheadOfLog`] where the catalog knows of more leaves than there are.
pub async fn match_leaves(catalog: &Catalog, log: &Reader) -> Result<(), IngestError> {
    let mut next = catalog.log_position().await?;
    if next > log.size() {
        return Err(LedgerError::AheadOfLog {
            recorded: next,
            size: log.size(),
        }
        .into());
    }
    let mut began = None;
    while next < log.size() {
        let end = (next + LEAVES).min(log.size());
        let entries = log.entries(next..end).await?;
        let leaves: Vec<_> = (next..end)
            .zip(&entries)
            .filter_map(|(index, entry)| Some((index, Leaf::from_bytes(entry).ok()?)))
            .collect();
        let adoption = leaves.iter().find(|(_, leaf)| leaf.kind == LeafKind::Adoption);
        began = began.or(adoption.map(|(_, leaf)| leaf.time));
        let found = matching(catalog, &leaves).await?;
        let closed = matching_closings(catalog, &leaves).await?;
        catalog.record_leaves(&found, &closed, end).await?;
        next = end;
    }
    // The adoption itself may have been interrupted, and the catalog that remembered it rebuilt since.
    match began {
        Some(began) => Ok(catalog.adopt_masters(began).await?),
        None => Ok(()),
    }
}

async fn matching_closings(
    catalog: &Catalog,
    leaves: &[(u64, Leaf)],
) -> Result<Vec<ClosingLeaf>, IngestError> {
    let is_closing = |leaf: &Leaf| matches!(leaf.kind, LeafKind::Closing | LeafKind::FixityCheck);
    if !leaves.iter().any(|(_, leaf)| is_closing(leaf)) {
        return Ok(Vec::new());
    }
    let waiting = catalog.closings_to_log().await?;
    let waiting: HashMap<Commitment, _> = waiting
        .iter()
        .map(|closing| (closing_leaf(closing).commitment, closing.of))
        .collect();
    let matched = leaves.iter().filter_map(|(index, leaf)| {
        Some(ClosingLeaf {
            of: *waiting.get(&leaf.commitment)?,
            leaf: *index,
        })
    });
    Ok(matched.collect())
}

async fn matching(catalog: &Catalog, leaves: &[(u64, Leaf)]) -> Result<Vec<EventLeaf>, IngestError> {
    let dossiers: BTreeSet<_> = leaves
        .iter()
        .map(|(_, leaf)| DossierId::from(leaf.object.uuid()))
        .collect();
    let dossiers: Vec<_> = dossiers.into_iter().collect();
    let waiting = catalog.events_to_log_of(&dossiers).await?;
    let events: HashMap<Commitment, _> = waiting
        .iter()
        .map(|logged| (Commitment::of_event(&logged.event), logged.event.id))
        .collect();
    let matched = leaves.iter().filter_map(|(index, leaf)| {
        Some(EventLeaf {
            event: *events.get(&leaf.commitment)?,
            leaf: *index,
            leaf_as: match leaf.kind {
                LeafKind::Adoption => LeafAs::Adoption,
                _ => LeafAs::Event,
            },
        })
    });
    Ok(matched.collect())
}
