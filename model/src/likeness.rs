//! Which pages of a box may be second scans of the same sheet.

use std::collections::HashMap;

use crate::{PageHash, Thresholds, WordSketch, sketch::LEAST_MEAN_PERCENT};

/// Pages with fewer words than this are compared by their looks alone.
const LEAST_WORDS: usize = 8;
/// Without words two pages must look alike this closely.
const WORDLESS_DISTANCE: f32 = 0.2;
/// Words of more pages than this tell nothing: they are printed on forms.
const MOST_PAGES: usize = 64;
/// Words of no more pages than this are a sheet's own, with a scan or two of it to spare: numbers, dates, names.
const OWN_PAGES: usize = 3;
/// Both pages must have so many words of their own for the share of these to tell.
const LEAST_OWN: usize = 4;
/// So many such words in common make it worth to compare two pages.
const LEAST_SHARED: u32 = 3;
/// Words of pages read with this confidence or more are as often right as they ever are.
const WELL_READ: f32 = 0.9;
/// Words of their own tell nothing of pages of which less can be expected to be right in both readings, where so few are
/// their own that all of these may be misread.
const LEGIBLE: f32 = 0.95;
/// Pages that look less alike than this must be legible to some degree, have hardly a word that the other one has not, and
/// so many of their own in common: other pages that look as little alike have none.
const NEAR_DISTANCE: f32 = 0.3;
const FAR_WORDS: f32 = 0.9;
const FAR_LEGIBLE: f32 = 0.3;
const FAR_OWN: usize = 2;
/// Poorly read pages are known by all their words, most of them noise: see [`WordSketch::of`]. Of two such pages this part of
/// what can be expected to be right in both is enough, and own words in common say what their share cannot.
const POOR_WORDS: f32 = 0.6;
/// Pages with most of their own words in common, and so many of all, may look less alike by this factor: of a worn sheet in
/// black and white each scan shows other pieces. Other pages have at most 0.79 of their words in common there.
const SAME_WORDS: f32 = 0.85;
const SAME_WORDS_DISTANCE: f32 = 1.2;
/// With so many of all and of their own, word for word the same, they may by this one; the same text set in another way is
/// further away.
const SAME_TEXT: f32 = 0.95;
const SAME_TEXT_OWN: f32 = 0.9;
const SAME_TEXT_DISTANCE: f32 = 1.5;

/// What a page is compared by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Likeness {
    /// How the writing stands on it.
    pub hash: Option<PageHash>,
    /// Its words.
    pub words: Option<WordSketch>,
    /// Mean confidence of its words in percent.
    pub confidence_percent: Option<u8>,
}

/// Two pages that may be scans of the same sheet, by their places in what was looked through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SecondScan {
    /// The one that is doubted.
    pub later: usize,
    /// The one that was there before.
    pub earlier: usize,
    /// How far their hashes are apart, 0 to 1.
    pub distance: f32,
}

impl Likeness {
    fn words(&self) -> &[u32] {
        let words = self.words.as_ref().map_or(&[][..], WordSketch::words);
        if words.len() < LEAST_WORDS { &[] } else { words }
    }

    /// How far the page is from an earlier one, where it may be a second scan of it.
    fn repeats(&self, earlier: &Self, holders: &Holders, thresholds: &Thresholds) -> Option<f32> {
        let distance = self.hash.as_ref()?.distance(earlier.hash.as_ref()?);
        let is_alike = match (&self.words, &earlier.words) {
            (Some(words), Some(others)) if !self.words().is_empty() && !earlier.words().is_empty() => {
                let own = holders.own_in_common(words, others);
                let share = words.share_in_common(others);
                let is_poorly_read_alike = self.is_poor()
                    && earlier.is_poor()
                    && own.both >= FAR_OWN
                    && share >= POOR_WORDS * self.legibility(earlier);
                let is_read_alike =
                    is_poorly_read_alike || self.is_read_alike(earlier, distance, own, share, thresholds);
                let has = |words: f32, of_own: f32| {
                    share >= words && own.both >= LEAST_OWN && own.share() >= of_own
                };
                let is_within = |factor: f32| distance < thresholds.duplicate_distance * factor;
                (is_read_alike && is_within(1.0))
                    || (has(SAME_WORDS, thresholds.duplicate_own_words) && is_within(SAME_WORDS_DISTANCE))
                    || (has(SAME_TEXT, SAME_TEXT_OWN) && is_within(SAME_TEXT_DISTANCE))
            }
            _ => distance < WORDLESS_DISTANCE.min(thresholds.duplicate_distance),
        };
        is_alike.then_some(distance)
    }

