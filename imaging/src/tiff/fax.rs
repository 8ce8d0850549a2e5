//! Group 3 and Group 4 strips (ITU-T T.4 and T.6), through `hayro-ccitt`.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::{
    directory::damaged,
    layout::{Compression, TwoDimensional},
};
use crate::{ImagingError, fax::ends_with_end_of_block};

/// Rows of one byte a pixel: 0 for the fax's white, 255 for its black, which is how its bits 0 and 1
/// come out of every other compression too.
struct Rows<'a> {
    out: std::slice::ChunksExactMut<'a, u8>,
    written: usize,
}

impl Decoder for Rows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        let Some(row) = self.out.next() else { return };
        for run in changes.chunks(2) {
            let end = run.get(1).map_or(row.len(), |&end| end as usize);
            row[run[0] as usize..end].fill(255);
        }
        self.written += 1;
    }
}

/// A strip or tile of which only the upper rows could be decoded.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) rows_lost: usize,
    pub(super) why: ImagingError,
}

/// Decodes a strip or tile of `width` columns into `out`, which is all 0 and has as many rows as wanted.
///
/// A strip with fewer rows is whole only where its end-of-block code is there: then nothing was cut off, the height was
/// just guessed too large, as fax machines must. What lies below a broken row cannot be told any more and stays white.
pub(super) fn decode(
    data: &[u8],
    compression: Compression,
    width: u32,
    out: &mut [u8],
) -> Result<(), Broken> {
    let rows = out.len() / width as usize;
    let encoding = match compression {
        Compression::Group4 => EncodingMode::Group4,
        Compression::Group3 {
            two_dimensional: TwoDimensional::Yes,
        } => EncodingMode::Group3_2D,
        _ => EncodingMode::Group3_1D,
    };
    let settings = DecodeSettings {
        columns: width,
        rows: rows as u32,
        end_of_block: compression != Compression::HuffmanRle,
        // Without it, damage in one row of Group 3 would cost all rows below.
        end_of_line: matches!(compression, Compression::Group3 { .. }),
        rows_are_byte_aligned: compression == Compression::HuffmanRle,
        encoding,
        strict: false,
    };
    let mut sink = Rows {
        out: out.chunks_exact_mut(width as usize),
        written: 0,
    };
    let result = hayro_ccitt::decode(data, &mut sink, &mut DecoderContext::new(settings));
    let written = sink.written;
    match result {
        _ if written == rows => Ok(()),
        Ok(end) if ends_with_end_of_block(&data[..end.min(data.len())]) => Ok(()),
        other => Err(Broken {
            rows_lost: rows - written,
            why: damaged(match other {
                Ok(_) => format!("a fax strip ends after {written} of {rows} rows"),
                Err(error) => format!("a fax strip breaks after {written} of {rows} rows: {error}"),
            }),
        }),
    }
}
