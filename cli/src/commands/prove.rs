//! `hrisov prove`: a bundle that shows to strangers that masters are as they were deposited.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use hrisov_audit::Proven;
use hrisov_catalog::{Catalog, Resolution};
use hrisov_model::DossierId;
use serde::Serialize;

use crate::{archive::Archive, args::ProveArgs, exit::Exit, output::Output};

#[derive(Serialize)]
struct Written<'a> {
    file: String,
    #[serde(flatten)]
    proven: &'a Proven,
}

pub async fn run(archive: &Archive, args: &ProveArgs, output: &Output) -> anyhow::Result<Exit> {
    let catalog = archive.catalog().await?;
    let subject = subject(archive, &catalog, &args.subject).await?;
    let root = archive.root().await?;
    let trust = archive.log_trust().await?;
    if trust.keys.is_empty() {
        bail!("the archive has no log yet: the next load begins it");
    }
    let keys = [trust.keys, archive.witnesses()?].concat();
    if args.output.exists() {
        bail!(
            "{} is there already: give another name, or move it away",
            args.output.display()
        );
    }
    let part = part_of(&args.output);
    let cannot = || format!("cannot write {}", part.display());
    let file = fs::File::create(&part).with_context(cannot)?;
    let proven = hrisov_audit::prove(&root, &catalog, subject, &keys, file).await;
    let proven = match proven {
        Ok(proven) => proven,
        Err(error) => {
            // Half a proof is none.
            let _gone = fs::remove_file(&part);
            return Err(error.into());
        }
    };
    fs::rename(&part, &args.output).with_context(|| format!("cannot write {}", args.output.display()))?;
    let written = Written {
        file: args.output.display().to_string(),
        proven: &proven,
    };
    output.result(&written, || describe(&written, output))?;
    Ok(Exit::Done)
}

/// `DOSSIER/PAGE` where the last part is a number and no dossier is called so as a whole.
async fn subject(
    archive: &Archive,
    catalog: &Catalog,
    called: &str,
) -> anyhow::Result<(DossierId, Option<u32>)> {
    if let Some((dossier, page)) = called.rsplit_once('/')
        && let Ok(page) = page.parse::<u32>()
        && matches!(catalog.resolve(called).await?, Resolution::None)
    {
        return Ok((archive.dossier(catalog, dossier).await?, Some(page)));
    }
    Ok((archive.dossier(catalog, called).await?, None))
}

fn part_of(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn describe(written: &Written<'_>, output: &Output) -> String {
    let (speech, proven) = (output.speech, written.proven);
    let masters = speech.count(
        proven.masters,
        ("original", "originale"),
        ("original", "originals"),
    );
    let leaves = speech.count(
        proven.leaves,
        ("intrare în registru", "intrări în registru"),
        ("leaf of the log", "leaves of the log"),
    );
    let mut text = format!("{}: {masters}, {leaves}\n", written.file);
    let fingerprint = speech.pick("amprenta cheii", "key's fingerprint");
    text.push_str(&format!("{fingerprint}: {}\n", proven.key));
    text.push_str(&match proven.witnesses.as_slice() {
        [] => speech
            .pick("fără semnătura unui martor", "without a witness's signature")
            .to_owned(),
        names => format!("{}: {}", speech.pick("martori", "witnesses"), names.join(", ")),
    });
    text.push_str(match proven.stamped {
        true => speech.pick(", cu marcă temporală\n", ", with a time stamp\n"),
        false => speech.pick(", fără marcă temporală\n", ", without a time stamp\n"),
    });
    text
}
