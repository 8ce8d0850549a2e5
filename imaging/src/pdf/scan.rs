//! The picture of a scanned page at its native resolution.

use std::ops::Deref as _;

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
        InterpreterSettings, LumaData, RasterImage, SoftMask, font::GlyphRun,
    },
    hayro_syntax::{
        Filter,
        object::{Name, Object, Stream},
        page::Page,
    },
    kurbo::BezPath,
};

use super::{
    inspect::{Scan, picture_damaged},
    interpret,
};
use crate::{
    ImagingError, Limits, PageImage, Pixels, fax,
    jpeg::{self, Colours},
    jpeg2000,
};

/// Decodes the picture that the inspection found; `None` where it must be rendered after all.
pub(super) fn decode(
    page: &Page<'_>,
    scan: &Scan,
    limits: &Limits,
) -> Result<Option<PageImage>, ImagingError> {
    scan.info(limits)?;
    let mut extractor = Extractor {
        left: scan.ordinal,
        limits,
        raster: None,
    };
    interpret(page, &mut extractor, InterpreterSettings::default());
    let raster = match extractor.raster {
        Some(raster) => raster?,
        None => None,
    };
    let Some(raster) = raster else { return Ok(None) };
    Ok(Some(scan.orientation.apply(PageImage {
        width_px: raster.width,
        height_px: raster.height,
        dpi: scan.dpi(raster.width, raster.height),
        lost_percent: 0,
        pixels: raster.pixels,
    })))
}

struct Raster {
    width: u32,
    height: u32,
    pixels: Pixels,
}

/// Waits for the picture with that ordinal and decodes it.
struct Extractor<'l> {
    left: usize,
    limits: &'l Limits,
    raster: Option<Result<Option<Raster>, ImagingError>>,
}

impl<'a> Device<'a> for Extractor<'_> {
    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None if self.raster.is_none() => self.raster = Some(raster(&image, self.limits)),
            None => {}
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
}

fn raster(image: &Image<'_, '_>, limits: &Limits) -> Result<Option<Raster>, ImagingError> {
    match image {
        Image::Raster(image) => match is_plain_jpeg(image.stream()) {
            true => jpeg_raster(image, limits).map(Some),
            false => raster_by_hayro(image),
        },
        Image::Stencil(image) => {
            let mut painted = None;
            image.with_stencil(|mask, _| painted = Some(mask), None);
            let mask = painted.ok_or_else(|| picture_damaged("it does not decode"))?;
            let mut pixels = complete(mask, image.stream(), image.height())?;
            // The mask says where black is painted.
            pixels.data.iter_mut().for_each(|pixel| *pixel = 255 - *pixel);
            Ok(Some(grey(pixels)))
        }
    }
}

/// A JPEG whose own colours are those of the page is decoded by the same code as a JPEG file, which
/// notices where one is cut off. Its EXIF orientation does not count inside a PDF.
fn jpeg_raster(image: &RasterImage<'_>, limits: &Limits) -> Result<Raster, ImagingError> {
    let raster =
        jpeg::decode(&image.stream().raw_data(), Colours::Shown, limits).map_err(|error| match error {
            ImagingError::Damaged { detail, .. } => picture_damaged(&detail),
            ImagingError::Unsupported { detail, .. } => {
                ImagingError::unsupported(crate::Format::Pdf, format!("a JPEG picture: {detail}"))
            }
            other => other,
        })?;
    Ok(Raster {
        width: raster.width as u32,
        height: raster.height as u32,
        pixels: match raster.components {
            1 => Pixels::Grey(raster.samples),
            _ => Pixels::grey_if_colourless(raster.samples),
        },
    })
}

fn is_plain_jpeg(stream: &Stream<'_>) -> bool {
    let dict = stream.dict();
    let plain_colours = match dict.get::<Object<'_>>(b"ColorSpace") {
        Some(Object::Name(name)) => is_plain_space(&name),
        Some(Object::Array(array)) => array
            .iter::<Name<'_>>()
            .next()
            .is_some_and(|name| is_plain_space(&name)),
        _ => false,
    };
    let altered = [&b"Decode"[..], b"DecodeParms"]
        .iter()
        .any(|key| dict.contains_key(key));
    plain_colours && !altered && stream.filters().as_slice() == [Filter::DctDecode]
}

fn is_plain_space(name: &Name<'_>) -> bool {
    matches!(
        name.deref(),
        b"DeviceGray" | b"DeviceRGB" | b"CalGray" | b"CalRGB" | b"ICCBased"
    )
}

fn raster_by_hayro(image: &RasterImage<'_>) -> Result<Option<Raster>, ImagingError> {
    let stream = image.stream();
    if stream.filters().last() == Some(&Filter::JpxDecode) && !jpeg2000::ends_properly(&stream.raw_data()) {
        return Err(picture_damaged("its JPEG 2000 data is cut off"));
    }
    let mut decoded = None;
    image.with_rgba(|colours, alpha| decoded = Some((colours, alpha)), None);
    match decoded.ok_or_else(|| picture_damaged("it does not decode"))? {
        // Transparency in the JPEG 2000 data itself is rendered.
        (_, Some(_)) => Ok(None),
        (ImageData::Luma(luma), None) => Ok(Some(grey(complete(luma, stream, image.height())?))),
        (ImageData::Rgb(rgb), None) if is_complete(rgb.height, rgb.scale_factors, image.height()) => {
            Ok(Some(Raster {
                width: rgb.width,
                height: rgb.height,
                pixels: Pixels::grey_if_colourless(rgb.data),
            }))
        }
        (ImageData::Rgb(_), None) => Err(picture_damaged("its data ends before the last row")),
    }
}

/// `hayro` lowers the height to what the data gave. Only a fax that says itself where it ends may be
/// shorter than announced; white is put below it.
fn complete(mut luma: LumaData, stream: &Stream<'_>, height: u32) -> Result<LumaData, ImagingError> {
    if is_complete(luma.height, luma.scale_factors, height) {
        return Ok(luma);
    }
    let fax = stream.filters().as_slice() == [Filter::CcittFaxDecode];
    if !(fax && fax::ends_with_end_of_block(&stream.raw_data())) {
        return Err(picture_damaged("its data ends before the last row"));
    }
    luma.data.resize(luma.width as usize * height as usize, 255);
    luma.height = height;
    Ok(luma)
}

/// Where the picture data has a size of its own (JPEG 2000), the scale says so and the heights differ.
fn is_complete(decoded: u32, scale: (f32, f32), announced: u32) -> bool {
    decoded >= announced || (scale.1 * decoded as f32 - announced as f32).abs() < 1.0 && scale.1 != 1.0
}

fn grey(luma: LumaData) -> Raster {
    let bilevel = luma.data.iter().all(|grey| matches!(grey, 0 | 255));
    Raster {
        width: luma.width,
        height: luma.height,
        pixels: match bilevel {
            true => Pixels::Bilevel(luma.data),
            false => Pixels::Grey(luma.data),
        },
    }
}
