//! `hrisov rebuild`: catalog and index from nothing but the store.

use std::{fs, io, path::Path};

use anyhow::Context as _;
use hrisov_audit::Rebuilt;
use hrisov_index::{IndexKey, SearchIndex};
use hrisov_ingest::Applier;

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
    let rebuilt = hrisov_audit::rebuild(&root, &catalog).await?;
    IndexKey::create_beside(&new_index)?;
    let writer = SearchIndex::create_or_open(&new_index)?.writer()?;
    let mut applier = Applier::new(catalog.clone(), root, writer);
    applier.drain().await?;
    applier.commit().await?;
    drop(applier);
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
