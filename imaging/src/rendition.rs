//! Page images to what a browser shows.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use hrisov_model::{Rect, Rotation};
use image::{
    DynamicImage, GrayImage, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use serde::{Deserialize, Serialize};

use crate::{Format, ImagingError, PageImage, Pixels};

/// What is to be shown of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenditionRequest {
    /// The result is at most this wide, in pixels; never enlarged.
    pub max_width_px: u32,
    /// The result is at most this high, in pixels; never enlarged.
    pub max_height_px: u32,
    /// Whether these sides are limits or the very size.
    pub fit: Fit,
    /// Part of the page, in its pixels; all of it where none. What lies outside is cut off.
    pub region: Option<Rect>,
    /// How the result is turned, after it was reduced.
    pub turn: Rotation,
    /// Its colours.
    pub tone: Tone,
    /// Its form.
    pub encoding: Encoding,
}

/// Whether the sides asked for are limits or the very size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// The largest size of the same shape within them, never enlarged.
    #[default]
    Within,
    /// This size, whatever the shape.
    Exactly,
}

/// Colours of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// As the page has them; a page without colour gives a picture without colour.
    #[default]
    AsIs,
    /// Grey.
    Grey,
    /// Black and white, divided in the middle.
    Bilevel,
}

/// Form of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// JPEG of that quality, 1 to 100.
    Jpeg {
        /// The quality.
        quality: u8,
    },
    /// PNG, without loss.
    Png,
}

impl RenditionRequest {
    /// A JPEG of the whole page within these sides.
    #[must_use]
    pub const fn jpeg_within(max_width_px: u32, max_height_px: u32, quality: u8) -> Self {
        Self {
            max_width_px,
            max_height_px,
            fit: Fit::Within,
            region: None,
            turn: Rotation::None,
            tone: Tone::AsIs,
            encoding: Encoding::Jpeg { quality },
        }
    }
}

/// JPEG's size fields have 16 bits.
const LONGEST_SIDE: u32 = 65_535;

/// A picture of the page or a region of it, reduced by a Lanczos filter; grey pages give grey pictures.
///
/// # Errors
/// [`ImagingError::EmptyRegion`] where nothing of the region lies on the page.
pub fn rendition(image: &PageImage, request: &RenditionRequest) -> Result<Vec<u8>, ImagingError> {
    let region = visible(image, request.region)?;
    let (width, height) = match request.fit {
        Fit::Within => fitted(region, request),
        Fit::Exactly => (exact(request.max_width_px), exact(request.max_height_px)),
    };
    let kind = match image.pixels {
        Pixels::Rgb(_) => PixelType::U8x3,
        Pixels::Bilevel(_) | Pixels::Grey(_) => PixelType::U8,
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

    let reduced = toned(reduced, kind, width, height, request.tone)
        .ok_or_else(|| ImagingError::damaged(Format::Jpeg, "the rendition has no size"))?;
    encoded(&turned(reduced, request.turn), request.encoding)
}

/// The picture with the colours asked for.
fn toned(pixels: Image<'_>, kind: PixelType, width: u32, height: u32, tone: Tone) -> Option<DynamicImage> {
    let bytes = pixels.into_vec();
    let picture = match kind {
        PixelType::U8x3 => DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, bytes)?),
        _ => DynamicImage::ImageLuma8(GrayImage::from_raw(width, height, bytes)?),
    };
    Some(match tone {
        Tone::AsIs => picture,
        Tone::Grey => DynamicImage::ImageLuma8(picture.into_luma8()),
        Tone::Bilevel => {
            let mut grey = picture.into_luma8();
            for pixel in grey.pixels_mut() {
                pixel.0[0] = if pixel.0[0] < 128 { 0 } else { 255 };
            }
            DynamicImage::ImageLuma8(grey)
        }
    })
}

fn turned(picture: DynamicImage, turn: Rotation) -> DynamicImage {
    match turn {
        Rotation::None => picture,
        Rotation::Right => picture.rotate90(),
        Rotation::Half => picture.rotate180(),
        Rotation::Left => picture.rotate270(),
    }
}

fn encoded(picture: &DynamicImage, encoding: Encoding) -> Result<Vec<u8>, ImagingError> {
    let mut bytes = Vec::new();
    let written = match encoding {
        Encoding::Jpeg { quality } => {
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100)))
        }
        Encoding::Png => picture.write_with_encoder(PngEncoder::new(&mut bytes)),
    };
    written.map_err(|error| failure(&error))?;
    Ok(bytes)
}

fn exact(side: u32) -> u32 {
    side.clamp(1, LONGEST_SIDE)
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
            lost_percent: 0,
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
                region,
                ..RenditionRequest::jpeg_within(max_width_px, max_height_px, 80)
            };
            let (width, height, colour) = size(&rendition(&grey, &request).unwrap());
            assert_eq!((width, height), expected, "{request:?}");
            assert_eq!(colour, image::ColorType::L8);
        }
    }

    #[test]
    fn colour_stays_colour_and_thin_lines_stay_visible() {
        let request = RenditionRequest::jpeg_within(100, 100, 90);
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
    fn pictures_are_turned_toned_and_of_the_very_size() {
        // Left half black, right half red.
        let row = [[0; 3].repeat(20), [200, 0, 0].repeat(20)].concat();
        let two = page(40, 20, Pixels::Rgb(row.repeat(20)));
        let plain = RenditionRequest {
            encoding: Encoding::Png,
            ..RenditionRequest::jpeg_within(40, 40, 80)
        };
        for (request, expected, left_top) in [
            (plain, (40, 20), [0, 0, 0]),
            (
                RenditionRequest {
                    fit: Fit::Exactly,
                    ..plain
                },
                (40, 40),
                [0, 0, 0],
            ),
            (
                RenditionRequest {
                    turn: Rotation::Right,
                    ..plain
                },
                (20, 40),
                [0, 0, 0],
            ),
            (
                RenditionRequest {
                    turn: Rotation::Half,
                    ..plain
                },
                (40, 20),
                [200, 0, 0],
            ),
            (
                RenditionRequest {
                    turn: Rotation::Left,
                    ..plain
                },
                (20, 40),
                [200, 0, 0],
            ),
            (
                RenditionRequest {
                    turn: Rotation::Half,
                    tone: Tone::Bilevel,
                    ..plain
                },
                (40, 20),
                [0, 0, 0],
            ),
            (
                RenditionRequest {
                    turn: Rotation::Half,
                    tone: Tone::Grey,
                    ..plain
                },
                (40, 20),
                [42, 42, 42],
            ),
        ] {
            let bytes = rendition(&two, &request).unwrap();
            let picture = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).unwrap();
            assert_eq!((picture.width(), picture.height()), expected, "{request:?}");
            let found = picture.to_rgb8().get_pixel(2, 2).0;
            assert!(
                found.iter().zip(left_top).all(|(a, b)| a.abs_diff(b) <= 2),
                "{request:?}: {found:?}"
            );
        }
    }

    #[test]
    fn a_region_beside_the_page_is_an_error() {
        let request = RenditionRequest {
            region: Some(Rect {
                x: 300,
                y: 0,
                width: 10,
                height: 10,
            }),
            ..RenditionRequest::jpeg_within(10, 10, 80)
        };
        let grey = page(300, 200, Pixels::Grey(vec![0; 300 * 200]));
        assert!(matches!(
            rendition(&grey, &request),
            Err(ImagingError::EmptyRegion { .. })
        ));
    }
}
