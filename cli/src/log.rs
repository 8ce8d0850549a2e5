//! The archive's log: its keys, which lie apart from the store, and opening it to write or to read.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use hrisov_audit::LogTrust;
use hrisov_catalog::Catalog;
use hrisov_ledger::{KeyKind, LedgerError, Log, Reader, SigningKey, VerifierKey, last_signed, read_roots};
use hrisov_store::{Blobs, LocalBlobs, ocfl::StorageRoot};
use jiff::Timestamp;

use crate::{archive::Archive, config::local_path};

/// The signing key: its owner alone can read it.
const SIGNING_KEY: &str = "log.key";
/// The public key in the form that log programs read.
const PUBLIC_KEY: &str = "log.pub";
/// The public key in the form that openssl reads.
const PUBLIC_KEY_PEM: &str = "log.pem";
/// Public keys that signed the log before, one a line, the oldest first.
const EARLIER_KEYS: &str = "earlier.pub";
/// Hexadecimal digits of the archive's identifier in the log's name: few enough to be typed from paper.
const NAME_DIGITS: usize = 12;
/// There was a log, and it is not in the store.
pub const LOG_GONE: &str = "the log's checkpoint is gone: restore it from a copy of the store";

impl Archive {
    /// The folder of the keys. The store never holds it.
    pub fn keys_path(&self) -> PathBuf {
        local_path(&self.folder, &self.config.ledger.keys)
    }

    /// Where the signing key lies.
    pub fn signing_key_path(&self) -> PathBuf {
        self.keys_path().join(SIGNING_KEY)
    }

