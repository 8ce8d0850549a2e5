//! From figures to names.

use serde::{Deserialize, Serialize};

use crate::{Doubt, PageCondition};

/// Where a figure becomes a doubt. docs/doubts.md says how the defaults were measured: each lies between the
/// figures of pages made with that fault and of all others, in boxes made for choosing it, and was then tried
/// on boxes that had no part in that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// A page of which ink covers less than this share is blank. 0.0003: clean backs with dust have up to
    /// 0.0002, a leaf number and a stroke 0.0004 and more.
    pub blank_ink_share: f32,
    /// A nearly blank page whose marks are weaker than this share of the paper's level is blank. 0.16: what
    /// shines through from the other side has up to 0.13, pencil 0.24 and more.
    pub blank_contrast: f32,
    /// A page of which ink covers less than this share is nearly blank. 0.006: strokes and numbers have up
    /// to 0.003, the shortest texts 0.01.
    pub nearly_blank_ink_share: f32,
    /// Paper darker than this, of 1, is too dark. 0.45: brown and tinted paper has 0.65 and more, real
    /// browned pages 0.5, underexposed ones up to 0.35.
    pub dark_paper_level: f32,
    /// A page of which more than this share is black is too dark. 0.17: text and seals have up to 0.06, a
    /// page with a photograph 0.16, underexposed ones in black and white 0.19 and more.
    pub dark_black_share: f32,
    /// Ink weaker than this share of the paper's level is too faint. 0.25: worn typewriter ribbons have 0.28
    /// and more, ink that is all but gone 0.22 and less.
    pub faint_contrast: f32,
    /// Letters softer than this are blurred. 1.75: old carbon copies have 1.78, other pages 2.3 and more, pages
    /// out of focus by 0.3 mm and more 1.0 to 1.72.
    pub blurred_sharpness: f32,
    /// Lines that lean by more degrees are skewed. 4: sheets laid down by hand lean by up to 3; reading
    /// suffers from 5 on.
    pub skew_degrees: f32,
    /// From so many letters cut through on one edge on, a page is cut off. 3: whole pages have up to 2, of
    /// dirt and signatures, cut ones 4 and more.
    pub cut_letters: u32,
    /// Letters lower than this, in pixels, are too small. 9: at 72 dpi they have 6 to 8, at 150 dpi 10.5 and
    /// more where they are not broken.
    pub low_letter_height_px: f32,
    /// And lower than this where the file itself states less than [`low_dpi`](Self::low_dpi). 11.5: at 96 dpi
    /// they have 8 to 11.
    pub low_dpi_letter_height_px: f32,
    /// A resolution that is too low where the letters are small or none are seen. 120: common scanners have
    /// 75, 100, 150, 200.
    pub low_dpi: u32,
    /// Pages whose hashes are nearer than this may be the same sheet. 0.3: most second scans are 0.1 to 0.3
    /// apart, other pages 0.35 and more; copies of one printed form, filled in differently, lie between (0.22
    /// and more), so that only their text tells them apart.
    pub duplicate_distance: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            blank_ink_share: 0.000_3,
            blank_contrast: 0.16,
            nearly_blank_ink_share: 0.006,
            dark_paper_level: 0.45,
            dark_black_share: 0.17,
            faint_contrast: 0.25,
            blurred_sharpness: 1.75,
            skew_degrees: 4.0,
            cut_letters: 3,
            low_letter_height_px: 9.0,
            low_dpi_letter_height_px: 11.5,
            low_dpi: 120,
            duplicate_distance: 0.3,
        }
    }
}

/// The doubts about a page that its picture alone raises, in the order of [`Doubt::ALL`]. The first of blank,
/// nearly blank and too dark that holds is the only one: letters that are not there or not seen have no
/// figures. Blurred letters are pale as well, and faint ones fall to
/// pieces, which is not said.
#[must_use]
pub fn doubts(page: &PageCondition, thresholds: &Thresholds) -> Vec<Doubt> {
    if let Some(doubt) = nothing_to_see(page, thresholds) {
        return vec![doubt];
    }
    let is_below = |figure: Option<f32>, limit: f32| figure.is_some_and(|figure| figure < limit);
    let is_blurred = is_below(page.sharpness, thresholds.blurred_sharpness);
    let is_faint = page.contrast < thresholds.faint_contrast;
    let is_skewed = page
        .skew_degrees
        .is_some_and(|skew| skew.abs() > thresholds.skew_degrees);
    let found = [
        (is_faint && !is_blurred, Doubt::TooFaint),
        (is_blurred, Doubt::Blurred),
        (is_skewed, Doubt::Skewed),
        (page.cut_letters >= thresholds.cut_letters, Doubt::CutOff),
        (
            !is_faint && has_small_letters(page, thresholds),
            Doubt::LowResolution,
        ),
    ];
    let named = found.into_iter().filter(|(is_found, _)| *is_found);
    named.map(|(_, doubt)| doubt).collect()
}

fn nothing_to_see(page: &PageCondition, thresholds: &Thresholds) -> Option<Doubt> {
    if page.paper_level < thresholds.dark_paper_level || page.black_share > thresholds.dark_black_share {
        return Some(Doubt::TooDark);
    }
    if page.ink_share >= thresholds.nearly_blank_ink_share {
        return None;
    }
    let is_blank = page.ink_share < thresholds.blank_ink_share || page.contrast < thresholds.blank_contrast;
    Some(if is_blank {
        Doubt::Blank
    } else {
        Doubt::NearlyBlank
    })
}

fn has_small_letters(page: &PageCondition, thresholds: &Thresholds) -> bool {
    let has_low_dpi = page.dpi.is_some_and(|dpi| dpi < thresholds.low_dpi);
    match page.letter_height_px {
        Some(height) if has_low_dpi => height < thresholds.low_dpi_letter_height_px,
        Some(height) => height < thresholds.low_letter_height_px,
        None => has_low_dpi,
    }
}
