//! The orientation tag of TIFF and EXIF, which pages are turned by before anyone sees them.

use crate::{PageImage, Pixels};

/// How a stored raster must be turned to stand as it was scanned: the values 1 to 8 of TIFF 6.0 tag 274,
/// which EXIF took over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

/// Rows and columns are exchanged in squares of this many pixels, so that the rows read and the rows
/// written stay in the first-level cache.
const BLOCK: usize = 64;

impl Orientation {
    /// As stored: the first row is the top, the first column the left side.
    pub(crate) const UPRIGHT: Self = Self(1);

    /// Values outside of 1 to 8 occur and mean nothing.
    pub(crate) fn from_tag(value: u64) -> Self {
        match u8::try_from(value) {
            Ok(tag @ 1..=8) => Self(tag),
            _ => Self::UPRIGHT,
        }
    }

    /// The orientation of a raster drawn by an affine map from its pixels (y downwards) to the page
    /// (y downwards): `x' = a x + c y`, `y' = b x + d y`. `None` where it is skewed.
    pub(crate) fn from_transform([a, b, c, d]: [f64; 4]) -> Option<Self> {
        let small = 0.01 * (a.abs() + b.abs() + c.abs() + d.abs());
        let tag = if b.abs() < small && c.abs() < small {
            match (a > 0.0, d > 0.0) {
                (true, true) => 1,
                (false, true) => 2,
                (false, false) => 3,
                (true, false) => 4,
            }
        } else if a.abs() < small && d.abs() < small {
            match (c > 0.0, b > 0.0) {
                (true, true) => 5,
                (false, true) => 6,
                (false, false) => 7,
                (true, false) => 8,
            }
        } else {
            return None;
        };
        Some(Self(tag))
    }

    /// Width and height after turning.
    pub(crate) const fn turned(self, width: u32, height: u32) -> (u32, u32) {
        match self.0 {
            5..=8 => (height, width),
            _ => (width, height),
        }
    }

    /// Turns a page.
    pub(crate) fn apply(self, image: PageImage) -> PageImage {
        if self == Self::UPRIGHT {
            return image;
        }
        let (width, height) = (image.width_px as usize, image.height_px as usize);
        let pixels = match image.pixels {
            Pixels::Bilevel(bytes) => Pixels::Bilevel(self.turn::<1>(bytes, width, height)),
            Pixels::Grey(bytes) => Pixels::Grey(self.turn::<1>(bytes, width, height)),
            Pixels::Rgb(bytes) => Pixels::Rgb(self.turn::<3>(bytes, width, height)),
        };
        let (width_px, height_px) = self.turned(image.width_px, image.height_px);
        PageImage {
            width_px,
            height_px,
            dpi: image.dpi,
            lost_percent: image.lost_percent,
            pixels,
        }
    }

    fn turn<const N: usize>(self, mut bytes: Vec<u8>, width: usize, height: usize) -> Vec<u8> {
        let pixels = bytes.as_chunks_mut::<N>().0;
        match self.0 {
            2 => pixels.chunks_exact_mut(width).for_each(<[_]>::reverse),
            3 => pixels.reverse(),
            4 => {
                for y in 0..height / 2 {
                    let (top, bottom) = pixels.split_at_mut((height - 1 - y) * width);
                    top[y * width..][..width].swap_with_slice(&mut bottom[..width]);
                }
            }
            5..=8 => return self.transpose(pixels, width, height),
            _ => {}
        }
        bytes
    }

    fn transpose<const N: usize>(self, source: &[[u8; N]], width: usize, height: usize) -> Vec<u8> {
        let (from_right, from_bottom) = (matches!(self.0, 7 | 8), matches!(self.0, 6 | 7));
        let mut turned = vec![0; source.len() * N];
        let target = turned.as_chunks_mut::<N>().0;
        for block_y in (0..width).step_by(BLOCK) {
            for block_x in (0..height).step_by(BLOCK) {
                for y in block_y..(block_y + BLOCK).min(width) {
                    let source_x = if from_right { width - 1 - y } else { y };
                    for x in block_x..(block_x + BLOCK).min(height) {
                        let source_y = if from_bottom { height - 1 - x } else { x };
                        target[y * height + x] = source[source_y * width + source_x];
                    }
                }
            }
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 3 x 2 raster "abc/def" stored in each orientation, by the drawing in the EXIF specification.
    #[test]
    fn every_orientation_shows_the_same_picture() {
        let stored = [
            (1, "abcdef", 3),
            (2, "cbafed", 3),
            (3, "fedcba", 3),
            (4, "defabc", 3),
            (5, "adbecf", 2),
            (6, "cfbead", 2),
            (7, "fcebda", 2),
            (8, "daebfc", 2),
        ];
        for (tag, raster, width) in stored {
            let image = PageImage {
                width_px: width,
                height_px: 6 / width,
                dpi: None,
                lost_percent: 0,
                pixels: Pixels::Grey(raster.as_bytes().to_vec()),
            };
            let turned = Orientation::from_tag(tag).apply(image);
            assert_eq!((turned.width_px, turned.height_px), (3, 2), "tag {tag}");
            assert_eq!(turned.pixels, Pixels::Grey(b"abcdef".to_vec()), "tag {tag}");
        }
    }

    #[test]
    fn a_transform_names_the_orientation_that_undoes_it() {
        for (matrix, tag) in [
            ([1.0, 0.0, 0.0, 1.0], 1),
            ([-2.0, 0.0, 0.0, 2.0], 2),
            ([-1.0, 0.0, 0.0, -1.0], 3),
            ([1.0, 0.001, 0.001, -1.0], 4),
            ([0.0, 1.0, 1.0, 0.0], 5),
            ([0.0, 1.0, -1.0, 0.0], 6),
            ([0.0, -1.0, -1.0, 0.0], 7),
            ([0.0, -1.0, 1.0, 0.0], 8),
        ] {
            assert_eq!(
                Orientation::from_transform(matrix),
                Some(Orientation(tag)),
                "{matrix:?}"
            );
        }
        assert_eq!(Orientation::from_transform([0.7, 0.7, -0.7, 0.7]), None);
    }

    #[test]
    fn large_pages_turn_back_to_themselves() {
        let (width, height) = (131_u32, 70_u32);
        let rgb: Vec<u8> = (0..width * height * 3).map(|i| (i * 7 % 251) as u8).collect();
        let image = PageImage {
            width_px: width,
            height_px: height,
            dpi: None,
            lost_percent: 0,
            pixels: Pixels::Rgb(rgb),
        };
        // 6 and 8 undo each other, all others undo themselves.
        for (there, back) in [(2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6)] {
            let turned = Orientation::from_tag(there).apply(image.clone());
            assert_eq!(
                Orientation::from_tag(back).apply(turned),
                image,
                "{there} then {back}"
            );
        }
    }
}
