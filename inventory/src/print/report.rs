//! The report of a reconciliation for signing, with the closing formula of the legal inventory.

use jiff::Timestamp;

use super::{
    flow::{Flow, TableColumn},
    page::{Align, write_pdf},
    typeface::{Typefaces, Weight},
};
use crate::{
    Finding, FindingKind, InventoryError, Language, Outcome, Reconciliation, Sides,
    report::rows_of,
    words::{Gender, counted, counted_in_words},
};

/// What stands above the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportHead {
    /// Name of the institution, where it is known.
    pub institution: Option<String>,
    /// Code of the fonds.
    pub fonds: String,
    /// Name of the box.
    pub box_name: String,
    /// The day as it should be printed, such as `12.05.2026`; left open to be filled in by hand where `None`.
    pub date: Option<String>,
    /// When it is made, for the document's metadata.
    pub made_at: Timestamp,
}

const LIST: [TableColumn; 6] = [
    TableColumn {
        title: "Nr. crt.",
        share: 0.09,
        align: Align::Right,
    },
    TableColumn {
        title: "Conținutul pe scurt",
        share: 0.37,
        align: Align::Left,
    },
    TableColumn {
        title: "Date extreme",
        share: 0.15,
        align: Align::Left,
    },
    TableColumn {
        title: "File",
        share: 0.07,
        align: Align::Right,
    },
    TableColumn {
        title: "Imagini",
        share: 0.1,
        align: Align::Right,
    },
    TableColumn {
        title: "Constatare",
        share: 0.22,
        align: Align::Left,
    },
];

/// The report as a PDF in Romanian: what was found, the closing formula, places for signatures, the whole list.
///
/// # Errors
/// [`InventoryError::Pdf`] where it cannot be composed.
pub fn report_pdf(reconciliation: &Reconciliation, head: &ReportHead) -> Result<Vec<u8>, InventoryError> {
    let faces = Typefaces::new();
    let mut flow = Flow::new(&faces, Language::Romanian);
    title(&mut flow, reconciliation, head);
    summary(&mut flow, reconciliation);
    differences(&mut flow, &reconciliation.findings());
    closing(&mut flow, reconciliation, head);
    flow.heading("Lista dosarelor");
    let list: Vec<Vec<String>> = rows_of(reconciliation, Language::Romanian)
        .into_iter()
        .map(|row| {
            let or_empty = |text: Option<String>| text.unwrap_or_default();
            let place = row.number.or(row.reference);
            let title = match (row.title, row.line, row.folder) {
                (None, None, Some(folder)) => Some(format!("„{folder}” (numai scanat)")),
                (title, ..) => title,
            };
            vec![
                or_empty(place),
                or_empty(title),
                or_empty(row.extreme_dates),
                or_empty(row.leaves),
                or_empty(row.pages),
                row.result,
            ]
        })
        .collect();
    flow.table(&LIST, &list);
    let footer = format!("Fond {}, cutia {}", head.fonds, head.box_name);
    write_pdf(
        &flow.finish(&footer),
        "Confruntarea inventarului cu dosarele scanate",
        head.made_at,
        &faces,
        Language::Romanian,
    )
}

fn title(flow: &mut Flow<'_>, reconciliation: &Reconciliation, head: &ReportHead) {
    if let Some(institution) = &head.institution {
        flow.text(institution, 11.0, Weight::Bold, Align::Left);
    }
    let place = format!("Fondul: {} · Cutia: {}", head.fonds, head.box_name);
    flow.text(&place, 10.5, Weight::Regular, Align::Left);
    flow.space(8.0);
    flow.text("PROCES-VERBAL", 15.0, Weight::Bold, Align::Centre);
    flow.text(
        "de confruntare a inventarului cu dosarele scanate",
        12.0,
        Weight::Regular,
        Align::Centre,
    );
    flow.space(6.0);
    let sides = match reconciliation.sides {
        Sides::Simplex => "Scanare pe o singură față: o imagine corespunde unei file.",
        Sides::Duplex => "Scanare pe ambele fețe: două imagini corespund unei file.",
        Sides::Unknown => {
            "Nu s-a precizat dacă scanarea s-a făcut pe o față sau pe ambele: numărul filelor a fost comparat cu \
             intervalul posibil."
        }
    };
    flow.paragraph(&format!("Inventarul: {}. {sides}", reconciliation.inventory.name));
}

