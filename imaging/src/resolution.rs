//! Resolution from metadata, believed only where it is plausible.

/// What a resolution counts dots per.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Inch (TIFF and EXIF unit 2, JFIF unit 1).
    Inch,
    /// Centimetre (TIFF and EXIF unit 3, JFIF unit 2).
    Centimetre,
    /// Metre (PNG, BMP, JPEG 2000).
    Metre,
}

/// Lowest and highest values that scanners and cameras write on purpose.
const BELIEVABLE_DPI: std::ops::RangeInclusive<f64> = 50.0..=2400.0;

/// Below this, 72 and 96 are mostly what programs write when they know nothing.
const LOW_DPI: f64 = 150.0;

/// Longest side of a page at a low resolution, in inches: A3 with margins. Larger sheets are scanned as
/// maps, at 150 dpi and more.
const LOW_DPI_SIDE_INCHES: f64 = 18.0;

/// Longest side of any page in inches: a building plan on a roll.
const LONGEST_SIDE_INCHES: f64 = 100.0;

/// Shortest side of any page in inches: a ticket.
const SHORTEST_SIDE_INCHES: f64 = 0.5;

/// The resolution in whole dots per inch, or `None` where the value, its two directions (10 % apart at
/// most) or the size of the page that follows from it cannot be believed.
pub(crate) fn believable_dpi(x: f64, y: f64, unit: Unit, width_px: u32, height_px: u32) -> Option<u32> {
    let per_inch = match unit {
        Unit::Inch => 1.0,
        Unit::Centimetre => 2.54,
        Unit::Metre => 0.0254,
    };
    let (x, y) = (x * per_inch, y * per_inch);
    // Written so that NaN is not believed either.
    let agree = (x - y).abs() <= 0.1 * x.max(y);
    if !(BELIEVABLE_DPI.contains(&x) && BELIEVABLE_DPI.contains(&y) && agree) {
        return None;
    }
    let (short, long) = {
        let (width, height) = (f64::from(width_px) / x, f64::from(height_px) / y);
        (width.min(height), width.max(height))
    };
    let longest = if x < LOW_DPI {
        LOW_DPI_SIDE_INCHES
    } else {
        LONGEST_SIDE_INCHES
    };
    (short >= SHORTEST_SIDE_INCHES && long <= longest).then_some(x.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plausible_resolutions_are_believed_and_others_are_not() {
        use Unit::{Centimetre, Inch, Metre};
        let a4_300 = (2480, 3508);
        for (x, y, unit, (width, height), expected) in [
            (300.0, 300.0, Inch, a4_300, Some(300)),
            (118.11, 118.11, Centimetre, a4_300, Some(300)),
            (11811.0, 11811.0, Metre, a4_300, Some(300)),
            (72.0, 72.0, Inch, (595, 842), Some(72)),
            // The default of a program that knew nothing: the sheet would be 34 inches wide.
            (72.0, 72.0, Inch, a4_300, None),
            // A fax in standard mode has no single resolution.
            (204.0, 98.0, Inch, (1728, 1100), None),
            (0.0, 0.0, Inch, a4_300, None),
            (1.0, 1.0, Inch, a4_300, None),
            (9600.0, 9600.0, Inch, a4_300, None),
            (f64::NAN, 300.0, Inch, a4_300, None),
            (f64::INFINITY, f64::INFINITY, Inch, a4_300, None),
            (600.0, 600.0, Inch, (100, 100), None),
            (300.0, 300.0, Inch, (9933, 14043), Some(300)),
        ] {
            assert_eq!(
                believable_dpi(x, y, unit, width, height),
                expected,
                "{x} x {y} {unit:?}"
            );
        }
    }
}
