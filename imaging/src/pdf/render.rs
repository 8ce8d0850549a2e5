//! Pages drawn by instructions, at 300 dots per inch.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning, util::TransformExt as _},
    hayro_syntax::{
        object::Rect,
        page::{A4, Page, Rotation},
    },
    kurbo::Affine,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit, color::palette::css::WHITE,
    },
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

/// Size in points of a page whose file states none. The specification demands one (ISO 32000-2, 7.7.3.3); PDFium, Poppler
/// and MuPDF take US Letter, and what was drawn for them is cut off on any other sheet.
const UNSTATED_SIZE: (f32, f32) = (612.0, 792.0);

/// Width and height of the page as shown, in points.
fn extent(page: &Page<'_>) -> (f32, f32) {
    match states_no_size(page) {
        true => UNSTATED_SIZE,
        false => page.render_dimensions(),
    }
}

/// `hayro` takes A4 for such pages, to more digits than any file states it. Turned ones stay A4.
fn states_no_size(page: &Page<'_>) -> bool {
    let same = |a: Rect, b: Rect| [a.x0, a.y0, a.x1, a.y1] == [b.x0, b.y0, b.x1, b.y1];
    same(page.media_box(), A4) && same(page.crop_box(), A4) && matches!(page.rotation(), Rotation::None)
}

/// Size and resolution of the rendering.
pub(super) fn info(page: &Page<'_>, limits: &Limits) -> Result<PageInfo, ImagingError> {
    let (width, height) = extent(page);
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
    let pixmap = draw(page, &info, &interpreter)?;
    if picture_failed.load(Ordering::Relaxed) && inspection.largest_picture >= SUBSTANTIAL {
        return Err(super::damaged("a picture on the page does not decode"));
    }
    Ok(PageImage {
        width_px: pixmap.width().into(),
        height_px: pixmap.height().into(),
        dpi: info.dpi,
        lost_percent: 0,
        pixels: pixels(&pixmap),
    })
}

/// As `hayro::render`, on a sheet of our own size.
fn draw(page: &Page<'_>, info: &PageInfo, interpreter: &InterpreterSettings) -> Result<Pixmap, ImagingError> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| super::damaged("a page without measure"));
    let (width, height) = extent(page);
    let scale = Affine::scale_non_uniform(
        f64::from(info.width_px) / f64::from(width),
        f64::from(info.height_px) / f64::from(height),
    );
    // The origin is at the lower edge: a sheet of another height begins higher or lower.
    let (_, own_height) = page.render_dimensions();
    let shift = Affine::translate((0.0, f64::from(height) - f64::from(own_height)));
    let transform = scale * shift * page.initial_transform(true).to_kurbo();
    let mut context = RenderContext::new(side(info.width_px)?, side(info.height_px)?);
    hayro::render_into(
        page,
        &RenderCache::new(),
        interpreter,
        &RenderSettings::default(),
        &mut context,
        transform,
    );
    context.flush();
    let mut pixmap = Pixmap::new(context.width(), context.height());
    let settings = RasterizerSettings {
        target_init: TargetInit::Clear(WHITE),
        ..RasterizerSettings::default()
    };
    context.render_with(&mut pixmap, &mut Resources::default(), settings);
    Ok(pixmap)
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
