//! `hrisov doctor`: what is installed, reachable, writable, and what to do about it.

use std::path::Path;

use hrisov_ledger::SigningKey;
use hrisov_model::{Digest, Languages};
use hrisov_store::{Ability, Blobs, Holds, Key, Source, StoreUrl};
use serde::Serialize;

use crate::{archive::Archive, exit::Exit, output::Output};

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

pub async fn run(folder: Option<&Path>, output: &Output) -> anyhow::Result<Exit> {
    let mut checks = Vec::new();
    let mut languages = Languages::default();
    match folder.map(Archive::open) {
        None => checks.push(check(
            "archive",
            Ok("none given: --archive DIR looks at one".to_owned()),
        )),
        Some(Err(error)) => checks.push(check("archive", Err(error))),
        Some(Ok(archive)) => {
            languages = archive.config.ingest.languages.clone();
            checks.push(check("archive", Ok(archive.folder.display().to_string())));
            checks.push(check("store", store(&archive).await));
            checks.extend(abilities(&archive).await);
            checks.push(check("catalog", catalog(&archive).await));
            checks.push(check("log", log(&archive).await));
            checks.push(check("index", index(&archive)));
            checks.push(check(
                "writer",
                archive.lock().map(|_| "no other process is writing".to_owned()),
            ));
        }
    }
    checks.insert(0, check("tesseract", tesseract(&languages)));
    let ok = checks.iter().all(|check| check.ok);
    output.result(&checks, || describe(&checks))?;
    Ok(if ok { Exit::Done } else { Exit::Failed })
}

fn check(name: &'static str, found: anyhow::Result<String>) -> Check {
    match found {
        Ok(detail) => Check {
            name,
            ok: true,
            detail,
        },
        Err(error) => Check {
            name,
            ok: false,
            detail: format!("{error:#}"),
        },
    }
}

fn tesseract(languages: &Languages) -> anyhow::Result<String> {
    hrisov_ocr::check_languages(languages)?;
    let again = match hrisov_ocr::has_second_reader() {
        true => "poor lines are read again by that for Latin letters",
        false => "tesseract-ocr-script-latn is not, with which bad print is read with fewer mistakes",
    };
    Ok(format!("language data for {languages} is installed; {again}"))
}

/// Writes, reads back and removes a small object.
async fn store(archive: &Archive) -> anyhow::Result<String> {
    let root = archive.root().await?;
    let blobs: &dyn Blobs = root.blobs().as_ref();
    let key = Key::literal("staging/doctor");
    let bytes = b"hrisov doctor".as_slice();
    blobs
        .put_immutable(&key, Source::Bytes(bytes.into()), Digest::of(bytes))
        .await?;
    let (found, _) = blobs.digest(&key).await?;
    blobs.delete(&key).await?;
    anyhow::ensure!(
        found == Digest::of(bytes),
        "the store gives back other bytes than it was given"
    );
    Ok(format!("{} can be written and read", archive.config.store.url))
}

/// What a bucket can do beyond storing: nothing that is missing there is an error.
async fn abilities(archive: &Archive) -> Vec<Check> {
    let probed = match archive.store_url() {
        Ok(url) => hrisov_store::probe(&url).await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match probed {
        Err(error) => vec![check("store", Err(error))],
        Ok(abilities) => abilities
            .into_iter()
            .map(|(ability, holds)| {
                let (name, yes, no) = wording(ability);
                let detail = match holds {
                    Holds::Yes => yes,
                    Holds::No => no,
                    Holds::Unknown => "the server does not say",
                };
                check(name, Ok(detail.to_owned()))
            })
            .collect(),
    }
}

/// An ability's name, and what it means that it is there, or not.
fn wording(ability: Ability) -> (&'static str, &'static str, &'static str) {
    match ability {
        Ability::RefusesWrongChecksum => (
            "checksums",
            "an upload with a wrong SHA-256 is refused",
            "the server takes uploads with a wrong SHA-256: every object is read back after writing, which is slower",
        ),
        Ability::ConditionalPut => (
            "overwrite",
            "conditional writes hold",
            "conditional writes do not hold: never let two archives share a prefix",
        ),
        Ability::Versioning => (
            "versions",
            "the bucket keeps overwritten and deleted objects",
            "the bucket keeps no old versions: versioning would protect against deletion by mistake",
        ),
        Ability::ObjectLock => (
            "lock",
            "the bucket can lock objects against deletion",
            "the bucket has no Object Lock: whoever has the access key can delete originals",
        ),
    }
}

async fn catalog(archive: &Archive) -> anyhow::Result<String> {
    let catalog = archive.catalog().await?;
    Ok(format!(
        "{} dossiers, archive {}",
        catalog.dossier_count(None).await?,
        catalog.archive_id().await?
    ))
}

/// The log's key: there, its owner's alone, and apart from the store.
async fn log(archive: &Archive) -> anyhow::Result<String> {
    let blobs = archive.store().await?;
    let Some(log) = archive.readable_log(&blobs).await? else {
        return Ok("none yet: the next load begins it".to_owned());
    };
    let path = archive.signing_key_path();
    let key = SigningKey::read(&path)?;
    if let StoreUrl::Local(store) = archive.store_url()?
        && path.starts_with(&store)
    {
        anyhow::bail!(
            "the key {} lies inside the store, where its copies go too: move it and set keys in hrisov.toml",
            path.display()
        );
    }
    log.verify(&archive.log_trust().await?.keys)?;
    Ok(format!(
        "{} leaves, signed by {}; keep a copy of {} in a safe place",
        log.size(),
        key.verifier().fingerprint(),
        path.display()
    ))
}

fn index(archive: &Archive) -> anyhow::Result<String> {
    Ok(format!(
        "{} dossiers can be searched",
        archive.searcher()?.dossiers()?.len()
    ))
}

fn describe(checks: &[Check]) -> String {
    let line = |check: &Check| {
        format!(
            "{}  {:<10} {}\n",
            if check.ok { "✓" } else { "✗" },
            check.name,
            check.detail
        )
    };
    checks.iter().map(line).collect()
}
