//! One version of a dossier: from its intent to its record, in the one order of writing.
//!
//! Intent in the catalog, durable content, the inventory (*the commit point*), the catalog's record. A crash
//! between any two is finished by the same functions ([`crate::recovery`]).

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt as _, stream::FuturesUnordered};
use hrisov_catalog::{Catalog, Intent, RecordedVersion};
use hrisov_imaging::worker::SourcePath;
use hrisov_model::{Agent, Digest, DossierDescription, Event, FileId, FileRecord, PageId, PageRecord};
use hrisov_store::{
    Source,
    dossier::{description_bytes, description_path, premis_path},
    ocfl::{Inventory, LogicalPath, NewContent, StorageRoot, VersionPlan},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{IngestError, staging::Staging};

/// What kind of version it is, and so where its content comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum VersionKind {
    /// New masters, from files of the box.
    Deposit {
        /// Where each master's bytes are read from.
        sources: BTreeMap<Digest, SourcePath>,
    },
    /// New texts, from staged page results.
    Text {
        /// Which page's ALTO has that digest.
        pages: BTreeMap<Digest, PageId>,
    },
    /// A new description of what is held already.
    Description,
}

/// Everything that determines a version's bytes: stored in the catalog before any of them is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionIntent {
    #[serde(flatten)]
    pub kind: VersionKind,
    pub plan: VersionPlan,
    pub description: DossierDescription,
    /// All events of the dossier; the last `new_events` come with this version.
    pub events: Vec<Event>,
    pub new_events: usize,
}

/// Files of a version that are written at the same time.
const WRITES_AT_ONCE: usize = 8;

/// What OCFL is told of the agent: a URI, as it asks for.
const PROGRAM_URI: &str = "urn:x-hrisov:program";

