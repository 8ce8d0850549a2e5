//! BMP and WebP, through the `image` crate.

use std::{
    fs::File,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
};

use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError,
    codecs::{bmp::BmpDecoder, webp::WebPDecoder},
};

use crate::{
    Format, ImagingError, Limits, PageImage, PageInfo, Pixels,
    colour::over_white,
    exif::Exif,
    orientation::Orientation,
    resolution::{Unit, believable_dpi},
};

/// Size after orientation, and resolution.
pub(crate) fn info(file: &File, format: Format, limits: &Limits) -> Result<PageInfo, ImagingError> {
    let mut decoder = open(file, format, limits)?;
    let (width, height) = decoder.dimensions();
    let (orientation, dpi) = metadata(&mut *decoder, file, format)?;
    let (width_px, height_px) = orientation.turned(width, height);
    Ok(PageInfo {
        width_px,
        height_px,
        dpi,
    })
}

/// The page, upright. What is transparent shows white paper.
pub(crate) fn decode_page(file: &File, format: Format, limits: &Limits) -> Result<PageImage, ImagingError> {
    let mut decoder = open(file, format, limits)?;
    let (width_px, height_px) = decoder.dimensions();
    let (orientation, dpi) = metadata(&mut *decoder, file, format)?;
    rewind(file)?;
    let decoder = open(file, format, limits)?;
    let grey = !decoder.color_type().has_color();
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| failure(format, error))?;
    let pixels = match (grey, picture) {
        (true, picture) => Pixels::Grey(picture.into_luma8().into_raw()),
        (false, picture) => rgb(picture),
    };
    Ok(orientation.apply(PageImage {
        width_px,
        height_px,
        dpi,
        lost_percent: 0,
        pixels,
    }))
}

/// Colour, or grey where every pixel of the decoder's RGB is: BMP and WebP have no grey of their own.
fn rgb(picture: DynamicImage) -> Pixels {
    let bytes = match picture.color() {
        ColorType::Rgba8 => {
            let pixels = picture.into_rgba8().into_raw();
            let over = |&[r, g, b, alpha]: &[u8; 4]| [r, g, b].map(|sample| over_white(sample, alpha));
            pixels.as_chunks::<4>().0.iter().flat_map(over).collect()
        }
        _ => picture.into_rgb8().into_raw(),
    };
    Pixels::grey_if_colourless(bytes)
}

fn rewind(mut file: &File) -> Result<(), ImagingError> {
    file.seek(SeekFrom::Start(0))?;
    Ok(())
}

fn open<'a>(
    file: &'a File,
    format: Format,
    limits: &Limits,
) -> Result<Box<dyn ImageDecoder + 'a>, ImagingError> {
    rewind(file)?;
    let reader = BufReader::new(file);
    let decoder: Result<Box<dyn ImageDecoder>, ImageError> = match format {
        Format::Bmp => BmpDecoder::new(reader).map(|decoder| Box::new(decoder) as _),
        _ => WebPDecoder::new(reader).map(|decoder| Box::new(decoder) as _),
    };
    let decoder = decoder.map_err(|error| failure(format, error))?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width, height)?;
    Ok(decoder)
}

fn metadata(
    decoder: &mut dyn ImageDecoder,
    file: &File,
    format: Format,
) -> Result<(Orientation, Option<u32>), ImagingError> {
    let (width, height) = decoder.dimensions();
    if format == Format::Bmp {
        return Ok((Orientation::UPRIGHT, bmp_dpi(file, width, height)?));
    }
    let exif = decoder.exif_metadata().ok().flatten();
    let exif = exif.as_deref().map(Exif::read).unwrap_or_default();
    Ok((exif.orientation, exif.dpi(width, height)))
}

/// `biXPelsPerMeter` and `biYPelsPerMeter` of the header, where it is long enough to have them.
fn bmp_dpi(file: &File, width: u32, height: u32) -> Result<Option<u32>, ImagingError> {
    let mut head = Vec::new();
    rewind(file)?;
    file.take(46).read_to_end(&mut head)?;
    let number = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    Ok((|| {
        let (x, y) = (
            number(14).filter(|&size| size >= 40).and(number(38))?,
            number(42)?,
        );
        believable_dpi(x.into(), y.into(), Unit::Metre, width, height)
    })())
}

fn failure(format: Format, error: ImageError) -> ImagingError {
    match error {
        ImageError::Unsupported(error) => ImagingError::unsupported(format, error),
        ImageError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            ImagingError::Unreadable(error)
        }
        other => ImagingError::damaged(format, other),
    }
}
