//! The marker segments of a JPEG (ITU-T T.81 annex B), as far as they say what the picture is.

/// What stands before the first scan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Markers<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) components: u8,
    pub(crate) process: Process,
    /// The JFIF density: unit and dots in both directions.
    pub(crate) density: Option<(u8, u16, u16)>,
    /// The contents of the first EXIF segment, from its TIFF header on.
    pub(crate) exif: Option<&'a [u8]>,
    /// Whether Adobe's segment is there, whose four-colour pictures are stored inverted.
    pub(crate) adobe: Adobe,
    /// Where the entropy-coded data of the first scan begins.
    pub(crate) scan_start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// Huffman-coded, from top to bottom (SOF0, SOF1).
    Sequential,
    /// Huffman-coded in scans of growing detail (SOF2).
    Progressive,
    /// Lossless, hierarchical or arithmetic coding.
    Other(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adobe {
    Present,
    Absent,
}

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// Reads the segments up to the first scan; `None` where there is no frame or no scan.
pub(crate) fn read(data: &[u8]) -> Option<Markers<'_>> {
    let mut frame = None;
    let (mut density, mut exif, mut adobe) = (None, None, Adobe::Absent);
    let mut position = 0;
    loop {
        let (marker, after) = next_marker(data, position)?;
        position = after;
        if marker == 0 || marker == 1 || (0xd0..=SOI).contains(&marker) {
            continue;
        }
        let length = usize::from(be16(data, position)?);
        // Wrong lengths (below 2, or beyond the end) occur in segments that do not matter: the search
        // for the next marker goes on behind them.
        let segment = data.get(position + 2..position + length);
        let next = position + segment.map_or(0, |_| length);
        let segment = segment.unwrap_or_default();
        match marker {
            SOS => {
                let (width, height, components, process) = frame?;
                return Some(Markers {
                    width,
                    height,
                    components,
                    process,
                    density,
                    exif,
                    adobe,
                    scan_start: next,
                });
            }
            EOI => return None,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let process = match marker {
                    0xc0 | 0xc1 => Process::Sequential,
                    0xc2 => Process::Progressive,
                    other => Process::Other(other - 0xc0),
                };
                frame = Some((be16(segment, 3)?, be16(segment, 1)?, *segment.get(5)?, process));
            }
            0xe0 if segment.starts_with(b"JFIF\0") && density.is_none() => {
                density = (|| Some((*segment.get(7)?, be16(segment, 8)?, be16(segment, 10)?)))();
            }
            0xe1 if segment.starts_with(b"Exif\0\0") && exif.is_none() => exif = segment.get(6..),
            0xee if segment.starts_with(b"Adobe") => adobe = Adobe::Present,
            _ => {}
        }
        position = next;
    }
}

/// Where the entropy-coded data that starts at `position` ends: the place of the next marker that is not
/// a restart, or the end of the data.
pub(crate) fn scan_end(data: &[u8], mut position: usize) -> usize {
    while let Some(found) = data.get(position..).and_then(first_ff) {
        position += found;
        match data.get(position + 1) {
            Some(0 | 0xd0..=0xd7) => position += 2,
            Some(0xff) => position += 1,
            Some(_) => return position,
            None => break,
        }
    }
    data.len()
}

/// Whether an end-of-image marker stands at that place.
pub(crate) fn is_end_of_image(data: &[u8], position: usize) -> bool {
    data.get(position..position + 2) == Some(&[0xff, EOI])
}

/// The next marker code at or behind a place, and the place behind it.
fn next_marker(data: &[u8], mut position: usize) -> Option<(u8, usize)> {
    loop {
        position += first_ff(data.get(position..)?)?;
        while *data.get(position)? == 0xff {
            position += 1;
        }
        match data[position] {
            0 => position += 1,
            marker => return Some((marker, position + 1)),
        }
    }
}

fn first_ff(data: &[u8]) -> Option<usize> {
    data.iter().position(|&byte| byte == 0xff)
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?))
}
