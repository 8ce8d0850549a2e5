//! What was signed last, remembered apart from the store.
//!
//! A store that is put back to an older state would make its log sign a second history. The memory lies
//! beside the key, so that both the store and the catalog can be rolled back and the signer still refuses.

use std::sync::Arc;

use bytes::Bytes;
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, StoreError};

use crate::{Checkpoint, LedgerError};

/// Three lines, the origin being a key's name of reasonable length.
const MAX_BYTES: u64 = 4096;

/// The size and root that were signed last for one log.
#[derive(Debug)]
pub(crate) struct LastSigned {
    blobs: Arc<dyn Blobs>,
    key: Key,
    last: Option<Checkpoint>,
}

impl LastSigned {
    /// Reads the memory of the log with that origin.
    pub(crate) async fn read(blobs: Arc<dyn Blobs>, origin: &str) -> Result<Self, LedgerError> {
        let name = format!("last-signed-{}", Digest::of(origin.as_bytes()));
        let key: Key = name.parse()?;
        let last = match blobs.get_bytes(&key, MAX_BYTES).await {
            Ok(bytes) => {
                Some(
                    String::from_utf8_lossy(&bytes)
                        .parse()
                        .map_err(|source| LedgerError::Damaged {
                            key: key.clone(),
                            source,
                        })?,
                )
            }
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { blobs, key, last })
    }

    pub(crate) const fn last(&self) -> Option<&Checkpoint> {
        self.last.as_ref()
    }

    /// Remembers what is about to be signed; durable when it returns.
    ///
    /// # Errors
    /// [`LedgerError::RolledBack`] and [`LedgerError::Forked`] where that must not be signed.
    pub(crate) async fn record(&mut self, next: &Checkpoint) -> Result<(), LedgerError> {
        match &self.last {
            Some(last) if last.size > next.size => {
                return Err(LedgerError::RolledBack {
                    stored: next.size,
                    signed: last.size,
                });
            }
            Some(last) if last.size == next.size && last.root != next.root => {
                return Err(LedgerError::Forked {
                    size: next.size,
                    signed: last.root,
                    stored: next.root,
                });
            }
            Some(last) if last == next => return Ok(()),
            _ => {}
        }
        self.blobs
            .replace(&self.key, Bytes::from(next.to_string()))
            .await?;
        self.last = Some(next.clone());
        Ok(())
    }
}

/// What was signed last for the log of that name, as the memory beside the key says; `None` where nothing was.
///
/// # Errors
/// [`LedgerError::Damaged`] and what the file system says.
pub async fn last_signed(memory: Arc<dyn Blobs>, origin: &str) -> Result<Option<Checkpoint>, LedgerError> {
    Ok(LastSigned::read(memory, origin).await?.last)
}
