//! `hrisov audit report`: everything verified now, what is held, what was found, what is proven and what is not; for a
//! person to sign.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::bail;
use hrisov_audit::{Beginning, Report, Scope, Verification};
use hrisov_catalog::{Catalog, FixityState};
use hrisov_inventory::{Block, Document};
use hrisov_ledger::{Reader, VerifierKey, check_timestamp, printed, read_roots};
use hrisov_model::Digest;
use hrisov_store::ocfl::StorageRoot;
use jiff::{Timestamp, Unit, tz::TimeZone};
use serde::Serialize;

use crate::{
    archive::Archive,
    args::ReportArgs,
    commands::finding::finding_in_a_line,
    exit::Exit,
    inventory::{language, write_new},
    output::Output,
    speech::Speech,
    verifying::{all_cores, open_index},
};

/// Dossiers read from the catalog at once.
const CATALOG_PAGE: u32 = 500;

/// Findings that are written out one by one on paper; `verify` lists all.
const FINDINGS_ON_PAPER: usize = 200;

/// The report as data.
#[derive(Serialize)]
struct AuditReport {
    made_at: Timestamp,
    program: &'static str,
    archive: String,
    #[serde(flatten)]
    held: Held,
    /// How recently everything was verified before this report was made.
    verified_before: FixityState,
    verification: Report,
    log: LogState,
}

/// What is held, of the whole archive or of one fonds.
#[derive(Serialize)]
struct Held {
    fonds: Vec<String>,
    boxes: u64,
    dossiers: u64,
    pages: u64,
}

/// The log as it stands.
#[derive(Serialize)]
struct LogState {
    origin: String,
    size: u64,
    root: Digest,
    /// The signed note, as the QR code holds it.
    checkpoint: String,
    /// Fingerprint of the key that signed; `None` where none of the archive's did.
    key: Option<Digest>,
    /// Leaves that the newest witnessed checkpoint has, and who signed it.
    witnessed: Option<u64>,
    witnesses: Vec<String>,
    /// Leaves that the newest stamped checkpoint has, and when an authority stamped it.
    stamped: Option<u64>,
    stamped_at: Option<Timestamp>,
}

pub async fn run(
    archive: &Archive,
    root: &StorageRoot,
    log: &Reader,
    args: &ReportArgs,
    output: &Output,
) -> anyhow::Result<Exit> {
    let report = look(archive, root, log, args.fonds.as_deref()).await?;
    let ok = report.verification.ok;
    let speech = output.speech;
    if let Some(path) = &args.html {
        write_new(path, document(&report, log, speech).to_html().as_bytes())?;
    }
    if let Some(path) = &args.pdf {
        write_new(path, &document(&report, log, speech).to_pdf()?)?;
    }
    output.result(&report, || text(&document(&report, log, speech)))?;
    Ok(if ok { Exit::Done } else { Exit::Findings })
}

impl Held {
    async fn of(catalog: &Catalog, only: Option<&str>) -> anyhow::Result<Self> {
        let (mut boxes, mut fonds, mut others) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for batch in catalog.batches().await? {
            if only.is_some_and(|only| only != batch.of.fonds) {
                others.insert(batch.of.fonds);
                continue;
            }
            fonds.insert(batch.of.fonds.clone());
            boxes.insert((batch.of.fonds, batch.of.name));
        }
        if let Some(only) = only
            && boxes.is_empty()
        {
            let others = others.into_iter().collect::<Vec<_>>().join(", ");
            bail!("there is no fonds {only:?}: the archive has {others}");
        }
        let (mut dossiers, mut pages, mut after) = (0, 0, None);
        loop {
            let next = catalog.dossiers_after(after, CATALOG_PAGE).await?;
            let Some(last) = next.last() else { break };
            after = Some(last.id);
            for dossier in next
                .iter()
                .filter(|dossier| fonds.contains(&dossier.box_name.fonds))
            {
                dossiers += 1;
                pages += u64::from(dossier.pages);
            }
        }
        Ok(Self {
            fonds: fonds.into_iter().collect(),
            boxes: boxes.len() as u64,
            dossiers,
            pages,
        })
    }
}

