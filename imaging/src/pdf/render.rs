//! Pages drawn by instructions, at 300 dots per inch.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning},
    hayro_syntax::page::Page,
    vello_cpu::{Pixmap, color::palette::css::WHITE},
};

use super::inspect::{Inspection, POINTS};
use crate::{ImagingError, Limits, PageImage, PageInfo, Pixels};

/// What recognition works best at, and what offices scan at.
const DPI: u32 = 300;

/// A sheet so large that it would need fewer dots per inch than this to fit into the limits is refused.
const LEAST_DPI: u32 = 100;

/// Most pixels of a rendering: each costs seven bytes while it is made, an A0 sheet at 250 dpi has as many.
const MOST_PIXELS: u64 = 100_000_000;

/// Longest side of a rendering, in pixels, that `hayro` can make.
const LONGEST_SIDE: f64 = 65_534.0;

/// A picture that fails to decode costs the page if there is one that covers at least this share of it.
const SUBSTANTIAL: f64 = 0.25;

/// Size and resolution of the rendering.
pub(super) fn info(page: &Page<'_>, limits: &Limits) -> Result<PageInfo, ImagingError> {
    let (width, height) = page.render_dimensions();
    let dpi = dpi(width, height, limits)?;
    let side = |points: f32| (f64::from(points) * f64::from(dpi) / POINTS).round() as u32;
    Ok(PageInfo {
        width_px: side(width),
        height_px: side(height),
        dpi: Some(dpi),
    })
}

/// Draws the page on white.
pub(super) fn decode(
    page: &Page<'_>,
    inspection: &Inspection,
    limits: &Limits,
) -> Result<PageImage, ImagingError> {
    let info = info(page, limits)?;
    if info.width_px == 0 || info.height_px == 0 {
        return Err(super::damaged("a page without extent"));
    }
    let picture_failed = Arc::new(AtomicBool::new(false));
    let failed = Arc::clone(&picture_failed);
    let interpreter = InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                failed.store(true, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    };
    let (width, height) = page.render_dimensions();
    // `hayro` cuts the product of points and scale down to whole pixels; the small excess keeps it from
    // losing one to rounding.
    let scale = |pixels: u32, points: f32| ((f64::from(pixels) + 0.01) / f64::from(points)) as f32;
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &interpreter,
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale(info.width_px, width),
            y_scale: scale(info.height_px, height),
            bg_color: WHITE,
        },
    );
    if picture_failed.load(Ordering::Relaxed) && inspection.largest_picture >= SUBSTANTIAL {
        return Err(super::damaged("a picture on the page does not decode"));
    }
    Ok(PageImage {
        width_px: pixmap.width().into(),
        height_px: pixmap.height().into(),
        dpi: info.dpi,
        pixels: pixels(&pixmap),
    })
}

/// The dots per inch at which a page of so many points fits into the limits.
fn dpi(width: f32, height: f32, limits: &Limits) -> Result<u32, ImagingError> {
    let inches = (f64::from(width) / POINTS, f64::from(height) / POINTS);
    let most = limits.pixels.min(MOST_PIXELS);
    let by_area = (most as f64 / (inches.0 * inches.1)).sqrt();
    let by_side = LONGEST_SIDE / inches.0.max(inches.1);
    let fitting = by_area.min(by_side).min(f64::from(DPI)) as u32;
    match fitting >= LEAST_DPI {
        true => Ok(fitting),
        false => Err(ImagingError::TooLarge {
            what: "a page at 100 dpi in pixels",
            found: (inches.0 * inches.1 * f64::from(LEAST_DPI * LEAST_DPI)) as u64,
            limit: most,
        }),
    }
}

/// Without the opacity, which is full on white; grey where no colour was used.
fn pixels(pixmap: &Pixmap) -> Pixels {
    let drawn = pixmap.data_as_u8_slice().as_chunks::<4>().0;
    match drawn
        .iter()
        .all(|[red, green, blue, _]| red == green && green == blue)
    {
        true => Pixels::Grey(drawn.iter().map(|pixel| pixel[0]).collect()),
        false => Pixels::Rgb(
            drawn
                .iter()
                .flat_map(|&[red, green, blue, _]| [red, green, blue])
                .collect(),
        ),
    }
}