    /// Whether a page has the words of an earlier one, as far as both can be expected to have been read.
    fn is_read_alike(
        &self,
        earlier: &Self,
        distance: f32,
        own: Own,
        share: f32,
        thresholds: &Thresholds,
    ) -> bool {
        let legibility = self.legibility(earlier);
        let is_near = distance < NEAR_DISTANCE;
        // What was misread stands on no other page either.
        let misread = self.misread().max(earlier.misread());
        let is_own_misread = legibility < LEGIBLE && own.fewer < misread + LEAST_OWN;
        let least_words = match is_near {
            true => thresholds.duplicate_words,
            false => FAR_WORDS,
        };
        (is_near || (legibility >= FAR_LEGIBLE && own.both >= FAR_OWN))
            && share >= least_words * legibility
            && (is_own_misread
                || own.fewer < LEAST_OWN
                || own.share() >= thresholds.duplicate_own_words * legibility)
    }

    fn is_poor(&self) -> bool {
        self.confidence_percent.unwrap_or(100) < LEAST_MEAN_PERCENT
    }

    /// How many of its words were misread, as its confidence has it.
    fn misread(&self) -> usize {
        let wrong = 100 - usize::from(self.confidence_percent.unwrap_or(100).min(100));
        (self.words().len() * wrong).div_ceil(100)
    }

    /// Share of the words of both pages that can be expected to be right in both readings, 1 for well read ones.
    fn legibility(&self, other: &Self) -> f32 {
        let of = |page: &Self| f32::from(page.confidence_percent.unwrap_or(100)) / 100.0;
        (of(self) * of(other) / (WELL_READ * WELL_READ)).min(1.0)
    }
}

/// For each page the nearest earlier one that it may be a second scan of, in the order of pages. Only pages with
/// rare words in common are compared, so that a large box costs little more for each page than a small one.
#[must_use]
pub fn second_scans(pages: &[Likeness], thresholds: &Thresholds) -> Vec<SecondScan> {
    let holders = Holders::of(pages);
    let mut wordless = Vec::new();
    let mut found = Vec::new();
    for (later, page) in pages.iter().enumerate() {
        if page.hash.is_none() {
            continue;
        }
        let candidates = match page.words().is_empty() {
            true => wordless.clone(),
            false => holders.sharing(page, later),
        };
        let nearest = candidates
            .into_iter()
            .filter_map(|earlier| Some((earlier, page.repeats(&pages[earlier], &holders, thresholds)?)))
            .min_by(|(_, one), (_, other)| one.total_cmp(other));
        found.extend(nearest.map(|(earlier, distance)| SecondScan {
            later,
            earlier,
            distance,
        }));
        if page.words().is_empty() {
            wordless.push(later);
        }
    }
    found
}

/// Of words that are hardly on any other page: those of both, and those of the page with fewer.
#[derive(Debug, Clone, Copy)]
struct Own {
    both: usize,
    fewer: usize,
}

impl Own {
    fn share(self) -> f32 {
        self.both as f32 / self.fewer as f32
    }
}

/// The pages that hold each word, as long as they are few.
struct Holders(HashMap<u32, Vec<usize>>);

impl Holders {
    fn of(pages: &[Likeness]) -> Self {
        let mut holders: HashMap<u32, Vec<usize>> = HashMap::new();
        for (at, page) in pages.iter().enumerate() {
            for word in page.words() {
                let pages = holders.entry(*word).or_default();
                // One more than few says that they are many.
                if pages.len() <= MOST_PAGES {
                    pages.push(at);
                }
            }
        }
        Self(holders)
    }

