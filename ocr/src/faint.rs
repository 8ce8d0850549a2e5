//! Pages whose ink is hardly darker than paper.
//!
//! Tesseract finds grain there, or the border around the sheet, and looks for lines in it for a minute. Blurred by half a
//! stroke's width and stretched, most of them can be read: of 12 generated pages of two boxes that were planted as too
//! faint, five had given nothing at all.

use hrisov_model::Languages;

use crate::{
    OcrError, Page, Reading, TesseractEngine, attempt::nothing_recognised, ink::Ink,
    plan::A4_LONGER_SIDE_INCHES, quality::Quality, raster::Raster, tesseract_engine::Prepared,
};

/// By how many inches ink is blurred; what resolutions may state is bounded.
const BLUR_INCHES: f32 = 0.01;
const LEAST_BLUR_PX: f32 = 0.7;
const MOST_BLUR_PX: f32 = 6.0;
/// A page that reads with this confidence when blurred has so little grain that it is read as it is as well: fine strokes
/// suffer from blurring, and the better reading is kept. Grain takes the others to 0.54.
const LITTLE_GRAIN: f32 = 0.6;
/// Nothing more is tried with the page as it is where its first reading has not this share of the blurred one's score: reading
/// again what is read in grain takes a minute, and gains nothing.
const AS_GOOD_AT_FIRST: f32 = 0.5;

impl TesseractEngine {
    /// Reads a page with faint ink. It is never blank: what raised the doubt is that there are lines of writing.
    pub(crate) fn read_faint(
        &mut self,
        page: &Page<'_>,
        raster: Raster<'_>,
        ink: &Ink,
        languages: &Languages,
    ) -> Result<Reading, OcrError> {
        let even = ink.paper.even(ink.without_fill_in_lines(raster));
        let brought_out = even.brought_out(blur_px(&even, page.grey.dpi()), page.condition.contrast);
        let found = Ink::of(&brought_out);
        // The height of letters was measured on grain.
        let blurred = match found.is_none() {
            true => nothing_recognised(),
            false => {
                let prepared = Prepared {
                    raster: found.without_frame(brought_out),
                    ink: &found,
                    letter_height_px: None,
                };
                self.read_prepared(page, prepared, languages, 0.0)?
            }
        };
        let quality = quality(&blurred);
        if quality.confidence < LITTLE_GRAIN || ink.is_none() {
            return Ok(legible(blurred));
        }
        let prepared = Prepared {
            raster: ink.without_frame(even),
            ink,
            letter_height_px: page.condition.letter_height_px,
        };
        let as_it_is = self.read_prepared(page, prepared, languages, quality.score * AS_GOOD_AT_FIRST)?;
        Ok(match self::quality(&as_it_is).score >= quality.score {
            true => as_it_is,
            false => blurred,
        })
    }
}

fn blur_px(raster: &Raster<'_>, dpi: Option<u32>) -> f32 {
    let as_a4 = raster.width.max(raster.height) as f32 / A4_LONGER_SIDE_INCHES;
    let dpi = dpi.map_or(as_a4, |dpi| dpi as f32);
    (dpi * BLUR_INCHES).clamp(LEAST_BLUR_PX, MOST_BLUR_PX)
}

fn legible(reading: Reading) -> Reading {
    match reading {
        Reading::Blank => nothing_recognised(),
        reading => reading,
    }
}

fn quality(reading: &Reading) -> Quality {
    let Reading::Text(text) = reading else {
        return Quality::default();
    };
    let lines = text.blocks.iter().flat_map(|block| &block.lines);
    Quality::of(lines.map(|line| (line, 0)))
}
