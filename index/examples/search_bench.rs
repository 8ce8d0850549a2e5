//! Builds an index of made-up pages and prints how fast it grows and answers.
//!
//! `cargo run --release -p hrisov-index --example search_bench -- [PAGES [NOISE]]` (100,000 and 5 by default).
//! Pages have 250 words drawn by Zipf's law, real Romanian ones at the top, with names, dates and numbers
//! between; NOISE percent of the words have one letter misread; 20 pages make a dossier. The index lies in a temporary folder, warm when it is asked.

use std::{
    error::Error,
    fs,
    io::{Write as _, stdout},
    path::Path,
    time::{Duration, Instant},
};

use hrisov_index::{
    DossierEntry, DossierFacets, FacetCounts, PageEntry, SearchIndex, SearchQuery, Searcher, Sort,
};
use hrisov_model::{
    Block, BlockKind, Digest, DossierId, Languages, Line, PageId, PageText, Processing, Rect, Rotation, Word,
};

const WORDS_PER_PAGE: usize = 250;
const WORDS_PER_LINE: usize = 9;
const PAGES_PER_DOSSIER: u32 = 20;
const PAGES_PER_COMMIT: u32 = 10_000;
const VOCABULARY: usize = 200_000;
const REPEATS: usize = 101;

const COMMON: [&str; 40] = [
    "de",
    "și",
    "în",
    "a",
    "la",
    "cu",
    "pe",
    "din",
    "nr",
    "care",
    "prin",
    "pentru",
    "al",
    "sau",
    "este",
    "că",
    "nu",
    "art",
    "se",
    "strada",
    "primar",
    "cerere",
    "hotărâre",
    "autorizație",
    "construire",
    "consiliul",
    "local",
    "comuna",
    "județul",
    "domnul",
    "dosar",
    "anchetă",
    "socială",
    "teren",
    "proprietate",
    "certificat",
    "lege",
    "data",
    "privind",
    "locuință",
];
const SYLLABLES: [&str; 24] = [
    "ba", "ce", "du", "fă", "gi", "lo", "mâ", "ne", "ru", "sti", "tra", "va", "pre", "con", "ți", "șo",
    "bra", "lu", "me", "do", "sta", "ver", "zi", "cri",
];
const NAMES: [&str; 12] = [
    "Popescu",
    "Ionescu",
    "Bălcescu",
    "Maria",
    "Ion",
    "Elena",
    "Gheorghe",
    "Stancu",
    "Pârvulescu",
    "Rădulescu",
    "Ana",
    "Vasile",
];

/// Numbers without order, the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A rank by Zipf's law: the n-th is drawn about 1/n as often as the first.
    fn rank(&mut self, limit: usize) -> usize {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((limit as f64).powf(share) as usize - 1).min(limit - 1)
    }
}

fn vocabulary(random: &mut Random) -> Vec<String> {
    let made = std::iter::repeat_with(|| {
        let syllables = 2 + random.below(4);
        (0..syllables)
            .map(|_| SYLLABLES[random.below(SYLLABLES.len())])
            .collect()
    });
    COMMON
        .iter()
        .map(|&word| word.to_owned())
        .chain(made)
        .take(VOCABULARY)
        .collect()
}

fn word(random: &mut Random, vocabulary: &[String]) -> String {
    match random.below(40) {
        0 => NAMES[random.below(NAMES.len())].to_owned(),
        1 => format!(
            "{:02}.{:02}.{}",
            1 + random.below(28),
            1 + random.below(12),
            1950 + random.below(60)
        ),
        2 => format!("{}/{}", 1 + random.below(9_999), 1950 + random.below(60)),
        _ => vocabulary[random.rank(vocabulary.len())].clone(),
    }
}

/// A word with one letter read as another.
fn misread(random: &mut Random, word: String) -> String {
    let letters: Vec<char> = word.chars().collect();
    let at = random.below(letters.len());
    let read = match letters[at] {
        'm' => "rn",
        'd' => "cl",
        'u' => "n",
        'n' => "u",
        'e' => "c",
        'c' => "e",
        'l' => "1",
        'i' => "l",
        'h' => "b",
        'o' => "0",
        _ => "x",
    };
    letters[..at].iter().collect::<String>() + read + &letters[at + 1..].iter().collect::<String>()
}

fn page(random: &mut Random, vocabulary: &[String], noise: usize) -> PageText {
    let line = |random: &mut Random, y: u32| {
        let mut x = 150;
        let mut place = |text: String| {
            let width = 18 * text.chars().count() as u32;
            let rect = Rect {
                x,
                y,
                width,
                height: 38,
            };
            x += width + 14;
            Word {
                text,
                rect,
                confidence: 0.93,
            }
        };
        let words: Vec<Word> = (0..WORDS_PER_LINE)
            .map(|_| {
                let word = word(random, vocabulary);
                place(match noise > 0 && random.below(100) < noise {
                    true => misread(random, word),
                    false => word,
                })
            })
            .collect();
        Line {
            rect: Rect {
                x: 150,
                y,
                width: x,
                height: 44,
            },
            words,
        }
    };
    let lines = (0..WORDS_PER_PAGE.div_ceil(WORDS_PER_LINE))
        .map(|at| line(random, 200 + 60 * at as u32))
        .collect();
    PageText {
        width_px: 2480,
        height_px: 3508,
        blocks: vec![Block {
            rect: Rect::default(),
            kind: BlockKind::Text,
            lines,
        }],
        processing: Processing {
            engine: "bench".into(),
            engine_version: "1".into(),
            languages: Languages::default(),
            recipe: String::new(),
            rotation: Rotation::None,
            read_at: jiff::Timestamp::UNIX_EPOCH,
        },
    }
}

