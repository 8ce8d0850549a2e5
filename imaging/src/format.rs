//! Formats, told apart by content: a name says nothing about bytes.

use serde::{Deserialize, Serialize};

/// The formats that are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// TIFF 6.0 and BigTIFF.
    Tiff,
    /// JPEG (ITU T.81).
    Jpeg,
    /// PNG.
    Png,
    /// JPEG 2000: JP2 or a bare codestream.
    Jpeg2000,
    /// Windows bitmap.
    Bmp,
    /// WebP.
    Webp,
    /// PDF.
    Pdf,
}

/// How many leading bytes [`Format::sniff`] wants to see: PDF readers accept the header anywhere in the
/// first kilobyte (ISO 32000-1 annex H, note 13).
pub(crate) const SNIFF_BYTES: usize = 1024 + 5;

impl Format {
    /// The format that the beginning of a file announces; give it at least a kilobyte where there is
    /// one, since a PDF may start late.
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        let format = match head {
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Self::Tiff,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Self::Jpeg2000,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            // Two letters alone would match prose: the header length that follows must be a known one.
            [
                b'B',
                b'M',
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                12 | 40 | 52 | 56 | 64 | 108 | 124,
                0,
                0,
                0,
                ..,
            ] => Self::Bmp,
            _ => {
                let start = &head[..head.len().min(SNIFF_BYTES)];
                return start
                    .windows(5)
                    .any(|window| window == b"%PDF-")
                    .then_some(Self::Pdf);
            }
        };
        Some(format)
    }

    /// The IANA media type, such as `image/tiff`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Tiff => "image/tiff",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Jpeg2000 => "image/jp2",
            Self::Bmp => "image/bmp",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }
}
