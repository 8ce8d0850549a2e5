//! Documents with parts one after the other, of which a word may be misread.

use tantivy::{DocId, SegmentReader, TERMINATED, TantivyError, schema::Field};

use super::{Detail, Span, lists::AnyOf};

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

/// One way in which the parts may stand.
#[derive(Clone)]
struct Chain {
    parts: Vec<AnyOf>,
    /// How many of each part's first lists are of its exact forms; the others are of near ones.
    exact: Vec<usize>,
    /// Indices into `parts`, rarest first.
    order: Vec<usize>,
    doc: DocId,
    occurrences: Vec<Span>,
    /// How many words are misread where it stands.
    misread: usize,
    positions: Vec<(u32, bool)>,
}

/// Of so many words of a phrase one may be misread; of fewer one as well.
const WORDS_PER_MISREAD: usize = 3;

const fn misread_max(parts: usize) -> usize {
    match parts / WORDS_PER_MISREAD {
        0 => 1,
        several => several,
    }
}

impl Phrase {
    /// `None` where the segment misses a part altogether. Each part has its exact forms, and near ones: at most one of
    /// [`WORDS_PER_MISREAD`] words stands by those.
    pub(super) fn open(
        segment: &SegmentReader,
        field: Field,
        parts: &[(&[String], &[String])],
    ) -> Result<Option<Self>, TantivyError> {
        let open = |forms| AnyOf::open(segment, &[(field, forms)], Detail::Positions);
        let exact = parts.iter().map(|&(exact, _)| open(exact));
        let exact = exact.collect::<Result<Vec<_>, _>>()?;
        let near = parts.iter().map(|&(_, near)| open(near));
        let near = near.collect::<Result<Vec<_>, _>>()?;
        let chains = match misread_max(parts.len()) {
            1 => apart(&exact, &near),
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

    /// Documents that may hold it: an upper bound.
    pub(super) fn doc_freq(&self) -> u32 {
        let of = |chain: &Chain| chain.parts.iter().map(AnyOf::doc_freq).min().unwrap_or(0);
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

/// Every part exact, and each by its near forms among exact ones.
fn apart(exact: &[Option<AnyOf>], near: &[Option<AnyOf>]) -> Vec<Chain> {
    let count = |list: &AnyOf| list.lists.len();
    let whole: Option<Vec<AnyOf>> = exact.iter().cloned().collect();
    let whole = whole.map(|parts| {
        let exact = parts.iter().map(count).collect();
        Chain::new(parts, exact)
    });
    let with = |misread: usize, list: &AnyOf| {
        let parts = exact.iter().enumerate().map(|(at, exact)| match at == misread {
            true => Some(list.clone()),
            false => exact.clone(),
        });
        let parts: Vec<AnyOf> = parts.collect::<Option<_>>()?;
        let exact = parts.iter().enumerate();
        let exact = exact.map(|(at, list)| if at == misread { 0 } else { count(list) });
        let exact = exact.collect();
        Some(Chain::new(parts, exact))
    };
    let misread = near.iter().enumerate();
    let misread = misread.filter_map(|(at, list)| with(at, list.as_ref()?));
    whole.into_iter().chain(misread).collect()
}

/// Each part by all its forms.
fn together(exact: Vec<Option<AnyOf>>, near: Vec<Option<AnyOf>>) -> Option<Chain> {
    let count = |list: &Option<AnyOf>| list.as_ref().map_or(0, |list| list.lists.len());
    let sure = exact.iter().map(count).collect();
    let parts = exact.into_iter().zip(near);
    let parts = parts.map(|(exact, near)| exact.into_iter().chain(near).reduce(AnyOf::with));
    Some(Chain::new(parts.collect::<Option<_>>()?, sure))
}

impl Chain {
    fn new(parts: Vec<AnyOf>, exact: Vec<usize>) -> Self {
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|&part| parts[part].doc_freq());
        let mut chain = Self {
            parts,
            exact,
            order,
            doc: 0,
            occurrences: Vec::new(),
            misread: 0,
            positions: Vec::new(),
        };
        chain.settle(0);
        chain
    }

    fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.settle(target);
        }
    }

    /// Goes to the first document from `target` on where the parts follow each other.
    fn settle(&mut self, mut target: DocId) {
        while target != TERMINATED {
            let common =
                self.order
                    .iter()
                    .try_fold(target, |target, &part| match self.parts[part].seek(target) {
                        doc if doc == target => Ok(target),
                        later => Err(later),
                    });
            target = match common {
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
            positions,
            ..
        } = self;
        let misread_max = misread_max(parts.len());
        let mut found: Vec<(Span, usize)> = Vec::new();
        for (at, (part, &exact)) in parts.iter_mut().zip(exact.iter()).enumerate() {
            part.marked_positions(exact, positions);
            let stands = |position: u32| {
                let place = positions.binary_search_by_key(&position, |&(position, _)| position);
                place.ok().map(|place| usize::from(positions[place].1))
            };
            let reached: Vec<(Span, usize)> = match at {
                0 => positions
                    .iter()
                    .map(|&(position, is_near)| ((position, position), usize::from(is_near)))
                    .collect(),
                _ => found
                    .iter()
                    .filter_map(|&((first, last), misread)| {
                        Some(((first, last + 1), misread + stands(last + 1)?))
                    })
                    .filter(|&(_, misread)| misread <= misread_max)
                    .collect(),
            };
            let stretched = reached
                .iter()
                .map(|&((first, last), misread)| ((first, last + 1), misread))
                .filter(|&((_, next), _)| stands(next).is_some());
            found = reached.iter().copied().chain(stretched).collect();
            found.sort_unstable_by_key(|&((first, last), misread)| (last, misread, first));
            found.dedup_by_key(|&mut ((_, last), _)| last);
            if found.is_empty() {
                break;
            }
        }
        let least = found.iter().map(|&(_, misread)| misread).min().unwrap_or(0);
        self.misread = least;
        self.occurrences.clear();
        let best = found
            .into_iter()
            .filter(|&(_, misread)| least > 0 || misread == 0);
        self.occurrences.extend(best.map(|(span, _)| span));
    }
}
