//! JPEG, through `zune-jpeg`; also the JPEG data inside TIFF and PDF.

pub(crate) mod markers;

use std::borrow::Cow;

use markers::{Adobe, Markers, Process};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::{
    Format, ImagingError, Limits, PageImage, PageInfo, Pixels,
    colour::{cmyk_to_rgb, ycbcr_to_rgb},
    exif::Exif,
    orientation::Orientation,
    resolution::{Unit, believable_dpi},
};

/// What is to come out of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// Grey or red, green and blue, as the file's own markers say.
    Shown,
    /// The components as stored, without any colour arithmetic: someone else knows what they mean.
    Stored,
}

/// A decoded raster of `components` bytes a pixel.
#[derive(Debug)]
pub(crate) struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) components: usize,
    pub(crate) samples: Vec<u8>,
}

/// Size after orientation, and resolution.
pub(crate) fn info(data: &[u8], limits: &Limits) -> Result<PageInfo, ImagingError> {
    let markers = read_markers(data, limits)?;
    let (orientation, dpi) = metadata(&markers);
    let (width_px, height_px) = orientation.turned(markers.width.into(), markers.height.into());
    Ok(PageInfo {
        width_px,
        height_px,
        dpi,
    })
}

/// The page, upright.
pub(crate) fn decode_page(data: &[u8], limits: &Limits) -> Result<PageImage, ImagingError> {
    let markers = read_markers(data, limits)?;
    let (orientation, dpi) = metadata(&markers);
    let raster = decode(data, Colours::Shown, limits)?;
    let image = PageImage {
        width_px: raster.width as u32,
        height_px: raster.height as u32,
        dpi,
        lost_percent: 0,
        pixels: match raster.components {
            1 => Pixels::Grey(raster.samples),
            _ => Pixels::Rgb(raster.samples),
        },
    };
    Ok(orientation.apply(image))
}

/// Decodes all of the picture or fails: a raster that ends in the middle is damage.
pub(crate) fn decode(data: &[u8], colours: Colours, limits: &Limits) -> Result<Raster, ImagingError> {
    let data = decodable(data);
    let data = data.as_ref();
    let markers = read_markers(data, limits)?;
    let space = color_space(data, &markers, colours)?;
    let raster = decode_as(data, space, &markers)?;
    if markers.process == Process::Sequential && repeats_at_the_bottom(&raster) {
        check_complete(data, &markers, space, &raster)?;
    }
    Ok(match (colours, space) {
        (Colours::Shown, ColorSpace::CMYK | ColorSpace::YCCK) => four_to_rgb(raster, space, markers.adobe),
        _ => raster,
    })
}

fn damaged(detail: impl std::fmt::Display) -> ImagingError {
    ImagingError::damaged(Format::Jpeg, detail)
}

fn read_markers<'a>(data: &'a [u8], limits: &Limits) -> Result<Markers<'a>, ImagingError> {
    let markers = markers::read(data).ok_or_else(|| damaged("no complete header before the picture data"))?;
    if let Process::Other(process) = markers.process {
        let detail = format!("coding process {process} (lossless, hierarchical or arithmetic)");
        return Err(ImagingError::unsupported(Format::Jpeg, detail));
    }
    if markers.components == 4 && !markers.first_is_finest {
        // The decoder has been seen to lose the last rows of a component finer than the first.
        let detail = "four colours of which the first is coarser than others";
        return Err(ImagingError::unsupported(Format::Jpeg, detail));
    }
    limits.check_pixels(markers.width.into(), markers.height.into())?;
    Ok(markers)
}

/// Orientation from EXIF; resolution from JFIF or else from EXIF.
fn metadata(markers: &Markers<'_>) -> (Orientation, Option<u32>) {
    let exif = markers.exif.map(Exif::read).unwrap_or_default();
    let (width, height) = (markers.width.into(), markers.height.into());
    let from_jfif = markers.density.and_then(|(unit, x, y)| {
        let unit = match unit {
            1 => Unit::Inch,
            2 => Unit::Centimetre,
            _ => return None,
        };
        believable_dpi(x.into(), y.into(), unit, width, height)
    });
    let dpi = from_jfif.or_else(|| exif.dpi(width, height));
    (exif.orientation, dpi)
}

fn options() -> DecoderOptions {
    DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false)
}

