//! ALTO to page text.

use std::str::FromStr;

use super::{AltoError, AltoPage, LIMITS, NAMESPACE};
use crate::{
    Block, BlockKind, Digest, Line, PageId, PageText, Processing, Rect, Rotation, Word,
    xml::{Attributes, Element, parse},
};

/// The text of a page and what it was read from.
///
/// Takes untrusted bytes: at most 16 MiB, 200,000 elements, 16 levels. What ALTO allows beyond what
/// [`write`](super::write) writes (styles, tags, shapes, margins) is passed over; text blocks inside
/// composed blocks count like others.
///
/// # Errors
/// Where the bytes are not ALTO 4 with everything that a page's text has, in pixels.
pub fn read(xml: &[u8]) -> Result<(PageText, AltoPage), AltoError> {
    let root = parse(xml, &LIMITS, &[NAMESPACE])?;
    if !root.is(NAMESPACE, "alto") {
        return Err(AltoError::NotAlto);
    }
    let description = only(&root, "Description")?;
    let page = only(only(&root, "Layout")?, "Page")?;
    let preparation = Preparation::read(description)?;
    let attributes = Attrs::of(page)?;
    let mut blocks = Vec::new();
    collect_blocks(only(page, "PrintSpace")?, &mut blocks)?;
    let text = PageText {
        width_px: attributes.parse("WIDTH", PIXELS)?,
        height_px: attributes.parse("HEIGHT", PIXELS)?,
        blocks,
        processing: processing(description, preparation.recipe, rotation(&attributes)?)?,
    };
    let source = source_image(description, &attributes, preparation.dpi)?;
    Ok((text, source))
}

const PIXELS: &str = "a whole number of pixels";

struct Preparation {
    dpi: Option<u32>,
    recipe: String,
}

impl Preparation {
    fn read(description: &Element<'_>) -> Result<Self, AltoError> {
        let settings = only(step(description, "PREPARATION")?, "processingStepSettings")?;
        let expected = "resolution_dpi=NUMBER and recipe=WORDS, or recipe alone";
        let invalid = || AltoError::Invalid {
            what: "processingStepSettings",
            expected,
            at: settings.at(),
        };
        let (dpi, rest) = match settings.text.strip_prefix("resolution_dpi=") {
            None => (None, settings.text.as_str()),
            Some(text) => {
                let (number, rest) = text.split_once(' ').ok_or_else(invalid)?;
                (Some(number.parse().map_err(|_| invalid())?), rest)
            }
        };
        let recipe = rest.strip_prefix("recipe=").ok_or_else(invalid)?.to_owned();
        Ok(Self { dpi, recipe })
    }
}

fn source_image(
    description: &Element<'_>,
    page: &Attrs<'_>,
    dpi: Option<u32>,
) -> Result<AltoPage, AltoError> {
    let source = only(description, "sourceImageInformation")?;
    let identifier = only(source, "fileIdentifier")?;
    let digest = identifier.text.strip_prefix("sha256:").unwrap_or_default();
    let number: u64 = page.parse("PHYSICAL_IMG_NR", "a page number from 1")?;
    let index = number.checked_sub(1).and_then(|index| u32::try_from(index).ok());
    Ok(AltoPage {
        page: page_id(page)?,
        master_path: only(source, "fileName")?.text.clone(),
        master_digest: parsed::<Digest>(digest, "fileIdentifier", "sha256: and 64 digits", identifier.at())?,
        index: index.ok_or(AltoError::Invalid {
            what: "PHYSICAL_IMG_NR",
            expected: "a page number from 1",
            at: page.at,
        })?,
        dpi,
    })
}

fn page_id(page: &Attrs<'_>) -> Result<PageId, AltoError> {
    let id = page.get("ID")?.strip_prefix("page-").unwrap_or_default();
    parsed(id, "ID", "page- and a UUID", page.at)
}

fn rotation(page: &Attrs<'_>) -> Result<Rotation, AltoError> {
    let expected = "0, 90, 180 or 270";
    let degrees: u16 = page.parse("ROTATION", expected)?;
    Rotation::try_from(degrees).map_err(|_| AltoError::Invalid {
        what: "ROTATION",
        expected,
        at: page.at,
    })
}

