//! What the tags of one directory say about its raster.

use super::directory::{Directory, TiffFile, damaged, unsupported};
use crate::{
    ImagingError, Limits, PageInfo,
    orientation::Orientation,
    resolution::{Unit, believable_dpi},
};

pub(super) mod tag {
    pub(crate) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(crate) const WIDTH: u16 = 256;
    pub(crate) const HEIGHT: u16 = 257;
    pub(crate) const BITS_PER_SAMPLE: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const FILL_ORDER: u16 = 266;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(crate) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(crate) const X_RESOLUTION: u16 = 282;
    pub(crate) const Y_RESOLUTION: u16 = 283;
    pub(crate) const PLANAR_CONFIGURATION: u16 = 284;
    pub(crate) const T4_OPTIONS: u16 = 292;
    pub(crate) const RESOLUTION_UNIT: u16 = 296;
    pub(crate) const PREDICTOR: u16 = 317;
    pub(crate) const COLOR_MAP: u16 = 320;
    pub(crate) const TILE_WIDTH: u16 = 322;
    pub(crate) const TILE_LENGTH: u16 = 323;
    pub(crate) const TILE_OFFSETS: u16 = 324;
    pub(crate) const TILE_BYTE_COUNTS: u16 = 325;
    pub(crate) const EXTRA_SAMPLES: u16 = 338;
    pub(crate) const SAMPLE_FORMAT: u16 = 339;
    pub(crate) const JPEG_TABLES: u16 = 347;
    pub(crate) const JPEG_INTERCHANGE_FORMAT: u16 = 513;
    pub(crate) const JPEG_INTERCHANGE_LENGTH: u16 = 514;
    pub(crate) const JPEG_RESTART_INTERVAL: u16 = 515;
    pub(crate) const JPEG_Q_TABLES: u16 = 519;
    pub(crate) const JPEG_DC_TABLES: u16 = 520;
    pub(crate) const JPEG_AC_TABLES: u16 = 521;
    pub(crate) const YCBCR_SUBSAMPLING: u16 = 530;
}

/// Everything needed to decode one raster.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bits: u8,
    pub(super) samples: u16,
    pub(super) kind: SampleKind,
    pub(super) compression: Compression,
    pub(super) photometric: Photometric,
    pub(super) predictor: Predictor,
    pub(super) planes: Planes,
    pub(super) fill_order: FillOrder,
    pub(super) alpha: Option<Alpha>,
    pub(super) chunks: Chunks,
    orientation: Orientation,
    dpi: Option<u32>,
}

