//! From figures to names.

use hrisov_model::Doubt;
use serde::{Deserialize, Serialize};

use super::PageCondition;

/// Where a figure becomes a doubt. The defaults were measured on generated boxes (docs/doubts.md).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// A page whose marks are weaker than this share of the paper's level is blank: dust, what shines through.
    pub blank_contrast: f32,
    /// A page of which the ink covers less than this share is blank.
    pub blank_ink_share: f32,
    /// A page of which the ink covers less than this share is nearly blank.
    pub nearly_blank_ink_share: f32,
    /// Darker paper than this is too dark, 0 to 1.
    pub dark_paper_level: f32,
    /// A page of which more than this share is black is too dark.
    pub dark_black_share: f32,
    /// Ink weaker than this share of the paper's level is too faint.
    pub faint_contrast: f32,
    /// Softer letters than this are blurred.
    pub blurred_sharpness: f32,
    /// Lines that lean by more degrees are skewed.
    pub skew_degrees: f32,
    /// From so many letters cut through on one edge on, a page is cut off.
    pub cut_letters: u32,
    /// A lower resolution from metadata is too low.
    pub low_dpi: u32,
    /// Smaller letters than this, in pixels, are too small.
    pub low_letter_height_px: f32,
    /// Two pages whose hashes are nearer than this may be the same sheet.
    pub duplicate_distance: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            blank_contrast: 0.08,
            blank_ink_share: 0.000_1,
            nearly_blank_ink_share: 0.003,
            dark_paper_level: 0.45,
            dark_black_share: 0.3,
            faint_contrast: 0.25,
            blurred_sharpness: 1.3,
            skew_degrees: 4.0,
            cut_letters: 4,
            low_dpi: 120,
            low_letter_height_px: 9.0,
            duplicate_distance: 0.35,
        }
    }
}

/// The doubts about a page that its picture alone raises, in the order of [`Doubt::ALL`]. Of a blank page
/// nothing else is said, of a nearly blank one nothing about its letters.
#[must_use]
pub fn doubts(page: &PageCondition, thresholds: &Thresholds) -> Vec<Doubt> {
    let is_dark =
        page.paper_level < thresholds.dark_paper_level || page.black_share > thresholds.dark_black_share;
    let is_empty = page.ink_share < thresholds.blank_ink_share || page.contrast < thresholds.blank_contrast;
    if is_empty && !is_dark {
        return vec![Doubt::Blank];
    }
    let is_nearly_blank = page.ink_share < thresholds.nearly_blank_ink_share && !is_dark;
    let is_below = |figure: Option<f32>, limit: f32| figure.is_some_and(|figure| figure < limit);
    let has_low_dpi = page.letter_height_px.is_none() && page.dpi.is_some_and(|dpi| dpi < thresholds.low_dpi);
    let found = [
        (is_nearly_blank, Doubt::NearlyBlank),
        (is_dark, Doubt::TooDark),
        (
            !is_dark && page.contrast < thresholds.faint_contrast,
            Doubt::TooFaint,
        ),
        (
            is_below(page.sharpness, thresholds.blurred_sharpness),
            Doubt::Blurred,
        ),
        (
            page.skew_degrees
                .is_some_and(|skew| skew.abs() > thresholds.skew_degrees),
            Doubt::Skewed,
        ),
        (page.cut_letters >= thresholds.cut_letters, Doubt::CutOff),
        (
            has_low_dpi || is_below(page.letter_height_px, thresholds.low_letter_height_px),
            Doubt::LowResolution,
        ),
    ];
    let is_said = |doubt: Doubt| !is_nearly_blank || doubt == Doubt::NearlyBlank;
    found
        .into_iter()
        .filter_map(|(is_found, doubt)| (is_found && is_said(doubt)).then_some(doubt))
        .collect()
}
