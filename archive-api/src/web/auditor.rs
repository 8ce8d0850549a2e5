//! The auditor's view: what is kept, how the log stands, and whether a file is ours, by its fingerprint.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use hrisov_audit::AuditError;
use hrisov_catalog::HeldFile;
use hrisov_ledger::{LedgerError, Reader, VerifierKey};
use hrisov_model::{Digest, FileState};
use serde::Deserialize;

use super::{
    Visitor,
    archivist::{Fixity, fixity},
    coverage::{Age, Happened, ages, findings, recoveries},
    frame::{Frame, Section},
    html, leaf,
    messages::Language,
    results::{dossier_address, dossier_name, shelf},
};
use crate::{ApiState, error::ApiError, extract::Query, links};

/// Places of the same bytes that are told.
const HOLDINGS_MAX: u32 = 50;

#[derive(Debug, Deserialize)]
pub(crate) struct AuditorParams {
    /// SHA-256 as typed or as computed in the browser.
    #[serde(default)]
    amprenta: String,
}

#[derive(Template)]
#[template(path = "auditor.html")]
struct AuditorPage {
    f: Frame,
    held: String,
    fixity: Fixity,
    ages: Vec<Age>,
    /// Under headings.
    history: [(String, Vec<Happened>); 2],
    log: Option<Log>,
    typed: String,
    answer: Option<Answer>,
}

/// How the log stands.
#[derive(Debug)]
struct Log {
    /// That its checkpoint cannot be read, or that no key of the archive signed it; empty where all is well.
    alarm: String,
    facts: Vec<(String, String)>,
    /// Fingerprints, in groups as they are read out over the telephone.
    fingerprints: Vec<(String, String)>,
}

/// Whether bytes are in the archive.
#[derive(Debug)]
struct Answer {
    is_malformed: bool,
    files: Vec<Holding>,
}

/// A file with these bytes.
#[derive(Debug)]
struct Holding {
    dossier: String,
    address: String,
    details: Vec<(String, String)>,
    pages: Vec<PageLink>,
    original: Option<String>,
    /// Where the proof of its bytes is.
    proof: Option<String>,
}

/// A page that shows these bytes.
#[derive(Debug)]
struct PageLink {
    label: String,
    address: String,
}

pub(crate) async fn auditor(
    State(state): State<ApiState>,
    visitor: Visitor,
    Query(params): Query<AuditorParams>,
) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Auditor);
    let (files, bytes) = state.catalog.kept_files().await?;
    let held = f.t.with_all(
        "held-size",
        [
            ("files", f.t.count("files-held", files)),
            ("size", f.t.size(bytes)),
        ],
    );
    let answer = match params.amprenta.trim() {
        "" => None,
        typed => Some(look_up(&state, f.t, typed).await?),
    };
    html(&AuditorPage {
        held,
        fixity: fixity(&state.catalog, f.t).await?,
        ages: ages(&state.catalog, f.t).await?,
        history: [
            (f.t.say("findings-heading"), findings(&state.catalog, f.t).await?),
            (
                f.t.say("recoveries-heading"),
                recoveries(&state.catalog, f.t).await?,
            ),
        ],
        log: log(&state, f.t).await?,
        typed: params.amprenta,
        answer,
        f,
    })
}

