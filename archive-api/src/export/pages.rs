//! Numbers of pages as people write them.

use std::num::NonZeroU32;

use crate::error::PAGES_AT_ONCE_MAX;

/// The pages of `1-3, 7`, each once, in rising order; none where it is not understood, a page is not there, or they
/// are too many.
pub(super) fn parse(text: &str, count: u32) -> Option<Vec<NonZeroU32>> {
    let mut pages = Vec::new();
    for part in text.split([',', ';', ' ']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
        let (first, last) = (
            first.parse::<NonZeroU32>().ok()?,
            last.parse::<NonZeroU32>().ok()?,
        );
        if first > last || last.get() > count || (last.get() - first.get()) as usize >= PAGES_AT_ONCE_MAX {
            return None;
        }
        pages.extend((first.get()..=last.get()).filter_map(NonZeroU32::new));
        pages.sort_unstable();
        pages.dedup();
        if pages.len() > PAGES_AT_ONCE_MAX {
            return None;
        }
    }
    (!pages.is_empty()).then_some(pages)
}

/// The shortest way to write pages: `1-3,7`.
pub(super) fn written(pages: &[NonZeroU32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for page in pages.iter().map(|page| page.get()) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == page => *last = page,
            _ => runs.push((page, page)),
        }
    }
    let run = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_as_people_write_them() {
        for (text, expected) in [
            ("1", Some("1")),
            ("1-3, 7", Some("1-3,7")),
            ("7;1–3", Some("1-3,7")),
            (" 2,2,1-2 ", Some("1-2")),
            ("1-60", Some("1-60")),
            ("1-61", None),
            ("1-50,51-61", None),
            ("", None),
            (",", None),
            ("0", None),
            ("3-1", None),
            ("101", None),
            ("1-4294967295", None),
            ("-1", None),
            ("1-", None),
            ("<b>", None),
            ("1-2-3", None),
        ] {
            let pages = parse(text, 100);
            assert_eq!(pages.map(|pages| written(&pages)).as_deref(), expected, "{text}");
        }
    }
}
