//! Puts the pages into an index and tells what that costs.

use std::{
    collections::HashSet,
    error::Error,
    fs::{self, File},
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    io::{BufWriter, Write, stdout},
    path::Path,
    time::{Duration, Instant},
};

use hrisov_index::{DossierEntry, DossierFacets, PageEntry, SearchIndex};
use hrisov_model::{
    Block, BlockKind, Digest, DossierId, Languages, Line, PageId, PageText, Processing, Rect, Rotation, Word,
};

use crate::{
    asking::status,
    corpus::{Dossier, Page, Sources},
    questions::{KINDS, Question, Questions},
    random::Random,
};

const WORDS_PER_LINE: usize = 9;
const PAGES_PER_COMMIT: u32 = 10_000;
const DEPARTMENTS: [&str; 8] = [
    "Stare civilă",
    "Asistență socială",
    "Urbanism",
    "Registru agricol",
    "Contabilitate",
    "Secretariat",
    "Autoritate tutelară",
    "Impozite",
];

/// Pages as other programs are given them.
struct Dump {
    pages: Option<BufWriter<File>>,
}

/// Makes the index and gives what can be asked of it. One that is there already with as many pages is asked again.
pub fn build(folder: &Path, pages: u32, texts: Option<&Path>) -> Result<Vec<Question>, Box<dyn Error>> {
    let mut random = Random(7);
    let sources = Sources::read(texts, &mut random)?;
    let mut questions = Questions::new();
    let index = folder.join("index");
    let opened = SearchIndex::create_or_open(&index)?;
    let is_there = opened.searcher()?.committed_stamp()? >= u64::from(pages);
    let mut writer = (!is_there).then(|| opened.writer()).transpose()?;
    let mut dump = Dump::open(folder)?;
    let mut words: HashSet<u64> = HashSet::new();
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let (mut text_bytes, mut spent, mut number, mut dossiers) = (0, Duration::ZERO, 0, 0);
    while number < pages {
        dossiers += 1;
        let dossier = sources.dossier(dossiers, &mut random);
        let id = DossierId::random();
        let confidence = if random.below(12) == 0 { 0.7 } else { 0.93 };
        let entry = entry(id, &dossier, &mut random);
        let begin = Instant::now();
        if let Some(writer) = &mut writer {
            writer.put_dossier(&entry)?;
        }
        spent += begin.elapsed();
        for of_dossier in 1..=dossier.pages {
            let page = sources.page(&dossier, &mut random);
            questions.look(&dossier, &page);
            text_bytes += page.words.iter().map(|word| word.len() as u64 + 1).sum::<u64>();
            words.extend(page.words.iter().map(|word| hasher.hash_one(word.to_lowercase())));
            dump.page(number, &entry, &page)?;
            number += 1;
            let Some(writer) = &mut writer else { continue };
            let text = laid_out(page.words, confidence);
            let begin = Instant::now();
            writer.put_page(&PageEntry {
                id: PageId::random(),
                dossier: id,
                number: of_dossier,
                revision: Digest::of(&number.to_le_bytes()),
                text: &text,
            })?;
            if number % PAGES_PER_COMMIT == 0 {
                writer.commit(number.into())?;
            }
            spent += begin.elapsed();
        }
    }
    let begin = Instant::now();
    if let Some(mut writer) = writer {
        writer.commit(number.into())?;
        writer.close()?;
    }
    spent += begin.elapsed();
    let size: u64 = fs::read_dir(&index)?
        .map(|file| {
            file.and_then(|file| file.metadata())
                .map_or(0, |metadata| metadata.len())
        })
        .sum();
    let mut out = stdout();
    writeln!(
        out,
        "{number} pages in {dossiers} dossiers, {} different words",
        words.len()
    )?;
    if is_there {
        writeln!(out, "asked again: the index was there")?;
    } else {
        writeln!(
            out,
            "indexed in {:.1} s: {:.0} pages/s; index {} MB for {} MB of text: {:.2} times its size; {}",
            spent.as_secs_f64(),
            f64::from(number) / spent.as_secs_f64(),
            size / 1_000_000,
            text_bytes / 1_000_000,
            size as f64 / text_bytes as f64,
            status("VmHWM")?
        )?;
    }
    let questions = questions.finish();
    dump.finish(folder, &questions)?;
    Ok(questions)
}

