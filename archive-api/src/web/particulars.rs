//! What was measured of a doubted page, in words.

use hrisov_catalog::DoubtfulPage;
use hrisov_model::{Doubt, Doubted, PageState};

use super::{archivist::reason_name, messages::Language, results::dossier_name};

/// The particulars of a doubt, where there are any.
pub(super) fn particulars(t: Language, doubtful: &DoubtfulPage, doubted: &Doubted) -> Option<String> {
    match (doubted.doubt, &doubtful.like, &doubtful.page.state) {
        (Doubt::MayDuplicate, Some(like), _) => {
            let name = dossier_name(t, &like.reference, "");
            let page = t.with("page-short", "number", like.number);
            Some(t.with("looks-like", "page", format!("{name}, {page}")))
        }
        (Doubt::Unreadable, _, PageState::Unreadable { reason, .. }) => {
            Some(t.with("why", "reason", reason_name(t, &reason.to_string())))
        }
        (Doubt::Incomplete, ..) => doubted
            .figure
            .map(|percent| t.with("lost-of-it", "percent", percent.round())),
        (Doubt::LowConfidence, ..) => doubted
            .figure
            .map(|percent| t.with("read-with", "percent", percent.round())),
        _ => in_words(t, doubted),
    }
}

/// What was measured and what is asked for at least or at most, in words.
fn in_words(t: Language, doubted: &Doubted) -> Option<String> {
    let (figure, limit) = (doubted.figure?, doubted.limit?);
    let say = |key: &str, digits: fn(Language, f32) -> String| {
        let values = [("figure", figure.abs()), ("limit", limit)];
        t.with_all(key, values.map(|(name, value)| (name, digits(t, value))))
    };
    let percent = |t: Language, share: f32| t.decimal((100.0 * share).round());
    let whole = |t: Language, figure: f32| t.decimal(figure.round());
    let tenths = |t: Language, figure: f32| t.decimal((10.0 * figure).round() / 10.0);
    Some(match doubted.doubt {
        Doubt::TooDark if figure < limit => say("figure-paper", percent),
        Doubt::TooDark => say("figure-black", percent),
        Doubt::TooFaint => say("figure-contrast", percent),
        Doubt::Blurred => say("figure-sharpness", Language::decimal),
        Doubt::Skewed => say("figure-skew", tenths),
        Doubt::CutOff => t.count("figure-cut", figure as u64),
        // Letters are never that high, resolutions never that low.
        Doubt::LowResolution if limit >= 50.0 => say("figure-dpi", whole),
        Doubt::LowResolution => say("figure-letters", tenths),
        Doubt::LanguageUnexpected => say("figure-foreign", whole),
        Doubt::Incomplete
        | Doubt::Blank
        | Doubt::NearlyBlank
        | Doubt::UpsideDown
        | Doubt::LowConfidence
        | Doubt::NothingRecognised
        | Doubt::MayDuplicate
        | Doubt::Unreadable => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_words() {
        for (doubt, figure, limit, expected) in [
            (
                Doubt::Skewed,
                -6.24,
                4.0,
                Some("rânduri înclinate cu 6,2°, cel mult 4°"),
            ),
            (
                Doubt::TooDark,
                0.391,
                0.45,
                Some("hârtia are luminozitatea 39 %, cel puțin 45 %"),
            ),
            (
                Doubt::TooDark,
                0.31,
                0.17,
                Some("negru pe 31 % din pagină, cel mult 17 %"),
            ),
            (
                Doubt::CutOff,
                1.0,
                3.0,
                Some("scrisul atinge marginea într-un loc"),
            ),
            (
                Doubt::LowResolution,
                96.0,
                120.0,
                Some("puncte pe inch: 96, cel puțin 120"),
            ),
            (
                Doubt::LowResolution,
                8.31,
                10.5,
                Some("litere înalte de 8,3 pixeli, cel puțin 10,5"),
            ),
            (Doubt::Blank, 0.001, 0.006, None),
        ] {
            let doubted = Doubted {
                doubt,
                figure: Some(figure),
                limit: Some(limit),
            };
            assert_eq!(in_words(Language::Romanian, &doubted).as_deref(), expected);
        }
    }
}
