//! Formats of paper.

use crate::PageRecord;

/// Short and long side in millimetres (ISO 216).
const FORMATS_MM: [(f32, f32); 4] = [(297.0, 420.0), (210.0, 297.0), (148.0, 210.0), (105.0, 148.0)];
/// Scans are cut a little beside the edges: a turned sheet by up to 3.5 % of its side.
const TOLERANCE: f32 = 0.04;
const MM_PER_INCH: f32 = 25.4;

/// Whether a page of so many dots per inch is a sheet of A3, A4, A5 or A6, upright or lying. A resolution that was made up
/// hardly ever gives one: pages of 150 dpi that are stated as 96 are 328 mm wide.
pub fn is_standard(page: &PageRecord, dpi: u32) -> bool {
    let millimetres = |pixels: u32| pixels as f32 / dpi.max(1) as f32 * MM_PER_INCH;
    let short = millimetres(page.width_px.min(page.height_px));
    let long = millimetres(page.width_px.max(page.height_px));
    let is_near = |side: f32, of: f32| (side - of).abs() <= of * TOLERANCE;
    FORMATS_MM
        .iter()
        .any(|(width, height)| is_near(short, *width) && is_near(long, *height))
}