fn entry(id: DossierId, dossier: &Dossier, random: &mut Random) -> DossierEntry {
    let person = &dossier.people[0];
    DossierEntry {
        id,
        fonds: ["Primăria Valea Mărului", "Sfatul Popular", "Primăria Fântânele"][random.below(3)].to_owned(),
        box_name: format!("Cutia {}", dossier.number / 40),
        reference: format!("{}/{}", dossier.number, dossier.year),
        title: format!("{} {} {}", dossier.heading, person.surname, person.given),
        page_count: dossier.pages,
        unreadable_pages: u32::from(random.below(30) == 0),
        facets: DossierFacets {
            department: Some(DEPARTMENTS[random.below(DEPARTMENTS.len())].to_owned()),
            kind: None,
            years: Some((dossier.year as u16, dossier.year as u16 + 1)),
        },
    }
}

/// Words one after the other in lines of nine.
fn laid_out(words: Vec<String>, confidence: f32) -> PageText {
    let mut lines = Vec::with_capacity(words.len() / WORDS_PER_LINE + 1);
    let mut words = words.into_iter().peekable();
    while words.peek().is_some() {
        let y = 200 + 60 * lines.len() as u32;
        let mut x = 150;
        let place = |text: String| {
            let width = 18 * text.chars().count() as u32;
            let rect = Rect {
                x,
                y: y + width % 3,
                width,
                height: 34 + width % 7,
            };
            x += width + 14;
            Word {
                text,
                rect,
                confidence,
                ..Word::default()
            }
        };
        let words: Vec<Word> = words.by_ref().take(WORDS_PER_LINE).map(place).collect();
        let rect = Rect {
            x: 150,
            y,
            width: x,
            height: 44,
        };
        lines.push(Line { rect, words });
    }
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

impl Dump {
    fn open(folder: &Path) -> Result<Self, std::io::Error> {
        let is_wanted = std::env::var_os("SEARCH_BENCH_DUMP").is_some();
        let pages = is_wanted
            .then(|| File::create(folder.join("pages.tsv")))
            .transpose()?;
        Ok(Self {
            pages: pages.map(BufWriter::new),
        })
    }

    /// Number, dossier, year, department, kind, fonds, box, words.
    fn page(&mut self, number: u32, entry: &DossierEntry, page: &Page) -> Result<(), std::io::Error> {
        let Some(pages) = &mut self.pages else {
            return Ok(());
        };
        let year = entry.facets.years.map_or(0, |(first, _)| first);
        let (department, kind) = (
            entry.facets.department.as_deref().unwrap_or_default(),
            &entry.title,
        );
        let kind = kind.split(' ').next().unwrap_or_default();
        let (reference, fonds, of_box) = (&entry.reference, &entry.fonds, &entry.box_name);
        let text = page.words.join(" ").replace('\\', " ");
        writeln!(
            pages,
            "{number}\t{reference}\t{year}\t{department}\t{kind}\t{fonds}\t{of_box}\t{text}"
        )
    }

    fn finish(self, folder: &Path, questions: &[Question]) -> Result<(), std::io::Error> {
        if let Some(mut pages) = self.pages {
            pages.flush()?;
        }
        let mut out = BufWriter::new(File::create(folder.join("questions.tsv"))?);
        for Question { kind, query } in questions {
            let (first, last) = query.filters.years.unwrap_or((0, 9_999));
            let of_kind = query.filters.kinds.first().map_or("", String::as_str);
            let sort = format!("{:?}", query.sort);
            writeln!(
                out,
                "{}\t{}\t{first}\t{last}\t{of_kind}\t{sort}",
                KINDS[*kind], query.text
            )?;
        }
        out.flush()
    }
}
