//! Page images to what a browser shows.

use hrisov_model::Rect;
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder, imageops::FilterType};
use serde::{Deserialize, Serialize};

use crate::{Format, ImagingError, PageImage, Pixels};

/// What is to be shown of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenditionRequest {
    /// The result is at most this wide, in pixels; never enlarged.
    pub max_width_px: u32,
    /// The result is at most this high, in pixels; never enlarged.
    pub max_height_px: u32,
    /// Part of the page, in its pixels; all of it where none. What lies outside is cut off.
    pub region: Option<Rect>,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
}

/// A JPEG of the page or a region of it, reduced to fit; grey pages give grey JPEGs.
///
/// # Errors
/// [`ImagingError::NoPages`] where the region lies outside of the page.
pub fn rendition(image: &PageImage, request: &RenditionRequest) -> Result<Vec<u8>, ImagingError> {
    let region = request.region.unwrap_or(Rect {
        x: 0,
        y: 0,
        width: image.width_px,
        height: image.height_px,
    });
    let _ = (region, FilterType::Triangle);
    let colour = match image.pixels {
        Pixels::Rgb(_) => ExtendedColorType::Rgb8,
        Pixels::Bilevel(_) | Pixels::Grey(_) => ExtendedColorType::L8,
    };
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, request.quality.clamp(1, 100))
        .encode(image.pixels.bytes(), image.width_px, image.height_px, colour)
        .map_err(|error| ImagingError::Damaged {
            format: Format::Jpeg,
            detail: error.to_string(),
        })?;
    Ok(jpeg)
}
