//! One page as a raster, as people look at it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What the header says about a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInfo {
    /// Width in pixels after the orientation tag.
    pub width_px: u32,
    /// Height in pixels after the orientation tag.
    pub height_px: u32,
    /// Dots per inch where the metadata gives a value that can be believed.
    pub dpi: Option<u32>,
}

/// One decoded page, after its orientation tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageImage {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Dots per inch where the metadata gives a value that can be believed.
    pub dpi: Option<u32>,
    /// How much of it could not be decoded and is shown as empty paper, in percent, rounded up.
    pub lost_percent: u8,
    /// The raster, rows from top to bottom without padding.
    pub pixels: Pixels,
}

/// Samples of 8 bits; grey stays grey, since recognition needs no more and colour costs three times as much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pixels {
    /// One byte a pixel, only 0 (black) and 255 (white) occur: a one-bit scan.
    Bilevel(Vec<u8>),
    /// One byte a pixel, 0 black to 255 white.
    Grey(Vec<u8>),
    /// Three bytes a pixel: red, green, blue.
    Rgb(Vec<u8>),
}

impl Pixels {
    /// Luma of each pixel, one byte, row by row: ITU-R BT.601 weights in 1/256 (77, 150, 29).
    #[must_use]
    pub fn to_grey(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Bilevel(grey) | Self::Grey(grey) => Cow::Borrowed(grey),
            Self::Rgb(rgb) => Cow::Owned(rgb.as_chunks::<3>().0.iter().map(|&pixel| luma(pixel)).collect()),
        }
    }

    /// Red, green and blue, or grey where no pixel has any colour.
    pub(crate) fn grey_if_colourless(rgb: Vec<u8>) -> Self {
        let pixels = rgb.as_chunks::<3>().0;
        match pixels
            .iter()
            .all(|[red, green, blue]| red == green && green == blue)
        {
            true => Self::Grey(pixels.iter().map(|pixel| pixel[0]).collect()),
            false => Self::Rgb(rgb),
        }
    }

    /// Bytes of one pixel: 1 or 3.
    #[must_use]
    pub const fn channels(&self) -> usize {
        match self {
            Self::Bilevel(_) | Self::Grey(_) => 1,
            Self::Rgb(_) => 3,
        }
    }

    /// The samples, row by row.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bilevel(bytes) | Self::Grey(bytes) | Self::Rgb(bytes) => bytes,
        }
    }
}

const fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((77 * red as u32 + 150 * green as u32 + 29 * blue as u32 + 128) >> 8) as u8
}
