//! Puts the strips or tiles of a page together.

use std::io;

use super::{
    colour::Converter,
    directory::{Directory, TiffFile, damaged, unsupported},
    fax, jpeg,
    layout::{Compression, FillOrder, Layout, Photometric, Planes},
    old_jpeg,
    samples::Unpacker,
    streams,
};
use crate::{ImagingError, Limits, Pixels, jpeg::Raster};

/// A page as far as it could be decoded.
pub(super) struct Decoded {
    pub(super) pixels: Pixels,
    pub(super) lost_percent: u8,
}

/// Decodes a page; of a damaged fax what stands above the damage, as every fax machine prints it. The caller has checked its size against the limits.
pub(super) fn decode(
    file: &TiffFile,
    directory: &Directory,
    layout: &Layout,
    limits: &Limits,
) -> Result<Decoded, ImagingError> {
    let converter = Converter::new(file, directory, layout)?;
    match (layout.compression, layout.planes) {
        (Compression::OldJpeg, _) => {
            let raster = old_jpeg::decode(file, directory, layout, limits)?;
            let mut page = Page::new(layout, converter.with_rgb_rows());
            let whole = Chunk::whole(layout);
            page.put(&whole, &raster);
            page.finish()
        }
        (Compression::Jpeg, Planes::Chunky) => {
            let tables = jpeg::tables(file, directory);
            let mut page = Page::new(layout, converter.with_rgb_rows());
            for chunk in chunks(layout) {
                page.put(
                    &chunk,
                    &jpeg::decode_chunk(file, layout, &tables, &chunk, limits)?,
                );
            }
            page.finish()
        }
        (_, Planes::Separate) => decode_planes(file, directory, layout, converter, limits),
        _ => {
            let mut page = Page::new(layout, converter);
            let across = layout.chunks.width as usize;
            let mut row = vec![0; across * usize::from(layout.samples)];
            for chunk in chunks(layout) {
                let put = |y: usize, samples: &[u8]| page.put_row(&chunk, y, samples);
                match is_fax(layout.compression) {
                    true => {
                        let broken = decode_fax(file, layout, &chunk, put)?;
                        page.lost
                            .extend(broken.map(|broken| (broken.rows_lost * chunk.width, broken.why)));
                    }
                    false => decode_rows(file, layout, &chunk, &mut row, put)?,
                }
            }
            page.finish()
        }
    }
}

/// One strip or tile: which one, and the part of the page it covers.
pub(super) struct Chunk {
    pub(super) index: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    /// Without the padding of tiles on the right and bottom.
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Chunk {
    const fn whole(layout: &Layout) -> Self {
        Self {
            index: 0,
            x: 0,
            y: 0,
            width: layout.width as usize,
            height: layout.height as usize,
        }
    }
}

/// All chunks of a plane, in the order of the file.
fn chunks(layout: &Layout) -> impl Iterator<Item = Chunk> {
    let (width, height) = (layout.width as usize, layout.height as usize);
    let (across, down) = (layout.chunks.width as usize, layout.chunks.height as usize);
    let per_row = layout.chunks.across as usize;
    (0..layout.chunks.per_plane as usize).map(move |index| {
        let (x, y) = (index % per_row * across, index / per_row * down);
        Chunk {
            index,
            x,
            y,
            width: across.min(width - x),
            height: down.min(height - y),
        }
    })
}

/// The page under construction.
struct Page {
    width: usize,
    bytes: Vec<u8>,
    converter: Converter,
    /// Pixels that could not be decoded, and why.
    lost: Vec<(usize, ImagingError)>,
}

impl Page {
    fn new(layout: &Layout, converter: Converter) -> Self {
        let (width, height) = (layout.width as usize, layout.height as usize);
        Self {
            width,
            bytes: vec![0; width * height * converter.channels()],
            converter,
            lost: Vec::new(),
        }
    }

    /// Row `y` of a chunk, as samples of one byte.
    fn put_row(&mut self, chunk: &Chunk, y: usize, samples: &[u8]) {
        let channels = self.converter.channels();
        let start = ((chunk.y + y) * self.width + chunk.x) * channels;
        self.converter
            .convert(samples, &mut self.bytes[start..][..chunk.width * channels]);
    }

    /// All rows of a chunk, from a raster that may be larger.
    fn put(&mut self, chunk: &Chunk, raster: &Raster) {
        let rows = raster.samples.chunks_exact(raster.width * raster.components);
        for (y, row) in rows.take(chunk.height).enumerate() {
            self.put_row(chunk, y, row);
        }
    }

