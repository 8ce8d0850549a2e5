//! Documents with parts one after the other, of which a word may be misread.

use tantivy::{DocId, SegmentReader, TERMINATED, TantivyError};

use super::{
    Code, Detail, Level, Span, code,
    lists::{AnyOf, Marked},
};
use crate::{fields::TextPair, links::link};

/// Documents with parts one after the other, each by an exact form or a near one.
#[derive(Clone)]
pub(super) struct Phrase {
    /// All of it exact, and with each word misread: near forms are rare, so a list of them leads to few documents, where
    /// one together with the exact forms of its word would lead to as many as that has.
    chains: Vec<Chain>,
    pub(super) doc: DocId,
    pub(super) occurrences: Vec<Span>,
    /// Whether it stands in the document only with words misread.
    pub(super) is_misread: bool,
}

/// One way in which the parts may stand, or the links between them.
#[derive(Clone)]
struct Chain {
    /// Where exact parts may follow each other, rarest first.
    links: Vec<AnyOf>,
    parts: Vec<AnyOf>,
    /// How many of each part's first lists are of its exact forms; the others are of near ones.
    exact: Vec<usize>,
    /// Indices into `parts`, rarest first.
    order: Vec<usize>,
    doc: DocId,
    occurrences: Vec<Span>,
    /// How many words are misread where it stands.
    misread: u32,
    scratch: Scratch,
}

/// Room that is used again in every document.
#[derive(Clone, Default)]
struct Scratch {
    /// Where a part stands.
    positions: Vec<Marked>,
    found: Vec<Occurrence>,
    reached: Vec<Occurrence>,
}

/// The parts so far, one after the other.
#[derive(Clone, Copy)]
struct Occurrence {
    first: u32,
    last: u32,
    /// How many of them are misread.
    misread: u32,
}

/// Of so many words of a phrase one may be misread; of fewer one as well.
const WORDS_PER_MISREAD: u32 = 3;

const fn misread_max(parts: usize) -> u32 {
    match parts as u32 / WORDS_PER_MISREAD {
        0 => 1,
        several => several,
    }
}

impl Phrase {
    /// `None` where the segment misses a part altogether. Each part has its exact forms, and near ones: at most one of
    /// [`WORDS_PER_MISREAD`] words stands by those. Where a phrase ends is right only with [`Detail::Positions`].
    pub(super) fn open(
        segment: &SegmentReader,
        pair: TextPair,
        parts: &[(&[String], &[String])],
        detail: Detail,
    ) -> Result<Option<Self>, TantivyError> {
        let open = |forms| AnyOf::open(segment, &[(pair.exact, forms)], Detail::Positions);
        let exact = parts.iter().map(|&(exact, _)| open(exact));
        let exact = exact.collect::<Result<Vec<_>, _>>()?;
        let near = parts.iter().map(|&(_, near)| open(near));
        let near = near.collect::<Result<Vec<_>, _>>()?;
        // Enough to see what follows each part: see [`crate::links`]. Of common words that takes two thirds of the time that
        // all their places take (30 ms in place of 45 on 358,196 of a million pages).
        let links_suffice = parts.len() > 2 && detail == Detail::Counts;
        let of_links = match links_suffice {
            true => Detail::Positions,
            false => Detail::Counts,
        };
        let chains = match misread_max(parts.len()) {
            1 => apart(
                &exact,
                &near,
                &followed(segment, pair, parts, of_links)?,
                links_suffice,
            ),
            // With so many words it hardly matters how many forms each has.
            _ => together(exact, near).into_iter().collect(),
        };
        if chains.is_empty() {
            return Ok(None);
        }
        let mut phrase = Self {
            chains,
            doc: 0,
            occurrences: Vec::new(),
            is_misread: false,
        };
        phrase.gather();
        Ok(Some(phrase))
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.chains.iter_mut().for_each(|chain| chain.seek(target));
            self.gather();
        }
        self.doc
    }

    /// Enters every document from where it is to its end, at a level where no word is misread.
    pub(super) fn mark(mut self, sure: Level, codes: &mut [Code]) {
        // Where no word is misread nothing else counts: most documents are seen by that chain alone.
        if self.chains.first().is_some_and(Chain::is_sure) {
            self.chains.remove(0).mark(sure, codes);
            self.gather();
        }
        while self.doc != TERMINATED {
            let level = if self.is_misread { Level::Near } else { sure };
            let known = &mut codes[self.doc as usize];
            *known = code(level, self.occurrences.len() as u32).max(*known);
            self.seek(self.doc + 1);
        }
    }

    /// Documents that may hold it: an upper bound.
    pub(super) fn doc_freq(&self) -> u32 {
        let of = |chain: &Chain| {
            let lists = chain.links.iter().chain(&chain.parts);
            lists.map(AnyOf::doc_freq).min().unwrap_or(0)
        };
        self.chains.iter().map(of).fold(0, u32::saturating_add)
    }

    /// The first document of any chain; the ones with the fewest words misread count there.
    fn gather(&mut self) {
        self.doc = self
            .chains
            .iter()
            .map(|chain| chain.doc)
            .min()
            .unwrap_or(TERMINATED);
        self.occurrences.clear();
        if self.doc == TERMINATED {
            return;
        }
        let here = || self.chains.iter().filter(|chain| chain.doc == self.doc);
        let least = here().map(|chain| chain.misread).min().unwrap_or(0);
        for chain in here().filter(|chain| chain.misread == least) {
            self.occurrences.extend_from_slice(&chain.occurrences);
        }
        self.is_misread = least > 0;
        self.occurrences
            .sort_unstable_by_key(|&(first, last)| (last, first));
        self.occurrences.dedup_by_key(|&mut (_, last)| last);
    }
}

