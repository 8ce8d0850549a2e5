//! Compressed streams that would grow beyond all measure are refused before they are expanded.

use std::{
    collections::HashSet,
    io::{self, Read as _},
    ops::Deref as _,
};

use flate2::read::ZlibDecoder;
use hayro::hayro_syntax::{
    Filter,
    object::{Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream},
    page::Page,
};

use crate::{ImagingError, Limits, jpeg2000};

/// A stream may grow to this many bytes in any case.
const HARMLESS_BYTES: u64 = 512 << 20;

/// Deflate makes 1,032 bytes of one at most (258 bytes from two bits).
const DEFLATE_RATIO: u64 = 1032;

/// So many objects are looked at for one page: pages of thousands of parts share their resources with
/// all others, and looking at all of them for each page would take the square of their number.
const OBJECTS_LOOKED_AT: usize = 2000;

/// Entries that lead away from what the page draws.
const LEADING_AWAY: [&[u8]; 7] = [b"Parent", b"P", b"A", b"AA", b"Dest", b"Popup", b"StructParent"];

/// Looks at the streams that a page uses, and at how large its pictures say they are.
pub(super) fn check(page: &Page<'_>, limits: &Limits) -> Result<(), ImagingError> {
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let resources = page.resources();
    let used = [
        &resources.x_objects,
        &resources.patterns,
        &resources.ext_g_states,
        &resources.fonts,
    ];
    let mut stack: Vec<Object<'_>> = used.map(|dict| Object::Dict(dict.clone())).into();
    stack.push(Object::Dict(page.raw().clone()));
    let mut left = OBJECTS_LOOKED_AT;
    while let Some(object) = stack.pop().filter(|_| left > 0) {
        left -= 1;
        let parts: Vec<MaybeRef<Object<'_>>> = match &object {
            Object::Array(array) => array.raw_iter().collect(),
            Object::Dict(dict) => parts(dict),
            Object::Stream(stream) => {
                check_stream(stream, limits)?;
                parts(stream.dict())
            }
            _ => continue,
        };
        stack.extend(parts.into_iter().filter_map(|part| match part {
            MaybeRef::Ref(reference) => {
                let id = ObjectIdentifier::from(reference);
                seen.insert(id).then(|| page.xref().get::<Object<'_>>(id))?
            }
            MaybeRef::NotRef(object) => Some(object),
        }));
    }
    Ok(())
}

fn parts<'a>(dict: &Dict<'a>) -> Vec<MaybeRef<Object<'a>>> {
    let drawn = dict
        .entries()
        .filter(|(key, _)| !LEADING_AWAY.contains(&key.deref()));
    drawn.map(|(_, value)| value).collect()
}

fn check_stream(stream: &Stream<'_>, limits: &Limits) -> Result<(), ImagingError> {
    let dict = stream.dict();
    if dict
        .get::<Name<'_>>(b"Subtype")
        .is_some_and(|name| name.deref() == b"Image")
    {
        let side = |name: &[u8]| dict.get::<u32>(name).unwrap_or(0);
        limits.check_pixels(side(b"Width"), side(b"Height"))?;
    }
    check_own_size(stream, limits)?;
    let filters = stream.filters();
    let deflated = filters
        .iter()
        .take_while(|filter| **filter == Filter::FlateDecode)
        .count();
    if deflated == 0 {
        return Ok(());
    }
    let raw = stream.raw_data();
    let ratio = DEFLATE_RATIO.saturating_pow(deflated as u32);
    if (raw.len() as u64).saturating_mul(ratio) <= HARMLESS_BYTES {
        return Ok(());
    }
    match expanded_bytes(&raw, deflated) {
        found if found > HARMLESS_BYTES => Err(ImagingError::TooLarge {
            what: "an uncompressed stream of the PDF in bytes, at least",
            found,
            limit: HARMLESS_BYTES,
        }),
        _ => Ok(()),
    }
}

/// Fax and JPEG 2000 data say their size once more, and that is what their decoders go by.
fn check_own_size(stream: &Stream<'_>, limits: &Limits) -> Result<(), ImagingError> {
    let dict = stream.dict();
    match stream.filters().as_slice() {
        [Filter::JpxDecode] => match jpeg2000::info(&stream.raw_data(), limits) {
            Err(error @ ImagingError::TooLarge { .. }) => Err(error),
            _ => Ok(()),
        },
        [Filter::CcittFaxDecode] => {
            let parameters: Dict<'_> = dict.get(b"DecodeParms").unwrap_or_default();
            let columns = parameters.get::<u32>(b"Columns").unwrap_or(0);
            let rows = parameters.get::<u32>(b"Rows").unwrap_or(0);
            limits.check_pixels(columns, rows.max(dict.get::<u32>(b"Height").unwrap_or(0)))
        }
        _ => Ok(()),
    }
}

/// Inflates into nothing and counts, no further than one byte above the limit. A stream that breaks ends
/// there.
fn expanded_bytes(raw: &[u8], layers: usize) -> u64 {
    let mut stream: Box<dyn io::Read + '_> = Box::new(raw);
    for _ in 0..layers {
        stream = Box::new(ZlibDecoder::new(stream));
    }
    let mut stream = stream.take(HARMLESS_BYTES + 1);
    let mut buffer = vec![0; 1 << 16];
    let mut counted = 0;
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        counted += read as u64;
    }
    counted
}
