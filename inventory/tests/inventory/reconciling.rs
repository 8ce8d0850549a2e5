use std::{collections::BTreeMap, fs, path::Path};

use hrisov_inventory::{
    FindingKind, Images, Language, MatchBasis, Outcome, Reconciliation, ScannedDossier, Sides, read,
    reconcile, report_csv, rows_of,
};
use hrisov_model::DossierId;
use proptest::prelude::*;

use crate::reading::read_text;

fn scanned(dossiers: &[(&str, u32, u32)]) -> Vec<ScannedDossier> {
    let dossier = |(reference, pages, blank_pages): &(&str, u32, u32)| ScannedDossier {
        id: DossierId::random(),
        reference: (*reference).to_owned(),
        images: Images {
            pages: *pages,
            blank_pages: *blank_pages,
            blank_leaves: 0,
        },
    };
    dossiers.iter().map(dossier).collect()
}

fn compare(inventory: &str, dossiers: &[(&str, u32, u32)], sides: Sides) -> Reconciliation {
    reconcile(read_text(inventory), scanned(dossiers), sides)
}

/// What became of the dossier of that name: its row's number and how it was known, or the kind of finding.
fn check(inventory: &str, names: &[&str], wanted: &[&str]) {
    let dossiers: Vec<(&str, u32, u32)> = names.iter().map(|name| (*name, 1, 0)).collect();
    let found = compare(inventory, &dossiers, Sides::Unknown);
    let mut of: BTreeMap<usize, String> = BTreeMap::new();
    for outcome in &found.outcomes {
        let told = match outcome {
            Outcome::Matched { row, basis, .. } => {
                let basis = match basis {
                    MatchBasis::ExactReference => "exact",
                    MatchBasis::Reference => "reference",
                    MatchBasis::NumberAndYear => "year",
                    MatchBasis::Number => "number",
                };
                format!("{} {basis}", found.inventory.rows[*row].label().unwrap())
            }
            other => other.kind().unwrap().as_str().to_owned(),
        };
        of.extend(
            outcome
                .dossiers()
                .into_iter()
                .map(|dossier| (dossier, told.clone())),
        );
    }
    let of: Vec<&str> = of.values().map(String::as_str).collect();
    assert_eq!(of, wanted, "{inventory} {names:?}");
}

#[test]
fn names_of_scans_are_found_in_the_inventory() {
    let numbered = "nr. crt.;titlu;date extreme\n1;a;1978\n2;b;1978\n12;c;1978\n13;d;1980\n";
    check(numbered, &["12"], &["12 exact"]);
    check(numbered, &["12.pdf"], &["12 exact"]);
    check(
        numbered,
        &["012", "Dosar 13", "nr. 1"],
        &["12 reference", "13 reference", "1 reference"],
    );
    check(numbered, &["DOSAR_NR_12"], &["12 reference"]);
    check(numbered, &["dosar_12_1978"], &["12 year"]);
    check(numbered, &["12 din 1978", "1980-13"], &["12 year", "13 year"]);
    check(
        numbered,
        &["12 Popescu Ion", "13. Ionescu"],
        &["12 number", "13 number"],
    );
    check(numbered, &["12_1999"], &["unexpected"]);
    check(
        numbered,
        &["12a", "Popescu Ion", "120"],
        &["unexpected", "unexpected", "unexpected"],
    );
    // The exact one is it; the other is told.
    check(numbered, &["12", "12 Popescu Ion"], &["12 exact", "unexpected"]);
    check(
        numbered,
        &["12 Popescu", "12 Ionescu"],
        &["ambiguous", "ambiguous"],
    );
    check(numbered, &["12 vol 1", "12 vol 2"], &["ambiguous", "ambiguous"]);

    let told = "nr. crt.;titlu;obs\n1;a;dosar: 1 Mihăilescu\n2;b;dosar: D-8-1979\n3;c;dosar: 10.pdf\n";
    check(
        told,
        &["1 Mihăilescu", "D-8-1979", "10.pdf"],
        &["1 exact", "2 exact", "3 exact"],
    );

    let referenced = "nr. crt.;cota;titlu\n1;P/12;a\n2;P/13;b\n3;12;c\n4;Ștefănescu;d\n";
    check(
        referenced,
        &["P_12", "p 13", "12", "STEFANESCU"],
        &[
            "P/12 reference",
            "P/13 reference",
            "12 exact",
            "Ștefănescu reference",
        ],
    );
    // Named by reference for the most part: "2" is not the second row.
    check(
        referenced,
        &["P_12", "12", "STEFANESCU", "2 Pop"],
        &["P/12 reference", "12 exact", "Ștefănescu reference", "unexpected"],
    );
    // Named by number throughout: the reference that is a number still comes first.
    check(referenced, &["1 Pop", "2 Ion"], &["P/12 number", "P/13 number"]);

    let by_year = "nr. crt.;titlu;anul\n1;a;1978\n1;b;1979\n2;c;1978-1980\n";
    check(
        by_year,
        &["1_1978", "1_1979", "2_1979"],
        &["1 year", "1 year", "2 year"],
    );
    check(by_year, &["1"], &["ambiguous"]);
    let twice = "nr. crt.;titlu;anul\n1;a;1978\n1;a;1978\n2;b;1978\n";
    check(twice, &["1", "2"], &["duplicate_rows", "2 exact"]);
}