/// Of each part but the last, where its exact forms may be followed by those of the next; `None` where they never are.
fn followed(
    segment: &SegmentReader,
    pair: TextPair,
    parts: &[(&[String], &[String])],
    detail: Detail,
) -> Result<Vec<Option<AnyOf>>, TantivyError> {
    let mut followed = Vec::with_capacity(parts.len());
    for ((first, _), (second, _)) in parts.iter().zip(parts.iter().skip(1)) {
        let of = |first: &String| {
            second
                .iter()
                .map(|second| link(first, second))
                .collect::<Vec<_>>()
        };
        let links: Vec<String> = first.iter().flat_map(of).collect();
        followed.push(AnyOf::open(segment, &[(pair.links, &links)], detail)?);
    }
    Ok(followed)
}

/// Every part exact, and each by its near forms among exact ones.
fn apart(
    exact: &[Option<AnyOf>],
    near: &[Option<AnyOf>],
    followed: &[Option<AnyOf>],
    links_suffice: bool,
) -> Vec<Chain> {
    let count = |list: &AnyOf| list.lists.len();
    let with = |misread: Option<usize>| {
        let parts = exact.iter().zip(near).enumerate();
        let parts = parts.map(|(at, (exact, near))| match misread == Some(at) {
            true => near.clone(),
            false => exact.clone(),
        });
        let parts: Vec<AnyOf> = parts.collect::<Option<_>>()?;
        let links = followed.iter().enumerate();
        let links = links.filter(|&(at, _)| misread.is_none_or(|misread| at != misread && at + 1 != misread));
        let links = links.map(|(_, list)| list.clone()).collect::<Option<_>>()?;
        let exact = parts.iter().enumerate();
        let exact = exact.map(|(at, list)| if misread == Some(at) { 0 } else { count(list) });
        let exact = exact.collect();
        Some(Chain::new(links, parts, exact))
    };
    let sure = match links_suffice {
        true => linked(followed),
        false => with(None),
    };
    let misread = (0..near.len()).map(Some);
    sure.into_iter().chain(misread.filter_map(with)).collect()
}

/// Every part exact, seen by what follows each of them.
fn linked(followed: &[Option<AnyOf>]) -> Option<Chain> {
    let links: Vec<AnyOf> = followed.iter().cloned().collect::<Option<_>>()?;
    let exact = links.iter().map(|list| list.lists.len()).collect();
    Some(Chain::new(Vec::new(), links, exact))
}

