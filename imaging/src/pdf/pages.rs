//! The pages that a PDF's page tree names, missing ones included.
//!
//! `hayro` passes silently over pages whose objects are not in the file, as they are when the file is cut
//! off. Here they stay pages that cannot be shown.

use std::{collections::HashSet, ops::Deref as _};

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier},
};

/// One leaf of the page tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The page with that index among those that `hayro` found.
    Present(usize),
    /// Named, but not there.
    Missing,
}

/// All pages in order. Where the tree cannot be walked to the same pages that `hayro` found (it rebuilds
/// broken trees), its own list stands.
pub(super) fn slots(pdf: &Pdf) -> Vec<Slot> {
    let found = pdf.pages().len();
    let walked = walk(pdf).unwrap_or_default();
    let present = walked.iter().filter(|slot| **slot != Slot::Missing).count();
    match present == found {
        true => walked,
        false => (0..found).map(Slot::Present).collect(),
    }
}

fn walk(pdf: &Pdf) -> Option<Vec<Slot>> {
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id())?;
    let root: Dict<'_> = catalog.get(b"Pages")?;
    let mut seen: HashSet<ObjectIdentifier> = root.obj_id().into_iter().collect();
    let mut slots = Vec::new();
    let mut present = 0;
    let mut stack = vec![root.get::<Array<'_>>(b"Kids")?.raw_iter()];
    while let Some(kids) = stack.last_mut() {
        let Some(kid) = kids.next() else {
            stack.pop();
            continue;
        };
        let object: Option<Object<'_>> = match kid {
            MaybeRef::Ref(reference) => {
                if !seen.insert(reference.into()) {
                    continue;
                }
                pdf.xref().get(reference.into())
            }
            MaybeRef::NotRef(object) => Some(object),
        };
        match object.map(Object::into_dict) {
            None => slots.push(Slot::Missing),
            // Something is there that is no dictionary: not a page for any reader.
            Some(None) => {}
            Some(Some(dict))
                if dict
                    .get::<Name<'_>>(b"Type")
                    .is_some_and(|name| name.deref() == b"Pages") =>
            {
                stack.extend(dict.get::<Array<'_>>(b"Kids").map(|kids| kids.raw_iter()));
            }
            Some(Some(_)) => {
                slots.push(Slot::Present(present));
                present += 1;
            }
        }
    }
    Some(slots)
}
