//! PREMIS to events.

use super::{EXTENSION, FILE_ROLE, LIMITS, NAMESPACE, PAGE_ROLE, PremisError, write::outcome_term};
use crate::{
    Agent, Digest, Event, EventKind, Outcome, Salt,
    xml::{Element, XmlError, parse},
};

/// The events of a dossier, in the order of the document.
///
/// Takes untrusted bytes: at most 64 MiB, a million elements, 16 levels. Objects and agents are passed
/// over: the description says more about files, and an event names its agent.
///
/// # Errors
/// Where the bytes are not PREMIS 3 or an event lacks what ours have, our extension among it.
pub fn read(xml: &[u8]) -> Result<Vec<Event>, PremisError> {
    let root = parse(xml, &LIMITS, &[NAMESPACE, EXTENSION])?;
    match root.is(NAMESPACE, "premis") {
        true => Ok(root.named("event").map(event).collect::<Result<_, _>>()?),
        false => Err(PremisError::NotPremis),
    }
}

fn event(element: &Element<'_>) -> Result<Event, XmlError> {
    let identifier = element.only("eventIdentifier")?.only("eventIdentifierValue")?;
    let information = element.only("eventDetailInformation")?;
    let detail = information.named("eventDetail").next();
    let agent = element.only("linkingAgentIdentifier")?;
    let (salt, digest) = commitment(information.only("eventDetailExtension")?)?;
    let kind = element.only("eventType")?;
    Ok(Event {
        id: identifier.parse("eventIdentifierValue", "a UUID")?,
        kind: EventKind::from_premis_term(&kind.text)
            .ok_or(kind.invalid("eventType", "a kind of event that is known"))?,
        at: element
            .only("eventDateTime")?
            .parse("eventDateTime", "a time in UTC")?,
        agent: Agent {
            name: agent.only("linkingAgentIdentifierValue")?.text.clone(),
        },
        outcome: outcome(element.only("eventOutcomeInformation")?.only("eventOutcome")?)?,
        detail: detail.map(|detail| detail.text.clone()).unwrap_or_default(),
        file: linked(element, FILE_ROLE)?,
        page: linked(element, PAGE_ROLE)?,
        digest,
        salt,
    })
}

fn outcome(element: &Element<'_>) -> Result<Outcome, XmlError> {
    [Outcome::Success, Outcome::Warning, Outcome::Failure]
        .into_iter()
        .find(|outcome| outcome_term(*outcome) == element.text)
        .ok_or(element.invalid("eventOutcome", "success, warning or fail"))
}

/// Salt and digest from our element.
fn commitment(extension: &Element<'_>) -> Result<(Salt, Option<Digest>), XmlError> {
    let expected = "64 hexadecimal digits";
    let missing = XmlError::Missing {
        what: "hrisov:commitment",
        at: extension.at(),
    };
    let ours = extension
        .children
        .iter()
        .find(|child| child.is(EXTENSION, "commitment"));
    let element = ours.ok_or(missing)?;
    let attributes = element.attributes()?;
    let salt: Digest = attributes.parse("salt", expected)?;
    let digest = match attributes.find("sha256") {
        None => None,
        Some(_) => Some(attributes.parse("sha256", expected)?),
    };
    Ok((Salt::new(*salt.as_bytes()), digest))
}

/// The object that the event links to in that role.
fn linked<T: std::str::FromStr>(event: &Element<'_>, role: &str) -> Result<Option<T>, XmlError> {
    let mut found = None;
    for link in event.named("linkingObjectIdentifier") {
        if link.only("linkingObjectRole")?.text == role {
            let value = link.only("linkingObjectIdentifierValue")?;
            match found {
                None => found = Some(value.parse("linkingObjectIdentifierValue", "a UUID")?),
                Some(_) => return Err(link.invalid("linkingObjectRole", "the only one of its role")),
            }
        }
    }
    Ok(found)
}
