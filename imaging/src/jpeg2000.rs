//! JPEG 2000, through `hayro-jpeg2000`.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use crate::{
    Format, ImagingError, Limits, PageImage, PageInfo, Pixels,
    colour::{cmyk_to_rgb, over_white},
    resolution::{Unit, believable_dpi},
};

/// Size and resolution.
pub(crate) fn info(data: &[u8], limits: &Limits) -> Result<PageInfo, ImagingError> {
    let image = open(data, limits)?;
    Ok(PageInfo {
        width_px: image.width(),
        height_px: image.height(),
        dpi: dpi(data, image.width(), image.height()),
    })
}

/// The page. What is transparent shows white paper.
pub(crate) fn decode_page(data: &[u8], limits: &Limits) -> Result<PageImage, ImagingError> {
    let image = open(data, limits)?;
    let (width_px, height_px) = (image.width(), image.height());
    if !ends_properly(data) {
        return Err(damaged("the codestream ends before its end marker"));
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(damaged)?;
    let samples = decoded.data_u8();
    let channels = decoded.components().len();
    if samples.len() != width_px as usize * height_px as usize * channels {
        return Err(damaged("components of different size"));
    }
    let colours = usize::from(image.color_space().num_channels()).min(channels);
    let alpha = (image.has_alpha() && channels > colours).then_some(colours);
    let pixels = samples.chunks_exact(channels);
    let shown = |pixel: &[u8], sample: u8| alpha.map_or(sample, |index| over_white(sample, pixel[index]));
    let pixels = match colours {
        1 | 2 => Pixels::Grey(pixels.map(|pixel| shown(pixel, pixel[0])).collect()),
        4 => {
            let rgb = |pixel: &[u8]| cmyk_to_rgb([pixel[0], pixel[1], pixel[2], pixel[3]]);
            Pixels::Rgb(
                pixels
                    .flat_map(|pixel| rgb(pixel).map(|sample| shown(pixel, sample)))
                    .collect(),
            )
        }
        3 => {
            let rgb = |pixel: &[u8]| [pixel[0], pixel[1], pixel[2]].map(|sample| shown(pixel, sample));
            Pixels::Rgb(pixels.flat_map(rgb).collect())
        }
        other => {
            return Err(ImagingError::unsupported(
                Format::Jpeg2000,
                format!("{other} colour components"),
            ));
        }
    };
    Ok(PageImage {
        width_px,
        height_px,
        dpi: dpi(data, width_px, height_px),
        lost_percent: 0,
        pixels,
    })
}

fn open<'a>(data: &'a [u8], limits: &Limits) -> Result<Image<'a>, ImagingError> {
    let image = Image::new(data, &DecodeSettings::default()).map_err(damaged)?;
    limits.check_pixels(image.width(), image.height())?;
    Ok(image)
}

fn damaged(detail: impl std::fmt::Display) -> ImagingError {
    ImagingError::damaged(Format::Jpeg2000, detail)
}

/// Whether the end-of-codestream marker is there: the decoder shows a cut-off picture at lower quality
/// without a word. Padding or further boxes may follow it.
pub(crate) fn ends_properly(data: &[u8]) -> bool {
    data.windows(2).rev().any(|pair| pair == [0xff, 0xd9])
}

/// The capture resolution box (`resc`), or else the display one (`resd`), of a JP2 (T.800 annex I.5.3.7):
/// numerator, denominator and power of ten of the dots per metre, vertical first.
fn dpi(data: &[u8], width: u32, height: u32) -> Option<u32> {
    let header = child(data, b"jp2h")?;
    let resolution = child(header, b"res ")?;
    let value = child(resolution, b"resc").or_else(|| child(resolution, b"resd"))?;
    let number = |at: usize| {
        Some(f64::from(u16::from_be_bytes(
            value.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let power = |at: usize| Some(10_f64.powi(i32::from(*value.get(at)? as i8)));
    let y = number(0)? / number(2)? * power(8)?;
    let x = number(4)? / number(6)? * power(9)?;
    believable_dpi(x, y, Unit::Metre, width, height)
}

/// The contents of the first box of that kind in a sequence of boxes.
fn child<'a>(mut boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let (length, rest) = boxes.split_first_chunk::<4>()?;
        let found = rest.first_chunk::<4>()?;
        let (head, length) = match u32::from_be_bytes(*length) {
            0 => (8, boxes.len()),
            1 => (
                16,
                usize::try_from(u64::from_be_bytes(boxes.get(8..16)?.try_into().ok()?)).ok()?,
            ),
            length => (8, length as usize),
        };
        let content = boxes.get(head..length)?;
        if found == kind {
            return Some(content);
        }
        boxes = boxes.get(length..)?;
    }
}
