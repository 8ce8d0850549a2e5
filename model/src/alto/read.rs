//! ALTO to page text.

use super::{ALTERNATIVE_PURPOSE, AltoError, AltoPage, LIMITS, NAMESPACE};
use crate::{
    Block, BlockKind, Line, PageText, Processing, Rect, Rotation, Word,
    xml::{Attributes, Element, XmlError, parse},
};

const PIXELS: &str = "a whole number of pixels";

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
    match root.is(NAMESPACE, "alto") {
        true => Ok(alto(&root)?),
        false => Err(AltoError::NotAlto),
    }
}

fn alto(root: &Element<'_>) -> Result<(PageText, AltoPage), XmlError> {
    let description = root.only("Description")?;
    let page = root.only("Layout")?.only("Page")?;
    let attributes = page.attributes()?;
    let preparation = Preparation::read(description)?;
    let mut blocks = Vec::new();
    collect_blocks(page.only("PrintSpace")?, &mut blocks)?;
    let text = PageText {
        width_px: attributes.parse("WIDTH", PIXELS)?,
        height_px: attributes.parse("HEIGHT", PIXELS)?,
        blocks,
        processing: processing(description, preparation.recipe, rotation(page)?)?,
    };
    Ok((text, source_image(description, page, preparation.dpi)?))
}

struct Preparation {
    dpi: Option<u32>,
    recipe: String,
}

impl Preparation {
    fn read(description: &Element<'_>) -> Result<Self, XmlError> {
        let settings = step(description, "PREPARATION")?.only("processingStepSettings")?;
        let expected = "resolution_dpi=NUMBER and recipe=WORDS, or recipe alone";
        let invalid = || settings.invalid("processingStepSettings", expected);
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
    page: &Element<'_>,
    dpi: Option<u32>,
) -> Result<AltoPage, XmlError> {
    let source = description.only("sourceImageInformation")?;
    let identifier = source.only("fileIdentifier")?;
    let digest = identifier.text.strip_prefix("sha256:").unwrap_or_default();
    let attributes = page.attributes()?;
    let id = attributes.get("ID")?.strip_prefix("page-").unwrap_or_default();
    let number: u64 = attributes.parse("PHYSICAL_IMG_NR", "a page number from 1")?;
    let index = number.checked_sub(1).and_then(|index| u32::try_from(index).ok());
    Ok(AltoPage {
        page: id.parse().map_err(|_| page.invalid("ID", "page- and a UUID"))?,
        master_path: source.only("fileName")?.text.clone(),
        master_digest: digest
            .parse()
            .map_err(|_| identifier.invalid("fileIdentifier", "sha256: and 64 digits"))?,
        index: index.ok_or(page.invalid("PHYSICAL_IMG_NR", "a page number from 1"))?,
        dpi,
    })
}

fn rotation(page: &Element<'_>) -> Result<Rotation, XmlError> {
    let expected = "0, 90, 180 or 270";
    let degrees: u16 = page.attributes()?.parse("ROTATION", expected)?;
    Rotation::try_from(degrees).map_err(|_| page.invalid("ROTATION", expected))
}

fn processing(description: &Element<'_>, recipe: String, rotation: Rotation) -> Result<Processing, XmlError> {
    let unit = description.only("MeasurementUnit")?;
    if unit.text != "pixel" {
        return Err(unit.invalid("MeasurementUnit", "pixel"));
    }
    let step = step(description, "RECOGNITION")?;
    let settings = step.only("processingStepSettings")?;
    let languages = settings.text.strip_prefix("languages=").unwrap_or_default();
    let software = step.only("processingSoftware")?;
    Ok(Processing {
        engine: software.only("softwareName")?.text.clone(),
        engine_version: software.only("softwareVersion")?.text.clone(),
        languages: languages
            .parse()
            .map_err(|_| settings.invalid("processingStepSettings", "languages=CODES"))?,
        recipe,
        rotation,
        read_at: step
            .only("processingDateTime")?
            .parse("processingDateTime", "a time in UTC")?,
    })
}

fn step<'e, 'i>(description: &'e Element<'i>, id: &'static str) -> Result<&'e Element<'i>, XmlError> {
    for step in description.named("Processing") {
        if step.attributes()?.get("ID")? == id {
            return Ok(step);
        }
    }
    Err(XmlError::Missing {
        what: id,
        at: description.at(),
    })
}

fn collect_blocks(parent: &Element<'_>, blocks: &mut Vec<Block>) -> Result<(), XmlError> {
    for child in &parent.children {
        if child.is(NAMESPACE, "TextBlock") {
            blocks.push(Block {
                rect: rect(&child.attributes()?)?,
                kind: BlockKind::Text,
                lines: child.named("TextLine").map(line).collect::<Result<_, _>>()?,
            });
        } else if child.is(NAMESPACE, "ComposedBlock") {
            collect_blocks(child, blocks)?;
        }
    }
    Ok(())
}

fn line(element: &Element<'_>) -> Result<Line, XmlError> {
    let words: Vec<Word> = element.named("String").map(word).collect::<Result<_, _>>()?;
    match words.is_empty() {
        true => Err(XmlError::Missing {
            what: "String",
            at: element.at(),
        }),
        false => Ok(Line {
            rect: rect(&element.attributes()?)?,
            words,
        }),
    }
}

fn word(element: &Element<'_>) -> Result<Word, XmlError> {
    let attributes = element.attributes()?;
    let expected = "a number from 0 to 1";
    let confidence: f32 = attributes.parse("WC", expected)?;
    match (0.0..=1.0).contains(&confidence) {
        true => Ok(Word {
            text: attributes.get("CONTENT")?.to_owned(),
            rect: rect(&attributes)?,
            confidence,
            alternatives: alternatives(element)?,
        }),
        false => Err(element.invalid("WC", expected)),
    }
}

/// Those of recognition: other programs may have put spellings there.
fn alternatives(element: &Element<'_>) -> Result<Vec<String>, XmlError> {
    let mut texts = Vec::new();
    for alternative in element.named("ALTERNATIVE") {
        if alternative
            .attributes()?
            .get("PURPOSE")
            .is_ok_and(|purpose| purpose == ALTERNATIVE_PURPOSE)
        {
            texts.push(alternative.text.clone());
        }
    }
    Ok(texts)
}

fn rect(attributes: &Attributes<'_>) -> Result<Rect, XmlError> {
    Ok(Rect {
        x: attributes.parse("HPOS", PIXELS)?,
        y: attributes.parse("VPOS", PIXELS)?,
        width: attributes.parse("WIDTH", PIXELS)?,
        height: attributes.parse("HEIGHT", PIXELS)?,
    })
}