fn processing(
    description: &Element<'_>,
    recipe: String,
    rotation: Rotation,
) -> Result<Processing, AltoError> {
    let unit = only(description, "MeasurementUnit")?;
    if unit.text != "pixel" {
        return Err(AltoError::Invalid {
            what: "MeasurementUnit",
            expected: "pixel",
            at: unit.at(),
        });
    }
    let step = step(description, "RECOGNITION")?;
    let settings = only(step, "processingStepSettings")?;
    let languages = settings.text.strip_prefix("languages=").unwrap_or_default();
    let time = only(step, "processingDateTime")?;
    let software = only(step, "processingSoftware")?;
    Ok(Processing {
        engine: only(software, "softwareName")?.text.clone(),
        engine_version: only(software, "softwareVersion")?.text.clone(),
        languages: parsed(
            languages,
            "processingStepSettings",
            "languages=CODES",
            settings.at(),
        )?,
        recipe,
        rotation,
        read_at: parsed(&time.text, "processingDateTime", "a time in UTC", time.at())?,
    })
}

fn step<'e, 'i>(description: &'e Element<'i>, id: &'static str) -> Result<&'e Element<'i>, AltoError> {
    for step in description.named("Processing") {
        if Attrs::of(step)?.get("ID")? == id {
            return Ok(step);
        }
    }
    Err(AltoError::Missing {
        what: id,
        at: description.at(),
    })
}

fn collect_blocks(parent: &Element<'_>, blocks: &mut Vec<Block>) -> Result<(), AltoError> {
    for child in &parent.children {
        if child.is(NAMESPACE, "TextBlock") {
            blocks.push(Block {
                rect: Attrs::of(child)?.rect()?,
                kind: BlockKind::Text,
                lines: child.named("TextLine").map(line).collect::<Result<_, _>>()?,
            });
        } else if child.is(NAMESPACE, "ComposedBlock") {
            collect_blocks(child, blocks)?;
        }
    }
    Ok(())
}

fn line(element: &Element<'_>) -> Result<Line, AltoError> {
    let words: Vec<Word> = element.named("String").map(word).collect::<Result<_, _>>()?;
    match words.is_empty() {
        true => Err(AltoError::Missing {
            what: "String",
            at: element.at(),
        }),
        false => Ok(Line {
            rect: Attrs::of(element)?.rect()?,
            words,
        }),
    }
}

fn word(element: &Element<'_>) -> Result<Word, AltoError> {
    let attributes = Attrs::of(element)?;
    let expected = "a number from 0 to 1";
    let confidence: f32 = attributes.parse("WC", expected)?;
    match (0.0..=1.0).contains(&confidence) {
        true => Ok(Word {
            text: attributes.get("CONTENT")?.to_owned(),
            rect: attributes.rect()?,
            confidence,
        }),
        false => Err(AltoError::Invalid {
            what: "WC",
            expected,
            at: element.at(),
        }),
    }
}

/// The one child with that name.
fn only<'e, 'i>(parent: &'e Element<'i>, name: &'static str) -> Result<&'e Element<'i>, AltoError> {
    let mut found = parent.named(name);
    let first = found.next().ok_or(AltoError::Missing {
        what: name,
        at: parent.at(),
    })?;
    match found.next() {
        None => Ok(first),
        Some(second) => Err(AltoError::Invalid {
            what: name,
            expected: "the only one",
            at: second.at(),
        }),
    }
}

fn parsed<T: FromStr>(
    text: &str,
    what: &'static str,
    expected: &'static str,
    at: usize,
) -> Result<T, AltoError> {
    text.parse()
        .map_err(|_| AltoError::Invalid { what, expected, at })
}

/// The attributes of one element, with its place for messages.
struct Attrs<'e> {
    values: Attributes<'e>,
    at: usize,
}

impl<'e> Attrs<'e> {
    fn of(element: &'e Element<'_>) -> Result<Self, AltoError> {
        Ok(Self {
            values: element.attributes()?,
            at: element.at(),
        })
    }

    fn get(&self, name: &'static str) -> Result<&str, AltoError> {
        self.values.get(name).ok_or(AltoError::Missing {
            what: name,
            at: self.at,
        })
    }

    fn parse<T: FromStr>(&self, name: &'static str, expected: &'static str) -> Result<T, AltoError> {
        parsed(self.get(name)?, name, expected, self.at)
    }

    fn rect(&self) -> Result<Rect, AltoError> {
        Ok(Rect {
            x: self.parse("HPOS", PIXELS)?,
            y: self.parse("VPOS", PIXELS)?,
            width: self.parse("WIDTH", PIXELS)?,
            height: self.parse("HEIGHT", PIXELS)?,
        })
    }
}
