//! From the bytes of a row to samples of eight bits.

use super::{
    directory::{ByteOrder, unsupported},
    layout::{Layout, Photometric, Predictor, SampleKind},
};
use crate::ImagingError;

/// Turns one stored row into samples of one byte each.
#[derive(Debug)]
pub(super) struct Unpacker {
    bits: u8,
    kind: SampleKind,
    predictor: Predictor,
    order: ByteOrder,
    /// How many samples of the row belong to one pixel: the distance of the predictor.
    stride: usize,
    scale: Scale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// The full range of the sample becomes 0 to 255.
    ToByte,
    /// The sample is an index into a colour map of at most 256 entries.
    Index,
}

impl Unpacker {
    pub(super) fn new(layout: &Layout, order: ByteOrder, stride: usize) -> Result<Self, ImagingError> {
        let scale = match layout.photometric {
            Photometric::Palette => Scale::Index,
            _ => Scale::ToByte,
        };
        match (layout.kind, layout.bits, scale) {
            (SampleKind::Float, 32, Scale::ToByte) => {}
            (SampleKind::Float, bits, _) => {
                return Err(unsupported(format!("floating-point samples of {bits} bits")));
            }
            (_, 9.., Scale::Index) | (_, 64, _) => {
                return Err(unsupported(format!("{} bits per sample", layout.bits)));
            }
            _ => {}
        }
        match (layout.predictor, layout.bits) {
            (Predictor::None, _) | (Predictor::Horizontal, 8 | 16 | 32) | (Predictor::FloatingPoint, 32) => {}
            (predictor, bits) => return Err(unsupported(format!("{predictor:?} predictor on {bits} bits"))),
        }
        Ok(Self {
            bits: layout.bits,
            kind: layout.kind,
            predictor: layout.predictor,
            order,
            stride,
            scale,
        })
    }

    /// Bytes that a row of so many samples takes.
    pub(super) fn row_bytes(&self, samples: usize) -> usize {
        (samples * usize::from(self.bits)).div_ceil(8)
    }

    /// Unpacks a row; `row` is undone from its predictor in place, `samples` is filled.
    pub(super) fn unpack(&self, row: &mut [u8], samples: &mut [u8]) {
        self.undo_predictor(row);
        match self.bits {
            1 => unpack_bits(row, samples, self.top_of(1)),
            8 => samples.copy_from_slice(&row[..samples.len()]),
            16 | 24 | 32 => self.take_high_bytes(row, samples),
            _ => self.unpack_any(row, samples),
        }
        if self.kind == SampleKind::Signed && self.bits >= 8 {
            samples.iter_mut().for_each(|sample| *sample = unsigned(*sample));
        }
    }

    const fn top_of(&self, top: u8) -> u8 {
        match self.scale {
            Scale::ToByte => 255,
            Scale::Index => top,
        }
    }

    fn take_high_bytes(&self, row: &[u8], samples: &mut [u8]) {
        let bytes = usize::from(self.bits) / 8;
        if self.kind == SampleKind::Float {
            for (sample, value) in samples.iter_mut().zip(row.as_chunks::<4>().0) {
                let value = f32::from_bits(self.order.number(value) as u32);
                *sample = (value.clamp(0.0, 1.0) * 255.0).round() as u8;
            }
            return;
        }
        let high = match self.order {
            ByteOrder::Little => bytes - 1,
            ByteOrder::Big => 0,
        };
        for (sample, value) in samples.iter_mut().zip(row.chunks_exact(bytes)) {
            *sample = value[high];
        }
    }

    /// Any depth below 16 bits, high bits first.
    fn unpack_any(&self, row: &[u8], samples: &mut [u8]) {
        let bits = u32::from(self.bits);
        let highest = (1_u32 << bits) - 1;
        let (mut buffer, mut available, mut bytes) = (0_u32, 0, row.iter());
        for sample in samples {
            while available < bits {
                buffer = buffer << 8 | u32::from(bytes.next().copied().unwrap_or(0));
                available += 8;
            }
            available -= bits;
            let value = buffer >> available & highest;
            *sample = match self.scale {
                Scale::ToByte => ((value * 255 + highest / 2) / highest) as u8,
                Scale::Index => value as u8,
            };
        }
    }

    fn undo_predictor(&self, row: &mut [u8]) {
        match (self.predictor, self.bits) {
            (Predictor::None, _) => {}
            (Predictor::FloatingPoint, _) => self.undo_floating_point(row),
            (Predictor::Horizontal, 8) => {
                for index in self.stride..row.len() {
                    row[index] = row[index].wrapping_add(row[index - self.stride]);
                }
            }
            (Predictor::Horizontal, bits) => self.undo_wide(row, usize::from(bits) / 8),
        }
    }

    fn undo_wide(&self, row: &mut [u8], bytes: usize) {
        let step = self.stride * bytes;
        for start in (step..row.len() / bytes * bytes).step_by(bytes) {
            let before = self.order.number(&row[start - step..][..bytes]);
            let sum = before.wrapping_add(self.order.number(&row[start..][..bytes]));
            match self.order {
                ByteOrder::Little => row[start..][..bytes].copy_from_slice(&sum.to_le_bytes()[..bytes]),
                ByteOrder::Big => row[start..][..bytes].copy_from_slice(&sum.to_be_bytes()[8 - bytes..]),
            }
        }
    }

    /// Adobe's predictor 3: byte-wise differences over the row, its bytes sorted by significance.
    fn undo_floating_point(&self, row: &mut [u8]) {
        for index in self.stride..row.len() {
            row[index] = row[index].wrapping_add(row[index - self.stride]);
        }
        let values = row.len() / 4;
        let sorted = row.to_vec();
        for (index, value) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            // The most significant byte comes first whatever the order of the file.
            let big = std::array::from_fn(|byte| sorted[byte * values + index]);
            *value = match self.order {
                ByteOrder::Big => big,
                ByteOrder::Little => [big[3], big[2], big[1], big[0]],
            };
        }
    }
}

/// The high byte of a signed sample. Black is 0 by the name of the photometric interpretation, whatever the sample's
/// kind, and the largest value white: nothing is darker, so that what is negative is black as well.
const fn unsigned(sample: u8) -> u8 {
    match sample {
        0x80.. => 0,
        _ => sample << 1 | sample >> 6,
    }
}

/// The eight pixels of every byte, 0 or 255 each: a look-up is as fast as memory.
static BITS: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[byte][bit] = (byte >> (7 - bit) & 1) as u8 * 255;
            bit += 1;
        }
        byte += 1;
    }
    table
};

/// Each bit becomes 0 or `top`.
fn unpack_bits(row: &[u8], samples: &mut [u8], top: u8) {
    let expand = |byte: u8| BITS[usize::from(byte)].map(|pixel| pixel & top);
    let (whole, rest) = samples.as_chunks_mut::<8>();
    for (eight, &byte) in whole.iter_mut().zip(row) {
        *eight = expand(byte);
    }
    if let Some(&byte) = row.get(whole.len()) {
        rest.copy_from_slice(&expand(byte)[..rest.len()]);
    }
}
