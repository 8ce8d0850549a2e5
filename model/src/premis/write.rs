//! A dossier's files and events to PREMIS.

use std::{borrow::Cow, collections::BTreeSet, fmt::Display, io};

use quick_xml::{events::BytesText, writer::Writer};

use super::{EXTENSION, FILE_ROLE, NAMESPACE, PAGE_ROLE};
use crate::{
    Digest, DossierDescription, Event, FileRecord, Outcome,
    xml::{document, write_text, xml_text},
};

type Out = Writer<Vec<u8>>;

/// The PREMIS document of a dossier: the same bytes for the same values, valid against the 3.0 schema.
///
/// Files whose bytes are not kept of their own (duplicates, unreadable ones) are no objects; events may
/// link to them all the same.
#[must_use]
pub fn write(description: &DossierDescription, events: &[Event]) -> String {
    document(|out| {
        out.create_element("premis")
            .with_attribute(("xmlns", NAMESPACE))
            .with_attribute(("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"))
            .with_attribute(("xmlns:hrisov", EXTENSION))
            .with_attribute(("version", "3.0"))
            .write_inner_content(|out| {
                dossier_object(out, description)?;
                for record in &description.files {
                    if let Some(path) = &record.logical_path {
                        file_object(out, description, record, path)?;
                    }
                }
                events
                    .iter()
                    .try_for_each(|event| write_event(out, description, event))?;
                agent_names(events)
                    .into_iter()
                    .try_for_each(|name| agent(out, &name))
            })?;
        Ok(())
    })
}

fn dossier_object(out: &mut Out, description: &DossierDescription) -> io::Result<()> {
    object(out, "intellectualEntity", |out| {
        identifier(out, "objectIdentifier", description.id)?;
        write_text(out, "originalName", &description.reference)
    })
}

fn file_object(
    out: &mut Out,
    description: &DossierDescription,
    record: &FileRecord,
    path: &str,
) -> io::Result<()> {
    object(out, "file", |out| {
        identifier(out, "objectIdentifier", record.id)?;
        element(out, "objectCharacteristics", |out| characteristics(out, record))?;
        write_text(out, "originalName", &record.source_path)?;
        element(out, "storage", |out| {
            element(out, "contentLocation", |out| {
                write_text(out, "contentLocationType", "OCFL logical path")?;
                write_text(out, "contentLocationValue", path)
            })
        })?;
        relationship(out, ["structural", "is part of"], description.id)?;
        match record.replaced_by {
            Some(later) => relationship(out, ["replacement", "is replaced by"], later),
            None => Ok(()),
        }
    })
}

fn characteristics(out: &mut Out, record: &FileRecord) -> io::Result<()> {
    write_text(out, "compositionLevel", "0")?;
    element(out, "fixity", |out| {
        write_text(out, "messageDigestAlgorithm", "SHA-256")?;
        write_text(out, "messageDigest", &record.digest.to_string())
    })?;
    write_text(out, "size", &record.size_bytes.to_string())?;
    let format = record.media_type.as_deref().unwrap_or("unknown");
    element(out, "format", |out| {
        element(out, "formatDesignation", |out| {
            write_text(out, "formatName", format)
        })
    })
}

fn relationship(out: &mut Out, [kind, sub_kind]: [&str; 2], other: impl Display) -> io::Result<()> {
    element(out, "relationship", |out| {
        write_text(out, "relationshipType", kind)?;
        write_text(out, "relationshipSubType", sub_kind)?;
        identifier(out, "relatedObjectIdentifier", other)
    })
}

fn write_event(out: &mut Out, description: &DossierDescription, event: &Event) -> io::Result<()> {
    element(out, "event", |out| {
        identifier(out, "eventIdentifier", event.id)?;
        term(out, "eventType", event.kind.premis_term())?;
        write_text(out, "eventDateTime", &event.at.to_string())?;
        element(out, "eventDetailInformation", |out| detail(out, event))?;
        element(out, "eventOutcomeInformation", |out| {
            term(out, "eventOutcome", outcome_term(event.outcome))
        })?;
        element(out, "linkingAgentIdentifier", |out| {
            write_text(out, "linkingAgentIdentifierType", "name")?;
            write_text(out, "linkingAgentIdentifierValue", &event.agent.name)
        })?;
        link(out, description.id, "dossier")?;
        event.file.map_or(Ok(()), |file| link(out, file, FILE_ROLE))?;
        event.page.map_or(Ok(()), |page| link(out, page, PAGE_ROLE))
    })
}

fn detail(out: &mut Out, event: &Event) -> io::Result<()> {
    if !event.detail.is_empty() {
        write_text(out, "eventDetail", &event.detail)?;
    }
    element(out, "eventDetailExtension", |out| {
        let mut commitment = out
            .create_element("hrisov:commitment")
            .with_attribute(("salt", Digest::from(*event.salt.as_bytes()).to_string().as_str()));
        if let Some(digest) = event.digest {
            commitment = commitment.with_attribute(("sha256", digest.to_string().as_str()));
        }
        commitment.write_empty()?;
        Ok(())
    })
}

/// The terms of id.loc.gov/vocabulary/preservation/eventOutcome.
pub(super) const fn outcome_term(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Warning => "warning",
        Outcome::Failure => "fail",
    }
}

fn link(out: &mut Out, object: impl Display, role: &str) -> io::Result<()> {
    element(out, "linkingObjectIdentifier", |out| {
        write_text(out, "linkingObjectIdentifierType", "UUID")?;
        write_text(out, "linkingObjectIdentifierValue", &object.to_string())?;
        write_text(out, "linkingObjectRole", role)
    })
}

fn agent(out: &mut Out, name: &str) -> io::Result<()> {
    element(out, "agent", |out| {
        element(out, "agentIdentifier", |out| {
            write_text(out, "agentIdentifierType", "name")?;
            write_text(out, "agentIdentifierValue", name)
        })?;
        write_text(out, "agentName", name)
    })
}

/// Each agent once, as it will be read back, in the order of their first event.
fn agent_names(events: &[Event]) -> Vec<Cow<'_, str>> {
    let mut seen = BTreeSet::new();
    let names = events.iter().map(|event| xml_text(&event.agent.name));
    names.filter(|name| seen.insert(name.clone())).collect()
}

/// An identifier of that name, as its type and value.
fn identifier(out: &mut Out, name: &str, value: impl Display) -> io::Result<()> {
    element(out, name, |out| {
        write_text(out, &format!("{name}Type"), "UUID")?;
        write_text(out, &format!("{name}Value"), &value.to_string())
    })
}

/// A term of the preservation vocabulary with the element's own name.
fn term(out: &mut Out, name: &str, term: &str) -> io::Result<()> {
    let uri = format!("http://id.loc.gov/vocabulary/preservation/{name}");
    out.create_element(name)
        .with_attributes([("authority", name), ("authorityURI", uri.as_str())])
        .write_text_content(BytesText::new(term))?;
    Ok(())
}

fn object(out: &mut Out, category: &str, content: impl FnOnce(&mut Out) -> io::Result<()>) -> io::Result<()> {
    out.create_element("object")
        .with_attribute(("xsi:type", category))
        .write_inner_content(content)?;
    Ok(())
}

fn element(out: &mut Out, name: &str, content: impl FnOnce(&mut Out) -> io::Result<()>) -> io::Result<()> {
    out.create_element(name).write_inner_content(content)?;
    Ok(())
}
