//! What one reading does with a page before it is read, and which reading comes next.

use hrisov_model::Rotation;

use crate::{
    quality::Quality,
    tesseract::{MAX_SIDE_PX, Threshold},
};

/// The height of letters, between that of an x and of a capital, at which pages are read. Measured from 12 to 17
/// pixels on typescripts and print: missed words are the same within their chance, work grows with the size.
const LETTER_PX: f32 = 15.0;
/// Letters smaller than this are enlarged to that: Tesseract finds lines of small letters poorly. On 72 dpi notices 24
/// pixels take the missed words from 52 % to 13 %; 17 pixels miss a sixth more.
const SMALL_LETTER_PX: f32 = 10.0;
const ENLARGED_LETTER_PX: f32 = 24.0;
/// The size that letters are measured to have is believed within this factor of what the page's size says: specks and
/// letters that touch are measured as well.
const BELIEVED_FACTOR: f32 = 2.0;
/// Resampling by less than this share gains nothing.
const LEAST_CHANGE: f32 = 0.1;
/// The resolution at which pages are read where no letters were measured: large enough for small print.
const READING_DPI: f32 = 225.0;
/// With models of another language every mistake of resampling counts: such pages are read so much larger.
const FOREIGN_FACTOR: f32 = 1.33;
/// How much larger the second reading is and how much smaller the third; a page that is enlarged by more than this is
/// softened twice and read smaller the second time.
const SECOND_FACTOR: f32 = 1.33;
const THIRD_FACTOR: f32 = 0.8;
const MUCH_ENLARGED: f32 = 1.5;
/// By how many pixels of the raster that is read strokes of black and white pages are made thicker, and of the page at most.
/// On 28 degraded generated pages in black and white 957 words are missed in place of 1109, on clean ones as many as before;
/// grey pages lose by it, up to three times the words: what is left of thin strokes there is grey.
const THICKER_PX: f32 = 1.4;
const MOST_THICKER_PX: f32 = 4.0;
/// Measured on 72 dpi notices: three times takes the missed words from 49 % to 15 %, a further step gains
/// nothing.
const MOST_ENLARGED: f32 = 3.0;
/// Longer sides in inches of what a page without a resolution is taken for: A4 before it is enlarged, A3
/// before it is reduced, so that a mistake costs work and not letters.
pub(crate) const A4_LONGER_SIDE_INCHES: f32 = 11.7;
const A3_LONGER_SIDE_INCHES: f32 = 16.5;
/// A page that large is no coarse page, whatever its metadata says.
const LARGE_SIDE_PX: u32 = 1800;

/// Below this mean confidence a page may stand on its side or head: such pages are read with 0.14 to
/// 0.38, poor ones that stand upright with 0.37 and more.
const UPRIGHT_CONFIDENCE: f32 = 0.6;
/// Fewer letters, a leaf number and a scribble, read as well under any turn.
const TURNED_LETTERS: u32 = 20;
/// A page that lies wrongly gains many times its score by the right turn; one that is only poor may gain a
/// little by a wrong turn, since Tesseract reads lines that run up or down as well.
pub(crate) const TURN_GAIN: f32 = 2.0;
/// Below these, paper may have drowned the ink.
const CLEAR_CONFIDENCE: f32 = 0.45;
const CLEAR_LETTERS: u32 = 60;
/// Share of the letters in words of the dictionary: Romanian pages read by the Romanian model have 0.73
/// and more, pages in other languages 0.70 and less.
const NATIVE_SHARE: f32 = 0.72;
/// Another set of models is believed where it raises that share by this much; on Romanian pages more
/// models raise only the confidence, and lose diacritics.
const NATIVE_GAIN: f32 = 0.04;

/// Which models read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Models {
    /// That of the first language: a third less work, and fewer mistakes in that language.
    First,
    /// All languages chosen.
    All,
    /// One for all languages in Latin letters; see [`crate::languages::LATIN`].
    Latin,
}

