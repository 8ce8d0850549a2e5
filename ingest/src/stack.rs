//! Stacks: what was scanned in one go is divided at the separator sheets between its dossiers.
//!
//! The stack keeps the masters, for a PDF cannot be cut without altering it. Its parts are dossiers whose files say
//! which stack holds their bytes ([`Holding`]). A sheet without a reference (patch code T) begins a dossier that is
//! called after the stack, with a number.

use std::collections::{BTreeMap, HashMap, HashSet};

use hrisov_catalog::BoxName;
use hrisov_model::{
    Apart, DESCRIPTION_FORMAT, DossierDescription, DossierId, FileId, FileRecord, FileState, Holding,
    PageApart, PageId, PagePlace, PageRecord, PageState, Separator,
};

use crate::names::natural_order;

/// The pages of a stack that belong to another dossier.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// What the dossier is called.
    pub reference: String,
    /// Its pages as the stack has them, in order.
    pub pages: Vec<PageRecord>,
}

/// Takes the sheets and every page that belongs to another dossier out of a description. What was set apart before
/// stays so, and pages read since go where the sheets before them say. Without a sheet nothing happens, and there are
/// no parts.
pub(crate) fn divide(stack: &mut DossierDescription) -> Vec<Part> {
    let mut parts = Vec::<Part>::new();
    // The part that pages go to; `None`: they stay.
    let mut current = None::<usize>;
    let mut names = Names::of(stack);
    let mut behind_sheet = false;
    for received in as_received(stack) {
        let page = match received {
            Received::Apart(page) => {
                if let Apart::Sheet(separator) = &page.apart {
                    current = names.next(separator, &stack.pages, &mut parts);
                }
                stack.apart.push(page);
                continue;
            }
            Received::Page(page) => page,
        };
        let apart = |apart| PageApart {
            file: page.file,
            index: page.index,
            apart,
        };
        if let Some(separator) = separator(&page) {
            current = names.next(separator, &stack.pages, &mut parts);
            stack.apart.push(apart(Apart::Sheet(separator.clone())));
            behind_sheet = true;
        } else if std::mem::take(&mut behind_sheet) && page.state == PageState::Blank {
            stack.apart.push(apart(Apart::SheetBack));
        } else {
            match current {
                None => stack.pages.push(*page),
                Some(part) => parts[part].pages.push(*page),
            }
        }
    }
    // A sheet with nothing behind it makes no dossier: the inventory will miss it.
    parts.retain(|part| !part.pages.is_empty());
    parts
}

/// A page of a stack: shown, or set apart before.
enum Received {
    Page(Box<PageRecord>),
    Apart(PageApart),
}

/// Takes every page out of the description, in the order in which they were received.
fn as_received(stack: &mut DossierDescription) -> Vec<Received> {
    let (pages, apart) = (std::mem::take(&mut stack.pages), std::mem::take(&mut stack.apart));
    let first_place = stack.first_places();
    let files = stack.files_by_id();
    let path = |file: FileId| files.get(&file).map_or("", |file| file.source_path.as_str());
    let shown = pages.into_iter().map(|page| {
        let place = first_place(&page);
        (path(place.file), place.index, Received::Page(Box::new(page)))
    });
    let apart = apart
        .into_iter()
        .map(|page| (path(page.file), page.index, Received::Apart(page)));
    let mut received: Vec<_> = shown.chain(apart).collect();
    received.sort_by(|(path, index, _), (other, other_index, _)| {
        natural_order(path, other).then(index.cmp(other_index))
    });
    received.into_iter().map(|(_, _, received)| received).collect()
}

/// The fonds and box of a description.
pub(crate) fn box_of(description: &DossierDescription) -> BoxName {
    BoxName {
        fonds: description.fonds.clone(),
        name: description.box_name.clone(),
    }
}

fn separator(page: &PageRecord) -> Option<&Separator> {
    page.figures.as_ref()?.separator.as_ref()
}

/// What the dossiers behind the sheets are called.
struct Names {
    own: String,
    /// Those without a reference so far, the stack itself among them.
    numbered: u32,
}

impl Names {
    fn of(stack: &DossierDescription) -> Self {
        Self {
            own: stack.reference.clone(),
            numbered: 0,
        }
    }

