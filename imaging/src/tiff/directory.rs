//! The skeleton of a TIFF file: header, image file directories, tag values.
//!
//! Read here and not through the `tiff` crate, because that one refuses a whole file whose first
//! directory has any tag it does not like, and archives hold forty years of scanners' ideas of TIFF.

use std::{fs::File, io, os::unix::fs::FileExt as _};

use crate::{Format, ImagingError};

/// An open TIFF or BigTIFF file; every access is bounded by its size.
#[derive(Debug)]
pub(crate) struct TiffFile {
    file: File,
    pub(super) size: u64,
    pub(super) order: ByteOrder,
    width: OffsetWidth,
}

/// Order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// `II`
    Little,
    /// `MM`
    Big,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OffsetWidth {
    Classic,
    Big,
}

/// One image file directory.
#[derive(Debug)]
pub(super) struct Directory {
    entries: Vec<Entry>,
    /// Where the next one stands; `None` at the end of the chain.
    pub(super) next: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// The value itself where it fits, else its offset.
    value: [u8; 8],
}

/// More entries than any real directory has; a BigTIFF directory may announce 2^64.
const MOST_ENTRIES: u64 = 4096;

impl TiffFile {
    /// Reads the header; returns the file and the offset of its first directory.
    pub(super) fn open(file: File) -> Result<(Self, u64), ImagingError> {
        let size = file.metadata()?.len();
        let mut tiff = Self {
            file,
            size,
            order: ByteOrder::Little,
            width: OffsetWidth::Classic,
        };
        let mut head = [0; 16];
        tiff.read_at(0, &mut head[..8])?;
        if head.starts_with(b"MM") {
            tiff.order = ByteOrder::Big;
        }
        if tiff.order.number(&head[2..4]) == 43 {
            tiff.width = OffsetWidth::Big;
            tiff.read_at(0, &mut head)?;
            let first = tiff.order.number(&head[8..16]);
            return Ok((tiff, first));
        }
        let first = tiff.order.number(&head[4..8]);
        Ok((tiff, first))
    }

    /// Fills the buffer from that offset.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ImagingError> {
        self.file
            .read_exact_at(buffer, offset)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => damaged(format!("the file ends before byte {offset}")),
                // Offsets beyond 2^63 are no valid file positions.
                io::ErrorKind::InvalidInput => damaged(format!("{offset} is no position in the file")),
                _ => ImagingError::Unreadable(error),
            })
    }

    /// A reader over part of the file; it ends early where the file does.
    pub(super) fn stream(&self, offset: u64, bytes: u64) -> FileSlice<'_> {
        FileSlice {
            file: &self.file,
            offset,
            left: bytes.min(self.size.saturating_sub(offset)),
        }
    }

    /// Those bytes; fewer where the file ends earlier.
    pub(super) fn bytes(&self, offset: u64, bytes: u64) -> Result<Vec<u8>, ImagingError> {
        let left = bytes.min(self.size.saturating_sub(offset));
        let mut buffer = vec![0; usize::try_from(left).map_err(damaged)?];
        self.read_at(offset, &mut buffer)?;
        Ok(buffer)
    }

    /// The directory at that offset.
    pub(super) fn directory(&self, offset: u64) -> Result<Directory, ImagingError> {
        let (count_bytes, entry_bytes, next_bytes) = match self.width {
            OffsetWidth::Classic => (2, 12, 4),
            OffsetWidth::Big => (8, 20, 8),
        };
        let mut count = [0; 8];
        self.read_at(offset, &mut count[..count_bytes])?;
        let count = self.order.number(&count[..count_bytes]);
        if count == 0 || count > MOST_ENTRIES {
            return Err(damaged(format!("a directory with {count} entries")));
        }
        let mut table = vec![0; count as usize * entry_bytes];
        self.read_at(offset + count_bytes as u64, &mut table)?;
        let entries = table
            .chunks_exact(entry_bytes)
            .map(|bytes| self.entry(bytes))
            .collect();

        // A last directory that is cut off after its entries can still be read.
        let mut next = [0; 8];
        let end = offset + count_bytes as u64 + table.len() as u64;
        let next = match self.read_at(end, &mut next[..next_bytes]) {
            Ok(()) => self.order.number(&next[..next_bytes]),
            Err(_) => 0,
        };
        Ok(Directory {
            entries,
            next: (next != 0).then_some(next),
        })
    }

    fn entry(&self, bytes: &[u8]) -> Entry {
        let (head, value_bytes) = bytes.split_at(bytes.len() - self.offset_bytes());
        let mut value = [0; 8];
        value[..value_bytes.len()].copy_from_slice(value_bytes);
        Entry {
            tag: self.order.number(&head[..2]) as u16,
            kind: self.order.number(&head[2..4]) as u16,
            count: self.order.number(&head[4..]),
            value,
        }
    }

    const fn offset_bytes(&self) -> usize {
        match self.width {
            OffsetWidth::Classic => 4,
            OffsetWidth::Big => 8,
        }
    }

    /// The bytes of the first `most` values of a tag; `None` where it is absent or points outside.
    fn value_bytes(&self, entry: &Entry, most: u64) -> Option<Vec<u8>> {
        let size = entry.value_size()?;
        let (whole, wanted) = (
            entry.count.checked_mul(size)?,
            entry.count.min(most).checked_mul(size)?,
        );
        if whole <= self.offset_bytes() as u64 {
            return Some(entry.value[..wanted as usize].to_vec());
        }
        let offset = self.order.number(&entry.value[..self.offset_bytes()]);
        if offset.checked_add(wanted)? > self.size {
            return None;
        }
        self.bytes(offset, wanted).ok()
    }
}