/// Each part by all its forms.
fn together(exact: Vec<Option<AnyOf>>, near: Vec<Option<AnyOf>>) -> Option<Chain> {
    let count = |list: &Option<AnyOf>| list.as_ref().map_or(0, |list| list.lists.len());
    let sure = exact.iter().map(count).collect();
    let parts = exact.into_iter().zip(near);
    let parts = parts.map(|(exact, near)| exact.into_iter().chain(near).reduce(AnyOf::with));
    Some(Chain::new(Vec::new(), parts.collect::<Option<_>>()?, sure))
}

/// `Ok` where a list has a document, else the next one that it has.
fn settled(target: DocId, list: &mut AnyOf) -> Result<DocId, DocId> {
    match list.seek(target) {
        doc if doc == target => Ok(target),
        later => Err(later),
    }
}

impl Chain {
    fn new(mut links: Vec<AnyOf>, parts: Vec<AnyOf>, exact: Vec<usize>) -> Self {
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|&part| parts[part].doc_freq());
        links.sort_by_key(AnyOf::doc_freq);
        let mut chain = Self {
            links,
            parts,
            exact,
            order,
            doc: 0,
            occurrences: Vec::new(),
            misread: 0,
            scratch: Scratch::default(),
        };
        chain.settle(0);
        chain
    }

    fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.settle(target);
        }
    }

    /// Whether none of its words is misread.
    fn is_sure(&self) -> bool {
        let mut parts = self.parts.iter().zip(&self.exact);
        parts.all(|(part, &exact)| exact == part.lists.len())
    }

    /// Enters every document from where it is to its end, at the level of no word misread.
    fn mark(mut self, sure: Level, codes: &mut [Code]) {
        let (mut places, mut ends, mut reached) = (Vec::new(), Vec::new(), Vec::new());
        let mut target = self.doc;
        while target != TERMINATED {
            target = match self.common(target) {
                Err(later) => later,
                Ok(doc) => {
                    for (at, part) in self.parts.iter_mut().enumerate() {
                        part.positions(&mut places);
                        match at {
                            0 => std::mem::swap(&mut ends, &mut places),
                            _ => {
                                ends_behind(&ends, &places, &mut reached);
                                std::mem::swap(&mut ends, &mut reached);
                            }
                        }
                        if ends.is_empty() {
                            break;
                        }
                    }
                    if !ends.is_empty() {
                        let known = &mut codes[doc as usize];
                        *known = code(sure, ends.len() as u32).max(*known);
                    }
                    doc + 1
                }
            };
        }
    }

    /// `Ok` where all lists have a document, else the next one that they may have in common.
    fn common(&mut self, target: DocId) -> Result<DocId, DocId> {
        let target = self.links.iter_mut().try_fold(target, settled)?;
        let mut order = self.order.iter();
        order.try_fold(target, |target, &part| settled(target, &mut self.parts[part]))
    }

    /// Goes to the first document from `target` on where the parts follow each other.
    fn settle(&mut self, mut target: DocId) {
        while target != TERMINATED {
            target = match self.common(target) {
                Err(later) => later,
                Ok(doc) => {
                    self.find_occurrences();
                    if !self.occurrences.is_empty() {
                        self.doc = doc;
                        return;
                    }
                    doc + 1
                }
            };
        }
        self.doc = TERMINATED;
    }

    /// A word broken at a line end stands at two positions: from one that also stands at the next, the
    /// phrase may go on from either. Where it stands exactly, misread places do not count.
    fn find_occurrences(&mut self) {
        let Self {
            parts,
            exact,
            scratch,
            ..
        } = self;
        let misread_max = misread_max(parts.len());
        let Scratch {
            positions,
            found,
            reached,
        } = scratch;
        found.clear();
        for (at, (part, &exact)) in parts.iter_mut().zip(exact.iter()).enumerate() {
            part.marked_positions(exact, positions);
            reached.clear();
            match at {
                0 => begin(positions, reached),
                _ => follow(found, positions, misread_max, reached),
            }
            std::mem::swap(found, reached);
            if found.is_empty() {
                break;
            }
        }
        self.misread = found
            .iter()
            .map(|occurrence| occurrence.misread)
            .min()
            .unwrap_or(0);
        self.occurrences.clear();
        let best = found
            .iter()
            .filter(|occurrence| self.misread > 0 || occurrence.misread == 0);
        self.occurrences
            .extend(best.map(|occurrence| (occurrence.first, occurrence.last)));
    }
}

