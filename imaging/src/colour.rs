//! Colour arithmetic shared by the decoders, in whole numbers.

/// A fully covered sheet shows through what is not opaque: the sample over white.
pub(crate) const fn over_white(sample: u8, alpha: u8) -> u8 {
    multiply(sample, alpha) + (255 - alpha)
}

/// The same for a sample that was multiplied by its opacity before.
pub(crate) const fn premultiplied_over_white(sample: u8, alpha: u8) -> u8 {
    sample.saturating_add(255 - alpha)
}

/// Cyan, magenta, yellow and black (255 is full ink) to red, green and blue, without a profile.
pub(crate) const fn cmyk_to_rgb([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    [
        multiply(255 - c, 255 - k),
        multiply(255 - m, 255 - k),
        multiply(255 - y, 255 - k),
    ]
}

/// ITU-R BT.601 at full range, as JFIF and TIFF 6.0 section 21 have it, in 1/65536.
pub(crate) fn ycbcr_to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    let byte = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        byte(y + 91_881 * cr),
        byte(y - 22_554 * cb - 46_802 * cr),
        byte(y + 116_130 * cb),
    ]
}

/// a * b / 255, rounded.
const fn multiply(a: u8, b: u8) -> u8 {
    let product = a as u32 * b as u32 + 128;
    ((product + (product >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_every_scale_are_exact() {
        assert_eq!(cmyk_to_rgb([0, 0, 0, 0]), [255; 3]);
        assert_eq!(cmyk_to_rgb([0, 0, 0, 255]), [0; 3]);
        assert_eq!(cmyk_to_rgb([255, 0, 0, 0]), [0, 255, 255]);
        assert_eq!(ycbcr_to_rgb([255, 128, 128]), [255; 3]);
        assert_eq!(ycbcr_to_rgb([76, 85, 255]), [254, 0, 0]);
        for sample in 0..=255 {
            assert_eq!(over_white(sample, 255), sample);
            assert_eq!(over_white(sample, 0), 255);
        }
    }
}
