//! `hrisov init`: an archive in a folder.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::{
    archive::Archive,
    args::InitArgs,
    config::{Config, FILE_NAME},
    exit::Exit,
    output::Output,
};

#[derive(Serialize)]
struct Made {
    archive: String,
    store: String,
    catalog: String,
}

pub async fn run(folder: Option<&Path>, args: &InitArgs, output: &Output) -> anyhow::Result<Exit> {
    let folder = args.folder.as_deref().or(folder);
    let folder = folder.context("where? give the folder: hrisov init DIR")?;
    let path = folder.join(FILE_NAME);
    if path.exists() {
        bail!(
            "{} holds an archive already: nothing was changed",
            folder.display()
        );
    }
    // A disk of its own begins with the file system's own folder.
    let is_foreign =
        |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != "lost+found");
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_foreign)) && !folder.join("store").exists()
    {
        bail!("{} is not empty: give a new or empty folder", folder.display());
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // The configuration is written last: an archive is there once it is complete, and `init` can be repeated
    // until then.
    let template = Config::template(&args.store, &args.catalog);
    let archive = Archive {
        folder: folder.to_owned(),
        config: Config::parse(&template)?,
    };
    archive.create().await?;
    write_durably(&path, &template).with_context(|| format!("cannot write {}", path.display()))?;
    let made = Made {
        archive: folder.display().to_string(),
        store: args.store.clone(),
        catalog: args.catalog.clone(),
    };
    output.result(&made, || {
        let done = output
            .speech
            .pick("Arhiva este gata în", "The archive is ready in");
        let next = output.speech.pick("Urmează", "Next");
        let at = folder.display();
        let a_box = output.speech.pick("CUTIE", "BOX");
        format!("{done} {at}\n{next}: hrisov --archive {at} ingest {a_box}\n")
    })?;
    Ok(Exit::Done)
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