    /// Fails where nothing could be decoded.
    fn finish(mut self) -> Result<Decoded, ImagingError> {
        let pixels = self.bytes.len() / self.converter.channels();
        let lost: usize = self.lost.iter().map(|(lost, _)| lost).sum();
        if lost >= pixels && !self.lost.is_empty() {
            return Err(self.lost.swap_remove(0).1);
        }
        Ok(Decoded {
            pixels: self.converter.pixels(self.bytes),
            lost_percent: (100 * lost).div_ceil(pixels) as u8,
        })
    }
}

/// Samples that stand in rasters of their own are brought together before they become colours.
fn decode_planes(
    file: &TiffFile,
    directory: &Directory,
    layout: &Layout,
    converter: Converter,
    limits: &Limits,
) -> Result<Decoded, ImagingError> {
    if matches!(layout.photometric, Photometric::YCbCr { across, down } if across * down > 1) {
        return Err(unsupported("separate planes of different size"));
    }
    let samples = usize::from(layout.samples);
    let width = layout.width as usize;
    let mut together = vec![0; width * layout.height as usize * samples];
    let mut row = vec![0; layout.chunks.width as usize];
    let tables = jpeg::tables(file, directory);
    for sample in 0..samples {
        for mut chunk in chunks(layout) {
            chunk.index += sample * layout.chunks.per_plane as usize;
            let mut place = |y: usize, values: &[u8]| {
                let start = ((chunk.y + y) * width + chunk.x) * samples + sample;
                let cells = together[start..].iter_mut().step_by(samples);
                cells
                    .zip(&values[..chunk.width])
                    .for_each(|(cell, &value)| *cell = value);
            };
            match layout.compression {
                Compression::Jpeg => {
                    let raster = jpeg::decode_chunk(file, layout, &tables, &chunk, limits)?;
                    let rows = raster.samples.chunks_exact(raster.width).take(chunk.height);
                    rows.enumerate().for_each(|(y, values)| place(y, values));
                }
                _ if is_fax(layout.compression) => return Err(damaged(FAX_OF_SEVERAL)),
                _ => decode_rows(file, layout, &chunk, &mut row, place)?,
            }
        }
    }
    let mut page = Page::new(layout, converter);
    let rows = page.bytes.chunks_exact_mut(width * page.converter.channels());
    for (out, row) in rows.zip(together.chunks_exact(width * samples)) {
        page.converter.convert(row, out);
    }
    page.finish()
}

const FAX_OF_SEVERAL: &str = "fax compression of more than one bit";

/// Decodes one chunk of a fax and hands its rows over, those that are lost as white.
fn decode_fax(
    file: &TiffFile,
    layout: &Layout,
    chunk: &Chunk,
    mut put: impl FnMut(usize, &[u8]),
) -> Result<Option<fax::Broken>, ImagingError> {
    if layout.bits != 1 || layout.samples != 1 {
        return Err(damaged(FAX_OF_SEVERAL));
    }
    let (offset, length) = layout.chunks.places[chunk.index];
    let mut data = file.bytes(offset, length)?;
    if layout.fill_order == FillOrder::LowBitFirst {
        data.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    let width = layout.chunks.width as usize;
    let mut rows = vec![0; width * chunk.height];
    let broken = fax::decode(&data, layout.compression, layout.chunks.width, &mut rows).err();
    let rows = rows.chunks_exact(width).enumerate();
    rows.for_each(|(y, row)| put(y, row));
    Ok(broken)
}

/// Decodes the rows of one chunk that lie on the page and hands each over as samples of one byte.
/// `row` is room for one row of the chunk.
fn decode_rows(
    file: &TiffFile,
    layout: &Layout,
    chunk: &Chunk,
    row: &mut [u8],
    mut put: impl FnMut(usize, &[u8]),
) -> Result<(), ImagingError> {
    let place = layout.chunks.places[chunk.index];
    let mut stream = streams::open(file, place, layout.compression, layout.fill_order);
    if let Photometric::YCbCr { across, down } = layout.photometric
        && layout.planes == Planes::Chunky
    {
        return decode_shared_colour(&mut *stream, layout, chunk, (across, down), put);
    }
    let stride = match layout.planes {
        Planes::Chunky => usize::from(layout.samples),
        Planes::Separate => 1,
    };
    let unpacker = Unpacker::new(layout, file.order, stride)?;
    let mut bytes = vec![0; unpacker.row_bytes(row.len())];
    for y in 0..chunk.height {
        read_row(&mut *stream, &mut bytes, y, chunk)?;
        unpacker.unpack(&mut bytes, row);
        put(y, row);
    }
    Ok(())
}

/// YCbCr outside of JPEG (TIFF 6.0 section 21): units of `across` x `down` lightness values, then the two
/// colour values they share.
fn decode_shared_colour(
    stream: &mut dyn io::Read,
    layout: &Layout,
    chunk: &Chunk,
    (across, down): (u8, u8),
    mut put: impl FnMut(usize, &[u8]),
) -> Result<(), ImagingError> {
    if layout.bits != 8 || layout.samples != 3 {
        return Err(unsupported("YCbCr with other than three samples of eight bits"));
    }
    let (across, down) = (usize::from(across), usize::from(down));
    let width = layout.chunks.width as usize;
    let unit = across * down + 2;
    let mut units = vec![0; width.div_ceil(across) * unit];
    let mut row = vec![0; width * 3];
    for top in (0..chunk.height).step_by(down) {
        read_row(stream, &mut units, top, chunk)?;
        for y in 0..down.min(chunk.height - top) {
            for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let unit = &units[x / across * unit..][..unit];
                *pixel = [
                    unit[y * across + x % across],
                    unit[unit.len() - 2],
                    unit[unit.len() - 1],
                ];
            }
            put(top + y, &row);
        }
    }
    Ok(())
}

fn read_row(
    stream: &mut dyn io::Read,
    bytes: &mut [u8],
    y: usize,
    chunk: &Chunk,
) -> Result<(), ImagingError> {
    stream.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => damaged(
            format!("a strip or tile ends after {y} of {} rows: {error}", chunk.height),
        ),
        _ => ImagingError::Unreadable(error),
    })
}

const fn is_fax(compression: Compression) -> bool {
    matches!(
        compression,
        Compression::HuffmanRle | Compression::Group3 { .. } | Compression::Group4
    )
}
