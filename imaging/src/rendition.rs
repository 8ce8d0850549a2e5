//! Page images to what a browser shows.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use hrisov_model::Rect;
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
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

/// JPEG's size fields have 16 bits.
const LONGEST_SIDE: u32 = 65_535;

/// A JPEG of the page or a region of it, reduced to fit by a Lanczos filter; grey pages give grey JPEGs.
///
/// # Errors
/// [`ImagingError::EmptyRegion`] where nothing of the region lies on the page.
pub fn rendition(image: &PageImage, request: &RenditionRequest) -> Result<Vec<u8>, ImagingError> {
    let region = visible(image, request.region)?;
    let (width, height) = fitted(region, request);
    let (kind, colour) = match image.pixels {
        Pixels::Rgb(_) => (PixelType::U8x3, ExtendedColorType::Rgb8),
        Pixels::Bilevel(_) | Pixels::Grey(_) => (PixelType::U8, ExtendedColorType::L8),
    };
    let whole = ImageRef::new(image.width_px, image.height_px, image.pixels.bytes(), kind)
        .map_err(|error| failure(&error))?;
    let mut reduced = Image::new(width, height, kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(
            region.x.into(),
            region.y.into(),
            region.width.into(),
            region.height.into(),
        );
    Resizer::new()
        .resize(&whole, &mut reduced, &options)
        .map_err(|error| failure(&error))?;

    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, request.quality.clamp(1, 100))
        .encode(reduced.buffer(), width, height, colour)
        .map_err(|error| failure(&error))?;
    Ok(jpeg)
}

/// The part of the region that lies on the page.
fn visible(image: &PageImage, region: Option<Rect>) -> Result<Rect, ImagingError> {
    let Some(region) = region else {
        return Ok(Rect {
            x: 0,
            y: 0,
            width: image.width_px,
            height: image.height_px,
        });
    };
    let cut = Rect {
        width: region.width.min(image.width_px.saturating_sub(region.x)),
        height: region.height.min(image.height_px.saturating_sub(region.y)),
        ..region
    };
    match cut.width > 0 && cut.height > 0 {
        true => Ok(cut),
        false => Err(ImagingError::EmptyRegion {
            width_px: image.width_px,
            height_px: image.height_px,
        }),
    }
}

/// The largest size of the region's shape within the request, at least one pixel each way.
fn fitted(region: Rect, request: &RenditionRequest) -> (u32, u32) {
    let (max_width, max_height) = (
        request.max_width_px.min(LONGEST_SIDE),
        request.max_height_px.min(LONGEST_SIDE),
    );
    let (width, height) = (u64::from(region.width), u64::from(region.height));
    let limits = [
        (u64::from(max_width), width),
        (u64::from(max_height), height),
        (1, 1),
    ];
    // The smallest of the three ratios, compared without fractions.
    let (part, of) = limits
        .into_iter()
        .min_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)))
        .unwrap_or((1, 1));
    let side = |length: u64| {
        u32::try_from((length * part + of / 2) / of)
            .unwrap_or(LONGEST_SIDE)
            .max(1)
    };
    (side(width), side(height))
}

fn failure(error: &dyn std::error::Error) -> ImagingError {
    ImagingError::damaged(Format::Jpeg, format!("the rendition could not be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width_px: u32, height_px: u32, pixels: Pixels) -> PageImage {
        PageImage {
            width_px,
            height_px,
            dpi: None,
            pixels,
        }
    }

    fn size(jpeg: &[u8]) -> (u32, u32, image::ColorType) {
        let picture = image::load_from_memory(jpeg).unwrap();
        (picture.width(), picture.height(), picture.color())
    }

    #[test]
    fn renditions_fit_keep_their_shape_and_are_never_enlarged() {
        let grey = page(300, 200, Pixels::Grey(vec![200; 300 * 200]));
        let region = |x, y, width, height| Some(Rect { x, y, width, height });
        for (max_width_px, max_height_px, region, expected) in [
            (150, 1000, None, (150, 100)),
            (1000, 20, None, (30, 20)),
            (1000, 1000, None, (300, 200)),
            (50, 50, region(0, 0, 100, 100), (50, 50)),
            (50, 50, region(250, 150, 100, 100), (50, 50)),
            (500, 500, region(290, 0, 100, 100), (10, 100)),
            (10, 10, region(0, 0, 300, 1), (10, 1)),
            (0, 0, None, (1, 1)),
        ] {
            let request = RenditionRequest {
                max_width_px,
                max_height_px,
                region,
                quality: 80,
            };
            let (width, height, colour) = size(&rendition(&grey, &request).unwrap());
            assert_eq!((width, height), expected, "{request:?}");
            assert_eq!(colour, image::ColorType::L8);
        }
    }

    #[test]
    fn colour_stays_colour_and_thin_lines_stay_visible() {
        let request = RenditionRequest {
            max_width_px: 100,
            max_height_px: 100,
            region: None,
            quality: 90,
        };
        let red = page(200, 200, Pixels::Rgb([200, 0, 0].repeat(200 * 200)));
        let picture = image::load_from_memory(&rendition(&red, &request).unwrap())
            .unwrap()
            .into_rgb8();
        let [r, g, b] = picture.get_pixel(50, 50).0;
        assert!(r.abs_diff(200) < 6 && g < 6 && b < 6, "{r} {g} {b}");

        // One black line on a white page, reduced to a tenth.
        let mut lines = vec![255; 1000 * 1000];
        lines[500 * 1000..501 * 1000].fill(0);
        let picture =
            image::load_from_memory(&rendition(&page(1000, 1000, Pixels::Bilevel(lines)), &request).unwrap());
        let darkest = picture
            .unwrap()
            .into_luma8()
            .into_raw()
            .into_iter()
            .min()
            .unwrap();
        assert!((200..250).contains(&darkest), "{darkest}");
    }

    #[test]
    fn a_region_beside_the_page_is_an_error() {
        let request = RenditionRequest {
            max_width_px: 10,
            max_height_px: 10,
            region: Some(Rect {
                x: 300,
                y: 0,
                width: 10,
                height: 10,
            }),
            quality: 80,
        };
        let grey = page(300, 200, Pixels::Grey(vec![0; 300 * 200]));
        assert!(matches!(
            rendition(&grey, &request),
            Err(ImagingError::EmptyRegion { .. })
        ));
    }
}
