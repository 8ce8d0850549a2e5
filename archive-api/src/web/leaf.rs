//! One page's text beside its picture, and the strip of pages that it stands in.

use std::collections::BTreeMap;

use hrisov_index::PageHit;
use hrisov_model::{DossierDescription, PageId, PageRecord, PageText, Rect};

use crate::links::Address;

/// Pages of a strip on each side of the one that is shown: a dossier may have thousands.
const STRIP_REACH: usize = 60;
/// Width of the strip's pictures.
const STRIP_WIDTH_PX: u32 = 72;

/// A hit with its number within the dossier, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberedHit {
    pub(crate) number: u32,
    pub(crate) page: PageId,
    /// Number of its page in the dossier.
    pub(crate) page_number: u32,
    pub(crate) rect: Rect,
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
    pub(crate) is_hit: bool,
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
    let places = pages
        .iter()
        .flat_map(|page| page.boxes.iter().map(move |rect| (page, *rect)));
    (1..)
        .zip(places)
        .map(|(number, (page, rect))| NumberedHit {
            number,
            page: page.page_id,
            page_number: page.page,
            rect,
        })
        .collect()
}

/// The text line by line, words within a hit marked.
pub(crate) fn lines(text: &PageText, hits: &[Rect]) -> Vec<LineShown> {
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
            let words = line.words.iter().map(|word| WordShown {
                text: word.text.clone(),
                place: place(&word.rect),
                is_hit: hits.iter().any(|hit| holds(hit, &word.rect)),
            });
            lines.push(LineShown {
                begins_block: at == 0,
                words: words.collect(),
            });
        }
    }
    lines
}

/// Where a page is shown, with what was searched for.
pub(crate) fn page_address(page: PageId, q: &str) -> String {
    let address = Address::new(format!("/pagini/{page}"));
    match q.is_empty() {
        true => address,
        false => address.with("q", q),
    }
    .into_string()
}

/// Where a hit is shown.
pub(crate) fn hit_address(hit: &NumberedHit, q: &str) -> String {
    Address::new(format!("/pagini/{}", hit.page))
        .with("q", q)
        .with("aparitia", hit.number)
        .into_string()
}

impl PageStrip {
    /// The strip around page `number`.
    pub(crate) fn around(
        description: &DossierDescription,
        number: u32,
        q: &str,
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
            address: page_address(page.id, q),
            is_here: at == here,
            has_picture: page.width_px > 0,
            height_px: strip_height(page),
            hits: counts.get(&(at as u32 + 1)).copied().unwrap_or(0),
        };
        let pages = all.iter().enumerate().take(end).skip(first).map(shown).collect();
        let jump = |to: Option<usize>| Some(page_address(all.get(to?)?.id, q));
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