/// The newest checkpoint and who vouches for it; `None` of an archive that has no log yet.
async fn log(state: &ApiState, t: Language) -> Result<Option<Log>, ApiError> {
    let log = match Reader::open(Arc::clone(state.root.blobs())).await {
        Ok(log) => log,
        Err(LedgerError::NoLog { .. }) if state.log_keys.is_empty() => return Ok(None),
        Err(LedgerError::NoLog { .. } | LedgerError::Damaged { .. }) => {
            return Ok(Some(Log {
                alarm: t.say("log-unreadable"),
                facts: Vec::new(),
                fingerprints: Vec::new(),
            }));
        }
        Err(error) => return Err(AuditError::from(error).into()),
    };
    let head = log.head().checkpoint();
    let signed = log.verify(&state.log_keys).ok();
    let key = signed.as_ref().and_then(|signers| signers.log.last());
    let up_to = |size: u64| t.count("log-first", size);
    let witnessed = log.witnessed().await.ok().flatten();
    let witnesses = witnessed.and_then(|head| {
        let names: Vec<_> = head.verify(&state.log_keys).ok()?.witnesses;
        let names: Vec<_> = names.iter().map(|signer| signer.key.name().to_owned()).collect();
        let said = format!("{} ({})", names.join(", "), up_to(head.checkpoint().size));
        (!names.is_empty()).then_some(said)
    });
    let stamped = log.stamped_sizes().await.map_err(AuditError::from)?;
    let stamped = stamped.into_iter().find(|size| *size <= log.size()).map(up_to);
    let fact = |name: &str, value: String| (t.say(name), value);
    Ok(Some(Log {
        alarm: if key.is_none() {
            t.say("log-unsigned")
        } else {
            String::new()
        },
        facts: vec![
            fact("log-name", head.origin.clone()),
            fact("log-entries", t.number(head.size)),
            fact(
                "log-witnesses",
                witnesses.unwrap_or_else(|| t.say("log-no-witness")),
            ),
            fact("log-stamp", stamped.unwrap_or_else(|| t.say("log-no-stamp"))),
        ],
        fingerprints: [
            ("log-root", Some(head.root)),
            ("log-key", key.map(VerifierKey::fingerprint)),
        ]
        .into_iter()
        .filter_map(|(name, digest)| Some(fact(name, digest?.in_groups())))
        .collect(),
    }))
}

async fn look_up(state: &ApiState, t: Language, typed: &str) -> Result<Answer, ApiError> {
    // As programs print it: with spaces, in capitals, with the file's name behind.
    let first = typed.split_whitespace().next().unwrap_or_default();
    let together: String = typed.split_whitespace().collect();
    let digest = [first, &together]
        .into_iter()
        .find_map(|text| text.to_lowercase().parse::<Digest>().ok());
    let Some(digest) = digest else {
        return Ok(Answer {
            is_malformed: true,
            files: Vec::new(),
        });
    };
    let found = state.catalog.files_with(digest, HOLDINGS_MAX).await?;
    Ok(Answer {
        is_malformed: false,
        files: found
            .into_iter()
            .map(|held| Holding::new(state, t, held))
            .collect(),
    })
}

/// The proof of the page that shows these bytes, else of the whole dossier; none where no log speaks for them.
fn proof(state: &ApiState, held: &HeldFile) -> Option<String> {
    let is_provable = !state.log_keys.is_empty() && held.file.kept_at().is_some();
    is_provable.then(|| match held.pages.first() {
        Some((page, _)) => links::page_part(*page, "proof"),
        None => format!("{}/proof", links::dossier(held.dossier.id)),
    })
}

impl Holding {
    fn new(state: &ApiState, t: Language, held: HeldFile) -> Self {
        let file = &held.file;
        let dossier = &held.dossier;
        let is_kept = file.kept_at().is_some() || matches!(file.state, FileState::Duplicate { .. });
        let page = |(id, number): &(_, u32)| PageLink {
            label: t.with("page-short", "number", number),
            address: leaf::page_address(*id, leaf::Way::default()),
        };
        Self {
            dossier: dossier_name(t, &dossier.reference, &dossier.title),
            address: dossier_address(dossier.id, leaf::Way::default()),
            details: vec![
                (
                    t.say("box"),
                    shelf(t, &dossier.box_name.fonds, &dossier.box_name.name),
                ),
                (t.say("file-name"), file.source_path.clone()),
                (t.say("file-size"), t.size(file.size_bytes)),
                (t.say("received-at"), t.time(file.received_at)),
                (t.say("state"), t.say(&format!("state-{}", file.state.name()))),
            ],
            pages: held.pages.iter().map(page).collect(),
            original: is_kept.then(|| links::file(file.id)),
            proof: proof(state, &held),
        }
    }
}
