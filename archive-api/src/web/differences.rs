//! What stands between a box and its closing, for the page of its load: each difference in a sentence, or that it is closed
//! and with which differences.

use hrisov_catalog::{BoxAct, BoxName, BoxRecord, Catalog, Compared};
use hrisov_inventory::Finding;
use serde_json::Value;

use super::messages::Language;
use crate::error::ApiError;

/// Differences that are told one by one; `hrisov status` tells all.
const TOLD_MAX: usize = 200;

/// A box and its inventory.
#[derive(Debug)]
pub(super) struct BoxShown {
    /// That it is closed, that it can be, or that something is to be cleared up first.
    pub(super) text: String,
    /// How the style sheet shows that.
    pub(super) tone: &'static str,
    pub(super) differences: Vec<String>,
    /// Those that are not told.
    pub(super) more: Option<String>,
    /// What the command does.
    pub(super) about: String,
    /// The command that closes it; empty of a closed box.
    pub(super) command: String,
}

/// How a box stands.
///
/// # Errors
/// Where the catalog fails.
pub(super) async fn of_box(catalog: &Catalog, of: &BoxName, t: Language) -> Result<BoxShown, ApiError> {
    if let Some(record) = catalog.closed_box(of).await? {
        return Ok(closed(&record, t));
    }
    let found = catalog.box_differences(of).await?;
    let mut differences = Vec::new();
    match found.compared {
        Compared::Current => {}
        Compared::Never => differences.push(t.say("never-compared")),
        Compared::Outdated => differences.push(t.say("comparison-outdated")),
    }
    differences.extend(found.findings.iter().map(|kept| sentence(kept, t)));
    if found.quarantined > 0 {
        differences.push(t.count("retry-files", found.quarantined));
    }
    let is_ready = differences.is_empty();
    let command = match is_ready {
        true => format!("hrisov box close {}", quoted(&of.name)),
        false => format!(
            "hrisov box close {} {}",
            quoted(&of.name),
            t.say("sign-off-arguments")
        ),
    };
    Ok(BoxShown {
        text: t.say(if is_ready { "box-ready" } else { "box-differs" }),
        tone: if is_ready { "good" } else { "doubt" },
        about: t.say(if is_ready { "box-close" } else { "box-sign-off" }),
        more: more(&mut differences, t),
        differences,
        command,
    })
}

/// That a box is closed, and which differences were accepted, why and by whom.
fn closed(record: &BoxRecord, t: Language) -> BoxShown {
    let mut differences = Vec::new();
    let mut text = t.say("box-closed-whole");
    if let BoxAct::Closed {
        by, reason, accepted, ..
    } = &record.act
        && !accepted.is_empty()
    {
        differences = accepted.iter().map(|kept| sentence(kept, t)).collect();
        let said = [
            ("by", by.clone().unwrap_or_default()),
            ("reason", reason.clone().unwrap_or_default()),
        ];
        text = t.with_all("box-closed-accepted", said);
    }
    BoxShown {
        text,
        tone: "good",
        more: more(&mut differences, t),
        differences,
        about: String::new(),
        command: String::new(),
    }
}

/// A difference as a comparison or a closing kept it.
fn sentence(kept: &Value, t: Language) -> String {
    if let Ok(finding) = serde_json::from_value::<Finding>(kept.clone()) {
        return finding.sentence(match t {
            Language::Romanian => hrisov_inventory::Language::Romanian,
            Language::English => hrisov_inventory::Language::English,
        });
    }
    match kept["kind"].as_str() {
        Some("never_compared") => t.say("never-compared"),
        Some("comparison_outdated") => t.say("comparison-outdated"),
        Some("quarantined") => t.count("retry-files", kept["files"].as_u64().unwrap_or_default()),
        // Kept by another version of the program: its own words are better than none.
        _ => kept.to_string(),
    }
}

fn more(differences: &mut Vec<String>, t: Language) -> Option<String> {
    let more = differences.len().saturating_sub(TOLD_MAX);
    differences.truncate(TOLD_MAX);
    (more > 0).then(|| t.count("more-differences", more as u64))
}

/// A name as a shell takes it for one word.
fn quoted(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    match !name.is_empty() && name.chars().all(is_plain) && !name.starts_with('-') {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_of_the_command() {
        for (name, word) in [
            ("cutia-12", "cutia-12"),
            ("cutia 12", "'cutia 12'"),
            ("a'b; rm", r"'a'\''b; rm'"),
            ("-x", "'-x'"),
        ] {
            assert_eq!(quoted(name), word);
        }
    }
}