    /// Which part begins behind a sheet; `None` for the stack itself. The first sheet without a reference begins the stack,
    /// unless that has pages already.
    fn next(&mut self, separator: &Separator, kept: &[PageRecord], parts: &mut Vec<Part>) -> Option<usize> {
        let reference = match &separator.reference {
            Some(reference) => reference.clone(),
            None => {
                let has_first = self.numbered > 0 || !kept.is_empty();
                self.numbered = if has_first { self.numbered.max(1) + 1 } else { 1 };
                match self.numbered {
                    1 => self.own.clone(),
                    number => format!("{}-{number}", self.own),
                }
            }
        };
        if reference == self.own {
            return None;
        }
        let known = parts.iter().position(|part| part.reference == reference);
        Some(known.unwrap_or_else(|| {
            let pages = Vec::new();
            parts.push(Part { reference, pages });
            parts.len() - 1
        }))
    }
}

impl Part {
    /// A dossier for it, still without pages.
    pub(crate) fn fresh(&self, stack: &DossierDescription, id: DossierId) -> DossierDescription {
        DossierDescription {
            format: DESCRIPTION_FORMAT.to_owned(),
            id,
            fonds: stack.fonds.clone(),
            box_name: stack.box_name.clone(),
            reference: self.reference.clone(),
            title: self.reference.clone(),
            inventory: None,
            closing: None,
            files: Vec::new(),
            pages: Vec::new(),
            apart: Vec::new(),
        }
    }

    /// Whether the dossier has every page of the part, and none of a file that the stack shows no more.
    pub(crate) fn is_in(&self, stack: &DossierDescription, dossier: &DossierDescription) -> bool {
        let held = held_files(stack, dossier);
        let shown = shown_places(dossier);
        let has_pages = self.pages.iter().all(|page| {
            held.get(&page.file).is_some_and(|file| {
                let index = page.index;
                shown.contains(&PagePlace { file: *file, index })
            })
        });
        let successors = successors(stack);
        let is_outdated = |file: &FileRecord| {
            file.replaced_by.is_none()
                && file
                    .held_in
                    .as_ref()
                    .is_some_and(|holding| successors.contains_key(&holding.file))
        };
        has_pages && !dossier.files.iter().any(is_outdated)
    }

    /// Gives the dossier the part's pages. Those of a file that the stack shows no more are shown here no more either.
    pub(crate) fn take_over(&self, stack: &DossierDescription, dossier: &mut DossierDescription) {
        let successors = successors(stack);
        let held = held_files(stack, dossier);
        let live = |file: &FileRecord| file.replaced_by.is_none();
        let outdated: Vec<(FileId, FileId)> = dossier
            .files
            .iter()
            .filter(|file| live(file))
            .filter_map(|file| Some((file.id, *successors.get(&file.held_in.as_ref()?.file)?)))
            .collect();
        let wanted: HashSet<FileId> = self
            .pages
            .iter()
            .map(|page| page.file)
            .chain(outdated.iter().map(|(_, successor)| *successor))
            .filter(|file| !held.contains_key(file))
            .collect();
        let new = stack.files.iter().filter(|file| wanted.contains(&file.id));
        let records: Vec<_> = new.map(|file| held_record(stack, file, dossier.id)).collect();
        dossier.files.extend(records);
        let held = held_files(stack, dossier);
        for (old, successor) in outdated {
            if let Some(new) = held.get(&successor) {
                retire(dossier, old, *new);
            }
        }
        let shown = shown_places(dossier);
        for page in &self.pages {
            let Some(&file) = held.get(&page.file) else {
                continue;
            };
            let place = PagePlace {
                file,
                index: page.index,
            };
            if !shown.contains(&place) {
                dossier.pages.push(PageRecord {
                    id: PageId::derived(file.uuid(), &format!("page {}", page.index)),
                    file,
                    text_path: None,
                    text_digest: None,
                    ..page.clone()
                });
            }
        }
    }

    /// Notes in the stack where the part's pages went.
    pub(crate) fn note(&self, stack: &mut DossierDescription, dossier: DossierId) {
        stack.apart.extend(self.pages.iter().map(|page| PageApart {
            file: page.file,
            index: page.index,
            apart: Apart::Part { dossier },
        }));
    }
}

/// The files of a stack that a dossier shows pages of, with what they are called there.
fn held_files(stack: &DossierDescription, dossier: &DossierDescription) -> HashMap<FileId, FileId> {
    let held = dossier.files.iter().filter_map(|file| {
        let holding = file.held_in.as_ref()?;
        (holding.dossier == keeper_of(stack, holding.file)).then_some((holding.file, file.id))
    });
    let by_keeper: HashMap<_, _> = held.collect();
    let own = stack.files.iter().filter_map(|file| {
        let kept = file.held_in.as_ref().map_or(file.id, |holding| holding.file);
        Some((file.id, *by_keeper.get(&kept)?))
    });
    own.collect()
}