/// Where the first part stands.
fn begin(positions: &[Marked], reached: &mut Vec<Occurrence>) {
    for (at, &marked) in positions.iter().enumerate() {
        let position = marked >> 1;
        let occurrence = Occurrence {
            first: position,
            last: position,
            misread: marked & 1,
        };
        reach(reached, occurrence, positions.get(at + 1));
    }
}

/// Where the next part stands right behind what was found, both in the order of their last positions.
fn follow(found: &[Occurrence], positions: &[Marked], misread_max: u32, reached: &mut Vec<Occurrence>) {
    let mut at = 0;
    for occurrence in found {
        let next = occurrence.last + 1;
        while positions.get(at).is_some_and(|&marked| marked >> 1 < next) {
            at += 1;
        }
        let Some(&marked) = positions.get(at) else {
            return;
        };
        let misread = occurrence.misread + (marked & 1);
        if marked >> 1 == next && misread <= misread_max {
            let occurrence = Occurrence {
                last: next,
                misread,
                ..*occurrence
            };
            reach(reached, occurrence, positions.get(at + 1));
        }
    }
}

/// Where a part ends that stands right behind one of those ends, as [`follow`] tells it where nothing is misread; all in
/// rising order.
fn ends_behind(ends: &[u32], places: &[u32], reached: &mut Vec<u32>) {
    reached.clear();
    let mut ends = ends.iter().peekable();
    // Of a word broken at a line end the second half stands at the next place.
    let mut goes_on_at = None;
    for &place in places {
        while ends.next_if(|&&end| end + 1 < place).is_some() {}
        if ends.peek().is_some_and(|&&end| end + 1 == place) {
            goes_on_at = Some(place + 1);
            reached.push(place);
        } else if goes_on_at == Some(place) {
            reached.push(place);
        }
    }
}

/// Enters an occurrence, and where its last part stands at the next position as well, one that goes on from there; of
/// several with the same end the one with the fewest words misread stays.
fn reach(reached: &mut Vec<Occurrence>, occurrence: Occurrence, behind: Option<&Marked>) {
    match reached.last_mut() {
        Some(known) if known.last == occurrence.last => {
            if (occurrence.misread, occurrence.first) < (known.misread, known.first) {
                *known = occurrence;
            }
        }
        _ => reached.push(occurrence),
    }
    if behind.is_some_and(|&marked| marked >> 1 == occurrence.last + 1) {
        reached.push(Occurrence {
            last: occurrence.last + 1,
            ..occurrence
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn where_nothing_is_misread_ends_alone_tell_the_same(
            parts in prop::collection::vec(prop::collection::btree_set(0..30_u32, 1..15), 2..5)
        ) {
            let (mut ends, mut found) = (Vec::new(), Vec::new());
            for (at, part) in parts.iter().enumerate() {
                let places: Vec<u32> = part.iter().copied().collect();
                let marked: Vec<Marked> = places.iter().map(|place| place << 1).collect();
                let mut reached = Vec::new();
                match at {
                    0 => {
                        begin(&marked, &mut found);
                        ends = places;
                    }
                    _ => {
                        follow(&found, &marked, 1, &mut reached);
                        found = reached;
                        let mut behind = Vec::new();
                        ends_behind(&ends, &places, &mut behind);
                        ends = behind;
                    }
                }
                let mut last: Vec<u32> = found.iter().map(|occurrence| occurrence.last).collect();
                last.sort_unstable();
                last.dedup();
                prop_assert_eq!(&last, &ends);
            }
        }
    }
}
