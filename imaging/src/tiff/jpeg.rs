//! JPEG inside TIFF (technical note 2 of 1995): every strip or tile is a JPEG, its tables may stand apart.

use super::{
    directory::{Directory, TiffFile, damaged},
    layout::{Layout, Photometric, Planes, tag},
    raster::Chunk,
};
use crate::{
    ImagingError, Limits,
    jpeg::{self, Colours, Raster},
};

/// The shared tables: a JPEG without a picture. Real ones have less than a kilobyte.
pub(super) fn tables(file: &TiffFile, directory: &Directory) -> Vec<u8> {
    directory.raw(file, tag::JPEG_TABLES, 1 << 16).unwrap_or_default()
}

/// Decodes one strip or tile. YCbCr comes out as red, green and blue, everything else as stored.
pub(super) fn decode_chunk(
    file: &TiffFile,
    layout: &Layout,
    tables: &[u8],
    chunk: &Chunk,
    limits: &Limits,
) -> Result<Raster, ImagingError> {
    let (offset, bytes) = layout.chunks.places[chunk.index];
    let data = file.bytes(offset, bytes)?;
    let components = match layout.planes {
        Planes::Chunky => usize::from(layout.samples),
        Planes::Separate => 1,
    };
    let raster = decode(&with_tables(tables, data), layout, limits)?;
    check(&raster, components, (chunk.width, chunk.height))?;
    Ok(raster)
}

/// Decodes JPEG data with the meaning that the TIFF's tags give to its components.
pub(super) fn decode(data: &[u8], layout: &Layout, limits: &Limits) -> Result<Raster, ImagingError> {
    let colours = match layout.photometric {
        Photometric::YCbCr { .. } => Colours::Shown,
        _ => Colours::Stored,
    };
    jpeg::decode(data, colours, limits).map_err(|error| match error {
        // The file is a TIFF to whoever reads the message.
        ImagingError::Damaged { detail, .. } => damaged(format!("JPEG data: {detail}")),
        ImagingError::Unsupported { detail, .. } => {
            super::directory::unsupported(format!("JPEG data: {detail}"))
        }
        other => other,
    })
}

/// The raster must cover what it is decoded for.
pub(super) fn check(
    raster: &Raster,
    components: usize,
    (width, height): (usize, usize),
) -> Result<(), ImagingError> {
    match raster.components == components && raster.width >= width && raster.height >= height {
        true => Ok(()),
        false => Err(damaged(format!(
            "JPEG data of {} x {} pixels with {} components, where {width} x {height} with {components} belong",
            raster.width, raster.height, raster.components
        ))),
    }
}

/// The tables' own end marker and the picture's start marker fall out where the two are joined.
fn with_tables(tables: &[u8], data: Vec<u8>) -> Vec<u8> {
    let tables = tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(tables);
    match data.strip_prefix(&[0xff, 0xd8]) {
        Some(picture) if !tables.is_empty() => [tables, picture].concat(),
        _ => data,
    }
}