/// The dossier whose object has a file of the stack: the stack's own, or that of the stack which it is itself a part of.
fn keeper_of(stack: &DossierDescription, kept: FileId) -> DossierId {
    let holdings = stack.files.iter().filter_map(|file| file.held_in.as_ref());
    let mut fitting = holdings.filter(|holding| holding.file == kept);
    fitting.next().map_or(stack.id, |holding| holding.dossier)
}

/// Of each file that the stack shows no more, the one that it shows instead.
fn successors(stack: &DossierDescription) -> BTreeMap<FileId, FileId> {
    let replaced: HashMap<_, _> = stack
        .files
        .iter()
        .filter_map(|file| Some((file.id, file.replaced_by?)))
        .collect();
    let last = |mut file: FileId| {
        // Each step leads to a later file.
        for _ in 0..replaced.len() {
            match replaced.get(&file) {
                Some(next) => file = *next,
                None => break,
            }
        }
        file
    };
    replaced.keys().map(|file| (*file, last(*file))).collect()
}

/// Where the dossier's pages stood when they were received.
fn shown_places(dossier: &DossierDescription) -> HashSet<PagePlace> {
    let first_place = dossier.first_places();
    dossier.pages.iter().map(first_place).collect()
}

fn held_record(stack: &DossierDescription, file: &FileRecord, dossier: DossierId) -> FileRecord {
    let source_path = match file.source_path == stack.reference || file.held_in.is_some() {
        true => file.source_path.clone(),
        false => format!("{}/{}", stack.reference, file.source_path),
    };
    let holding = file.held_in.clone().unwrap_or_else(|| Holding {
        dossier: stack.id,
        file: file.id,
        path: file.logical_path.clone().unwrap_or_default(),
    });
    FileRecord {
        id: FileId::derived(dossier.uuid(), &file.id.to_string()),
        source_path,
        logical_path: None,
        state: FileState::Stored,
        replaced_by: None,
        rescan_of: None,
        held_in: Some(holding),
        ..file.clone()
    }
}

/// Shows a file, and what was scanned again for its pages, no more.
fn retire(dossier: &mut DossierDescription, old: FileId, new: FileId) {
    let mut gone = vec![old];
    // In the order of reception: a rescan comes after what it replaces.
    for file in &mut dossier.files {
        if file.rescan_of.is_some_and(|place| gone.contains(&place.file)) {
            gone.push(file.id);
        }
        if gone.contains(&file.id) {
            file.replaced_by = Some(new);
        }
    }
    dossier.pages.retain(|page| !gone.contains(&page.file));
}

#[cfg(test)]
mod tests {
    use hrisov_model::{BatchId, Digest, PageCondition, PageFigures, SeparatorKind};

    use super::*;

    fn figures(separator: Option<Separator>) -> Option<PageFigures> {
        Some(PageFigures {
            condition: PageCondition::unseen(None),
            turn: None,
            foreign_percent: None,
            edge_words: None,
            words: None,
            separator,
        })
    }

    /// A stack of one file: each page is `p` (read), `b` (blank), `T` (patch code T) or the reference on a sheet.
    fn stack(pages: &[&str]) -> DossierDescription {
        let file = FileRecord {
            id: FileId::random(),
            source_path: "teanc.pdf".to_owned(),
            logical_path: Some("masters/teanc.pdf".to_owned()),
            digest: Digest::of(b"teanc"),
            size_bytes: 5,
            media_type: None,
            state: FileState::Stored,
            received_at: jiff::Timestamp::UNIX_EPOCH,
            batch: BatchId::random(),
            replaced_by: None,
            rescan_of: None,
            held_in: None,
        };
        let page = |(index, what): (u32, &&str)| page(&file, index, what);
        DossierDescription {
            format: DESCRIPTION_FORMAT.to_owned(),
            id: DossierId::random(),
            fonds: "F".to_owned(),
            box_name: "1".to_owned(),
            reference: "teanc.pdf".to_owned(),
            title: "teanc.pdf".to_owned(),
            inventory: None,
            closing: None,
            pages: (0..).zip(pages).map(page).collect(),
            files: vec![file.clone()],
            apart: Vec::new(),
        }
    }

    fn page(file: &FileRecord, index: u32, what: &str) -> PageRecord {
        let (state, separator) = match what {
            "p" => (PageState::Recognised, None),
            "b" => (PageState::Blank, None),
            "T" => (PageState::Blank, Some((SeparatorKind::PatchT, None))),
            reference => (
                PageState::Blank,
                Some((SeparatorKind::Qr, Some(reference.to_owned()))),
            ),
        };
        PageRecord {
            id: PageId::derived(file.id.uuid(), &format!("page {index}")),
            file: file.id,
            index,
            width_px: 100,
            height_px: 140,
            dpi: None,
            state,
            text_path: None,
            text_digest: None,
            words: 0,
            confidence_percent: None,
            figures: figures(separator.map(|(kind, reference)| Separator { kind, reference })),
        }
    }

