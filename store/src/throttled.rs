//! A store that is read no faster than told, so that others get their share of the disk or the network.

use std::{
    num::NonZeroU64,
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use hrisov_model::Digest;
use tokio::time::{Instant, sleep_until};

use crate::{Blobs, ByteStream, Key, ObjectMeta, Source, StoreError, StoredObject};

/// Passes every call to another store; what is read from it, by however many at once, comes at the given rate in all.
#[derive(Debug, Clone)]
pub struct ThrottledBlobs {
    inner: Arc<dyn Blobs>,
    pace: Arc<Pace>,
}

/// When the next bytes may be given on.
#[derive(Debug)]
struct Pace {
    bytes_per_second: NonZeroU64,
    free_at: Mutex<Instant>,
}

impl ThrottledBlobs {
    /// Reads `inner` with at most so many bytes in a second, on average from the first piece on.
    #[must_use]
    pub fn new(inner: Arc<dyn Blobs>, bytes_per_second: NonZeroU64) -> Self {
        Self {
            inner,
            pace: Arc::new(Pace {
                bytes_per_second,
                free_at: Mutex::new(Instant::now()),
            }),
        }
    }

    fn paced(&self, stream: ByteStream) -> ByteStream {
        let pace = Arc::clone(&self.pace);
        stream
            .and_then(move |piece| {
                let pace = Arc::clone(&pace);
                async move {
                    pace.wait_for(piece.len() as u64).await;
                    Ok(piece)
                }
            })
            .boxed()
    }
}

impl Pace {
    /// Waits until what was given on before is paid for; these bytes are paid for by whoever comes next.
    async fn wait_for(&self, bytes: u64) {
        sleep_until(self.begin(Instant::now(), bytes)).await;
    }

    /// When a piece that is there now may be given on.
    fn begin(&self, now: Instant, bytes: u64) -> Instant {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = now.max(*free_at);
        let seconds = bytes as f64 / self.bytes_per_second.get() as f64;
        *free_at = begin + Duration::from_secs_f64(seconds);
        begin
    }
}

#[async_trait]
impl Blobs for ThrottledBlobs {
    async fn put_immutable(
        &self,
        key: &Key,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError> {
        self.inner.put_immutable(key, source, expected).await
    }

    async fn restore(&self, key: &Key, source: Source, expected: Digest) -> Result<(), StoreError> {
        self.inner.restore(key, source, expected).await
    }

    async fn replace(&self, key: &Key, bytes: Bytes) -> Result<(), StoreError> {
        self.inner.replace(key, bytes).await
    }

    async fn get(&self, key: &Key) -> Result<ByteStream, StoreError> {
        Ok(self.paced(self.inner.get(key).await?))
    }

    async fn range(&self, key: &Key, range: Range<u64>) -> Result<ByteStream, StoreError> {
        Ok(self.paced(self.inner.range(key, range).await?))
    }

    async fn head(&self, key: &Key) -> Result<Option<ObjectMeta>, StoreError> {
        self.inner.head(key).await
    }

    fn list(&self, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>> {
        self.inner.list(prefix)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.inner.delete(key).await
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        self.inner.local_path(key)
    }

    async fn remove_leftovers(&self) -> Result<u64, StoreError> {
        self.inner.remove_leftovers().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryBlobs;

    #[test]
    fn pieces_come_at_the_rate_and_idle_time_is_not_saved_up() {
        let start = Instant::now();
        let pace = Pace {
            bytes_per_second: NonZeroU64::new(1000).unwrap(),
            free_at: Mutex::new(start),
        };
        for (now_ms, bytes, begin_ms) in [
            (0, 500, 0),
            (0, 500, 500),
            (100, 2000, 1000),
            (3000, 1000, 3000),
            (9000, 1, 9000),
            (9000, 1, 9001),
        ] {
            let begin = pace.begin(start + Duration::from_millis(now_ms), bytes);
            assert_eq!((begin - start).as_millis(), begin_ms, "{now_ms} {bytes}");
        }
    }

    #[tokio::test]
    async fn bytes_are_the_same() {
        let blobs = MemoryBlobs::default();
        let key = Key::literal("masters/1.tif");
        let digest = Digest::of(b"a scanned page");
        let stored = blobs.put_immutable(&key, Source::Bytes(b"a scanned page".as_slice().into()), digest);
        stored.await.unwrap();
        let rate = NonZeroU64::new(1 << 30).unwrap();
        let throttled = ThrottledBlobs::new(Arc::new(blobs), rate);
        assert_eq!(throttled.digest(&key).await.unwrap(), (digest, 14));
        let part = throttled.range(&key, 2..9).await.unwrap();
        let part: Vec<_> = part.try_collect().await.unwrap();
        assert_eq!(part.concat(), b"scanned");
    }
}
