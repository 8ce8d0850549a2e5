//! One page's text beside its picture, and the strip of pages that it stands in.

use std::collections::BTreeMap;

use hrisov_index::PageHit;
use hrisov_model::{DossierDescription, PageId, PageRecord, PageText, Rect};

use crate::links::Address;

/// Pages of a strip on each side of the one that is shown: a dossier may have thousands.
const STRIP_REACH: usize = 60;
/// Width of the strip's pictures.
const STRIP_WIDTH_PX: u32 = 72;

/// What was searched for and what the results were narrowed by, as every address of a dossier's pages keeps it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Way<'a> {
    pub(crate) q: &'a str,
    /// As [`super::narrowing::Asked::narrowing`] writes it.
    pub(crate) narrowing: &'a str,
}

/// A hit with its number within the dossier, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberedHit {
    pub(crate) number: u32,
    pub(crate) page: PageId,
    /// Number of its page in the dossier.
    pub(crate) page_number: u32,
    pub(crate) rect: Rect,
    /// Whether it is the best one of its page.
    pub(crate) is_best: bool,
}

/// A recognised line.
#[derive(Debug)]
pub(crate) struct LineShown {
    pub(crate) begins_block: bool,
    pub(crate) words: Vec<WordShown>,
}

/// A recognised word with its place as `x,y,width,height`.
#[derive(Debug)]
pub(crate) struct WordShown {
    pub(crate) text: String,
    pub(crate) place: String,
    /// The number of the hit that it belongs to.
    pub(crate) hit: Option<u32>,
    pub(crate) is_current: bool,
}

/// A page in the strip.
#[derive(Debug)]
pub(crate) struct StripPage {
    pub(crate) id: PageId,
    pub(crate) number: u32,
    pub(crate) address: String,
    pub(crate) is_here: bool,
    pub(crate) has_picture: bool,
    pub(crate) height_px: u32,
    pub(crate) hits: u64,
}

/// The pages around the one that is shown, and where the strip goes on.
#[derive(Debug)]
pub(crate) struct PageStrip {
    pub(crate) pages: Vec<StripPage>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// The hits of a dossier one after the other, as they are read.
pub(crate) fn numbered(pages: &[PageHit]) -> Vec<NumberedHit> {
    let places = pages.iter().flat_map(|page| {
        page.boxes
            .iter()
            .enumerate()
            .map(move |(at, rect)| (page, at, *rect))
    });
    (1..)
        .zip(places)
        .map(|(number, (page, at, rect))| NumberedHit {
            number,
            page: page.page_id,
            page_number: page.page,
            rect,
            is_best: at == page.best,
        })
        .collect()
}

/// The text line by line, words within a hit marked.
pub(crate) fn lines(text: &PageText, hits: &[&NumberedHit], current: u32) -> Vec<LineShown> {
    let holds = |hit: &Rect, word: &Rect| {
        let x = u64::from(word.x) + u64::from(word.width) / 2;
        let y = u64::from(word.y) + u64::from(word.height) / 2;
        let within = |at: u64, start: u32, length: u32| {
            (u64::from(start)..=u64::from(start) + u64::from(length)).contains(&at)
        };
        within(x, hit.x, hit.width) && within(y, hit.y, hit.height)
    };
    let mut lines = Vec::new();
    for block in &text.blocks {
        for (at, line) in block.lines.iter().enumerate() {
            let words = line.words.iter().map(|word| {
                let hit = hits.iter().find(|hit| holds(&hit.rect, &word.rect));
                let hit = hit.map(|hit| hit.number);
                WordShown {
                    text: word.text.clone(),
                    place: place(&word.rect),
                    is_current: hit == Some(current),
                    hit,
                }
            });
            lines.push(LineShown {
                begins_block: at == 0,
                words: words.collect(),
            });
        }
    }
    lines
}

/// Where a page is shown.
pub(crate) fn page_address(page: PageId, way: Way<'_>) -> String {
    way.along(format!("/pagini/{page}")).into_string()
}

/// Where a hit is shown.
pub(crate) fn hit_address(hit: &NumberedHit, way: Way<'_>) -> String {
    way.along(format!("/pagini/{}", hit.page))
        .with("aparitia", hit.number)
        .into_string()
}

impl Way<'_> {
    /// An address that keeps it.
    pub(crate) fn along(self, path: String) -> Address {
        let kept = [("q", self.q), ("filtre", self.narrowing)].into_iter();
        let kept = kept.filter(|(_, value)| !value.is_empty());
        kept.fold(Address::new(path), |address, (name, value)| {
            address.with(name, value)
        })
    }
}

impl PageStrip {
    /// The strip around page `number`.
    pub(crate) fn around(
        description: &DossierDescription,
        number: u32,
        way: Way<'_>,
        hits: &[NumberedHit],
    ) -> Self {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for hit in hits {
            *counts.entry(hit.page_number).or_default() += 1;
        }
        let all = &description.pages;
        let here = number as usize - 1;
        let first = here.saturating_sub(STRIP_REACH);
        let end = all.len().min(here + STRIP_REACH + 1);
        let shown = |(at, page): (usize, &PageRecord)| StripPage {
            id: page.id,
            number: at as u32 + 1,
            address: page_address(page.id, way),
            is_here: at == here,
            has_picture: page.width_px > 0,
            height_px: strip_height(page),
            hits: counts.get(&(at as u32 + 1)).copied().unwrap_or(0),
        };
        let pages = all.iter().enumerate().take(end).skip(first).map(shown).collect();
        let jump = |to: Option<usize>| Some(page_address(all.get(to?)?.id, way));
        Self {
            pages,
            before: jump(first.checked_sub(1)),
            after: jump((end < all.len()).then_some(end)),
        }
    }
}

/// The height of a page's picture in the strip, so that nothing moves when it comes.
fn strip_height(page: &PageRecord) -> u32 {
    let height = u64::from(page.height_px) * u64::from(STRIP_WIDTH_PX);
    height
        .checked_div(u64::from(page.width_px))
        .map_or(STRIP_WIDTH_PX, |height| height.clamp(16, 200) as u32)
}

fn place(rect: &Rect) -> String {
    format!("{},{},{},{}", rect.x, rect.y, rect.width, rect.height)
}