/// What the bits of a sample mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SampleKind {
    Unsigned,
    Signed,
    Float,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// Modified Huffman: Group 3 one-dimensional without end-of-line codes, rows at byte borders.
    HuffmanRle,
    /// Group 3, with the `T4Options` that say whether it is two-dimensional.
    Group3 {
        two_dimensional: TwoDimensional,
    },
    Group4,
    Lzw,
    OldJpeg,
    Jpeg,
    Deflate,
    PackBits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TwoDimensional {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Photometric {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Cmyk,
    /// With the number of pixels that share one pair of colour values, across and down.
    YCbCr {
        across: u8,
        down: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    Horizontal,
    FloatingPoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Planes {
    /// The samples of a pixel stand together.
    Chunky,
    /// Each sample has a raster of its own.
    Separate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FillOrder {
    HighBitFirst,
    LowBitFirst,
}

/// How opacity is stored in the first extra sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alpha {
    Premultiplied,
    Straight,
}

/// How the raster is cut into separately compressed pieces: strips are tiles as wide as the page.
#[derive(Debug)]
pub(super) struct Chunks {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) across: u32,
    pub(super) per_plane: u32,
    /// Offset and length in bytes of each, plane after plane, from left to right and top to bottom.
    pub(super) places: Vec<(u64, u64)>,
}

impl Layout {
    /// Reads and checks the tags; nothing of the raster's size is allocated.
    pub(super) fn read(
        file: &TiffFile,
        directory: &Directory,
        limits: &Limits,
    ) -> Result<Self, ImagingError> {
        let number = |tag| directory.number(file, tag);
        let (width, height) = size(file, directory, limits)?;
        let compression = compression(number(tag::COMPRESSION), number(tag::T4_OPTIONS))?;
        let bits = bits(file, directory)?;
        let samples = number(tag::SAMPLES_PER_PIXEL).unwrap_or(1);
        let samples = match u16::try_from(samples) {
            Ok(samples @ 1..=64) => samples,
            _ => return Err(damaged(format!("{samples} samples per pixel"))),
        };
        let photometric = photometric(file, directory, samples)?;
        let colours = photometric.colours();
        if samples < colours {
            return Err(damaged(format!(
                "{samples} samples per pixel where the colour needs {colours}"
            )));
        }
        let planes = match number(tag::PLANAR_CONFIGURATION) {
            Some(2) if samples > 1 => Planes::Separate,
            _ => Planes::Chunky,
        };
        Ok(Self {
            width,
            height,
            bits,
            samples,
            kind: match number(tag::SAMPLE_FORMAT) {
                Some(2) => SampleKind::Signed,
                Some(3) => SampleKind::Float,
                Some(other @ 5..) => return Err(unsupported(format!("sample format {other}"))),
                _ => SampleKind::Unsigned,
            },
            compression,
            photometric,
            predictor: match number(tag::PREDICTOR) {
                Some(2) => Predictor::Horizontal,
                Some(3) => Predictor::FloatingPoint,
                _ => Predictor::None,
            },
            planes,
            fill_order: match number(tag::FILL_ORDER) {
                Some(2) => FillOrder::LowBitFirst,
                _ => FillOrder::HighBitFirst,
            },
            alpha: match (samples > colours, number(tag::EXTRA_SAMPLES)) {
                (true, Some(1)) => Some(Alpha::Premultiplied),
                (true, Some(2)) => Some(Alpha::Straight),
                _ => None,
            },
            chunks: Chunks::read(file, directory, (width, height), planes, samples, compression)?,
            orientation: orientation(file, directory),
            dpi: dpi(file, directory, width, height),
        })
    }

    pub(super) const fn orientation(&self) -> Orientation {
        self.orientation
    }

    pub(super) const fn dpi(&self) -> Option<u32> {
        self.dpi
    }
}

/// Size, orientation and resolution alone: all that is needed to announce a page.
pub(super) fn info(
    file: &TiffFile,
    directory: &Directory,
    limits: &Limits,
) -> Result<PageInfo, ImagingError> {
    let (width, height) = size(file, directory, limits)?;
    let (width_px, height_px) = orientation(file, directory).turned(width, height);
    Ok(PageInfo {
        width_px,
        height_px,
        dpi: dpi(file, directory, width, height),
    })
}

fn size(file: &TiffFile, directory: &Directory, limits: &Limits) -> Result<(u32, u32), ImagingError> {
    let side = |tag| -> Result<u32, ImagingError> {
        match directory.number(file, tag) {
            Some(0) | None => Err(damaged("a page without width or height")),
            Some(value) => {
                u32::try_from(value).map_err(|_| damaged(format!("a page side of {value} pixels")))
            }
        }
    };
    let (width, height) = (side(tag::WIDTH)?, side(tag::HEIGHT)?);
    limits.check_pixels(width, height)?;
    Ok((width, height))
}

fn orientation(file: &TiffFile, directory: &Directory) -> Orientation {
    Orientation::from_tag(directory.number(file, tag::ORIENTATION).unwrap_or(1))
}

fn dpi(file: &TiffFile, directory: &Directory, width: u32, height: u32) -> Option<u32> {
    let unit = match directory.number(file, tag::RESOLUTION_UNIT) {
        Some(3) => Unit::Centimetre,
        Some(2) | None => Unit::Inch,
        Some(_) => return None,
    };
    let x = directory.fraction(file, tag::X_RESOLUTION)?;
    let y = directory.fraction(file, tag::Y_RESOLUTION).unwrap_or(x);
    believable_dpi(x, y, unit, width, height)
}

fn bits(file: &TiffFile, directory: &Directory) -> Result<u8, ImagingError> {
    let bits = directory
        .numbers(file, tag::BITS_PER_SAMPLE, 64)
        .unwrap_or_default();
    let first = bits.first().copied().unwrap_or(1);
    if bits.iter().any(|&bits| bits != first) {
        return Err(unsupported("samples of different depths in one pixel"));
    }
    match u8::try_from(first) {
        Ok(bits @ (1..=16 | 24 | 32 | 64)) => Ok(bits),
        _ => Err(unsupported(format!("{first} bits per sample"))),
    }
}

fn compression(value: Option<u64>, t4_options: Option<u64>) -> Result<Compression, ImagingError> {
    Ok(match value.unwrap_or(1) {
        // Some writers put 0 where they mean none.
        0 | 1 => Compression::None,
        2 => Compression::HuffmanRle,
        3 => Compression::Group3 {
            two_dimensional: match t4_options.unwrap_or(0) & 1 {
                1 => TwoDimensional::Yes,
                _ => TwoDimensional::No,
            },
        },
        4 => Compression::Group4,
        5 => Compression::Lzw,
        6 => Compression::OldJpeg,
        7 => Compression::Jpeg,
        8 | 32946 => Compression::Deflate,
        32773 => Compression::PackBits,
        other => return Err(unsupported(format!("compression {other}"))),
    })
}

fn photometric(file: &TiffFile, directory: &Directory, samples: u16) -> Result<Photometric, ImagingError> {
    let value = directory.number(file, tag::PHOTOMETRIC);
    Ok(match (value, samples) {
        (Some(0), _) => Photometric::WhiteIsZero,
        (Some(1 | 4), _) => Photometric::BlackIsZero,
        (Some(2), _) => Photometric::Rgb,
        (Some(3), _) => Photometric::Palette,
        (Some(5), _) => Photometric::Cmyk,
        (Some(6), _) => {
            let share = directory
                .numbers(file, tag::YCBCR_SUBSAMPLING, 2)
                .unwrap_or_default();
            let factor = |index| share.get(index).map_or(2, |&factor: &u64| factor);
            match (factor(0), factor(1)) {
                (across @ (1 | 2 | 4), down @ (1 | 2 | 4)) => Photometric::YCbCr {
                    across: across as u8,
                    down: down as u8,
                },
                (across, down) => return Err(damaged(format!("colour shared by {across} x {down} pixels"))),
            }
        }
        // The tag is required, and still missing from the files of some scanners.
        (None, 3 | 4) => Photometric::Rgb,
        (None, _) => Photometric::WhiteIsZero,
        (Some(other), _) => return Err(unsupported(format!("photometric interpretation {other}"))),
    })
}

impl Photometric {
    /// How many samples of a pixel are colour.
    pub(super) const fn colours(self) -> u16 {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr { .. } => 3,
            Self::Cmyk => 4,
        }
    }
}

impl Chunks {
    fn read(
        file: &TiffFile,
        directory: &Directory,
        (width, height): (u32, u32),
        planes: Planes,
        samples: u16,
        compression: Compression,
    ) -> Result<Self, ImagingError> {
        // Some writers describe tiles and then file them as strips.
        let tiled = directory.contains(tag::TILE_OFFSETS) || directory.contains(tag::TILE_WIDTH);
        let side = |tag, otherwise: u32| match directory.number(file, tag) {
            Some(value @ 1..) => u32::try_from(value).unwrap_or(u32::MAX),
            _ => otherwise,
        };
        let (chunk_width, chunk_height) = match tiled {
            true => (side(tag::TILE_WIDTH, width), side(tag::TILE_LENGTH, height)),
            false => (width, side(tag::ROWS_PER_STRIP, height).min(height)),
        };
        if tiled && (chunk_width > width.max(1 << 14) || chunk_height > height.max(1 << 14)) {
            return Err(damaged(format!("tiles of {chunk_width} x {chunk_height} pixels")));
        }
        let across = width.div_ceil(chunk_width);
        let per_plane = u64::from(across) * u64::from(height.div_ceil(chunk_height));
        let wanted = match planes {
            Planes::Chunky => per_plane,
            Planes::Separate => per_plane * u64::from(samples),
        };
        let (offsets, lengths) = match directory.contains(tag::TILE_OFFSETS) {
            true => (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS),
            false => (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS),
        };
        // Old JPEG may keep its data outside of strips; its own decoder looks for it.
        let offsets = directory.numbers(file, offsets, wanted).unwrap_or_default();
        if (offsets.len() as u64) < wanted && compression != Compression::OldJpeg {
            return Err(damaged(format!("{} of {wanted} strips or tiles", offsets.len())));
        }
        let lengths = directory.numbers(file, lengths, wanted).unwrap_or_default();
        Ok(Self {
            width: chunk_width,
            height: chunk_height,
            across,
            per_plane: u32::try_from(per_plane).map_err(damaged)?,
            places: places(&offsets, &lengths, file.size),
        })
    }
}

/// Pairs offsets with lengths. Where the lengths are missing or nought (seen from several scanners), a
/// chunk ends at the latest where another begins.
fn places(offsets: &[u64], lengths: &[u64], file_size: u64) -> Vec<(u64, u64)> {
    let mut starts: Vec<u64> = Vec::new();
    let mut guess = |offset: u64| {
        if starts.is_empty() {
            starts = offsets.to_vec();
            starts.sort_unstable();
        }
        let next = starts.partition_point(|&start| start <= offset);
        let end = starts.get(next).copied().unwrap_or(file_size);
        end.saturating_sub(offset)
    };
    let with_length = |(index, &offset): (usize, &u64)| match lengths.get(index) {
        Some(&length) if length > 0 => (offset, length),
        _ => (offset, guess(offset)),
    };
    offsets.iter().enumerate().map(with_length).collect()
}