#[test]
fn a_generated_box_agrees_with_its_inventory() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/sample/box");
    let inventory = read(&fs::read(folder.join("inventar.csv")).unwrap(), "inventar.csv").unwrap();
    let names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "inventar.csv")
        .collect();
    let dossiers: Vec<(&str, u32, u32)> = names.iter().map(|name| (name.as_str(), 1, 0)).collect();
    let counts = reconcile(inventory, scanned(&dossiers), Sides::Unknown).counts();
    assert_eq!(
        (counts.rows, counts.matched, counts.missing, counts.unexpected),
        (12, 12, 0, 0)
    );
}

#[test]
fn a_fonds_of_fifty_thousand_dossiers_is_matched_as_well() {
    let mut text = "nr. crt.;titlu;anul;nr. file\n".to_owned();
    let mut names = Vec::new();
    for number in 1..=50_000 {
        text.push_str(&format!("{number};Acte;1978;4\n"));
        names.push(match number % 3 {
            0 => format!("{number:06}"),
            1 => format!("{number} Popescu"),
            _ => format!("dosar_{number}_1978"),
        });
    }
    let dossiers: Vec<(&str, u32, u32)> = names.iter().map(|name| (name.as_str(), 4, 0)).collect();
    assert_eq!(compare(&text, &dossiers, Sides::Simplex).findings(), []);
}

#[test]
fn each_planted_defect_is_found_and_nothing_else() {
    let inventory =
        "nr. crt.;titlu;nr. file\n1;a;10\n2;b;10\n3;c;10\n4;d;\n5;e;10\n6;f;10\n6;f;10\n;g;10\n8;h;abc\n";
    let dossiers = [
        ("1", 10, 0),
        ("3", 25, 0),
        ("4", 3, 0),
        ("5 A", 10, 0),
        ("5 Pop", 10, 0),
        ("5 Ion", 10, 0),
        ("6", 10, 0),
        ("7 Albu", 4, 0),
        ("8", 4, 0),
    ];
    let found = compare(inventory, &dossiers, Sides::Unknown);
    let findings = found.findings();
    let kinds: Vec<_> = findings
        .iter()
        .map(|finding| (finding.kind, finding.lines.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (FindingKind::ValueNotUnderstood, vec![10]),
            (FindingKind::Missing, vec![3]),
            (FindingKind::LeavesDiffer, vec![4]),
            (FindingKind::Ambiguous, vec![6]),
            (FindingKind::DuplicateRows, vec![7, 8]),
            (FindingKind::RowWithoutReference, vec![9]),
            (FindingKind::Unexpected, vec![]),
            (FindingKind::Unexpected, vec![]),
        ]
    );
    let sentences: Vec<_> = findings
        .iter()
        .skip(1)
        .map(|finding| finding.sentence(Language::Romanian))
        .collect();
    assert_eq!(
        sentences,
        [
            "dosarul 2 (rândul 3) nu se află printre cele scanate",
            "dosarul 3 (rândul 4), scanat „3”: inventarul are 10 file, scanarea între 13 și 25 de file (25 de imagini)",
            "nu se poate hotărî ce dosar scanat aparține de rândul 6: „5 Pop”, „5 Ion”",
            "dosarul 6 este trecut de mai multe ori în inventar (rândurile 7 și 8); scanat: „6”",
            "rândul 9 nu are nici număr, nici cotă",
            "dosarul scanat „5 A” nu este în inventar",
            "dosarul scanat „7 Albu” nu este în inventar",
        ]
    );
    for finding in &findings {
        assert!(!finding.sentence(Language::English).is_empty());
    }
    let counts = found.counts();
    assert_eq!((counts.rows, counts.scanned, counts.matched), (9, 9, 4));
    assert_eq!(
        (
            counts.missing,
            counts.unexpected,
            counts.ambiguous,
            counts.leaves_differ
        ),
        (2, 2, 3, 1)
    );
    assert_eq!(found.accepted().count(), 4);
}