impl Directory {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// Whether the tag is there at all.
    pub(super) fn contains(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    /// The first `most` values of a tag with unsigned (or non-negative signed) whole numbers; `None`
    /// where it is absent or cannot be read.
    pub(super) fn numbers(&self, file: &TiffFile, tag: u16, most: u64) -> Option<Vec<u64>> {
        let entry = self.entry(tag)?;
        if !matches!(entry.kind, 1 | 3 | 4 | 6 | 7 | 8 | 9 | 13 | 16 | 17 | 18) {
            return None;
        }
        let bytes = file.value_bytes(entry, most)?;
        let values = bytes.chunks_exact(entry.value_size()? as usize);
        Some(values.map(|value| file.order.number(value)).collect())
    }

    /// The first value of a tag with whole numbers.
    pub(super) fn number(&self, file: &TiffFile, tag: u16) -> Option<u64> {
        self.numbers(file, tag, 1)?.first().copied()
    }

    /// The first value of a tag with a fraction, a floating-point or a whole number.
    pub(super) fn fraction(&self, file: &TiffFile, tag: u16) -> Option<f64> {
        let entry = self.entry(tag)?;
        if !matches!(entry.kind, 5 | 10 | 11 | 12) {
            return self.number(file, tag).map(|number| number as f64);
        }
        let bytes = file.value_bytes(entry, 1)?;
        let value = match entry.kind {
            11 => f64::from(f32::from_bits(file.order.number(bytes.get(..4)?) as u32)),
            12 => f64::from_bits(file.order.number(bytes.get(..8)?)),
            _ => file.order.number(bytes.get(..4)?) as f64 / file.order.number(bytes.get(4..8)?) as f64,
        };
        Some(value)
    }

    /// The value of a tag as bytes, at most `most` of them.
    pub(super) fn raw(&self, file: &TiffFile, tag: u16, most: u64) -> Option<Vec<u8>> {
        let entry = self.entry(tag)?;
        (entry.value_size()? == 1).then(|| file.value_bytes(entry, most))?
    }
}

impl Entry {
    /// Bytes of one value of this type (TIFF 6.0 section 2 and the BigTIFF design).
    const fn value_size(&self) -> Option<u64> {
        match self.kind {
            1 | 2 | 6 | 7 => Some(1),
            3 | 8 => Some(2),
            4 | 9 | 11 | 13 => Some(4),
            5 | 10 | 12 | 16 | 17 | 18 => Some(8),
            _ => None,
        }
    }
}

impl ByteOrder {
    /// The unsigned number in at most eight bytes.
    pub(super) fn number(self, bytes: &[u8]) -> u64 {
        let append = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, append),
            Self::Big => bytes.iter().fold(0, append),
        }
    }
}

/// Sequential access to part of a file without moving a shared position.
pub(super) struct FileSlice<'a> {
    file: &'a File,
    offset: u64,
    left: u64,
}

impl io::Read for FileSlice<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.file.read_at(&mut buffer[..wanted], self.offset)?;
        self.offset += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

pub(super) fn damaged(detail: impl std::fmt::Display) -> ImagingError {
    ImagingError::damaged(Format::Tiff, detail)
}

pub(super) fn unsupported(detail: impl std::fmt::Display) -> ImagingError {
    ImagingError::unsupported(Format::Tiff, detail)
}