async fn look(
    archive: &Archive,
    root: &StorageRoot,
    log: &Reader,
    only: Option<&str>,
) -> anyhow::Result<AuditReport> {
    let catalog = archive.catalog().await?;
    let trust = archive.log_trust().await?;
    let held = Held::of(&catalog, only).await?;
    let verified_before = catalog.fixity_state(only).await?;
    let (index, found) = open_index(archive)?;
    let verification = Verification {
        root: root.clone(),
        catalog: catalog.clone(),
        trust: Arc::new(trust.clone()),
        index,
        found,
        tasks: all_cores(),
        done: Arc::default(),
    };
    let scope = match only {
        None => Scope::Archive(Beginning::Anew),
        Some(fonds) => Scope::Fonds(fonds.to_owned()),
    };
    let verification = hrisov_audit::verify(&verification, &scope).await?;
    Ok(AuditReport {
        made_at: Timestamp::now().round(Unit::Second)?,
        program: concat!("hrisov ", env!("CARGO_PKG_VERSION")),
        archive: archive.folder.display().to_string(),
        held,
        verified_before,
        verification,
        log: log_state(archive, log, &trust.keys).await?,
    })
}

async fn log_state(archive: &Archive, log: &Reader, keys: &[VerifierKey]) -> anyhow::Result<LogState> {
    let head = log.head().checkpoint();
    let key = log
        .verify(keys)
        .ok()
        .and_then(|signers| signers.log.last().map(VerifierKey::fingerprint));
    let all = [keys, &archive.witnesses()?].concat();
    let witnessed = log.witnessed().await?;
    let signers = witnessed.as_ref().and_then(|head| head.verify(&all).ok());
    let witnesses: Vec<_> = signers
        .iter()
        .flat_map(|signers| &signers.witnesses)
        .map(|signer| signer.key.name().to_owned())
        .collect();
    let (stamped, stamped_at) = stamped(archive, log).await?.unzip();
    Ok(LogState {
        origin: head.origin.clone(),
        size: head.size,
        root: head.root,
        checkpoint: printed::qr_payload(log.head()),
        key,
        witnessed: witnessed
            .filter(|_| !witnesses.is_empty())
            .map(|head| head.checkpoint().size),
        witnesses,
        stamped,
        stamped_at,
    })
}

/// The newest stamp of a trusted authority: over how many leaves, and when.
async fn stamped(archive: &Archive, log: &Reader) -> anyhow::Result<Option<(u64, Timestamp)>> {
    let (Some(head), Some(roots)) = (log.stamped().await?, archive.stamp_roots()) else {
        return Ok(None);
    };
    let checkpoint = head.checkpoint().clone();
    let answer = Reader::at(Arc::clone(log.blobs()), head).stamp().await?;
    let roots = std::fs::read(&roots).ok().and_then(|pem| read_roots(&pem).ok());
    let stamp = answer
        .zip(roots)
        .and_then(|(answer, roots)| check_timestamp(&answer, &checkpoint, &roots).ok());
    Ok(stamp.map(|stamp| (checkpoint.size, stamp.time)))
}

