//! `hrisov rebuild`: catalog and index from nothing but the store.

use std::{fs, io, path::Path};

use anyhow::Context as _;
use hrisov_audit::{Finding, FindingKind, Rebuilt};
use hrisov_catalog::Catalog;
use hrisov_index::{IndexKey, SearchIndex};
use hrisov_ingest::{Applier, Notary, match_leaves};
use hrisov_store::ocfl::StorageRoot;

use crate::{archive::Archive, exit::Exit, output::Output};

pub async fn run(archive: &Archive, output: &Output) -> anyhow::Result<Exit> {
    let _writer = archive.lock()?;
    let root = archive.root().await?;
    // Both are made beside the old ones and take their place only when complete.
    let new_catalog = archive.catalog_path().with_extension("rebuilding");
    let new_index = archive.folder.join("index.rebuilding");
    remove_catalog(&new_catalog)?;
    remove_folder(&new_index)?;
    let catalog = archive.fresh_catalog(root.blobs().as_ref(), &new_catalog).await?;
    let mut rebuilt = hrisov_audit::rebuild(&root, &catalog).await?;
    IndexKey::create_beside(&new_index)?;
    let writer = SearchIndex::create_or_open(&new_index)?.writer()?;
    let mut applier = Applier::new(catalog.clone(), root.clone(), writer);
    applier.drain().await?;
    applier.commit().await?;
    drop(applier);
    // A log that cannot be followed is for `verify` and its owner: it does not keep people from their dossiers.
    if let Err(error) = follow_log(archive, &root, &catalog).await {
        rebuilt.findings.push(Finding {
            kind: FindingKind::Ledger,
            dossier: None,
            path: "ledger".to_owned(),
            detail: format!("{error:#}"),
        });
    }
    catalog.close().await;
    remove_folder(&archive.index_path())?;
    fs::rename(&new_index, archive.index_path()).context("cannot put the new index in its place")?;
    remove_catalog(&archive.catalog_path())?;
    fs::rename(&new_catalog, archive.catalog_path()).context("cannot put the new catalog in its place")?;
    output.result(&rebuilt, || describe(&rebuilt, output))?;
    Ok(if rebuilt.findings.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Finds each event's leaf in the log again, and enters what a crash kept out of it. Without the key the log is read
/// all the same.
async fn follow_log(archive: &Archive, root: &StorageRoot, catalog: &Catalog) -> anyhow::Result<()> {
    let Some(log) = archive.readable_log(root.blobs()).await? else {
        return Ok(());
    };
    match archive.signing_key_path().exists() {
        true => {
            let log = archive.writable_log(root.blobs(), catalog).await?;
            Notary::open(catalog.clone(), log).await?.enter_all().await?;
        }
        false => match_leaves(catalog, &log).await?,
    }
    Ok(())
}

fn describe(rebuilt: &Rebuilt, output: &Output) -> String {
    let speech = output.speech;
    let dossiers = speech.count(rebuilt.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let pages = speech.count(rebuilt.pages, ("pagină", "pagini"), ("page", "pages"));
    let mut text = format!(
        "{}: {dossiers}, {pages}\n",
        speech.pick("Refăcute din depozit", "Rebuilt from the store")
    );
    if rebuilt.unread_files > 0 {
        let files = speech.count(rebuilt.unread_files, ("fișier", "fișiere"), ("file", "files"));
        let rest = speech.pick(
            "încă de citit: repetați `hrisov ingest`",
            "still to be read: repeat `hrisov ingest`",
        );
        text.push_str(&format!("{files} {rest}\n"));
    }
    for finding in &rebuilt.findings {
        text.push_str(&format!("! {}\n  {}\n", finding.path, finding.detail));
    }
    text
}

/// A SQLite file with its journal.
fn remove_catalog(path: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        gone(fs::remove_file(&name))
            .with_context(|| format!("cannot remove {}", Path::new(&name).display()))?;
    }
    Ok(())
}

fn remove_folder(path: &Path) -> anyhow::Result<()> {
    gone(fs::remove_dir_all(path)).with_context(|| format!("cannot remove {}", path.display()))
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