/// Where text is looked for on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In columns, tables and whatever else the page has, not in its pictures.
    Columns,
    /// In lines from edge to edge: nothing is a picture.
    OneBlock,
    /// Everywhere, in no order: what is left when most of a page was read.
    Sparse,
}

/// How a page is prepared and read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plan {
    pub(crate) rotation: Rotation,
    /// Pixels of the raster that is read per pixel of the page.
    pub(crate) scale: f32,
    pub(crate) threshold: Threshold,
    pub(crate) models: Models,
    /// Whether poor lines are read as light letters on a dark ground as well.
    pub(crate) light_on_dark: bool,
    /// Resolution of the raster that is read.
    pub(crate) dpi: u32,
    /// Whether thin strokes are broken without a trace of grey in the gaps, as on pages in black and white.
    pub(crate) broken_letters: bool,
    /// By how many pixels of the page strokes are made thicker.
    pub(crate) thickened: u32,
    /// How many times grain is softened.
    pub(crate) softened: u32,
    /// Where text is looked for.
    pub(crate) layout: Layout,
}

/// A step that may help a poor reading. Each is tried once at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Another quarter turn.
    Turn,
    /// A threshold for each neighbourhood.
    Sauvola,
    /// The models of all languages.
    AllModels,
}

impl Plan {
    /// The first reading of a page of that size, with the resolution that its metadata gives.
    pub(crate) fn first(
        width_px: u32,
        height_px: u32,
        dpi: Option<u32>,
        letter_height_px: Option<f32>,
    ) -> Self {
        let longer = width_px.max(height_px).max(1) as f32;
        let dpi_if = |inches: f32| dpi.map_or(longer / inches, |dpi| dpi.max(1) as f32);
        let (as_a4, as_a3) = (dpi_if(A4_LONGER_SIDE_INCHES), dpi_if(A3_LONGER_SIDE_INCHES));
        let by_size = if as_a3 > READING_DPI {
            READING_DPI / as_a3
        } else if as_a4 < READING_DPI && longer < LARGE_SIDE_PX as f32 {
            READING_DPI / as_a4
        } else {
            1.0
        };
        let by_letters = letter_height_px.map_or(by_size, |height| match height < SMALL_LETTER_PX {
            true => ENLARGED_LETTER_PX / height,
            false => LETTER_PX / height,
        });
        let wanted = by_letters
            .clamp(by_size / BELIEVED_FACTOR, by_size * BELIEVED_FACTOR)
            .min(MOST_ENLARGED);
        let wanted = if (wanted - 1.0).abs() < LEAST_CHANGE {
            1.0
        } else {
            wanted
        };
        let scale = wanted.min(MAX_SIDE_PX as f32 / longer);
        Self {
            rotation: Rotation::None,
            scale,
            threshold: Threshold::Otsu,
            models: Models::First,
            light_on_dark: true,
            dpi: (as_a4 * scale).round().max(1.0) as u32,
            softened: match scale > MUCH_ENLARGED {
                true => 2,
                false => 1,
            },
            broken_letters: false,
            thickened: 0,
            layout: Layout::Columns,
        }
    }

    /// The second reading of lines that are hard to read: sharper and of another size, so that it errs elsewhere; in black
    /// and white with thicker strokes.
    pub(crate) fn sharper(self) -> Self {
        if self.broken_letters {
            return self.thickened();
        }
        self.finer()
    }

    fn finer(self) -> Self {
        let factor = match self.scale > MUCH_ENLARGED {
            true => 1.0 / SECOND_FACTOR,
            false => SECOND_FACTOR,
        };
        Self {
            softened: 0,
            ..self.resized(factor)
        }
    }

    /// The third one: smaller, where strokes that are broken or blurred close; in black and white thicker and sharper.
    pub(crate) fn smaller(self) -> Self {
        match self.broken_letters {
            true => self.thickened().finer(),
            false => self.resized(THIRD_FACTOR),
        }
    }

    fn thickened(self) -> Self {
        Self {
            thickened: (THICKER_PX / self.scale).round().clamp(1.0, MOST_THICKER_PX) as u32,
            ..self
        }
    }

