//! The marker segments of a JPEG (ITU-T T.81 annex B), as far as they say what the picture is.

/// What stands before the first scan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Markers<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) components: u8,
    pub(crate) process: Process,
    /// Whether no component is sampled more finely than the first.
    pub(crate) first_is_finest: bool,
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
    for Segment {
        marker,
        content,
        range,
    } in (Segments { data, position: 0 })
    {
        match marker {
            SOS => {
                let (width, height, components, process, first_is_finest) = frame?;
                return Some(Markers {
                    width,
                    height,
                    components,
                    process,
                    first_is_finest,
                    density,
                    exif,
                    adobe,
                    scan_start: range.end,
                });
            }
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let process = match marker {
                    0xc0 | 0xc1 => Process::Sequential,
                    0xc2 => Process::Progressive,
                    other => Process::Other(other - 0xc0),
                };
                let (width, height, components) = (be16(content, 3)?, be16(content, 1)?, *content.get(5)?);
                frame = Some((width, height, components, process, first_is_finest(&content[6..])));
            }
            0xe0 if content.starts_with(b"JFIF\0") && density.is_none() => {
                density = (|| Some((*content.get(7)?, be16(content, 8)?, be16(content, 10)?)))();
            }
            0xe1 if content.starts_with(b"Exif\0\0") && exif.is_none() => exif = content.get(6..),
            0xee if content.starts_with(b"Adobe") => adobe = Adobe::Present,
            _ => {}
        }
    }
    None
}

/// Whether the sampling factors of the frame's first component are the largest, both ways.
fn first_is_finest(components: &[u8]) -> bool {
    let factors = |component: &[u8]| (component[1] >> 4, component[1] & 15);
    let mut factors = components.chunks_exact(3).map(factors);
    let first = factors.next().unwrap_or_default();
    factors.all(|factors| factors.0 <= first.0 && factors.1 <= first.1)
}

/// The same picture without any segment that does not matter to its decoding: broken metadata must not
/// cost it.
pub(crate) fn without_metadata(data: &[u8]) -> Vec<u8> {
    let mut kept = vec![0xff, SOI];
    for Segment {
        marker,
        content,
        range,
    } in (Segments { data, position: 0 })
    {
        match marker {
            SOS => {
                kept.extend(&data[range.start..]);
                break;
            }
            0xc0..=0xcf | 0xdb | 0xdd => kept.extend(&data[range]),
            0xee if content.starts_with(b"Adobe") && content.len() >= 12 => kept.extend(&data[range]),
            _ => {}
        }
    }
    kept
}

/// One marker segment: its contents, and the place of all of it.
struct Segment<'a> {
    marker: u8,
    content: &'a [u8],
    range: std::ops::Range<usize>,
}

/// The segments up to the end-of-image marker; only those before the first scan make sense.
struct Segments<'a> {
    data: &'a [u8],
    position: usize,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        loop {
            let (marker, start) = next_marker(self.data, self.position)?;
            self.position = start;
            match marker {
                // Markers without contents.
                1 | 0xd0..=SOI => continue,
                EOI => return None,
                _ => {}
            }
            let length = usize::from(be16(self.data, start)?);
            // Wrong lengths (below 2, or beyond the end) occur in segments that do not matter: the
            // search for the next marker goes on behind the length.
            let content = self.data.get(start + 2..start + length);
            self.position = start + content.map_or(2, |_| length);
            return Some(Segment {
                marker,
                content: content.unwrap_or_default(),
                range: start - 2..self.position,
            });
        }
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
