//! The closing of a box on paper, to be signed and kept apart from the archive.

use hrisov_catalog::{BoxAct, BoxRecord};
use hrisov_inventory::{Block, Document, InventoryError};
use hrisov_ledger::{Reader, printed};
use hrisov_model::Account;
use jiff::tz::TimeZone;

use crate::{
    commands::{audit_report::printed_facts, boxes::sentence},
    inventory::language,
    speech::Speech,
};

/// A PDF of what was closed, by whom, which differences were accepted, and the log's checkpoint, also as a QR code.
///
/// # Errors
/// Where the PDF cannot be composed.
pub fn pdf(record: &BoxRecord, log: &Reader, speech: Speech) -> Result<Vec<u8>, InventoryError> {
    let say = |romanian: &str, english: &str| speech.pick(romanian, english).to_owned();
    let mut blocks = vec![
        Block::Title(
            say("PROCES-VERBAL DE ÎNCHIDERE", "CLOSING REPORT"),
            say("a cutiei în arhiva digitală", "of a box in the digital archive"),
        ),
        Block::Facts(facts(record, speech)),
        Block::Heading(say("Diferențe asumate", "Differences accepted")),
    ];
    if let BoxAct::Closed { reason, accepted, .. } = &record.act {
        match accepted.as_slice() {
            [] => blocks.push(Block::Paragraph(say(
                "Niciuna: dosarele scanate sunt cele din inventar.",
                "None: the scanned dossiers are those of the inventory.",
            ))),
            accepted => {
                let told = accepted.iter().map(|kept| sentence(kept, speech));
                blocks.push(Block::List(told.collect()));
                let why = say("Motivul", "Reason");
                blocks.push(Block::Paragraph(format!(
                    "{why}: {}",
                    reason.as_deref().unwrap_or_default()
                )));
            }
        }
    }
    // What whoever signs vouches for stands on the page that is signed.
    blocks.push(Block::Together(vec![
        Block::Heading(say("Registrul arhivei, de păstrat", "The archive's log, to be kept")),
        Block::Facts(printed_facts(&printed::print(log.head().checkpoint()))),
        Block::Paragraph(say(
            "Închiderea este în registru, sub acest punct de control. Cine păstrează pagina poate cere oricând \
             dovada că nimic din ce era atunci în registru nu a fost schimbat: hrisov audit --since.",
            "The closing is in the log, under this checkpoint. Whoever keeps the page can ask at any time for the proof \
             that nothing in the log of then was changed: hrisov audit --since.",
        )),
        Block::Seal(
            printed::qr_payload(log.head()),
            vec![say("A închis,", "Closed by,"), say("Responsabil arhivă,", "Archivist,")],
        ),
    ]));
    let document = Document {
        name: format!(
            "{} {}/{}",
            speech.pick("Închiderea cutiei", "Closing of the box"),
            record.of.fonds,
            record.of.name
        ),
        made_at: record.at,
        language: language(speech),
        blocks,
    };
    document.to_pdf()
}

fn facts(record: &BoxRecord, speech: Speech) -> Vec<(String, String)> {
    let at = record.at.to_zoned(TimeZone::system());
    let mut closed = at.strftime("%d.%m.%Y, %H:%M %Z").to_string();
    let mut facts = Vec::new();
    if let BoxAct::Closed {
        by,
        account,
        dossiers,
        pages,
        ..
    } = &record.act
    {
        if let Some(by) = by {
            closed.push_str(&format!(", {by}"));
        }
        let dossiers = speech.count(*dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
        let pages = speech.count(*pages, ("pagină", "pagini"), ("page", "pages"));
        facts.push((("Cuprinde", "Holds"), format!("{dossiers}, {pages}")));
        facts.push((("Fișiere primite", "Files received"), sum(account, speech)));
    }
    let named = [
        (
            ("Fondul / cutia", "Fonds / box"),
            format!("{} / {}", record.of.fonds, record.of.name),
        ),
        (("Închisă la", "Closed on"), closed),
    ];
    let all = named.into_iter().chain(facts);
    all.map(|((romanian, english), value)| (speech.pick(romanian, english).to_owned(), value))
        .collect()
}

/// `5 = 4 stored + ...`.
fn sum(account: &Account, speech: Speech) -> String {
    let parts = [
        (account.stored, speech.pick("păstrate", "stored")),
        (account.duplicate, speech.pick("duplicate", "duplicate")),
        (account.ignored, speech.pick("ignorate", "ignored")),
        (account.quarantined, speech.pick("în carantină", "quarantined")),
    ];
    let parts = parts.map(|(count, state)| format!("{} {state}", speech.number(count)));
    format!("{} = {}", speech.number(account.received), parts.join(" + "))
}
