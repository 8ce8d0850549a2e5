//! From samples of eight bits to the pixels of a page.

use super::{
    directory::{Directory, TiffFile, damaged},
    layout::{Alpha, Layout, Photometric, tag},
};
use crate::{
    ImagingError, Pixels,
    colour::{cmyk_to_rgb, over_white, premultiplied_over_white, ycbcr_to_rgb},
};

/// Turns rows of samples into rows of page pixels.
#[derive(Debug)]
pub(super) struct Converter {
    colour: Colour,
    alpha: Option<Alpha>,
    /// Samples of a pixel, used or not.
    samples: usize,
    bilevel: bool,
}

#[derive(Debug)]
enum Colour {
    Grey,
    /// Grey where 0 is white.
    InvertedGrey,
    /// A colour map that holds only greys.
    MappedGrey(Vec<u8>),
    Mapped(Vec<[u8; 3]>),
    Rgb,
    Cmyk,
    YCbCr,
}

impl Converter {
    pub(super) fn new(file: &TiffFile, directory: &Directory, layout: &Layout) -> Result<Self, ImagingError> {
        let colour = match layout.photometric {
            Photometric::BlackIsZero => Colour::Grey,
            Photometric::WhiteIsZero => Colour::InvertedGrey,
            Photometric::Rgb => Colour::Rgb,
            Photometric::Cmyk => Colour::Cmyk,
            Photometric::YCbCr { .. } => Colour::YCbCr,
            Photometric::Palette => colour_map(file, directory, layout.bits)?,
        };
        let bilevel = layout.bits == 1
            && layout.alpha.is_none()
            && match &colour {
                Colour::Grey | Colour::InvertedGrey => true,
                Colour::MappedGrey(map) => map.iter().all(|grey| matches!(grey, 0 | 255)),
                _ => false,
            };
        Ok(Self {
            colour,
            alpha: layout.alpha,
            samples: usize::from(layout.samples),
            bilevel,
        })
    }

    /// For rows that a JPEG decoder has already turned into red, green and blue.
    pub(super) fn with_rgb_rows(mut self) -> Self {
        if matches!(self.colour, Colour::YCbCr) {
            self.colour = Colour::Rgb;
        }
        self
    }

    /// Bytes of one pixel of the page.
    pub(super) const fn channels(&self) -> usize {
        match self.colour {
            Colour::Grey | Colour::InvertedGrey | Colour::MappedGrey(_) => 1,
            Colour::Mapped(_) | Colour::Rgb | Colour::Cmyk | Colour::YCbCr => 3,
        }
    }

    /// Wraps the finished raster.
    pub(super) fn pixels(&self, bytes: Vec<u8>) -> Pixels {
        match (self.bilevel, self.channels()) {
            (true, _) => Pixels::Bilevel(bytes),
            (false, 1) => Pixels::Grey(bytes),
            (false, _) => Pixels::Rgb(bytes),
        }
    }

    /// Converts as many pixels as `out` holds.
    pub(super) fn convert(&self, samples: &[u8], out: &mut [u8]) {
        if self.samples == self.channels() && self.alpha.is_none() {
            match &self.colour {
                Colour::Grey | Colour::Rgb => return out.copy_from_slice(&samples[..out.len()]),
                Colour::InvertedGrey => {
                    return out
                        .iter_mut()
                        .zip(samples)
                        .for_each(|(out, &sample)| *out = 255 - sample);
                }
                _ => {}
            }
        }
        let pixels = samples.chunks_exact(self.samples);
        match &self.colour {
            Colour::Grey => self.each_grey(pixels, out, |grey| grey),
            Colour::InvertedGrey => self.each_grey(pixels, out, |grey| 255 - grey),
            Colour::MappedGrey(map) => self.each_grey(pixels, out, |index| map[usize::from(index)]),
            Colour::Mapped(map) => self.each_rgb(pixels, out, 1, |pixel| map[usize::from(pixel[0])]),
            Colour::Rgb => self.each_rgb(pixels, out, 3, |pixel| [pixel[0], pixel[1], pixel[2]]),
            Colour::YCbCr => self.each_rgb(pixels, out, 3, |pixel| {
                ycbcr_to_rgb([pixel[0], pixel[1], pixel[2]])
            }),
            Colour::Cmyk => self.each_rgb(pixels, out, 4, |pixel| {
                cmyk_to_rgb([pixel[0], pixel[1], pixel[2], pixel[3]])
            }),
        }
    }

    fn each_grey<'a>(&self, pixels: impl Iterator<Item = &'a [u8]>, out: &mut [u8], grey: impl Fn(u8) -> u8) {
        for (out, pixel) in out.iter_mut().zip(pixels) {
            *out = self.opaque(grey(pixel[0]), pixel.get(1));
        }
    }

    fn each_rgb<'a>(
        &self,
        pixels: impl Iterator<Item = &'a [u8]>,
        out: &mut [u8],
        colours: usize,
        rgb: impl Fn(&[u8]) -> [u8; 3],
    ) {
        for (out, pixel) in out.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
            *out = rgb(pixel).map(|sample| self.opaque(sample, pixel.get(colours)));
        }
    }

    fn opaque(&self, sample: u8, alpha: Option<&u8>) -> u8 {
        match (self.alpha, alpha) {
            (Some(Alpha::Straight), Some(&alpha)) => over_white(sample, alpha),
            (Some(Alpha::Premultiplied), Some(&alpha)) => premultiplied_over_white(sample, alpha),
            _ => sample,
        }
    }
}

/// The colour map, filled up with black to 256 entries so that every index has one.
fn colour_map(file: &TiffFile, directory: &Directory, bits: u8) -> Result<Colour, ImagingError> {
    let entries = 1_usize << bits.min(8);
    let values = directory
        .numbers(file, tag::COLOR_MAP, 3 * entries as u64)
        .unwrap_or_default();
    if values.len() < 3 * entries {
        return Err(damaged(format!(
            "a colour map with {} of {} values",
            values.len(),
            3 * entries
        )));
    }
    // Sixteen bits are the rule; some writers put bytes there.
    let shift = if values.iter().any(|&value| value > 255) {
        8
    } else {
        0
    };
    let mut map: Vec<[u8; 3]> = (0..entries)
        .map(|index| std::array::from_fn(|colour| (values[colour * entries + index] >> shift) as u8))
        .collect();
    map.resize(256, [0; 3]);
    let grey = map.iter().all(|[red, green, blue]| red == green && green == blue);
    Ok(match grey {
        true => Colour::MappedGrey(map.iter().map(|rgb| rgb[0]).collect()),
        false => Colour::Mapped(map),
    })
}
