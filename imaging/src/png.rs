//! PNG, through the `png` crate.

use std::{
    fs::File,
    io::{BufReader, Seek as _, SeekFrom},
};

use png::{BitDepth, ColorType, Decoder, DecodingError, Reader, Transformations};

use crate::{
    Format, ImagingError, Limits, PageImage, PageInfo, Pixels,
    colour::over_white,
    exif::Exif,
    orientation::Orientation,
    resolution::{Unit, believable_dpi},
};

type Source<'a> = Reader<BufReader<&'a File>>;

/// Size after orientation, and resolution.
pub(crate) fn info(file: &File, limits: &Limits) -> Result<PageInfo, ImagingError> {
    let reader = open(file, limits)?;
    let header = reader.info();
    let (width_px, height_px) = orientation(&reader).turned(header.width, header.height);
    Ok(PageInfo {
        width_px,
        height_px,
        dpi: dpi(&reader),
    })
}

/// The page, upright. What is transparent shows white paper.
pub(crate) fn decode_page(file: &File, limits: &Limits) -> Result<PageImage, ImagingError> {
    let mut reader = open(file, limits)?;
    let header = reader.info();
    let (width_px, height_px) = (header.width, header.height);
    let one_bit = header.bit_depth == BitDepth::One && header.color_type == ColorType::Grayscale;
    let grey_palette = header.palette.as_deref().is_some_and(is_grey);
    let (orientation, dpi) = (orientation(&reader), dpi(&reader));

    let size = reader
        .output_buffer_size()
        .ok_or_else(|| damaged("a raster beyond all memory"))?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(failure)?;
    bytes.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ColorType::Grayscale if one_bit => Pixels::Bilevel(bytes),
        ColorType::Grayscale => Pixels::Grey(bytes),
        ColorType::GrayscaleAlpha => Pixels::Grey(flatten::<2, 1>(&bytes)),
        ColorType::Rgb if grey_palette => {
            Pixels::Grey(bytes.as_chunks::<3>().0.iter().map(|rgb| rgb[0]).collect())
        }
        ColorType::Rgb => Pixels::Rgb(bytes),
        ColorType::Rgba if grey_palette => Pixels::Grey(flatten::<4, 1>(&bytes)),
        ColorType::Rgba => Pixels::Rgb(flatten::<4, 3>(&bytes)),
        ColorType::Indexed => return Err(damaged("a palette that is not there")),
    };
    Ok(orientation.apply(PageImage {
        width_px,
        height_px,
        dpi,
        lost_percent: 0,
        pixels,
    }))
}

fn open<'a>(mut file: &'a File, limits: &Limits) -> Result<Source<'a>, ImagingError> {
    file.seek(SeekFrom::Start(0))?;
    // The decoder's own bound is for its side data: text, profiles.
    let side_data = png::Limits { bytes: 64 << 20 };
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), side_data);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(failure)?;
    limits.check_pixels(header.width, header.height)?;
    decoder.read_info().map_err(failure)
}

fn orientation(reader: &Source<'_>) -> Orientation {
    let exif = reader.info().exif_metadata.as_deref().map(Exif::read);
    exif.unwrap_or_default().orientation
}

fn dpi(reader: &Source<'_>) -> Option<u32> {
    let header = reader.info();
    let dots = header.pixel_dims.filter(|dots| dots.unit == png::Unit::Meter)?;
    believable_dpi(
        dots.xppu.into(),
        dots.yppu.into(),
        Unit::Metre,
        header.width,
        header.height,
    )
}

fn is_grey(palette: &[u8]) -> bool {
    palette
        .as_chunks::<3>()
        .0
        .iter()
        .all(|[red, green, blue]| red == green && green == blue)
}

/// Lays pixels of `N` samples, the last of which is opacity, over white and keeps the first `M`.
fn flatten<const N: usize, const M: usize>(bytes: &[u8]) -> Vec<u8> {
    let pixels = bytes.as_chunks::<N>().0.iter();
    pixels
        .flat_map(|pixel| std::array::from_fn::<u8, M, _>(|index| over_white(pixel[index], pixel[N - 1])))
        .collect()
}

fn damaged(detail: impl std::fmt::Display) -> ImagingError {
    ImagingError::damaged(Format::Png, detail)
}

fn failure(error: DecodingError) -> ImagingError {
    match error {
        DecodingError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            ImagingError::Unreadable(error)
        }
        other => damaged(other),
    }
}