#[test]
fn sides_say_how_many_leaves_the_pages_are() {
    for (sides, pages, blank, agrees) in [
        (Sides::Simplex, 10, 0, true),
        (Sides::Simplex, 12, 2, true),
        (Sides::Simplex, 9, 0, false),
        (Sides::Simplex, 20, 0, false),
        (Sides::Duplex, 20, 0, true),
        (Sides::Duplex, 20, 9, true),
        (Sides::Duplex, 18, 0, false),
        (Sides::Duplex, 10, 0, false),
        (Sides::Unknown, 10, 0, true),
        (Sides::Unknown, 20, 0, true),
        (Sides::Unknown, 9, 0, false),
        (Sides::Unknown, 21, 0, false),
        (Sides::Unknown, 21, 1, true),
    ] {
        let found = compare("nr. crt.;titlu;nr. file\n1;a;10\n", &[("1", pages, blank)], sides);
        assert_eq!(found.findings().is_empty(), agrees, "{sides:?} {pages} {blank}");
    }
}

#[test]
fn the_csv_report_has_every_row_and_no_formula() {
    let inventory = "nr. crt.;titlu;nr. file\n1;=1+1;10\n2;b;10\n";
    let csv = report_csv(
        &compare(inventory, &[("1", 10, 0), ("x", 1, 0)], Sides::Simplex),
        Language::Romanian,
    )
    .unwrap();
    assert_eq!(
        String::from_utf8(csv).unwrap(),
        "\u{feff}rând;nr. crt.;cota;conținutul pe scurt;date extreme;nr. file;dosar scanat;imagini;imagini (aproape) goale;\
         constatare;cod\n\
         2;1;;'=1+1;;10;1;10;0;corespunde;agrees\n\
         3;2;;b;;10;;;;lipsă la scanare;missing\n\
         ;;;;;;x;1;0;în plus față de inventar;unexpected\n"
    );
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        (1_u32..15).prop_map(|number| number.to_string()),
        (1_u32..15).prop_map(|number| format!("Dosar {number:03}")),
        (1_u32..15, 1976_u32..1981).prop_map(|(number, year)| format!("{number}_{year}")),
        (1_u32..15, "[A-C]{1,2}").prop_map(|(number, name)| format!("{number} {name}")),
        "[ -~ăș]{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_row_and_every_scan_is_in_exactly_one_outcome(
        rows in prop::collection::vec((name(), 0_u32..15, 1976_u32..1981, "[ab]?"), 0..20),
        names in prop::collection::vec((name(), 0_u32..9, 0_u32..9), 0..20),
    ) {
        let mut text = "cota|nr. crt.|anul|titlu|nr. file\n".to_owned();
        for (reference, number, year, title) in &rows {
            let reference = reference.replace(['|', '"'], "");
            text.push_str(&format!("{reference}|{number}|{year}|{title}|4\n"));
        }
        let dossiers: Vec<(&str, u32, u32)> =
            names.iter().map(|(name, pages, blank)| (name.as_str(), *pages, *blank)).collect();
        let found = compare(&text, &dossiers, Sides::Unknown);
        let mut in_rows: Vec<usize> = found.outcomes.iter().flat_map(Outcome::rows).collect();
        let mut in_dossiers: Vec<usize> = found.outcomes.iter().flat_map(Outcome::dossiers).collect();
        in_rows.sort_unstable();
        in_dossiers.sort_unstable();
        prop_assert_eq!(in_rows, (0..found.inventory.rows.len()).collect::<Vec<_>>());
        prop_assert_eq!(in_dossiers, (0..names.len()).collect::<Vec<_>>());
        for outcome in &found.outcomes {
            if let Outcome::DuplicateRows { rows, dossiers } = outcome {
                prop_assert!(rows.len() > 1 && dossiers.len() < 2);
            }
            if let Outcome::Ambiguous { rows, dossiers } = outcome {
                prop_assert!(!rows.is_empty() && !dossiers.is_empty() && rows.len() + dossiers.len() > 2);
            }
        }
        let counts = found.counts();
        prop_assert!(counts.matched + counts.unexpected + counts.ambiguous == counts.scanned);
        prop_assert!(rows_of(&found, Language::English).len() >= found.outcomes.len());
    }
}