/// The report as people read it.
fn document(report: &AuditReport, log: &Reader, speech: Speech) -> Document {
    let say = |romanian: &str, english: &str| speech.pick(romanian, english).to_owned();
    let mut blocks = vec![
        Block::Title(
            say("PROCES-VERBAL DE VERIFICARE", "AUDIT REPORT"),
            say("a arhivei digitale", "of the digital archive"),
        ),
        Block::Facts(held(report, speech)),
        Block::Heading(say("Ce s-a verificat", "What was verified")),
        Block::Paragraph(verified(report, speech)),
        Block::Heading(say("Constatări", "Findings")),
    ];
    let findings = &report.verification.findings;
    if findings.is_empty() {
        blocks.push(Block::Paragraph(say(
            "Nicio constatare: totul este cum a fost depus.",
            "None: everything is as it was deposited.",
        )));
    }
    let told = findings
        .iter()
        .take(FINDINGS_ON_PAPER)
        .map(|finding| finding_in_a_line(finding, speech));
    let mut told: Vec<String> = told.collect();
    let more = findings.len().saturating_sub(FINDINGS_ON_PAPER);
    if more > 0 {
        let rest = speech.count(
            more as u64,
            ("altă constatare", "alte constatări"),
            ("more", "more"),
        );
        told.push(format!("{rest}: hrisov verify"));
    }
    if !told.is_empty() {
        blocks.push(Block::List(told));
    }
    blocks.extend([
        Block::Heading(say("Ce este dovedit", "What is proven")),
        Block::List(proven(report, speech)),
        Block::Heading(say("Ce nu este dovedit", "What is not proven")),
        Block::List(not_proven(report, speech)),
        // What whoever signs vouches for stands on the page that is signed.
        Block::Together(vec![
            Block::Heading(say("Registrul arhivei, de păstrat", "The archive's log, to be kept")),
            Block::Facts(checkpoint(report, log, speech)),
            Block::Paragraph(say(
                "Cine păstrează această pagină poate cere oricând: hrisov audit --since, cu cele de mai sus, dovedește \
                 că nimic din ce era atunci în registru nu a fost schimbat, scos ori strecurat.",
                "Whoever keeps this page can ask at any time: hrisov audit --since, with the above, proves that nothing \
                 in the log of then was changed, removed or slipped in.",
            )),
            Block::Seal(
                report.log.checkpoint.clone(),
                vec![
                    say("A verificat,", "Verified by,"),
                    say("Responsabil arhivă,", "Archivist,"),
                ],
            ),
        ]),
    ]);
    Document {
        name: say(
            "Proces-verbal de verificare a arhivei",
            "Audit report of the archive",
        ),
        made_at: report.made_at,
        language: language(speech),
        blocks,
    }
}

fn held(report: &AuditReport, speech: Speech) -> Vec<(String, String)> {
    let made_at = report.made_at.to_zoned(TimeZone::system());
    [
        (
            ("Data", "Date"),
            made_at.strftime("%d.%m.%Y, %H:%M %Z").to_string(),
        ),
        (("Arhiva", "Archive"), report.archive.clone()),
        (("Programul", "Program"), report.program.to_owned()),
        (("Fonduri", "Fonds"), report.held.fonds.join(", ")),
        (("Cutii", "Boxes"), speech.number(report.held.boxes)),
        (("Dosare", "Dossiers"), speech.number(report.held.dossiers)),
        (("Pagini", "Pages"), speech.number(report.held.pages)),
        (
            ("Verificate mai înainte", "Verified before"),
            verified_before(&report.verified_before, speech),
        ),
    ]
    .map(|((romanian, english), value)| (speech.pick(romanian, english).to_owned(), value))
    .into()
}

/// When everything was verified before today.
fn verified_before(state: &FixityState, speech: Speech) -> String {
    let day = |time: Timestamp| time.to_zoned(TimeZone::system()).strftime("%d.%m.%Y").to_string();
    let never = speech.count(
        state.never,
        (
            "dosar niciodată de la depunere",
            "dosare niciodată de la depunere",
        ),
        (
            "dossier never since its deposit",
            "dossiers never since their deposit",
        ),
    );
    match (state.oldest, state.newest) {
        (Some(oldest), Some(newest)) => {
            let (oldest, newest) = (day(oldest), day(newest));
            let between = match oldest == newest {
                true => oldest,
                false => format!("{oldest} – {newest}"),
            };
            match state.never {
                0 => between,
                _ => format!("{between}; {never}"),
            }
        }
        _ => speech.pick("niciodată", "never").to_owned(),
    }
}

