//! Sheets laid between the dossiers of a stack, which say where one ends and the next begins.
//!
//! Three marks are known: a QR code and a Code 128 with `HRISOV1:` and the dossier's reference, as our own
//! cover sheets carry them, and patch code T, printed as four bars or as the word `PATCHT` in Code 39 or
//! Code 128, as other scanning programs use it. A page is looked at in its reduced copy first; only where
//! something has the shape of such a mark is it read.

mod bars;
mod patch;
mod qr;

use std::panic::{AssertUnwindSafe, catch_unwind};

use hrisov_model::{Separator, SeparatorKind};

use crate::condition::GreyPage;

/// What our own codes begin with.
pub const PREFIX: &str = "HRISOV1:";
/// What a bar code on a sheet without a reference says.
const PATCH_WORD: &str = "PATCHT";
/// A longer reference is none of ours.
const LONGEST_REFERENCE: usize = 200;

/// The separator on a page, if it is one; upside down, on its side and askew by up to 10 degrees as well.
#[must_use]
pub fn find(page: &GreyPage<'_>) -> Option<Separator> {
    let reduced = page.reduced();
    if reduced.width < 8 || reduced.height < 8 {
        return None;
    }
    let black = Black::of(reduced.grey, reduced.width);
    let by_code = |kind: SeparatorKind| {
        move |text: String| {
            let reference = reference(&text)?;
            Some(Separator { kind, reference })
        }
    };
    qr::read(page)
        .and_then(by_code(SeparatorKind::Qr))
        .or_else(|| {
            bars::read(page)
                .into_iter()
                .find_map(by_code(SeparatorKind::BarCode))
        })
        .or_else(|| {
            patch::is_patch_t(&black).then_some(Separator {
                kind: SeparatorKind::PatchT,
                reference: None,
            })
        })
}

/// What a code's text means for us: `None` is not a separator's, `Some(None)` one without a reference.
fn reference(text: &str) -> Option<Option<String>> {
    if text == PATCH_WORD {
        return Some(None);
    }
    let reference = text.strip_prefix(PREFIX)?.trim();
    let is_plain = !reference.is_empty()
        && reference.len() <= LONGEST_REFERENCE
        && !reference.chars().any(char::is_control);
    is_plain.then(|| Some(reference.to_owned()))
}

/// Runs a library's reader; one that panics on odd pixels has read nothing.
fn guarded<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// The reduced copy in black and white.
#[derive(Debug)]
pub(crate) struct Black {
    width: usize,
    height: usize,
    /// Row by row.
    rows: Vec<bool>,
}

impl Black {
    /// Black is what is darker than this share of the lightest tenth of the page: codes are printed black,
    /// and what lies between is blur.
    const LEVEL: f32 = 0.55;

    fn of(grey: &[u8], width: usize) -> Self {
        let mut counts = [0_u32; 256];
        for &value in grey.iter().step_by(7) {
            counts[usize::from(value)] += 1;
        }
        let lightest = crate::condition::quantile(&counts, 0.9);
        let level = (f32::from(lightest) * Self::LEVEL) as u8;
        Self {
            width,
            height: grey.len() / width,
            rows: grey.iter().map(|&value| value < level).collect(),
        }
    }

    fn is_black(&self, x: usize, y: usize) -> bool {
        self.rows[y * self.width + x]
    }

    /// The same with rows and columns exchanged.
    fn transposed(&self) -> Self {
        let mut rows = Vec::with_capacity(self.rows.len());
        for x in 0..self.width {
            rows.extend((0..self.height).map(|y| self.is_black(x, y)));
        }
        Self {
            width: self.height,
            height: self.width,
            rows,
        }
    }

    /// The lengths of runs of one colour along a row, with where each begins; the first is white, of any
    /// length, even none.
    fn runs(&self, y: usize, runs: &mut Vec<(usize, usize)>) {
        runs.clear();
        let row = &self.rows[y * self.width..(y + 1) * self.width];
        let (mut start, mut colour) = (0, false);
        for (x, &is_black) in row.iter().enumerate() {
            if is_black != colour {
                runs.push((start, x - start));
                (start, colour) = (x, is_black);
            }
        }
        runs.push((start, row.len() - start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_words_separate() {
        for (text, expected) in [
            ("HRISOV1:F12/C3/D145", Some(Some("F12/C3/D145"))),
            ("HRISOV1: D 1 ", Some(Some("D 1"))),
            ("PATCHT", Some(None)),
            ("HRISOV1:", None),
            ("HRISOV1:a\u{7}", None),
            ("HRISOV2:D1", None),
            ("https://example.org/", None),
            ("", None),
        ] {
            let expected = expected.map(|reference| reference.map(str::to_owned));
            assert_eq!(reference(text), expected, "{text:?}");
        }
    }
}