/// The agent of everything that a load does.
pub fn agent() -> Agent {
    Agent {
        name: concat!("hrisov ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

impl VersionIntent {
    /// The version after `previous` with that description and one more set of events.
    pub fn new(
        previous: Option<&Inventory>,
        description: DossierDescription,
        events: (Vec<Event>, Vec<Event>),
        created: Timestamp,
        message: String,
        kind: VersionKind,
    ) -> Self {
        let (mut events, new) = events;
        let new_events = new.len();
        events.extend(new);
        let mut intent = Self {
            plan: VersionPlan {
                object_id: description.id.object_id(),
                version: previous.map_or(0, Inventory::head) + 1,
                created,
                message,
                user_name: agent().name,
                user_address: Some(PROGRAM_URI.to_owned()),
                state: BTreeMap::new(),
                new_content: BTreeMap::new(),
            },
            kind,
            description,
            events,
            new_events,
        };
        intent.lay_out(previous);
        intent
    }

    /// Fills the plan: every file of the version, and those whose bytes no earlier version has.
    fn lay_out(&mut self, previous: Option<&Inventory>) {
        let metadata = self
            .metadata()
            .map(|(path, bytes)| (path, Digest::of(&bytes), bytes.len() as u64));
        let masters = self
            .description
            .files
            .iter()
            .filter(|file| file.replaced_by.is_none())
            .filter_map(|file| {
                let path = file.logical_path.as_ref()?.parse::<LogicalPath>().ok()?;
                Some((path, file.digest, file.size_bytes))
            });
        let texts = self.description.pages.iter().filter_map(|page| {
            let path = page.text_path.as_ref()?.parse::<LogicalPath>().ok()?;
            // The size is checked through the digest; the plan learns it when the text is made.
            Some((path, page.text_digest?, 0))
        });
        for (path, digest, size_bytes) in metadata.into_iter().chain(masters).chain(texts) {
            let is_new = previous.is_none_or(|inventory| inventory.content_path(digest).is_none());
            if is_new {
                let content = NewContent {
                    path: path.clone(),
                    size_bytes,
                };
                self.plan.new_content.entry(digest).or_insert(content);
            }
            self.plan.state.insert(path, digest);
        }
    }

    /// Tells the plan the size of a text.
    pub fn set_text_size(&mut self, digest: Digest, size_bytes: u64) {
        if let Some(content) = self.plan.new_content.get_mut(&digest) {
            content.size_bytes = size_bytes;
        }
    }

    /// The two files that describe the dossier: pure functions of the intent.
    fn metadata(&self) -> [(LogicalPath, bytes::Bytes); 2] {
        let premis = hrisov_model::premis::write(&self.description, &self.events);
        [
            (description_path(), description_bytes(&self.description)),
            (premis_path(), premis.into()),
        ]
    }

    /// What the catalog keeps as the intent.
    ///
    /// # Errors
    /// Never in practice: intents are plain data.
    pub fn to_catalog(&self) -> Result<Intent, IngestError> {
        Ok(Intent {
            dossier: self.description.id,
            version: self.plan.version,
            payload: serde_json::to_string(self).map_err(|error| IngestError::Internal(error.to_string()))?,
            created_at: self.plan.created,
        })
    }

    /// Reads back what [`Self::to_catalog`] wrote; `None` for an intent of another program version.
    pub fn from_catalog(intent: &Intent) -> Option<Self> {
        serde_json::from_str(&intent.payload).ok()
    }

    /// Writes one file of the version.
    async fn put(
        &self,
        digest: Digest,
        content: &NewContent,
        from: &Materials<'_>,
    ) -> Result<(), IngestError> {
        let missing = |what| IngestError::Internal(format!("no {what} for {}", content.path));
        let metadata = from.metadata.iter().find(|(path, _)| *path == content.path);
        let source = match (&self.kind, metadata) {
            (_, Some((_, bytes))) => Source::Bytes(bytes.clone()),
            (VersionKind::Deposit { sources }, None) => {
                let path = sources.get(&digest).ok_or_else(|| missing("source"))?;
                Source::File(path.as_path().to_owned())
            }
            (VersionKind::Text { pages }, None) => {
                let page = pages.get(&digest).and_then(|id| from.pages.get(id));
                let page = page.ok_or_else(|| missing("page"))?;
                let file = from.files.get(&page.file).ok_or_else(|| missing("file"))?;
                Source::Bytes(from.staging.alto(file, page).await?.into())
            }
            (VersionKind::Description, None) => return Err(missing("source")),
        };
        let (id, version) = (&self.plan.object_id, self.plan.version);
        from.root
            .put_content(id, version, &content.path, source, digest)
            .await?;
        Ok(())
    }

    /// Writes the content and commits. The intent must be in the catalog. Repeatable.
    ///
    /// # Errors
    /// Where the store fails, or a source no longer has the bytes that were planned.
    pub async fn write(&self, root: &StorageRoot, staging: &Staging) -> Result<RecordedVersion, IngestError> {
        let materials = Materials {
            root,
            staging,
            metadata: self.metadata(),
            files: self.description.files_by_id(),
            pages: self
                .description
                .pages
                .iter()
                .map(|page| (page.id, page))
                .collect(),
        };
        // Several at a time, since each waits for a disk or a network. After a failure no other is begun, but those
        // under way are waited for: nothing may be written behind the back of whoever clears up.
        let mut contents = self.plan.new_content.iter();
        let mut writes = FuturesUnordered::new();
        let mut written = Ok(());
        loop {
            while written.is_ok()
                && writes.len() < WRITES_AT_ONCE
                && let Some((digest, content)) = contents.next()
            {
                writes.push(self.put(*digest, content, &materials));
            }
            match writes.next().await {
                None => break,
                Some(ended) => written = written.and(ended),
            }
        }
        written?;
        let committed = root.commit_version(&self.plan).await?;
        Ok(RecordedVersion {
            description: self.description.clone(),
            version: committed.version,
            inventory_digest: committed.inventory_digest,
            new_events: self.events[self.events.len() - self.new_events..].to_vec(),
        })
    }
}

/// What the content of a version is made from.
struct Materials<'a> {
    root: &'a StorageRoot,
    staging: &'a Staging,
    metadata: [(LogicalPath, bytes::Bytes); 2],
    files: HashMap<FileId, &'a FileRecord>,
    pages: HashMap<PageId, &'a PageRecord>,
}

/// Enters the intent, writes the version and gives what is to be recorded.
///
/// # Errors
/// As [`VersionIntent::write`]; the intent stays for recovery.
pub async fn write_version(
    intent: &VersionIntent,
    catalog: &Catalog,
    root: &StorageRoot,
    staging: &Staging,
) -> Result<RecordedVersion, IngestError> {
    catalog.begin_intent(&intent.to_catalog()?).await?;
    intent.write(root, staging).await
}
