//! `hrisov watch`: boxes that scanners drop into a folder, loaded as soon as they are complete.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::ErrorKind,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use hrisov_ingest::{Completion, LoadOptions, MovedBox, ReadingTime, ReadyBox, Watch};
use hrisov_model::{Digest, Languages};
use serde::{Deserialize, Serialize};

use super::ingest;
use crate::{archive::Archive, args::WatchArgs, exit::Exit, loading::Loading, output::Output};

/// What was taken, in the archive's folder, so that a restart does not hash every box again. Losing it costs only that.
const MEMORY: &str = "watched.json";
/// Pause after a load that failed, before the box is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(60);

/// Shortest pause between two looks, whatever the configuration says.
const LOOK_PAUSE_MIN: Duration = Duration::from_millis(100);

/// By watched folder, by box: what it looked like when it was taken.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory(BTreeMap<String, BTreeMap<String, Digest>>);

pub async fn run(archive: &Archive, args: &WatchArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = &archive.config.watch;
    let marker = args.marker.as_deref().or_else(|| config.marker());
    let marker = marker.filter(|_| args.quiet.is_none());
    let completion = match marker {
        Some(marker) => Completion::Marker(marker.to_owned()),
        None => Completion::Quiet(Duration::from_secs(args.quiet.unwrap_or(config.quiet_seconds))),
    };
    let options = LoadOptions {
        fonds: args
            .fonds
            .clone()
            .unwrap_or_else(|| archive.config.ingest.fonds.clone()),
        box_name: None,
        moved: MovedBox::Compare,
        reading: ReadingTime::Now,
        marker: marker.map(str::to_owned),
    };
    let folder = args.folder.canonicalize();
    let folder = folder.with_context(|| format!("cannot watch {}", args.folder.display()))?;
    let name = folder.display().to_string();
    let mut memory = Memory::read(&archive.folder)?;
    let taken = memory.0.remove(&name).unwrap_or_default();
    let mut watch = Watch::new(folder, completion, taken);
    announce(marker, &name, output);
    let mut exit = Exit::Done;
    let mut told = HashMap::new();
    loop {
        let mut pause = Duration::from_secs(config.look_seconds).max(LOOK_PAUSE_MIN);
        for ready in watch.look(Instant::now())? {
            match take(archive, &ready, &options, args.languages.as_ref(), output).await {
                Ok(loaded) => {
                    watch.took(&ready);
                    memory.0.insert(name.clone(), watch.taken().clone());
                    memory.write(&archive.folder)?;
                    exit = exit.max(loaded);
                    told.remove(&ready.path);
                }
                Err(error) if args.once => return Err(error),
                Err(error) => {
                    // The same words once a minute would hide everything else.
                    let words = format!("{error:#}");
                    if told.insert(ready.path.clone(), words.clone()).as_ref() != Some(&words) {
                        output.error(&error.context(ready.path.display().to_string()));
                    }
                    pause = pause.max(RETRY_PAUSE);
                }
            }
        }
        if args.once && watch.waiting().is_empty() {
            return Ok(exit);
        }
        tokio::time::sleep(pause).await;
    }
}

fn announce(marker: Option<&str>, folder: &str, output: &Output) {
    let speech = output.speech;
    let begins = speech.pick("Se urmărește", "Watching");
    let when = match marker {
        Some(marker) => format!(
            "{} {marker}",
            speech.pick(
                "o cutie se ia când apare în ea fișierul",
                "a box is taken when it holds the file"
            )
        ),
        None => speech
            .pick(
                "o cutie se ia când nu se mai schimbă nimic în ea",
                "a box is taken once nothing in it changes any more",
            )
            .to_owned(),
    };
    output.say(format_args!(
        "{begins} {folder}: {when}. Ctrl+C {}.",
        speech.pick("oprește", "ends")
    ));
}

/// Loads one box. Whoever else writes to the archive may do so between two boxes.
async fn take(
    archive: &Archive,
    ready: &ReadyBox,
    options: &LoadOptions,
    languages: Option<&Languages>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut loading = Loading::open(archive, languages).await?;
    let report = ingest::load(&mut loading.loader, &ready.path, options, output).await?;
    output.result(&report, || ingest::describe(&report, output))?;
    Ok(ingest::exit_of(std::slice::from_ref(&report)))
}

impl Memory {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        match fs::read(folder.join(MEMORY)) {
            Ok(json) => Ok(serde_json::from_slice(&json).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {MEMORY}")),
        }
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let (path, new) = (folder.join(MEMORY), folder.join(format!("{MEMORY}.new")));
        fs::write(&new, serde_json::to_vec_pretty(self)?)
            .and_then(|()| fs::rename(&new, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}
