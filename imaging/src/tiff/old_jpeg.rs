//! JPEG as TIFF 6.0 section 22 first had it (compression 6): a stream in pieces, whose tables stand in
//! tags of their own. Scanner software of the 1990s wrote it in several ways.

use super::{
    directory::{Directory, TiffFile, damaged},
    jpeg,
    layout::{Layout, Photometric, tag},
};
use crate::{
    ImagingError, Limits,
    jpeg::{Raster, markers},
};

/// Finds or builds a complete JPEG stream and decodes the page from it.
pub(super) fn decode(
    file: &TiffFile,
    directory: &Directory,
    layout: &Layout,
    limits: &Limits,
) -> Result<Raster, ImagingError> {
    let (width, height) = (layout.width as usize, layout.height as usize);
    let components = usize::from(layout.samples);
    let mut failure = damaged("no JPEG stream and no tables to build one");
    for stream in [
        interchange_stream(file, directory),
        assembled_stream(file, directory, layout),
    ] {
        let Some(stream) = stream? else { continue };
        let decoded = jpeg::decode(&stream, layout, limits).and_then(|raster| {
            jpeg::check(&raster, components, (width, height))?;
            Ok(raster)
        });
        match decoded {
            Ok(raster) => return Ok(raster),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// The stream that `JPEGInterchangeFormat` points to. Its length is often wrong, so it is read to the end
/// of the file: a decoder stops where the picture does.
fn interchange_stream(file: &TiffFile, directory: &Directory) -> Result<Option<Vec<u8>>, ImagingError> {
    let Some(offset) = directory.number(file, tag::JPEG_INTERCHANGE_FORMAT) else {
        return Ok(None);
    };
    let stream = file.bytes(offset, file.size)?;
    Ok(markers::read(&stream).is_some().then_some(stream))
}

/// Header from the interchange format's segments or from the table tags, then the strips, with restart
/// markers between them.
fn assembled_stream(
    file: &TiffFile,
    directory: &Directory,
    layout: &Layout,
) -> Result<Option<Vec<u8>>, ImagingError> {
    let Some(&(first, length)) = layout.chunks.places.first() else {
        return Ok(None);
    };
    let mut start = [0; 2];
    file.read_at(first, &mut start)?;
    if start == [0xff, 0xd8] && layout.chunks.places.len() == 1 {
        return Ok(Some(file.bytes(first, length)?));
    }
    let Some(mut stream) = header(file, directory, layout)? else {
        return Ok(None);
    };
    for (index, &(offset, length)) in layout.chunks.places.iter().enumerate() {
        let strip = file.bytes(offset, length)?;
        if index > 0 && !matches!(stream.as_slice(), [.., 0xff, 0xd0..=0xd7]) {
            stream.extend([0xff, 0xd0 + ((index - 1) % 8) as u8]);
        }
        // A strip may carry the scan header itself.
        let data = match (index, strip.as_slice()) {
            (0, [0xff, 0xda, high, low, ..]) => {
                let scan_header = 2 + usize::from(u16::from_be_bytes([*high, *low]));
                strip.get(scan_header..).unwrap_or_default()
            }
            (_, strip) => strip,
        };
        stream.extend(data.strip_suffix(&[0xff, 0xd9]).unwrap_or(data));
    }
    stream.extend([0xff, 0xd9]);
    Ok(Some(stream))
}

/// Everything up to the entropy-coded data.
fn header(file: &TiffFile, directory: &Directory, layout: &Layout) -> Result<Option<Vec<u8>>, ImagingError> {
    let components = layout.samples.min(4) as u8;
    let mut header = vec![0xff, 0xd8];
    let tables = match tagged_tables(file, directory, components)? {
        Some(tables) => Some(tables),
        None => interchange_tables(file, directory)?,
    };
    let Some(tables) = tables else { return Ok(None) };
    header.extend(tables);

    let (across, down) = match layout.photometric {
        Photometric::YCbCr { across, down } => (across, down),
        _ => (1, 1),
    };
    let size = |value: u32| u16::try_from(value).map(u16::to_be_bytes).map_err(damaged);
    segment(&mut header, 0xc0, |frame| {
        frame.push(8);
        frame.extend(size(layout.height)?);
        frame.extend(size(layout.width)?);
        frame.push(components);
        for component in 0..components {
            let sampling = if component == 0 { across << 4 | down } else { 0x11 };
            frame.extend([component + 1, sampling, component]);
        }
        Ok(())
    })?;
    if let Some(interval) = restart_interval(file, directory, layout, (across, down)) {
        segment(&mut header, 0xdd, |restart| {
            restart.extend(interval.to_be_bytes());
            Ok(())
        })?;
    }
    segment(&mut header, 0xda, |scan| {
        scan.push(components);
        scan.extend((0..components).flat_map(|component| [component + 1, component << 4 | component]));
        scan.extend([0, 63, 0]);
        Ok(())
    })?;
    Ok(Some(header))
}

/// Quantisation and Huffman tables out of the interchange format, where it holds no whole stream.
fn interchange_tables(file: &TiffFile, directory: &Directory) -> Result<Option<Vec<u8>>, ImagingError> {
    let (Some(offset), Some(length)) = (
        directory.number(file, tag::JPEG_INTERCHANGE_FORMAT),
        directory.number(file, tag::JPEG_INTERCHANGE_LENGTH),
    ) else {
        return Ok(None);
    };
    let data = file.bytes(offset, length.min(1 << 16))?;
    let mut tables = Vec::new();
    let mut rest = data.strip_prefix(&[0xff, 0xd8]).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        let length = 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(whole) = rest.get(..length) else { break };
        if matches!(marker, 0xc4 | 0xdb) {
            tables.extend(whole);
        }
        rest = &rest[length..];
    }
    Ok((!tables.is_empty()).then_some(tables))
}

/// Tables at the places that the tags name, one a component.
fn tagged_tables(
    file: &TiffFile,
    directory: &Directory,
    components: u8,
) -> Result<Option<Vec<u8>>, ImagingError> {
    let complete = |list: &Vec<u64>| list.len() == usize::from(components);
    let offsets = |tag| directory.numbers(file, tag, components.into()).filter(complete);
    let (Some(quantisation), Some(dc), Some(ac)) = (
        offsets(tag::JPEG_Q_TABLES),
        offsets(tag::JPEG_DC_TABLES),
        offsets(tag::JPEG_AC_TABLES),
    ) else {
        return Ok(None);
    };
    let mut tables = Vec::new();
    for component in 0..components {
        let index = usize::from(component);
        segment(&mut tables, 0xdb, |table| {
            table.push(component);
            let mut values = [0; 64];
            file.read_at(quantisation[index], &mut values)?;
            table.extend(values);
            Ok(())
        })?;
        for (class, offset) in [(0, dc[index]), (0x10, ac[index])] {
            segment(&mut tables, 0xc4, |table| {
                table.push(class | component);
                let mut counts = [0; 16];
                file.read_at(offset, &mut counts)?;
                let codes = counts.iter().map(|&count| usize::from(count)).sum::<usize>();
                let mut values = vec![0; codes.min(256)];
                file.read_at(offset + 16, &mut values)?;
                table.extend(counts);
                table.extend(values);
                Ok(())
            })?;
        }
    }
    Ok(Some(tables))
}

/// Units between two restart markers: as the tag says, else a strip's.
fn restart_interval(
    file: &TiffFile,
    directory: &Directory,
    layout: &Layout,
    (across, down): (u8, u8),
) -> Option<u16> {
    let tagged = directory
        .number(file, tag::JPEG_RESTART_INTERVAL)
        .filter(|&interval| interval > 0);
    let units = |pixels: u32, factor: u8| u64::from(pixels.div_ceil(8 * u32::from(factor)));
    let strip = || units(layout.width, across) * units(layout.chunks.height, down);
    let interval = match layout.chunks.places.len() {
        1 => tagged?,
        _ => tagged.unwrap_or_else(strip),
    };
    u16::try_from(interval).ok()
}

/// Appends a marker segment, whose length is known once it is written.
fn segment(
    stream: &mut Vec<u8>,
    marker: u8,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), ImagingError>,
) -> Result<(), ImagingError> {
    let mut content = Vec::new();
    write(&mut content)?;
    let length = u16::try_from(content.len() + 2).map_err(damaged)?;
    stream.extend([0xff, marker]);
    stream.extend(length.to_be_bytes());
    stream.extend(content);
    Ok(())
}
