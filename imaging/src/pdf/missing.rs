//! Parts of a page that the file names and does not hold.
//!
//! The PDF specification lets a reader treat a missing object as nothing; for a file that was cut off that
//! means a page without its scan, or without half of its text, that looks like a blank one.

use std::ops::Deref as _;

use hayro::hayro_syntax::{
    content::ops::TypedInstruction,
    object::{Array, Dict, MaybeRef, Object},
    page::Page,
};

use super::damaged;
use crate::ImagingError;

/// Fails where instructions, a picture, a form or a font that the page uses is not in the file.
pub(super) fn check(page: &Page<'_>) -> Result<(), ImagingError> {
    if is_missing(page, page.raw(), b"Contents") {
        return Err(damaged("the instructions of the page are not in the file"));
    }
    if let Some(parts) = page.raw().get::<Array<'_>>(b"Contents")
        && parts.raw_iter().any(|part| is_dangling(page, &part))
    {
        return Err(damaged("part of the instructions of the page is not in the file"));
    }
    let resources = page.resources();
    if !has_missing(page, &resources.x_objects) && !has_missing(page, &resources.fonts) {
        return Ok(());
    }
    let mut instructions = page.typed_operations();
    while let Some(instruction) = instructions.next() {
        match instruction {
            TypedInstruction::XObject(used) if is_missing(page, &resources.x_objects, used.0.deref()) => {
                return Err(damaged("a picture or form on the page is not in the file"));
            }
            TypedInstruction::TextFont(used) if is_missing(page, &resources.fonts, used.0.deref()) => {
                return Err(damaged("a font of the page is not in the file"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn has_missing(page: &Page<'_>, dict: &Dict<'_>) -> bool {
    dict.entries().any(|(_, value)| is_dangling(page, &value))
}

fn is_missing(page: &Page<'_>, dict: &Dict<'_>, key: &[u8]) -> bool {
    dict.get_raw::<Object<'_>>(key)
        .is_some_and(|value| is_dangling(page, &value))
}

fn is_dangling(page: &Page<'_>, value: &MaybeRef<Object<'_>>) -> bool {
    match value {
        MaybeRef::Ref(reference) => page.xref().get::<Object<'_>>((*reference).into()).is_none(),
        MaybeRef::NotRef(_) => false,
    }
}