    /// The log, for the holder of the writer lock. An archive without one gets it now, with its key; the masters that
    /// are there already will be entered as adopted.
    pub async fn writable_log(&self, blobs: &Arc<dyn Blobs>, catalog: &Catalog) -> anyhow::Result<Log> {
        match Reader::open(Arc::clone(blobs)).await {
            Ok(_) => {
                let key = SigningKey::read(&self.signing_key_path())?;
                self.publish(key.verifier())?;
                let earlier = self.earlier_keys()?;
                Ok(Log::open(Arc::clone(blobs), key, self.memory()?, &earlier).await?)
            }
            // What was logged cannot be logged again under the same name: that would be a second history.
            Err(LedgerError::NoLog { .. }) if catalog.log_position().await? > 0 => bail!(LOG_GONE),
            Err(LedgerError::NoLog { .. }) => {
                catalog.adopt_masters(Timestamp::now()).await?;
                self.create_log(blobs, catalog).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes key and log of a new archive. A store with dossiers but no log gets it at its next load, one with a log
    /// needs its own key.
    pub async fn begin_log(&self, root: &StorageRoot, catalog: &Catalog) -> anyhow::Result<()> {
        use futures::TryStreamExt as _;
        let has_log = !matches!(
            Reader::open(Arc::clone(root.blobs())).await,
            Err(LedgerError::NoLog { .. })
        );
        if has_log || root.object_roots().try_next().await?.is_some() {
            return Ok(());
        }
        self.create_log(root.blobs(), catalog).await.map(|_| ())
    }

    /// The log as it is, for reading; `None` where there is none.
    pub async fn readable_log(&self, blobs: &Arc<dyn Blobs>) -> anyhow::Result<Option<Reader>> {
        match Reader::open(Arc::clone(blobs)).await {
            Ok(reader) => Ok(Some(reader)),
            Err(LedgerError::NoLog { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What the log is held against: the keys that may have signed it, and what was signed last.
    pub async fn log_trust(&self) -> anyhow::Result<LogTrust> {
        let mut keys = self.earlier_keys()?;
        let path = self.keys_path().join(PUBLIC_KEY);
        let own = match fs::read_to_string(&path) {
            Ok(text) => {
                Some(parse_key(&text).with_context(|| format!("{} is no public key", path.display()))?)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let mut signed = None;
        if let Some(own) = own {
            signed = last_signed(self.memory()?, own.name()).await?;
            keys.push(own);
        }
        let authorities = match self.stamp_roots() {
            None => Vec::new(),
            Some(path) => {
                let cannot = || format!("cannot read {}", path.display());
                read_roots(&fs::read(&path).with_context(cannot)?).with_context(cannot)?
            }
        };
        Ok(LogTrust {
            keys,
            last_signed: signed,
            witnesses: self.witnesses()?,
            authorities,
        })
    }

    /// Gives the log a new key in the place of one that was lost, stolen or is old; the newest checkpoint is signed by it
    /// at once. The old key's file stays under another name.
    pub async fn renew_key(&self, blobs: &Arc<dyn Blobs>, catalog: &Catalog) -> anyhow::Result<VerifierKey> {
        let log = Reader::open(Arc::clone(blobs)).await?;
        let mut earlier = self.earlier_keys()?;
        let folder = self.keys_path();
        let own = fs::read_to_string(folder.join(PUBLIC_KEY)).ok();
        let own = match own {
            Some(text) => vec![parse_key(&text).with_context(|| format!("{PUBLIC_KEY} is no public key"))?],
            // The folder of the keys is gone: the store's own list is all there is.
            None => log.stored_keys().await?,
        };
        log.verify(&[earlier.as_slice(), &own].concat())?;
        earlier.extend(
            own.into_iter()
                .filter(|key| !earlier.contains(key))
                .collect::<Vec<_>>(),
        );
        let lines: String = earlier.iter().map(|key| format!("{key}\n")).collect();
        self.make_keys_folder()?;
        write_whole(&folder.join(EARLIER_KEYS), &lines)?;
        let path = self.signing_key_path();
        if path.exists() {
            let id = earlier
                .last()
                .map(|key| key.fingerprint().to_string())
                .unwrap_or_default();
            let kept = folder.join(format!("log-{}.key", &id[..8.min(id.len())]));
            fs::rename(&path, &kept).with_context(|| format!("cannot rename {}", path.display()))?;
        }
        let key = SigningKey::create(&path, &log.head().checkpoint().origin, KeyKind::Log)?;
        let public = key.verifier().clone();
        drop(key);
        self.writable_log(blobs, catalog).await?;
        Ok(public)
    }

    fn make_keys_folder(&self) -> anyhow::Result<()> {
        let folder = self.keys_path();
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.with_context(|| format!("cannot make {}", folder.display()))
    }

    async fn create_log(&self, blobs: &Arc<dyn Blobs>, catalog: &Catalog) -> anyhow::Result<Log> {
        let path = self.signing_key_path();
        self.make_keys_folder()?;
        let key = match path.exists() {
            true => SigningKey::read(&path)?,
            false => {
                let id = catalog.archive_id().await?.simple().to_string();
                SigningKey::create(&path, &format!("hrisov/{}", &id[..NAME_DIGITS]), KeyKind::Log)?
            }
        };
        self.publish(key.verifier())?;
        Ok(Log::create(Arc::clone(blobs), key, self.memory()?).await?)
    }

    /// Writes the public key beside the signing key, for people to give away.
    fn publish(&self, key: &VerifierKey) -> anyhow::Result<()> {
        for (name, text) in [(PUBLIC_KEY, format!("{key}\n")), (PUBLIC_KEY_PEM, key.to_pem())] {
            let path = self.keys_path().join(name);
            if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                write_whole(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// Where the log remembers what it signed last, apart from the store.
    fn memory(&self) -> anyhow::Result<Arc<dyn Blobs>> {
        Ok(Arc::new(LocalBlobs::create(self.keys_path())?))
    }

    /// The file of the certificates of trusted time-stamping authorities.
    pub fn stamp_roots(&self) -> Option<PathBuf> {
        let roots = self.config.ledger.stamp_roots.as_ref()?;
        Some(self.folder.join(roots))
    }

    /// The public keys of witnesses whose signatures are believed.
    pub fn witnesses(&self) -> anyhow::Result<Vec<VerifierKey>> {
        let keys = self.config.ledger.witness_keys.iter();
        keys.map(|key| parse_key(key).with_context(|| format!("witness_keys: {key:?}")))
            .collect()
    }

    fn earlier_keys(&self) -> anyhow::Result<Vec<VerifierKey>> {
        let path = self.keys_path().join(EARLIER_KEYS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let keys = text.lines().map(parse_key).collect::<anyhow::Result<_>>();
        keys.with_context(|| format!("{} holds something else than public keys", path.display()))
    }
}

fn parse_key(text: &str) -> anyhow::Result<VerifierKey> {
    Ok(text.trim().parse()?)
}

/// Under another name first: a crash leaves no half of it.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let part = path.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, path)
}
