//! Pages and dossiers for tests.

use hrisov_index::{
    DossierEntry, DossierFacets, DossierHit, IndexWriter, PageEntry, SearchHits, SearchIndex, SearchQuery,
    Searcher,
};
use hrisov_model::{
    Block, BlockKind, Digest, DossierId, Languages, Line, PageId, PageText, Processing, Rect, Rotation, Word,
};

const LETTER_WIDTH_PX: u32 = 20;
const LINE_HEIGHT_PX: u32 = 50;

/// An index in memory with its writer.
pub struct Archive {
    pub index: SearchIndex,
    pub writer: IndexWriter,
    stamp: u64,
}

impl Archive {
    pub fn in_ram() -> Self {
        Self::of(SearchIndex::in_ram().unwrap())
    }

    pub fn of(index: SearchIndex) -> Self {
        let writer = index.writer().unwrap();
        Self {
            index,
            writer,
            stamp: 0,
        }
    }

    /// Puts a dossier with a title and pages, numbered from 1, and commits.
    pub fn put(&mut self, reference: &str, title: &str, pages: &[&str]) -> DossierId {
        let id = DossierId::random();
        self.writer.put_dossier(&dossier(id, reference, title)).unwrap();
        for (at, text) in pages.iter().enumerate() {
            self.put_page(id, at as u32 + 1, &page(text));
        }
        self.commit();
        id
    }

    pub fn put_page(&mut self, dossier: DossierId, number: u32, text: &PageText) -> PageId {
        let id = page_id(dossier, number);
        let revision = Digest::of(text.to_plain_text().as_bytes());
        self.writer
            .put_page(&PageEntry {
                id,
                dossier,
                number,
                revision,
                text,
            })
            .unwrap();
        id
    }

    pub fn commit(&mut self) {
        self.stamp += 1;
        self.writer.commit(self.stamp).unwrap();
    }

    pub fn searcher(&self) -> Searcher {
        self.index.searcher().unwrap()
    }

    pub fn search(&self, text: &str) -> SearchHits {
        self.searcher().search(&SearchQuery::new(text)).unwrap()
    }

    /// References of the hits, best first.
    pub fn references(&self, text: &str) -> Vec<String> {
        references(&self.search(text))
    }
}

/// The page that stands at a number of a test's dossier.
pub fn page_id(dossier: DossierId, number: u32) -> PageId {
    PageId::derived(dossier.uuid(), &number.to_string())
}

pub fn references(hits: &SearchHits) -> Vec<String> {
    hits.hits.iter().map(|hit| hit.reference.clone()).collect()
}

pub fn page_numbers(hit: &DossierHit) -> Vec<u32> {
    hit.pages.iter().map(|page| page.page).collect()
}

pub fn dossier(id: DossierId, reference: &str, title: &str) -> DossierEntry {
    DossierEntry {
        id,
        fonds: "PRIM".into(),
        box_name: "Cutia 4".into(),
        reference: reference.into(),
        title: title.into(),
        page_count: 1,
        unreadable_pages: 0,
        facets: DossierFacets::default(),
    }
}

/// A page of one block: words are set at fixed places, so that tests can say where they stand.
pub fn page(text: &str) -> PageText {
    let lines: Vec<Line> = text
        .lines()
        .enumerate()
        .filter_map(|(at, text)| line(at as u32, text))
        .collect();
    let rect = Rect::bounding(lines.iter().map(|line| line.rect)).unwrap_or_default();
    PageText {
        width_px: 2480,
        height_px: 3508,
        blocks: vec![Block {
            rect,
            kind: BlockKind::Text,
            lines,
        }],
        processing: Processing {
            engine: "test".into(),
            engine_version: "1".into(),
            languages: Languages::default(),
            recipe: String::new(),
            rotation: Rotation::None,
            read_at: jiff::Timestamp::UNIX_EPOCH,
        },
    }
}

/// Behind a word of which recognition was not sure, and before each other reading of it.
const DOUBTFUL: char = '¿';

fn line(at: u32, text: &str) -> Option<Line> {
    let mut x = 100;
    let words: Vec<Word> = text
        .split_whitespace()
        .map(|text| {
            let (text, others) = text
                .split_once(DOUBTFUL)
                .map_or((text, None), |(text, others)| (text, Some(others)));
            let confidence = if others.is_some() { 0.5 } else { 0.9 };
            let others = others.into_iter().flat_map(|others| others.split(DOUBTFUL));
            let others = others.filter(|other| !other.is_empty());
            let width = LETTER_WIDTH_PX * text.chars().count() as u32;
            let rect = Rect {
                x,
                y: 100 + at * LINE_HEIGHT_PX,
                width,
                height: 40,
            };
            x += width + LETTER_WIDTH_PX;
            Word {
                text: text.into(),
                rect,
                confidence,
                alternatives: others.map(str::to_owned).collect(),
            }
        })
        .collect();
    let rect = Rect::bounding(words.iter().map(|word| word.rect))?;
    Some(Line { rect, words })
}

/// The text of the words that a box covers wholly, in reading order.
pub fn words_in(page: &PageText, rect: Rect) -> String {
    let inside = |word: &&Word| word.rect.union(rect) == rect;
    page.words()
        .filter(inside)
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
