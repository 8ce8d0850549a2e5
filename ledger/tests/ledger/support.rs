//! Logs for tests.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hrisov_ledger::{Commitment, KeyKind, Leaf, LeafKind, LedgerError, Log, Reader, SigningKey, VerifierKey};
use hrisov_model::{Digest, DossierId, Salt};
use hrisov_store::{Blobs, Key, MemoryBlobs};

/// The name of every log here.
pub const ORIGIN: &str = "arhiva.example/registru";

/// A key file that can be read as often as a log is opened.
pub struct KeyFile {
    folder: tempfile::TempDir,
}

impl KeyFile {
    pub fn new(name: &str, kind: KeyKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        SigningKey::create(&folder.path().join("key"), name, kind).unwrap();
        Self { folder }
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("key")
    }

    pub fn signing(&self) -> SigningKey {
        SigningKey::read(&self.path()).unwrap()
    }

    pub fn verifier(&self) -> VerifierKey {
        self.signing().verifier().clone()
    }
}

/// A log's store and memory, and its key.
pub struct Archive {
    pub store: MemoryBlobs,
    pub memory: MemoryBlobs,
    pub key: KeyFile,
}

impl Archive {
    pub fn new() -> Self {
        Self::named(ORIGIN)
    }

    pub fn named(origin: &str) -> Self {
        Self {
            store: MemoryBlobs::default(),
            memory: MemoryBlobs::default(),
            key: KeyFile::new(origin, KeyKind::Log),
        }
    }

    /// An archive whose log has these leaves, in batches of 100.
    pub async fn with(leaves: &[Leaf]) -> Self {
        let archive = Self::new();
        archive.append(leaves).await;
        archive
    }

    pub async fn append(&self, leaves: &[Leaf]) {
        let mut log = self.log().await.unwrap();
        for batch in leaves.chunks(100) {
            log.append(log.size(), batch).await.unwrap();
        }
    }

    pub async fn log(&self) -> Result<Log, LedgerError> {
        Log::create(self.blobs(), self.key.signing(), Arc::new(self.memory.clone())).await
    }

    pub async fn reader(&self) -> Reader {
        Reader::open(self.blobs()).await.unwrap()
    }

    pub fn blobs(&self) -> Arc<dyn Blobs> {
        Arc::new(self.store.clone())
    }

    pub fn trusted(&self) -> Vec<VerifierKey> {
        vec![self.key.verifier()]
    }

    /// The same archive put back to an earlier state of its store, with the same key and memory.
    pub async fn put_back(&self, objects: BTreeMap<Key, Bytes>) {
        for key in self.store.snapshot().keys() {
            self.store.delete(key).await.unwrap();
        }
        for (key, bytes) in objects {
            self.store.replace(&key, bytes).await.unwrap();
        }
    }
}

/// The leaf with that number; the same number gives the same leaf.
pub fn leaf(number: u64) -> Leaf {
    let salt = Salt::new(*Digest::of(&number.to_be_bytes()).as_bytes());
    let second = 1_700_000_000 + i64::try_from(number).unwrap();
    Leaf {
        kind: LeafKind::Ingestion,
        object: DossierId::from(uuid::Uuid::from_u128(number.into())).into(),
        commitment: Commitment::new(&salt, &Digest::of(b"scan")),
        time: jiff::Timestamp::from_second(second).unwrap(),
    }
}

pub fn leaves(range: std::ops::Range<u64>) -> Vec<Leaf> {
    range.map(leaf).collect()
}

/// Runs a test that proptest calls.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

impl Archive {
    /// A reader of its log, which is begun.
    pub async fn with_log(&self) -> Reader {
        self.log().await.unwrap();
        self.reader().await
    }
}
