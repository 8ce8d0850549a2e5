//! What every command that writes dossiers needs: the right to write, catalog, log, index and workers.

use hrisov_catalog::Catalog;
use hrisov_index::SearchIndex;
use hrisov_ingest::{Loader, Notary, Reader};
use hrisov_model::Languages;
use hrisov_store::ocfl::StorageRoot;

use crate::archive::{Archive, WriterLock};

/// An archive that stands ready to be written to.
#[derive(Debug)]
pub struct Loading {
    _writer: WriterLock,
    /// What is held.
    pub catalog: Catalog,
    /// Where it lies.
    pub root: StorageRoot,
    /// Who writes it.
    pub loader: Loader,
}

impl Loading {
    /// Takes the archive's writer lock and finishes what an interrupted load left.
    ///
    /// # Errors
    /// Where somebody else writes, or a part of the archive cannot be opened.
    pub async fn open(archive: &Archive, languages: Option<&Languages>) -> anyhow::Result<Self> {
        let languages = languages.unwrap_or(&archive.config.ingest.languages).clone();
        let reader = Reader::start(
            languages,
            archive.config.ingest.workers(),
            archive.config.limits(),
        )?;
        let writer = archive.lock()?;
        let catalog = archive.catalog().await?;
        let root = archive.root().await?;
        let log = archive.writable_log(root.blobs(), &catalog).await?;
        let notary = Notary::open(catalog.clone(), log).await?;
        let parts = hrisov_ingest::Archive::new(root.clone(), catalog.clone(), reader.recipe())
            .with_retry_pause(archive.config.ingest.retry_pause());
        let index = SearchIndex::create_or_open(&archive.index_path())?.writer()?;
        Ok(Self {
            _writer: writer,
            catalog,
            root,
            loader: Loader::start(parts, reader, index, notary).await?,
        })
    }
}
