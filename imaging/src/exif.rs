//! The two things read from EXIF: orientation and resolution. Broken EXIF is as good as none.

use exif::{In, Tag, Value};

use crate::{
    orientation::Orientation,
    resolution::{Unit, believable_dpi},
};

/// What EXIF says about how to show a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exif {
    pub(crate) orientation: Orientation,
    resolution: Option<(f64, f64, Unit)>,
}

impl Default for Exif {
    fn default() -> Self {
        Self {
            orientation: Orientation::UPRIGHT,
            resolution: None,
        }
    }
}

impl Exif {
    /// Reads an EXIF block from its TIFF header on; what cannot be read is left out.
    pub(crate) fn read(block: &[u8]) -> Self {
        let mut reader = exif::Reader::new();
        reader.continue_on_error(true);
        let fields = match reader.read_raw(block.to_vec()) {
            Ok(fields) => fields,
            Err(error) => match error.distill_partial_result(|_| {}) {
                Ok(fields) => fields,
                Err(_) => return Self::default(),
            },
        };
        let number = |tag| fields.get_field(tag, In::PRIMARY)?.value.get_uint(0);
        let fraction = |tag| match &fields.get_field(tag, In::PRIMARY)?.value {
            Value::Rational(values) => values.first().map(exif::Rational::to_f64),
            other => other.get_uint(0).map(f64::from),
        };
        let unit = match number(Tag::ResolutionUnit) {
            Some(3) => Unit::Centimetre,
            _ => Unit::Inch,
        };
        Self {
            orientation: Orientation::from_tag(number(Tag::Orientation).unwrap_or(1).into()),
            resolution: fraction(Tag::XResolution)
                .zip(fraction(Tag::YResolution))
                .map(|(x, y)| (x, y, unit)),
        }
    }

    /// The resolution, where it can be believed for a raster of that stored size.
    pub(crate) fn dpi(&self, width_px: u32, height_px: u32) -> Option<u32> {
        let (x, y, unit) = self.resolution?;
        believable_dpi(x, y, unit, width_px, height_px)
    }
}