fn summary(flow: &mut Flow<'_>, reconciliation: &Reconciliation) {
    const SUMMARY: [TableColumn; 2] = [
        TableColumn {
            title: "Situația",
            share: 0.8,
            align: Align::Left,
        },
        TableColumn {
            title: "Număr",
            share: 0.2,
            align: Align::Right,
        },
    ];
    let counts = reconciliation.counts();
    let rows: Vec<Vec<String>> = [
        ("Dosare (poziții) în inventar", u64::from(counts.rows)),
        ("Dosare scanate", u64::from(counts.scanned)),
        ("Imagini scanate", counts.pages),
        ("Dosare regăsite", u64::from(counts.matched)),
        (
            "– dintre care cu alt număr de file",
            u64::from(counts.leaves_differ),
        ),
        ("Dosare lipsă la scanare", u64::from(counts.missing)),
        (
            "Dosare scanate care nu sunt în inventar",
            u64::from(counts.unexpected),
        ),
        (
            "Dosare a căror poziție în inventar nu s-a putut stabili",
            u64::from(counts.ambiguous),
        ),
    ]
    .into_iter()
    .map(|(name, number)| vec![name.to_owned(), number.to_string()])
    .collect();
    flow.table(&SUMMARY, &rows);
}

fn differences(flow: &mut Flow<'_>, findings: &[Finding]) {
    flow.heading("Constatări");
    if findings.is_empty() {
        flow.paragraph("Inventarul și dosarele scanate se potrivesc; nu sunt diferențe.");
        return;
    }
    for kind in FindingKind::ALL {
        let of_kind: Vec<&Finding> = findings.iter().filter(|finding| finding.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        flow.keep(16.0);
        flow.text(
            &format!(
                "{} ({})",
                capitalised(kind.title(Language::Romanian)),
                of_kind.len()
            ),
            10.5,
            Weight::Bold,
            Align::Left,
        );
        flow.space(0.8);
        for finding in of_kind {
            let sentence = finding.sentence(Language::Romanian);
            flow.paragraph(&format!("–  {}.", capitalised(&sentence)));
        }
    }
}

fn closing(flow: &mut Flow<'_>, reconciliation: &Reconciliation, head: &ReportHead) {
    let counts = reconciliation.counts();
    let dossiers = |number: u32| counted_in_words(number, Gender::Neuter, "dosar", "dosare");
    let places = |wanted: fn(&Outcome) -> bool| listed_places(reconciliation, wanted);
    flow.heading("Formula de încheiere");
    flow.paragraph(&format!("Prezentul inventar cuprinde {}.", dossiers(counts.rows)));
    let taken = counts.scanned;
    let day = head.date.as_deref().unwrap_or("____________________");
    let pictures = u32::try_from(counts.pages).unwrap_or(u32::MAX);
    flow.paragraph(&format!(
        "Astăzi, {day}, s-au preluat {}, cu {}.",
        dossiers(taken),
        counted(pictures, "imagine", "imagini")
    ));
    let missing = places(|outcome| {
        matches!(
            outcome,
            Outcome::Missing { .. } | Outcome::RowWithoutReference { .. }
        ) || matches!(outcome, Outcome::DuplicateRows { dossiers, .. } if dossiers.is_empty())
    });
    flow.paragraph(&match counts.missing {
        0 => "La preluare nu a lipsit niciun dosar.".to_owned(),
        1 => format!("La preluare a lipsit {}, de la nr. crt. {missing}.", dossiers(1)),
        many => format!(
            "La preluare au lipsit {}, de la nr. crt. {missing}.",
            dossiers(many)
        ),
    });
    if counts.leaves_differ > 0 {
        let differing = places(|outcome| {
            matches!(
                outcome,
                Outcome::Matched {
                    leaves: crate::LeafComparison::Differs(_),
                    ..
                }
            )
        });
        let number = dossiers(counts.leaves_differ);
        flow.paragraph(&format!(
            "Numărul filelor diferă de cel din inventar la {number}, de la nr. crt. {differing}."
        ));
    }
    if counts.unexpected > 0 {
        let number = dossiers(counts.unexpected);
        flow.paragraph(&format!("S-au scanat {number} care nu sunt trecute în inventar."));
    }
    if counts.ambiguous > 0 {
        let number = dossiers(counts.ambiguous);
        flow.paragraph(&format!(
            "Pentru {number} nu s-a putut stabili poziția din inventar."
        ));
    }
    flow.space(3.0);
    flow.signatures(&["Am predat,", "Am primit,", "Responsabil arhivă,"]);
}

/// Numbers of the rows of some outcomes, neighbours as ranges: `3, 5–9, 12 bis`.
fn listed_places(reconciliation: &Reconciliation, wanted: fn(&Outcome) -> bool) -> String {
    let mut numbers: Vec<u32> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for outcome in reconciliation.outcomes.iter().filter(|outcome| wanted(outcome)) {
        for row in outcome.rows() {
            let row = &reconciliation.inventory.rows[row];
            match (row.entry.number, row.label()) {
                (Some(number), _) => numbers.push(number),
                (None, Some(label)) => others.push(label),
                (None, None) => others.push(format!("(rândul {})", row.line)),
            }
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    let ranges = numbers
        .chunk_by(|one, next| *next == one + 1)
        .map(|run| match run {
            [only] => only.to_string(),
            [first, next] => format!("{first}, {next}"),
            [first, .., last] => format!("{first}–{last}"),
            [] => String::new(),
        });
    let all: Vec<String> = ranges.chain(others).collect();
    all.join(", ")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