    fn resized(self, factor: f32) -> Self {
        let scale = (self.scale * factor).min(MOST_ENLARGED);
        Self {
            scale,
            dpi: (self.dpi as f32 * scale / self.scale).round() as u32,
            ..self
        }
    }

    /// The same reading with the models of all languages, reduced less.
    pub(crate) fn with_all_models(self) -> Self {
        let scale = match self.scale < 1.0 {
            true => (self.scale * FOREIGN_FACTOR).min(1.0),
            false => self.scale,
        };
        Self {
            models: Models::All,
            scale,
            dpi: (self.dpi as f32 * scale / self.scale).round() as u32,
            ..self
        }
    }

    /// The same reading by the model of all languages in Latin letters.
    pub(crate) fn by_latin(self) -> Self {
        Self {
            models: Models::Latin,
            ..self
        }
    }

    /// The size of the raster to be read, for a page of that size, after the turn.
    pub(crate) fn read_size(&self, width_px: u32, height_px: u32) -> (u32, u32) {
        let scaled = |side: u32| ((side as f32 * self.scale).round() as u32).clamp(1, MAX_SIDE_PX);
        match self.rotation {
            Rotation::None | Rotation::Half => (scaled(width_px), scaled(height_px)),
            Rotation::Right | Rotation::Left => (scaled(height_px), scaled(width_px)),
        }
    }

    /// The steps as recorded with the text, such as `grey even turn-90 scale-3.00 softened otsu ron`.
    pub(crate) fn recipe(&self, languages: &str) -> String {
        let mut steps = vec!["grey".to_owned(), "even".to_owned()];
        if self.rotation != Rotation::None {
            steps.push(format!("turn-{}", u16::from(self.rotation)));
        }
        if self.scale != 1.0 {
            steps.push(format!("scale-{:.2}", self.scale));
        }
        if self.thickened > 0 {
            steps.push(format!("thickened-{}", self.thickened));
        }
        match self.softened {
            0 => {}
            1 => steps.push("softened".to_owned()),
            times => steps.push(format!("softened-{times}")),
        }
        if self.layout == Layout::OneBlock {
            steps.push("one-block".to_owned());
        }
        let threshold = match self.threshold {
            Threshold::Otsu => "otsu",
            Threshold::Sauvola => "sauvola",
        };
        steps.extend([threshold.to_owned(), languages.to_owned()]);
        steps.join(" ")
    }
}

impl Remedy {
    /// The cheapest first: a turn is tried on a part of the page.
    pub(crate) const IN_ORDER: [Self; 3] = [Self::Turn, Self::Sauvola, Self::AllModels];

    /// Whether it may help a page that was read like this.
    pub(crate) fn may_help(self, plan: &Plan, quality: &Quality) -> bool {
        match self {
            Self::Sauvola => quality.letters < CLEAR_LETTERS || quality.confidence < CLEAR_CONFIDENCE,
            Self::Turn => quality.letters >= TURNED_LETTERS && quality.confidence < UPRIGHT_CONFIDENCE,
            Self::AllModels => {
                plan.models == Models::First
                    && quality.letters > 0
                    && quality.dictionary_share() < NATIVE_SHARE
            }
        }
    }

