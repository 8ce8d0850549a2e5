//! A store that breaks when told, for tests of recovery.

use std::{
    ops::Range,
    path::PathBuf,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use hrisov_model::Digest;

use crate::{Blobs, ByteStream, Key, ObjectMeta, Source, StoreError, StoredObject};

/// Environment variable that puts a [`FaultyBlobs`] around the program's store, for tests of the whole
/// program; its value is a [`Fault`] as text.
pub const TEST_FAULT_VARIABLE: &str = "HRISOV_TEST_FAULT";

/// When and how a [`FaultyBlobs`] breaks; as text `CALL:lost|persisted:works|dead`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The call that fails, counted from 0 over all methods (a listing is one call).
    pub call: u64,
    /// Whether the call still had its effect.
    pub effect: Effect,
    /// What becomes of the calls after it.
    pub after: After,
}

/// Whether a failing call had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing happened.
    Lost,
    /// It was done, but the caller is told that it failed: an answer lost on the way.
    Persisted,
}

/// What becomes of the calls after the failing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// They work: a passing disturbance.
    Works,
    /// They fail without effect: the process has died.
    Dead,
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no fault: write CALL:lost|persisted:works|dead");
        let mut parts = text.split(':');
        let call = parts.next().and_then(|call| call.parse().ok());
        let effect = match parts.next() {
            Some("lost") => Some(Effect::Lost),
            Some("persisted") => Some(Effect::Persisted),
            _ => None,
        };
        let after = match parts.next() {
            Some("works") => Some(After::Works),
            Some("dead") => Some(After::Dead),
            _ => None,
        };
        match (call, effect, after, parts.next()) {
            (Some(call), Some(effect), Some(after), None) => Ok(Self { call, effect, after }),
            _ => Err(wrong()),
        }
    }
}

/// Passes every call to another store, until one fails as told; counts the calls.
#[derive(Debug)]
pub struct FaultyBlobs {
    inner: Arc<dyn Blobs>,
    fault: Option<Fault>,
    calls: AtomicU64,
}

/// What is to be done with a call.
enum Verdict {
    Pass,
    Fail(StoreError),
    PassThenFail(StoreError),
}

impl FaultyBlobs {
    /// Breaks as told.
    #[must_use]
    pub fn new(inner: Arc<dyn Blobs>, fault: Fault) -> Self {
        Self {
            inner,
            fault: Some(fault),
            calls: AtomicU64::new(0),
        }
    }

    /// Never breaks, only counts: to learn how many calls an act takes.
    #[must_use]
    pub fn counting(inner: Arc<dyn Blobs>) -> Self {
        Self {
            inner,
            fault: None,
            calls: AtomicU64::new(0),
        }
    }

    /// Calls so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn verdict(&self) -> Verdict {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Some(fault) if call == fault.call => match fault.effect {
                Effect::Lost => Verdict::Fail(StoreError::Injected { call }),
                Effect::Persisted => Verdict::PassThenFail(StoreError::Injected { call }),
            },
            Some(fault) if call > fault.call && fault.after == After::Dead => {
                Verdict::Fail(StoreError::Injected { call })
            }
            _ => Verdict::Pass,
        }
    }

    async fn judged<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        match self.verdict() {
            Verdict::Pass => work.await,
            Verdict::Fail(error) => Err(error),
            Verdict::PassThenFail(error) => {
                // Whatever came of it, the caller only hears of the failure.
                let _ = work.await;
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Blobs for FaultyBlobs {
    async fn put_immutable(
        &self,
        key: &Key,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError> {
        self.judged(self.inner.put_immutable(key, source, expected)).await
    }

    async fn restore(&self, key: &Key, source: Source, expected: Digest) -> Result<(), StoreError> {
        self.judged(self.inner.restore(key, source, expected)).await
    }

    async fn replace(&self, key: &Key, bytes: Bytes) -> Result<(), StoreError> {
        self.judged(self.inner.replace(key, bytes)).await
    }

    async fn get(&self, key: &Key) -> Result<ByteStream, StoreError> {
        self.judged(self.inner.get(key)).await
    }

    async fn range(&self, key: &Key, range: Range<u64>) -> Result<ByteStream, StoreError> {
        self.judged(self.inner.range(key, range)).await
    }

    async fn head(&self, key: &Key) -> Result<Option<ObjectMeta>, StoreError> {
        self.judged(self.inner.head(key)).await
    }

    fn list(&self, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>> {
        match self.verdict() {
            Verdict::Pass => self.inner.list(prefix),
            Verdict::Fail(error) | Verdict::PassThenFail(error) => stream::iter(Some(Err(error))).boxed(),
        }
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.judged(self.inner.delete(key)).await
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        self.inner.local_path(key)
    }

    async fn remove_leftovers(&self) -> Result<u64, StoreError> {
        self.judged(self.inner.remove_leftovers()).await
    }
}