/// The data itself, or without its metadata where the decoder stumbles over that.
fn decodable(data: &[u8]) -> Cow<'_, [u8]> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options());
    match decoder.decode_headers() {
        Ok(()) => Cow::Borrowed(data),
        Err(_) => Cow::Owned(markers::without_metadata(data)),
    }
}

/// What to ask the decoder for.
fn color_space(data: &[u8], markers: &Markers<'_>, colours: Colours) -> Result<ColorSpace, ImagingError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options());
    decoder.decode_headers().map_err(damaged)?;
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    Ok(match (colours, stored, markers.components) {
        (_, _, 1) => ColorSpace::Luma,
        (_, ColorSpace::YCCK, 4) => ColorSpace::YCCK,
        (_, _, 4) => ColorSpace::CMYK,
        (Colours::Shown, _, 3) => ColorSpace::RGB,
        (Colours::Stored, ColorSpace::YCbCr, 3) => ColorSpace::YCbCr,
        (Colours::Stored, _, 3) => ColorSpace::RGB,
        (_, _, components) => {
            return Err(ImagingError::unsupported(
                Format::Jpeg,
                format!("{components} components"),
            ));
        }
    })
}

fn decode_as(data: &[u8], space: ColorSpace, markers: &Markers<'_>) -> Result<Raster, ImagingError> {
    let options = options().jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options);
    // Oddities between the header segments are forgiven, in the picture data they are not: the
    // decoder would paint the rest grey and say nothing.
    decoder.decode_headers().map_err(damaged)?;
    decoder.set_options(options.set_strict_mode(true));
    let (width, height) = (usize::from(markers.width), usize::from(markers.height));
    if decoder.dimensions() != Some((width, height)) {
        return Err(damaged("several headers that contradict each other"));
    }
    let samples = decoder.decode().map_err(damaged)?;
    let components = space.num_components();
    match samples.len() == width * height * components {
        true => Ok(Raster {
            width,
            height,
            components,
            samples,
        }),
        false => Err(damaged("the picture data has another size than the header says")),
    }
}

/// Where the data stops before the picture does, but with a proper end marker, the decoder fills the
/// rest from zero bits: the same block again and again. White margins look the same, so this only
/// raises the suspicion.
fn repeats_at_the_bottom(raster: &Raster) -> bool {
    let row = raster.width * raster.components;
    let period = 32 * raster.components;
    let Some(last) = raster
        .samples
        .len()
        .checked_sub(row)
        .map(|start| &raster.samples[start..])
    else {
        return false;
    };
    last.iter().zip(last.iter().skip(period)).all(|(a, b)| a == b)
}

/// Decodes once more without the end marker, so that the decoder notices where the data runs out; more
/// than the last row of blocks (which it reads ahead) must not be missing.
fn check_complete(
    data: &[u8],
    markers: &Markers<'_>,
    space: ColorSpace,
    raster: &Raster,
) -> Result<(), ImagingError> {
    let end = markers::scan_end(data, markers.scan_start);
    if !markers::is_end_of_image(data, end) {
        return Ok(());
    }
    let options = options().jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&data[..end]), options);
    let cut = decoder.decode().map_err(damaged)?;
    let row = raster.width * raster.components;
    // 16 rows are the largest block of the usual samplings.
    let checked = raster.samples.len().saturating_sub(16 * row).min(cut.len());
    match cut[..checked] == raster.samples[..checked] {
        true => Ok(()),
        false => Err(damaged("the picture data ends before the last row")),
    }
}

/// Four colours to three. Adobe's programs store them inverted.
fn four_to_rgb(raster: Raster, space: ColorSpace, adobe: Adobe) -> Raster {
    let pixels = raster.samples.as_chunks::<4>().0.iter();
    let samples = pixels.flat_map(|&[a, b, c, k]| match (space, adobe) {
        // Inverting twice, once by YCCK's definition and once by Adobe's habit, leaves the inks.
        (ColorSpace::YCCK, _) => {
            let [c, m, y] = ycbcr_to_rgb([a, b, c]);
            cmyk_to_rgb([c, m, y, 255 - k])
        }
        (_, Adobe::Present) => cmyk_to_rgb([a, b, c, k].map(|ink| 255 - ink)),
        (_, Adobe::Absent) => cmyk_to_rgb([a, b, c, k]),
    });
    Raster {
        samples: samples.collect(),
        components: 3,
        ..raster
    }
}
