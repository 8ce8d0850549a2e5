//! The sample box, read by the real Tesseract: its words are found again, on the right page, in the right place.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hrisov_index::{SearchHits, SearchIndex, SearchQuery};
use hrisov_model::{Rect, letters};
use serde::Deserialize;

use super::{program::Archive, tools};

/// Shortest word that is looked for.
const WORD_LETTERS: usize = 4;
/// Share of the words of clean pages that must be found with a box that overlaps the true one.
const FOUND_AT_LEAST: f64 = 0.97;
/// More dossiers and pages than the sample has.
const EVERYTHING: usize = 1_000;

/// A line of `truth/pages.jsonl`.
#[derive(Deserialize)]
struct TruePage {
    dossier: String,
    page: u32,
    words: String,
    difficulty: String,
    blank: bool,
}

/// What is used of `truth/DOSSIER/N.json`.
#[derive(Deserialize)]
struct TrueWords {
    boxes: Vec<TrueWord>,
}

#[derive(Deserialize)]
struct TrueWord {
    text: String,
    #[serde(flatten)]
    rect: Rect,
    /// Set where the word is not the document's own.
    layer: Option<String>,
}

fn sample() -> PathBuf {
    tools::root().join("fixtures/sample")
}

fn true_pages() -> Vec<TruePage> {
    let lines = fs::read_to_string(sample().join("truth/pages.jsonl")).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Letters and digits at the ends decide what a word is; punctuation around it does not.
fn bare(word: &str) -> String {
    letters::normalise(word)
        .trim_matches(|letter: char| !letter.is_alphanumeric())
        .to_owned()
}

fn is_found(hits: &SearchHits, page: &TruePage, truth: Rect) -> bool {
    let of_dossier = hits.hits.iter().filter(|hit| hit.reference == page.dossier);
    let mut pages = of_dossier
        .flat_map(|hit| &hit.pages)
        .filter(|hit| hit.page == page.page);
    pages.any(|hit| hit.boxes.iter().any(|found| found.overlap(truth) > 0))
}

#[test]
fn the_words_of_clean_pages_are_found_on_their_page_with_their_box() {
    let archive = Archive::reading();
    let report = archive.ingest(0, &sample().join("box"));
    let pages = true_pages();
    assert_eq!(report["pages"], pages.len(), "{report:#}");
    let blank = pages.iter().filter(|page| page.blank).count();
    assert_eq!(
        (&report["pages_blank"], &report["pages_unreadable"]),
        (&blank.into(), &0.into()),
        "{report:#}"
    );
    let searcher = SearchIndex::open_reader(&archive.path().join("index")).unwrap();
    let mut answers = BTreeMap::<String, SearchHits>::new();
    let (mut wanted, mut found, mut lost) = (0_u32, 0_u32, Vec::new());
    for page in pages
        .iter()
        .filter(|page| page.difficulty == "clean" && !page.blank)
    {
        let truth = fs::read(sample().join("truth").join(&page.words)).unwrap();
        let truth: TrueWords = serde_json::from_slice(&truth).unwrap();
        for word in truth.boxes.iter().filter(|word| word.layer.is_none()) {
            let text = bare(&word.text);
            if text.chars().filter(|letter| letter.is_alphanumeric()).count() < WORD_LETTERS {
                continue;
            }
            let hits = answers.entry(text.clone()).or_insert_with(|| {
                let query = SearchQuery {
                    limit: EVERYTHING,
                    pages_per_dossier: EVERYTHING,
                    ..SearchQuery::new(&text)
                };
                searcher.search(&query).unwrap()
            });
            wanted += 1;
            if is_found(hits, page, word.rect) {
                found += 1;
            } else {
                lost.push(format!("{}/{}: {text}", page.dossier, page.page));
            }
        }
    }
    let share = f64::from(found) / f64::from(wanted);
    eprintln!("{found} of {wanted} words found: {:.2} %", 100.0 * share);
    assert!(share >= FOUND_AT_LEAST, "{share:.4} found; lost: {lost:#?}");
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn the_sample_is_what_its_command_makes() {
    let made = tempfile::tempdir().unwrap();
    let generator = super::program::program().with_file_name("hrisov-fixtures");
    let out = made.path().join("sample");
    let done = Command::new(generator)
        .args(["generate", "--pages", "32", "--seed", "2", "--light"])
        .arg(&out)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}: `make test-deps` installs the faces",
        String::from_utf8_lossy(&done.stderr)
    );
    let (made, kept) = (files(&out), files(&sample()));
    assert_eq!(made.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>());
    for (name, bytes) in made {
        assert!(
            kept[&name] == bytes,
            "{name} differs: `make sample` makes the sample again"
        );
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}
