//! What a finding means, for people, and its particulars.

use hrisov_audit::{Finding, FindingKind};

use crate::speech::Speech;

/// A finding over several lines, as the screen shows it.
pub fn describe_finding(finding: &Finding, speech: Speech) -> String {
    let dossier = finding.dossier.as_deref().unwrap_or("-");
    let (kind, path, detail) = (
        name(finding.kind, speech),
        &finding.path,
        speech.translated(&finding.detail),
    );
    let meaning = meaning(finding.kind, speech);
    format!("\n{kind}  {dossier}\n  {path}\n  {meaning}\n  {detail}\n")
}

/// A finding in one sentence, as paper shows it.
pub fn finding_in_a_line(finding: &Finding, speech: Speech) -> String {
    let dossier = finding.dossier.as_deref().unwrap_or("–");
    let meaning = meaning(finding.kind, speech);
    let detail = speech.translated(&finding.detail);
    format!("{dossier}: {meaning}: {} ({detail})", finding.path)
}

const fn name(kind: FindingKind, speech: Speech) -> &'static str {
    let (romanian, english) = match kind {
        FindingKind::Damaged => ("STRICAT", "DAMAGED"),
        FindingKind::Missing => ("LIPSEȘTE", "MISSING"),
        FindingKind::Extra => ("ÎN PLUS", "EXTRA"),
        FindingKind::Inventory => ("INVENTAR", "INVENTORY"),
        FindingKind::Unreadable => ("NECITIBIL", "UNREADABLE"),
        FindingKind::Catalog => ("CATALOG", "CATALOG"),
        FindingKind::Ledger => ("REGISTRU", "LEDGER"),
        FindingKind::Index => ("INDEX", "INDEX"),
    };
    speech.pick(romanian, english)
}

const fn meaning(kind: FindingKind, speech: Speech) -> &'static str {
    let (romanian, english) = match kind {
        FindingKind::Damaged => (
            "fișierul nu mai are octeții cu care a fost scris",
            "the file no longer has the bytes that it was written with",
        ),
        FindingKind::Missing => (
            "ceva ce trebuie să existe lipsește",
            "something that has to be there is not",
        ),
        FindingKind::Extra => (
            "se află aici ceva ce nu este trecut nicăieri",
            "something is there that nothing names",
        ),
        FindingKind::Inventory => (
            "lista fișierelor dosarului (inventarul OCFL) nu este cum trebuie",
            "the list of the dossier's files (OCFL inventory) is not as it should be",
        ),
        FindingKind::Unreadable => (
            "un text sau o descriere nu se poate citi",
            "a text or description cannot be read",
        ),
        FindingKind::Catalog => (
            "catalogul spune altceva decât depozitul",
            "the catalog says something else than the store",
        ),
        FindingKind::Ledger => (
            "registrul nu este întreg, nu este semnat cum trebuie sau spune altceva decât arhiva",
            "the log is not whole, not rightly signed, or says something else than the archive",
        ),
        FindingKind::Index => (
            "indexul de căutare nu cuprinde ce spune catalogul",
            "the search index does not hold what the catalog says",
        ),
    };
    speech.pick(romanian, english)
}