fn build(folder: &Path, pages: u32, noise: usize) -> Result<(), Box<dyn Error>> {
    let mut random = Random(7);
    let vocabulary = vocabulary(&mut random);
    let mut writer = SearchIndex::create_or_open(folder)?.writer()?;
    let (mut text_bytes, mut spent) = (0, Duration::ZERO);
    let mut dossier = DossierId::random();
    for number in 0..pages {
        let text = page(&mut random, &vocabulary, noise);
        text_bytes += text.to_plain_text().len() as u64;
        let begin = Instant::now();
        if number % PAGES_PER_DOSSIER == 0 {
            dossier = DossierId::random();
            writer.put_dossier(&DossierEntry {
                id: dossier,
                fonds: "PRIM".into(),
                box_name: format!("Cutia {}", number / 2_000),
                reference: format!("{}/{}", number, 1950 + number % 60),
                title: format!("Autorizație {}", NAMES[number as usize % NAMES.len()]),
                page_count: PAGES_PER_DOSSIER,
                unreadable_pages: 0,
                facets: DossierFacets::default(),
            })?;
        }
        writer.put_page(&PageEntry {
            id: PageId::random(),
            dossier,
            number: 1 + number % PAGES_PER_DOSSIER,
            revision: Digest::of(&number.to_le_bytes()),
            text: &text,
        })?;
        if (number + 1) % PAGES_PER_COMMIT == 0 {
            writer.commit(number.into())?;
        }
        spent += begin.elapsed();
    }
    let begin = Instant::now();
    writer.commit(pages.into())?;
    writer.close()?;
    spent += begin.elapsed();
    let mut size = 0;
    for file in fs::read_dir(folder)? {
        size += file?.metadata()?.len();
    }
    writeln!(
        stdout(),
        "{pages} pages indexed in {:.1} s: {:.0} pages/s; index {} MB for {} MB of text ({:.2} x)",
        spent.as_secs_f64(),
        f64::from(pages) / spent.as_secs_f64(),
        size / 1_000_000,
        text_bytes / 1_000_000,
        size as f64 / text_bytes as f64
    )?;
    Ok(())
}

fn ask(searcher: &Searcher, kind: &str, query: &str) -> Result<(), Box<dyn Error>> {
    let mut query = SearchQuery::new(query);
    if kind.starts_with("facets") {
        query.facets = FacetCounts::Count;
    }
    if kind.starts_with("newest") {
        query.sort = Sort::Newest;
    }
    let mut times = Vec::with_capacity(REPEATS);
    let mut found = (0, 0);
    for _ in 0..REPEATS {
        let begin = Instant::now();
        let hits = searcher.search(&query)?;
        times.push(begin.elapsed());
        found = (hits.total, hits.pages_total);
    }
    times.sort_unstable();
    let percentile = |percent: usize| times[(REPEATS - 1) * percent / 100].as_secs_f64() * 1_000.0;
    writeln!(
        stdout(),
        "{kind:28} p50 {:7.2} ms  p99 {:7.2} ms  {:6} dossiers {:7} pages",
        percentile(50),
        percentile(99),
        found.0,
        found.1
    )?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let pages = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |pages| pages.parse())?;
    let folder = tempfile::tempdir()?;
    let noise = std::env::args().nth(2).map_or(Ok(5), |noise| noise.parse())?;
    build(folder.path(), pages, noise)?;
    let begin = Instant::now();
    let searcher = SearchIndex::open_reader(folder.path())?;
    writeln!(
        stdout(),
        "opened in {:.1} ms",
        begin.elapsed().as_secs_f64() * 1_000.0
    )?;
    for (kind, query) in [
        ("commonest word", "de"),
        ("common word", "autorizații"),
        ("two common words", "cerere autorizație"),
        ("five common words", "cerere de autorizație pe strada"),
        ("name", "balcescu"),
        ("name and common word", "Pârvulescu construire"),
        ("rare word and common ones", "dosar de consimțământ mebrazi"),
        ("number with year", "1234/1978"),
        ("date", "12.03.1978"),
        ("phrase of common words", "\"cerere de\""),
        ("phrase", "\"consiliul local\""),
        ("title and page", "autorizație gheorghe teren"),
        ("not there", "inexistentissim"),
        ("misspelt name", "pârvulesca"),
        ("near forms of three words", "autorizație construire locuință"),
        ("initial", "I. Popescu"),
        ("number with date", "nr. 1234 din 12 martie 1978"),
        ("facets first", "autorizație"),
        ("facets", "autorizație"),
        ("facets of commonest word", "de"),
        ("facets and year", "autorizație an:1978"),
        ("newest first", "autorizație"),
        ("minus", "autorizație -popescu"),
    ] {
        ask(&searcher, kind, query)?;
    }
    let mut times = Vec::new();
    for prefix in ["po", "pop", "popescu", "12", "ma"].iter().cycle().take(REPEATS) {
        let begin = Instant::now();
        searcher.complete(prefix, 8)?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    let millis = |at: usize| times[at].as_secs_f64() * 1_000.0;
    writeln!(
        stdout(),
        "{:28} p50 {:7.2} ms  p99 {:7.2} ms",
        "completion",
        millis(REPEATS / 2),
        millis(REPEATS * 99 / 100)
    )?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM unknown");
    writeln!(stdout(), "memory with mapped files: {peak}")?;
    Ok(())
}
