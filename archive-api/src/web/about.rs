//! What is said of a dossier beside its pages: names with values, those that are known.

use hrisov_model::{BoxClosing, DossierDescription, RetentionTerm};

use super::messages::Language;

/// Where it belongs, what the paper inventory says of it, and that its box is closed.
pub(crate) fn about(t: Language, description: &DossierDescription) -> Vec<(String, String)> {
    let entry = description.inventory.clone().unwrap_or_default();
    let retention = entry.retention.map(|term| match term {
        RetentionTerm::Permanent => t.say("kept-for-ever"),
        RetentionTerm::Years(years) => t.count("kept-years", u64::from(years)),
    });
    let closing = description.closing.as_ref().map(|closing| closed_on(t, closing));
    let rows = [
        ("fonds", Some(description.fonds.clone())),
        ("box", Some(description.box_name.clone())),
        ("reference", Some(description.reference.clone())),
        ("title", Some(description.title.clone())),
        ("inventory-number", entry.number.map(|number| number.to_string())),
        ("extreme-dates", entry.extreme_dates.map(|dates| dates.text)),
        ("leaves", entry.leaves.map(|leaves| t.number(leaves.into()))),
        ("retention", retention),
        ("department", entry.department),
        ("inventory-remarks", entry.remarks),
        ("box-closed", closing),
    ];
    let known = rows
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    known.map(|(name, value)| (t.say(name), value)).collect()
}

/// When a box was closed, and by whom.
pub(crate) fn closed_on(t: Language, closing: &BoxClosing) -> String {
    match &closing.by {
        None => t.day(closing.at),
        Some(by) => format!("{}, {by}", t.day(closing.at)),
    }
}