    /// Whether the reading that followed it is to be kept instead of the one before.
    pub(crate) fn has_helped(self, before: &Quality, after: &Quality) -> bool {
        match self {
            Self::Turn => after.score > before.score * TURN_GAIN,
            Self::Sauvola => after.score > before.score,
            Self::AllModels => {
                after.dictionary_share() >= before.dictionary_share() + NATIVE_GAIN
                    && after.score > before.score
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_brought_to_one_resolution_and_nothing_exceeds_what_tesseract_takes() {
        for (what, width, height, dpi, letters, scale) in [
            ("A4 at 300 dpi", 2480, 3508, Some(300), None, 0.75),
            ("perhaps A4", 2480, 3508, None, None, 1.0),
            ("surely fine", 4960, 7016, None, None, 0.529),
            ("A4 at 200 dpi", 1654, 2339, Some(200), None, 1.0),
            ("A4 at 72 dpi", 595, 841, Some(72), None, 3.0),
            ("perhaps A4 at 72 dpi", 595, 841, None, Some(8.0), 3.0),
            ("wrong resolution", 2000, 2589, Some(96), Some(20.0), 0.75),
            ("letters of the right size", 2000, 2589, None, Some(15.5), 1.0),
            (
                "large letters are a heading",
                2480,
                3508,
                Some(300),
                Some(90.0),
                0.375,
            ),
            ("letters that are specks", 2480, 3508, Some(300), Some(4.0), 1.5),
            ("a plan", 60_000, 100, Some(200), None, 0.546),
            ("one pixel", 1, 1, None, None, 3.0),
        ] {
            let plan = Plan::first(width, height, dpi, letters);
            assert!((plan.scale - scale).abs() < 0.001, "{what}: {plan:?}");
            let (read_width, read_height) = plan.read_size(width, height);
            assert!((1..=MAX_SIDE_PX).contains(&read_width) && (1..=MAX_SIDE_PX).contains(&read_height));
        }
        let plan = Plan::first(2480, 3508, Some(300), None);
        assert_eq!(
            (plan.sharper().dpi, plan.sharper().softened, plan.smaller().dpi),
            (299, 0, 180)
        );
        let broken = Plan {
            broken_letters: true,
            ..plan
        };
        assert_eq!(
            broken.sharper().recipe("ron"),
            "grey even scale-0.75 thickened-2 softened otsu ron"
        );
        assert_eq!(
            broken.smaller().recipe("ron"),
            "grey even scale-1.00 thickened-2 otsu ron"
        );
        let all = plan.with_all_models();
        assert_eq!((all.dpi, all.models), (299, Models::All));
        let turned = Plan {
            rotation: Rotation::Right,
            ..Plan::first(595, 841, Some(72), Some(8.0))
        };
        assert_eq!(turned.read_size(595, 841), (2523, 1785));
        assert_eq!(
            turned.recipe("ron+eng"),
            "grey even turn-90 scale-3.00 softened-2 otsu ron+eng"
        );
        let one_block = Plan {
            layout: Layout::OneBlock,
            ..turned
        };
        assert_eq!(
            one_block.recipe("ron"),
            "grey even turn-90 scale-3.00 softened-2 one-block otsu ron"
        );
    }

    #[test]
    fn remedies_are_tried_where_they_may_help_and_kept_where_they_did() {
        let quality = |letters, dictionary_letters, confidence| Quality {
            letters,
            dictionary_letters,
            confidence,
            score: letters as f32 * (confidence - 0.4_f32).max(0.0),
        };
        let good = quality(2000, 1800, 0.92);
        let foreign = quality(1200, 400, 0.75);
        let on_its_side = quality(1300, 80, 0.14);
        let empty = quality(0, 0, 0.0);
        let plan = Plan::first(2480, 3508, None, None);
        for (what, quality, expected) in [
            ("good", good, vec![]),
            ("foreign", foreign, vec![Remedy::AllModels]),
            (
                "on its side",
                on_its_side,
                vec![Remedy::Turn, Remedy::Sauvola, Remedy::AllModels],
            ),
            ("empty", empty, vec![Remedy::Sauvola]),
        ] {
            let tried: Vec<Remedy> = Remedy::IN_ORDER
                .into_iter()
                .filter(|remedy| remedy.may_help(&plan, &quality))
                .collect();
            assert_eq!(tried, expected, "{what}");
        }
        assert!(Remedy::Turn.has_helped(&on_its_side, &good));
        assert!(!Remedy::Turn.has_helped(&good, &on_its_side));
        assert!(Remedy::AllModels.has_helped(&foreign, &quality(1200, 600, 0.88)));
        assert!(
            !Remedy::AllModels.has_helped(&foreign, &quality(1200, 420, 0.95)),
            "confidence alone"
        );
    }
}
