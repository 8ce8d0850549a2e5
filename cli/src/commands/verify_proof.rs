//! `hrisov verify-proof`: a proof bundle, without archive and network.

use std::{fs, io::BufReader, path::Path};

use anyhow::{Context as _, bail};
use hrisov_audit::{BundleReport, BundleTrust, BundleVerdict};
use hrisov_ledger::{LeafKind, VerifierKey, read_roots};

use crate::{args::VerifyProofArgs, exit::Exit, output::Output, speech::Speech};

/// Most bytes of a file of keys.
const KEYS_MAX_BYTES: u64 = 64 << 10;

pub fn run(args: &VerifyProofArgs, output: &Output) -> anyhow::Result<Exit> {
    let file = fs::File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let mut trust = BundleTrust::default();
    let (unnamed, named): (Vec<_>, Vec<_>) = args.keys.iter().partition(|key| is_pem(key));
    for given in named {
        trust.keys.extend(read_keys(given)?);
    }
    if let Some(path) = &args.roots {
        let cannot = || format!("cannot read {}", path.display());
        trust.authorities = read_roots(&fs::read(path).with_context(cannot)?).with_context(cannot)?;
    }
    let mut report = hrisov_audit::check_bundle(BufReader::new(&file), &trust)?;
    // A PEM file does not say whose key it is: it is taken for that of the log that the bundle names.
    if let (Some(origin), false) = (report.origin.clone(), unnamed.is_empty()) {
        for given in unnamed {
            trust.keys.extend(read_keys_of(&origin, given)?);
        }
        report = hrisov_audit::check_bundle(BufReader::new(&file), &trust)?;
    }
    output.result(&report, || describe(&report, output))?;
    Ok(match report.verdict {
        BundleVerdict::Proven => Exit::Done,
        BundleVerdict::SignerUnknown => Exit::SignerUnknown,
        BundleVerdict::Refused { .. } => Exit::Findings,
    })
}

/// Keys with their names: typed, or a file with one on each line.
pub fn read_keys(given: &str) -> anyhow::Result<Vec<VerifierKey>> {
    if is_pem(given) {
        bail!("{given} does not say whose key it is: give log.pub instead");
    }
    if let Ok(key) = given.trim().parse() {
        return Ok(vec![key]);
    }
    let text = text_of(given)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Vec<VerifierKey> = lines
        .map(|line| {
            line.parse()
                .with_context(|| format!("{given} holds no public key"))
        })
        .collect::<anyhow::Result<_>>()?;
    match keys.is_empty() {
        true => bail!("{given} holds no public key"),
        false => Ok(keys),
    }
}

/// As [`read_keys`]; a key without a name is taken for that of the log.
pub fn read_keys_of(origin: &str, given: &str) -> anyhow::Result<Vec<VerifierKey>> {
    match is_pem(given) {
        true => Ok(vec![VerifierKey::from_pem(origin, &text_of(given)?)?]),
        false => read_keys(given),
    }
}

fn is_pem(given: &str) -> bool {
    text_of(given).is_ok_and(|text| text.contains("-----BEGIN PUBLIC KEY-----"))
}

fn text_of(given: &str) -> anyhow::Result<String> {
    let path = Path::new(given);
    let cannot = || format!("{given} is neither a public key nor a file with one");
    if fs::metadata(path).with_context(cannot)?.len() > KEYS_MAX_BYTES {
        bail!(cannot());
    }
    fs::read_to_string(path).with_context(cannot)
}

/// What a stranger wrote, as one line that does nothing to the terminal.
fn tame(text: &str) -> String {
    // Control characters, and those that turn the direction of what follows.
    let is_wild = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(is_wild, "?")
}

/// What a leaf says happened.
const fn happened(kind: LeafKind, speech: Speech) -> &'static str {
    let (romanian, english) = match kind {
        LeafKind::Ingestion => ("depunere", "ingestion"),
        LeafKind::Quarantine => ("carantină", "quarantine"),
        LeafKind::Transcription => ("text recunoscut", "transcription"),
        LeafKind::Replacement => ("înlocuire", "replacement"),
        LeafKind::MetadataModification => ("descriere schimbată", "metadata modification"),
        LeafKind::Erasure => ("ștergere", "erasure"),
        LeafKind::Adoption => ("adoptare", "adoption"),
        LeafKind::FixityCheck => ("verificare", "fixity check"),
        LeafKind::Recovery => ("punere la loc", "recovery"),
        LeafKind::Closing => ("închiderea cutiei", "closing of a box"),
        LeafKind::Access => ("consultare", "access"),
    };
    speech.pick(romanian, english)
}

fn describe(report: &BundleReport, output: &Output) -> String {
    let speech = output.speech;
    let signer = report.signer.map(|signer| signer.to_string()).unwrap_or_default();
    let mut text = match &report.verdict {
        BundleVerdict::Proven => format!(
            "{}: {signer}\n",
            speech.pick("dovedit, semnat de", "proven, signed by")
        ),
        BundleVerdict::SignerUnknown => format!(
            "{}: {signer}\n{}\n",
            speech.pick("consistent, semnatar necunoscut", "consistent, signer unknown"),
            speech.pick(
                "Comparați amprenta cu cea publicată de arhivă și repetați cu --key CHEIE.",
                "Compare the fingerprint with the one that the archive publishes, and repeat with --key KEY."
            )
        ),
        BundleVerdict::Refused { path, reason } => {
            let (path, reason) = (speech.translated(path), speech.translated(reason));
            let said = format!("{}: {path}: {reason}", speech.pick("RESPINS", "REFUSED"));
            return tame(&said) + "\n";
        }
    };
    if let (Some(origin), Some(size)) = (&report.origin, report.size) {
        let leaves = speech.count(size, ("intrare", "intrări"), ("leaf", "leaves"));
        text.push_str(&format!(
            "{} {origin}: {leaves}\n",
            speech.pick("registrul", "the log")
        ));
    }
    for leaf in &report.leaves {
        let master = tame(leaf.master.as_deref().unwrap_or(""));
        let kind = happened(leaf.kind, speech);
        let line = format!("  {:>8}  {kind:<22} {}  {master}", leaf.index, leaf.time);
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    if report.doubtful_times > 0 {
        text.push_str(speech.pick(
            "orele de mai sus sunt îndoielnice: ceasul arhivei a fost dat înapoi; ordinea rămâne\n",
            "the times above are doubtful: the archive's clock was put back; the order holds\n",
        ));
    }
    for witness in &report.witnesses {
        text.push_str(&format!("{} {witness}\n", speech.pick("martor", "witness")));
    }
    text.push_str(&match report.stamped_at {
        Some(time) => format!(
            "{} {time}\n",
            speech.pick("marcat temporal la", "time-stamped at")
        ),
        None if report.stamped => speech
            .pick(
                "are și o marcă temporală; cu --roots AUTORITATE.pem se verifică și cine a dat-o\n",
                "it also has a time stamp; --roots AUTHORITY.pem checks whose it is\n",
            )
            .to_owned(),
        None => String::new(),
    });
    text
}