fn verified(report: &AuditReport, speech: Speech) -> String {
    let checked = &report.verification.checked;
    let dossiers = speech.count(checked.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let files = speech.count(checked.files, ("fișier", "fișiere"), ("file", "files"));
    let leaves = speech.count(checked.leaves, ("intrare", "intrări"), ("leaf", "leaves"));
    match speech {
        Speech::Romanian => format!(
            "{dossiers}: {files}, fiecare citit din nou și comparat cu amprenta (SHA-256) de la depunere; inventarele, \
             catalogul și indexul de căutare, unele față de altele; {leaves} din registru, fiecare față de evenimentul ei."
        ),
        Speech::English => format!(
            "{dossiers}: {files}, each read again and compared with its SHA-256 at the deposit; inventories, catalog and \
             search index against each other; {leaves} of the log, each against its event."
        ),
    }
}

fn checkpoint(report: &AuditReport, log: &Reader, speech: Speech) -> Vec<(String, String)> {
    let say = |romanian: &str, english: &str| speech.pick(romanian, english).to_owned();
    let none = || say("nu", "none");
    let mut facts = printed_facts(&printed::print(log.head().checkpoint()));
    let state = &report.log;
    let unsigned = || say("NESEMNAT de cheia arhivei", "NOT SIGNED by the archive's key");
    facts.push((
        say("semnat cu cheia", "signed by the key"),
        state.key.map_or_else(unsigned, |key| key.in_groups()),
    ));
    facts.push((
        say("martori", "witnesses"),
        match state.witnessed {
            None => none(),
            Some(size) => {
                let up_to = speech.count(size, ("intrare", "intrări"), ("leaf", "leaves"));
                format!("{} ({up_to})", state.witnesses.join(", "))
            }
        },
    ));
    facts.push((
        say("marcă temporală", "time stamp"),
        match state.stamped.zip(state.stamped_at) {
            None => none(),
            Some((size, time)) => {
                let up_to = speech.count(size, ("intrare", "intrări"), ("leaf", "leaves"));
                format!("{} ({up_to})", moment(time))
            }
        },
    ));
    facts
}

/// The printed form of a checkpoint as names and values.
pub fn printed_facts(printed: &str) -> Vec<(String, String)> {
    let fact = |line: &str| {
        let (label, value) = line.split_at(line.char_indices().nth(20).map_or(line.len(), |(at, _)| at));
        (label.trim().to_owned(), value.trim().to_owned())
    };
    printed.lines().map(fact).collect()
}

fn proven(report: &AuditReport, speech: Speech) -> Vec<String> {
    let say = |romanian: &str, english: &str| speech.pick(romanian, english).to_owned();
    let mut proven = Vec::new();
    if report.verification.ok {
        proven.push(say(
            "Fiecare original este octet cu octet cel depus, iar depunerea lui este în registru.",
            "Every original is byte for byte the one deposited, and its deposit is in the log.",
        ));
        proven.push(say(
            "Registrul este întreg și semnat, și continuă ce a semnat ultima oară cheia arhivei.",
            "The log is whole and signed, and continues what the archive's key signed last.",
        ));
    }
    let first = |leaves: u64| match speech {
        Speech::Romanian if leaves == 1 => "prima intrare din registru".to_owned(),
        Speech::Romanian => {
            format!(
                "primele {} din registru",
                speech.count(leaves, ("", "intrări"), ("", ""))
            )
        }
        Speech::English => {
            format!(
                "the log's first {}",
                speech.count(leaves, ("", ""), ("leaf", "leaves"))
            )
        }
    };
    if let Some(leaves) = report.log.witnessed {
        let first = first(leaves);
        proven.push(match speech {
            Speech::Romanian => {
                format!("Un martor din afară a văzut {first} și nu a semnat altă istorie a lor.")
            }
            Speech::English => {
                format!("A witness from outside saw {first}, and signed no other history of them.")
            }
        });
    }
    if let Some((leaves, time)) = report.log.stamped.zip(report.log.stamped_at) {
        let (first, time) = (first(leaves), moment(time));
        proven.push(match speech {
            Speech::Romanian => format!("O autoritate de marcare temporală a văzut {first} la {time}."),
            Speech::English => format!("A time-stamping authority saw {first} on {time}."),
        });
    }
    if proven.is_empty() {
        proven.push(say(
            "Nimic, până când constatările nu sunt lămurite.",
            "Nothing, until the findings are explained.",
        ));
    }
    proven
}

fn not_proven(report: &AuditReport, speech: Speech) -> Vec<String> {
    let say = |romanian: &str, english: &str| speech.pick(romanian, english).to_owned();
    let mut not = vec![
        say(
            "Că scanul este fidel hârtiei, sau că s-au scanat toate filele.",
            "That a scan is faithful to the paper, or that every leaf was scanned.",
        ),
        say(
            "Ora din registru: este a ceasului arhivei; ordinea este a intrărilor.",
            "The time in the log: it is the archive's own clock; the order is that of the leaves.",
        ),
        say(
            "Pentru originalele adoptate la începutul registrului: nimic despre timpul de dinainte.",
            "For originals adopted when the log began: nothing of the time before.",
        ),
    ];
    if !report.verification.ok {
        let whole = say(
            "Nimic despre arhivă ca întreg, până când constatările de mai sus nu sunt lămurite.",
            "Nothing about the archive as a whole, until the findings above are explained.",
        );
        not.insert(0, whole);
    }
    let doubtful = report.verification.checked.doubtful_times;
    if doubtful > 0 {
        let leaves = speech.count(doubtful, ("intrare", "intrări"), ("leaf", "leaves"));
        let why = say(
            "cu ora mai mică decât una dinaintea lor: ceasul arhivei a fost dat înapoi, orele sunt îndoielnice.",
            "with an earlier time than one before: the archive's clock was put back, the times are doubtful.",
        );
        not.push(format!("{leaves} {why}"));
    }
    let since = |leaves: u64| {
        let since = report.log.size.saturating_sub(leaves);
        (since > 0).then(|| match speech {
            Speech::Romanian if since == 1 => "Ultima intrare din registru".to_owned(),
            Speech::Romanian => {
                let leaves = speech.count(since, ("", "intrări"), ("", ""));
                format!("Ultimele {leaves} din registru")
            }
            Speech::English => {
                let leaves = speech.count(since, ("", ""), ("leaf", "leaves"));
                format!("The log's last {leaves}")
            }
        })
    };
    match report.log.witnessed {
        None => not.push(say(
            "Fără martor: cine are cheia poate semna altă istorie pentru cine nu compară. Păstrați această pagină.",
            "Without a witness, who has the key can sign another history for those who never compare. Keep this page.",
        )),
        Some(leaves) => not.extend(since(leaves).map(|last| {
            let unseen = speech.pick("încă fără martor.", "not seen by a witness yet.");
            format!("{last}: {unseen}")
        })),
    }
    match report.log.stamped.filter(|_| report.log.stamped_at.is_some()) {
        None => not.push(say(
            "Fără marcă temporală: momentul îl dovedește numai data semnăturii de mai jos.",
            "Without a time stamp, only the date of the signature below proves the moment.",
        )),
        Some(leaves) => not.extend(since(leaves).map(|last| {
            let unstamped = speech.pick("încă fără marcă temporală.", "without a time stamp yet.");
            format!("{last}: {unstamped}")
        })),
    }
    not
}

/// When others saw the log, to the second.
fn moment(time: Timestamp) -> String {
    time.strftime("%d.%m.%Y %H:%M:%S UTC").to_string()
}

/// The same on the screen.
fn text(document: &Document) -> String {
    let mut text = String::new();
    write_text(&document.blocks, &mut text);
    text
}

fn write_text(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            Block::Title(title, below) => text.push_str(&format!("{title} {below}\n\n")),
            Block::Heading(heading) => text.push_str(&format!("\n{heading}\n")),
            Block::Paragraph(paragraph) => text.push_str(&format!("  {paragraph}\n")),
            Block::Facts(facts) => {
                for (name, value) in facts {
                    text.push_str(&format!("  {name:<24} {value}\n"));
                }
            }
            Block::List(items) => {
                for item in items {
                    text.push_str(&format!("  – {item}\n"));
                }
            }
            Block::Together(blocks) => write_text(blocks, text),
            Block::Seal(..) => {}
        }
    }
}