    fn indices(pages: &[PageRecord]) -> Vec<u32> {
        pages.iter().map(|page| page.index).collect()
    }

    #[test]
    fn pages_go_where_the_sheets_say() {
        for (pages, kept, parts) in [
            // No sheet: nothing happens, blank pages stay.
            (&["p", "b", "p"][..], vec![0, 1, 2], vec![]),
            (
                &["p", "D1", "p", "p", "D2", "p"],
                vec![0],
                vec![("D1", vec![2, 3]), ("D2", vec![5])],
            ),
            // The back of a sheet goes with it; a blank page elsewhere is a page.
            (&["D1", "b", "p", "b"], vec![], vec![("D1", vec![2, 3])]),
            // Nothing behind the first sheet, and the same dossier twice.
            (
                &["D0", "D1", "p", "D2", "p", "D1", "p"],
                vec![],
                vec![("D1", vec![2, 6]), ("D2", vec![4])],
            ),
            // Sheets without a reference: the first dossier is the stack's own.
            (
                &["T", "p", "T", "p", "T", "p"],
                vec![1],
                vec![("teanc.pdf-2", vec![3]), ("teanc.pdf-3", vec![5])],
            ),
            (&["p", "T", "p"], vec![0], vec![("teanc.pdf-2", vec![2])]),
            (&["D1", "p", "T", "p"], vec![3], vec![("D1", vec![1])]),
            // The stack's own reference.
            (&["D1", "p", "teanc.pdf", "p"], vec![3], vec![("D1", vec![1])]),
        ] {
            let mut stack = stack(pages);
            let divided = divide(&mut stack);
            let found: Vec<_> = divided
                .iter()
                .map(|part| (part.reference.as_str(), indices(&part.pages)))
                .collect();
            assert_eq!((indices(&stack.pages), found), (kept, parts), "{pages:?}");
            for part in &divided {
                part.note(&mut stack, DossierId::random());
            }
            // Every received page is accounted for, once.
            let mut all: Vec<_> = indices(&stack.pages);
            all.extend(stack.apart.iter().map(|page| page.index));
            all.sort_unstable();
            assert_eq!(all, (0..).take(pages.len()).collect::<Vec<_>>(), "{pages:?}");
        }
    }

    #[test]
    fn a_page_that_is_read_later_goes_where_the_sheet_before_it_says() {
        let mut stack = stack(&["p", "D1", "p", "p"]);
        let late = stack.pages.remove(3);
        for part in divide(&mut stack) {
            part.note(&mut stack, DossierId::random());
        }
        stack.pages.push(late);
        let parts = divide(&mut stack);
        assert_eq!(parts.len(), 1);
        assert_eq!(
            (parts[0].reference.as_str(), indices(&parts[0].pages)),
            ("D1", vec![3])
        );
        assert_eq!((indices(&stack.pages), stack.apart.len()), (vec![0], 2));
    }

    #[test]
    fn a_part_takes_over_its_pages_once_and_lets_go_of_those_of_a_replaced_file() {
        let mut stack = stack(&["D1", "p", "p"]);
        let parts = divide(&mut stack);
        let mut dossier = parts[0].fresh(&stack, DossierId::random());
        for _ in 0..2 {
            assert_eq!(parts[0].is_in(&stack, &dossier), !dossier.pages.is_empty());
            parts[0].take_over(&stack, &mut dossier);
            assert_eq!((indices(&dossier.pages), dossier.files.len()), (vec![1, 2], 1));
        }
        assert!(parts[0].is_in(&stack, &dossier));
        let held = &dossier.files[0];
        assert_eq!(
            (held.kept_at(), held.logical_path.as_deref()),
            (Some("masters/teanc.pdf"), None)
        );
        // The stack's file is replaced by one with a single page for the dossier.
        let mut second = stack.files[0].clone();
        second.id = FileId::random();
        stack.files[0].replaced_by = Some(second.id);
        stack.apart.clear();
        stack.pages = vec![page(&second, 0, "D1"), page(&second, 1, "p")];
        stack.files.push(second);
        let parts = divide(&mut stack);
        assert!(!parts[0].is_in(&stack, &dossier));
        parts[0].take_over(&stack, &mut dossier);
        assert!(parts[0].is_in(&stack, &dossier));
        assert_eq!(indices(&dossier.pages), vec![1]);
        assert_eq!(dossier.files[0].replaced_by, Some(dossier.files[1].id));
    }
}