    /// Earlier pages that have some rare words with this one.
    fn sharing(&self, page: &Likeness, at: usize) -> Vec<usize> {
        let mut shared: HashMap<usize, u32> = HashMap::new();
        for pages in page.words().iter().filter_map(|word| self.0.get(word)) {
            if pages.len() <= MOST_PAGES {
                for earlier in pages.iter().take_while(|earlier| **earlier < at) {
                    *shared.entry(*earlier).or_default() += 1;
                }
            }
        }
        let enough = shared.into_iter().filter(|(_, words)| *words >= LEAST_SHARED);
        enough.map(|(page, _)| page).collect()
    }

    /// Of the words that hardly any other page of the box has, the share in common: two forms filled in for the same
    /// person differ in all of these.
    fn own_in_common(&self, words: &WordSketch, others: &WordSketch) -> Own {
        let is_own = |word: u32| self.0.get(&word).is_some_and(|pages| pages.len() <= OWN_PAGES);
        let (both, fewer) = words.in_common(others, is_own);
        Own { both, fewer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with these words, that looks as `looks` says: bits of the first word of its hash.
    fn page(words: std::ops::Range<u32>, looks: u64, confidence: u8) -> Likeness {
        let mut bits = [0; 16];
        bits[0] = looks;
        let hex: String = words.map(|word| format!("{:06x}", word * 7)).collect();
        Likeness {
            hash: Some(PageHash::from_words(bits)),
            words: WordSketch::try_from(hex).ok(),
            confidence_percent: Some(confidence),
        }
    }

    #[test]
    fn a_second_scan_looks_like_the_first_and_has_its_words() {
        let first = || page(1..101, 0xffff, 93);
        for (what, later, expected) in [
            ("the same", first(), true),
            ("a few words less, a little askew", page(5..95, 0xfffe, 92), true),
            ("a form filled in differently", page(30..130, 0xffff, 92), false),
            (
                "the same text set in another way",
                page(1..101, 0xffff_0000, 93),
                false,
            ),
            ("read poorly", page(31..131, 0xffff, 70), true),
            ("other words read poorly", page(70..170, 0xffff, 70), false),
            ("nothing read", page(0..0, 0xffff, 0), false),
        ] {
            let found = second_scans(&[first(), later], &Thresholds::default());
            assert_eq!(!found.is_empty(), expected, "{what}: {found:?}");
        }
    }

    #[test]
    fn the_next_form_of_the_same_person_has_other_numbers() {
        // What the forms of one person say alike stands on five pages, what else one of them says on that alone.
        let alike = || (1..51).map(|word| format!("{word:06x}"));
        let form = |own: std::ops::Range<u32>| {
            let hex: String = alike().chain(own.map(|word| format!("{word:06x}"))).collect();
            Likeness {
                words: WordSketch::try_from(hex).ok(),
                ..page(1..101, 0xffff, 93)
            }
        };
        let mut pages: Vec<Likeness> = (1..6)
            .map(|number| form(number * 100..number * 100 + 6))
            .collect();
        assert_eq!(second_scans(&pages, &Thresholds::default()), []);
        pages.push(form(200..206));
        let found = second_scans(&pages, &Thresholds::default());
        let pairs: Vec<_> = found.iter().map(|scan| (scan.later, scan.earlier)).collect();
        assert_eq!(pairs, [(5, 1)]);
    }

    #[test]
    fn pages_that_look_less_alike_have_words_of_their_own_in_common() {
        let form = |looks, own: std::ops::Range<u32>| {
            let words = (1..61).chain(own).map(|word| format!("{word:06x}"));
            Likeness {
                words: WordSketch::try_from(words.collect::<String>()).ok(),
                ..page(1..2, looks, 93)
            }
        };
        // With these what the form says is nobody's own.
        let others = (0..4).map(|number| form(0xffff_ffff_0000_0000, number * 50 + 1000..number * 50 + 1040));
        for (what, looks, own, expected) in [
            ("alike, and hardly a word of its own", 0xffff, 200..203, true),
            (
                "less alike, with the same words of its own",
                0xff_ffff,
                100..103,
                true,
            ),
            ("less alike, with others", 0xff_ffff, 200..203, false),
        ] {
            let two = [form(0xffff, 100..103), form(looks, own)];
            let pages: Vec<Likeness> = others.clone().chain(two).collect();
            let found = second_scans(&pages, &Thresholds::default());
            let is_found = found.iter().any(|scan| (scan.later, scan.earlier) == (5, 4));
            assert_eq!(is_found, expected, "{what}: {found:?}");
        }
    }

    /// Words that are misread stand on one page alone, like a sheet's own: they tell nothing of poor readings.
    #[test]
    fn two_poor_readings_of_one_sheet_look_alike_where_their_own_words_do_not_tell() {
        let reading = |looks, confidence, misread: std::ops::Range<u32>| {
            let seen = (1..51).chain(misread).map(|word| format!("{word:06x}"));
            Likeness {
                words: WordSketch::try_from(seen.collect::<String>()).ok(),
                ..page(1..2, looks, confidence)
            }
        };
        // Four more pages with the words of the form, so that these are nobody's own.
        let forms =
            (0..4).map(|number| reading(0xffff_ffff_0000_0000, 93, number * 50 + 1000..number * 50 + 1040));
        for (what, looks, confidence, expected) in [
            ("alike", 0xffff, 70, true),
            ("not alike", 0xffff_ffff_ffff_0000, 70, false),
            ("read well", 0xffff, 96, false),
        ] {
            let pages: Vec<Likeness> = forms
                .clone()
                .chain([
                    reading(0xffff, confidence, 100..113),
                    reading(looks, confidence, 200..213),
                ])
                .collect();
            let found = second_scans(&pages, &Thresholds::default());
            let is_found = found.iter().any(|scan| (scan.later, scan.earlier) == (5, 4));
            assert_eq!(is_found, expected, "{what}: {found:?}");
        }
    }

    /// What is common to them stands on no other page; the rest is noise.
    #[test]
    fn of_two_worn_scans_a_few_words_of_its_own_tell() {
        let reading = |looks, noise: std::ops::Range<u32>, confidence| {
            let words = (1..31).chain(noise).map(|word| format!("{word:06x}"));
            Likeness {
                words: WordSketch::try_from(words.collect::<String>()).ok(),
                ..page(1..2, looks, confidence)
            }
        };
        for (what, looks, confidence, expected) in [
            ("as much as can be expected", 0xffff, 60, true),
            ("too little for what was read well", 0xffff, 80, false),
            ("on pages that look otherwise", 0xffff_ffff_ffff_0000, 60, false),
        ] {
            let pages = [
                reading(0xffff, 1000..1060, confidence),
                reading(looks, 2000..2060, confidence),
            ];
            let found = second_scans(&pages, &Thresholds::default());
            assert_eq!(!found.is_empty(), expected, "{what}: {found:?}");
        }
    }

    #[test]
    fn pages_without_words_must_look_the_same_and_the_nearest_is_named() {
        let drawings = [
            page(0..0, 0xffff, 0),
            page(0..0, 0xff0f, 0),
            page(0..0, 0xfffe, 0),
        ];
        let found = second_scans(&drawings, &Thresholds::default());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].later, found[0].earlier), (2, 0));
        let pages = [
            page(1..101, 0xfff0, 93),
            page(1..101, 0xffff, 93),
            page(1..101, 0xfffe, 93),
        ];
        let found = second_scans(&pages, &Thresholds::default());
        let pairs: Vec<_> = found.iter().map(|scan| (scan.later, scan.earlier)).collect();
        assert_eq!(pairs, [(1, 0), (2, 1)]);
    }

    #[test]
    fn what_is_printed_on_every_form_leads_to_no_comparison() {
        let form = |own: u32| {
            let mut page = page(1..61, 0xffff, 93);
            let words = page.words.as_ref().expect("a form has words").words().to_vec();
            let own = (0..20).map(|at| 100_000 + own * 100 + at);
            let hex: String = words
                .into_iter()
                .chain(own)
                .map(|word| format!("{word:06x}"))
                .collect();
            page.words = WordSketch::try_from(hex).ok();
            page
        };
        let mut forms: Vec<Likeness> = (0..300).map(form).collect();
        forms.push(form(250));
        let found = second_scans(&forms, &Thresholds::default());
        let pairs: Vec<_> = found.iter().map(|scan| (scan.later, scan.earlier)).collect();
        assert_eq!(pairs.last(), Some(&(300, 250)));
        // Of the first copies nobody knows yet that they are many; their own words tell them apart.
        assert_eq!(pairs.len(), 1, "{pairs:?}");
    }
}
