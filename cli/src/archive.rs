//! Opening the parts of an archive as its configuration says.

use std::{
    env,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use hrisov_catalog::{Catalog, Resolution};
use hrisov_index::{IndexKey, SearchIndex, Searcher};
use hrisov_model::{Digest, DossierId};
use hrisov_store::{
    Blobs, FaultyBlobs, Key, Source, StoreError, StoreUrl, TEST_FAULT_VARIABLE, ocfl::StorageRoot,
};
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::{Config, local_path};

/// The value of `format` in the archive's own record.
const ARCHIVE_FORMAT: &str = "hrisov-archive/1";
/// Most bytes of that record.
const RECORD_MAX_BYTES: u64 = 64 << 10;

/// What the store says of the archive itself: written once, at `init`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ArchiveRecord {
    format: String,
    id: Uuid,
    created_at: Timestamp,
}

/// An archive's folder and configuration.
#[derive(Debug, Clone)]
pub struct Archive {
    pub folder: PathBuf,
    pub config: Config,
}

/// Proof that no other process writes to the archive; released when dropped, whatever ends the process.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

impl Archive {
    /// The archive in `folder`.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            config: Config::read(folder)?,
        })
    }

    /// Where the catalog lies.
    pub fn catalog_path(&self) -> PathBuf {
        local_path(&self.folder, &self.config.catalog.url)
    }

    /// Where the index lies.
    pub fn index_path(&self) -> PathBuf {
        self.folder.join("index")
    }

    /// Where the store is.
    pub fn store_url(&self) -> anyhow::Result<StoreUrl> {
        Ok(match self.config.store.url.parse()? {
            StoreUrl::Local(path) => StoreUrl::Local(self.folder.join(path)),
            remote => remote,
        })
    }

    /// The store as it is.
    pub async fn store(&self) -> anyhow::Result<Arc<dyn Blobs>> {
        let blobs = hrisov_store::open(&self.store_url()?).await?;
        match env::var(TEST_FAULT_VARIABLE) {
            Err(_) => Ok(blobs),
            Ok(fault) => {
                let fault = fault.parse().map_err(anyhow::Error::msg);
                let fault = fault.context(TEST_FAULT_VARIABLE)?;
                Ok(Arc::new(FaultyBlobs::new(blobs, fault)))
            }
        }
    }

    /// The storage root.
    pub async fn root(&self) -> anyhow::Result<StorageRoot> {
        Ok(StorageRoot::open(self.store().await?).await?)
    }

    /// The storage root, whatever declares it now: to be verified or put right.
    pub async fn unchecked_root(&self) -> anyhow::Result<StorageRoot> {
        Ok(StorageRoot::unchecked(self.store().await?))
    }

    /// The catalog.
    pub async fn catalog(&self) -> anyhow::Result<Catalog> {
        Ok(Catalog::open(&self.catalog_path()).await?)
    }

    /// The index for searching, while others may write it.
    pub fn searcher(&self) -> anyhow::Result<Searcher> {
        Ok(SearchIndex::open_reader(&self.index_path())?)
    }

    /// Makes the store, the catalog, the log with its key, and the index; repeatable until the last is there.
    pub async fn create(&self) -> anyhow::Result<()> {
        let blobs = hrisov_store::create(&self.store_url()?).await?;
        let root = StorageRoot::init(Arc::clone(&blobs)).await?;
        let record = match read_record(blobs.as_ref()).await? {
            Some(record) => record,
            None => write_record(blobs.as_ref()).await?,
        };
        let path = self.catalog_path();
        let parent = path.parent().map(Path::to_owned).unwrap_or_default();
        fs::create_dir_all(&parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let catalog = Catalog::create(&path, record.id, record.created_at).await?;
        self.begin_log(&root, &catalog).await?;
        catalog.close().await;
        IndexKey::create_beside(&self.index_path())?;
        SearchIndex::create_or_open(&self.index_path())?;
        Ok(())
    }

    /// A new empty catalog at `path` for the archive that the store says it is.
    pub async fn fresh_catalog(&self, blobs: &dyn Blobs, path: &Path) -> anyhow::Result<Catalog> {
        let record = read_record(blobs).await?;
        let record = record.context("the store holds no archive: journal/archive.json is missing")?;
        Ok(Catalog::create(path, record.id, record.created_at).await?)
    }

    /// The right to write, or a clear word that somebody else has it.
    pub fn lock(&self) -> anyhow::Result<WriterLock> {
        self.lock_if_free()?.with_context(|| {
            format!(
                "another hrisov is writing to the archive {}: wait until it has finished, then repeat the command",
                self.folder.display()
            )
        })
    }

    /// The right to write; `None` while somebody else has it.
    pub fn lock_if_free(&self) -> anyhow::Result<Option<WriterLock>> {
        let path = self.folder.join("writer.lock");
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(WriterLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// The dossier that is meant, or a clear word why none is.
    pub async fn dossier(&self, catalog: &Catalog, called: &str) -> anyhow::Result<DossierId> {
        match catalog.resolve(called).await? {
            Resolution::One(id) => Ok(id),
            Resolution::None => bail!(
                "there is no dossier {called:?}: give its identifier or its folder's name, as in `hrisov search`"
            ),
            Resolution::Ambiguous(candidates) => {
                let mut message = format!("{called:?} is the name of several dossiers; say which:");
                for candidate in candidates {
                    let (of, reference) = (&candidate.box_name, &candidate.reference);
                    message.push_str(&format!("\n  {}/{}/{reference}", of.fonds, of.name));
                }
                bail!(message)
            }
        }
    }
}

fn record_key() -> Key {
    Key::literal("journal/archive.json")
}

async fn read_record(blobs: &dyn Blobs) -> anyhow::Result<Option<ArchiveRecord>> {
    let json = match blobs.get_bytes(&record_key(), RECORD_MAX_BYTES).await {
        Ok(json) => json,
        Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let record: ArchiveRecord =
        serde_json::from_slice(&json).context("journal/archive.json in the store cannot be understood")?;
    match record.format.as_str() {
        ARCHIVE_FORMAT => Ok(Some(record)),
        other => bail!(
            "the store was made by another version of hrisov ({other}, this program knows {ARCHIVE_FORMAT}): use that version"
        ),
    }
}

async fn write_record(blobs: &dyn Blobs) -> anyhow::Result<ArchiveRecord> {
    let created_at = Timestamp::now().round(Unit::Millisecond)?;
    let record = ArchiveRecord {
        format: ARCHIVE_FORMAT.to_owned(),
        id: Uuid::new_v4(),
        created_at,
    };
    let json = serde_json::to_vec_pretty(&record)?;
    let digest = Digest::of(&json);
    blobs
        .put_immutable(&record_key(), Source::Bytes(json.into()), digest)
        .await?;
    Ok(record)
}
