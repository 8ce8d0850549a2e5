//! Page text to ALTO.

use std::io;

use quick_xml::{events::BytesText, writer::Writer};

use super::{ALTERNATIVE_PURPOSE, AltoPage, NAMESPACE, VERSION, percent};
use crate::{
    Block, BlockKind, Line, PageText, Processing, Rect, Word,
    xml::{document, write_text, xml_text},
};

type Out = Writer<Vec<u8>>;

/// The ALTO file of a page: the same bytes for the same values, valid against the 4.4 schema.
#[must_use]
pub fn write(page: &PageText, info: &AltoPage) -> String {
    document(|out| {
        out.create_element("alto")
            .with_attributes([("xmlns", NAMESPACE), ("SCHEMAVERSION", VERSION)])
            .write_inner_content(|out| {
                out.create_element("Description")
                    .write_inner_content(|out| description(out, &page.processing, info))?;
                out.create_element("Layout")
                    .write_inner_content(|out| layout(out, page, info))?;
                Ok(())
            })?;
        Ok(())
    })
}

fn description(out: &mut Out, processing: &Processing, info: &AltoPage) -> io::Result<()> {
    write_text(out, "MeasurementUnit", "pixel")?;
    out.create_element("sourceImageInformation")
        .write_inner_content(|out| {
            write_text(out, "fileName", &info.master_path)?;
            write_text(out, "fileIdentifier", &format!("sha256:{}", info.master_digest))
        })?;
    out.create_element("Processing")
        .with_attribute(("ID", "PREPARATION"))
        .write_inner_content(|out| preparation(out, &processing.recipe, info.dpi))?;
    out.create_element("Processing")
        .with_attribute(("ID", "RECOGNITION"))
        .write_inner_content(|out| recognition(out, processing))?;
    Ok(())
}

fn preparation(out: &mut Out, recipe: &str, dpi: Option<u32>) -> io::Result<()> {
    write_text(out, "processingCategory", "preOperation")?;
    write_text(out, "processingStepDescription", "preparation of the page image")?;
    let resolution = dpi.map_or_else(String::new, |dpi| format!("resolution_dpi={dpi} "));
    write_text(
        out,
        "processingStepSettings",
        &format!("{resolution}recipe={recipe}"),
    )
}

fn recognition(out: &mut Out, processing: &Processing) -> io::Result<()> {
    write_text(out, "processingCategory", "contentGeneration")?;
    write_text(out, "processingDateTime", &processing.read_at.to_string())?;
    write_text(out, "processingStepDescription", "text recognition")?;
    let settings = format!("languages={}", processing.languages);
    write_text(out, "processingStepSettings", &settings)?;
    out.create_element("processingSoftware")
        .write_inner_content(|out| {
            write_text(out, "softwareName", &processing.engine)?;
            write_text(out, "softwareVersion", &processing.engine_version)
        })?;
    Ok(())
}

fn layout(out: &mut Out, page: &PageText, info: &AltoPage) -> io::Result<()> {
    let whole = Rect {
        x: 0,
        y: 0,
        width: page.width_px,
        height: page.height_px,
    };
    out.create_element("Page")
        .with_attribute(("ID", format!("page-{}", info.page).as_str()))
        .with_attribute((
            "PHYSICAL_IMG_NR",
            (u64::from(info.index) + 1).to_string().as_str(),
        ))
        .with_attribute(("WIDTH", page.width_px.to_string().as_str()))
        .with_attribute(("HEIGHT", page.height_px.to_string().as_str()))
        .with_attribute((
            "ROTATION",
            u16::from(page.processing.rotation).to_string().as_str(),
        ))
        .with_attribute(("PROCESSINGREFS", "PREPARATION RECOGNITION"))
        .write_inner_content(|out| {
            let print_space = out
                .create_element("PrintSpace")
                .with_attributes(place(whole).pairs());
            match page.blocks.is_empty() {
                true => print_space.write_empty()?,
                false => print_space.write_inner_content(|out| {
                    (1..)
                        .zip(&page.blocks)
                        .try_for_each(|(number, block)| text_block(out, number, block))
                })?,
            };
            Ok(())
        })?;
    Ok(())
}

fn text_block(out: &mut Out, number: u32, block: &Block) -> io::Result<()> {
    let BlockKind::Text = block.kind;
    let mut lines = block
        .lines
        .iter()
        .filter(|line| !line.words.is_empty())
        .peekable();
    let element = out
        .create_element("TextBlock")
        .with_attribute(("ID", format!("block-{number}").as_str()))
        .with_attributes(place(block.rect).pairs());
    match lines.peek() {
        None => element.write_empty()?,
        Some(_) => element.write_inner_content(|out| lines.try_for_each(|line| text_line(out, line)))?,
    };
    Ok(())
}

fn text_line(out: &mut Out, line: &Line) -> io::Result<()> {
    out.create_element("TextLine")
        .with_attributes(place(line.rect).pairs())
        .write_inner_content(|out| {
            let mut before = None;
            for word in &line.words {
                if let Some(before) = before {
                    space(out, before, word.rect)?;
                }
                string(out, word)?;
                before = Some(word.rect);
            }
            Ok(())
        })?;
    Ok(())
}

fn string(out: &mut Out, word: &Word) -> io::Result<()> {
    let percent = percent(word.confidence);
    let element = out
        .create_element("String")
        .with_attribute(("CONTENT", xml_text(&word.text)))
        .with_attributes(place(word.rect).pairs())
        .with_attribute(("WC", format!("{}.{:02}", percent / 100, percent % 100).as_str()));
    match word.alternatives.as_slice() {
        [] => element.write_empty()?,
        several => {
            element.write_inner_content(|out| several.iter().try_for_each(|text| alternative(out, text)))?
        }
    };
    Ok(())
}

fn alternative(out: &mut Out, text: &str) -> io::Result<()> {
    out.create_element("ALTERNATIVE")
        .with_attribute(("PURPOSE", ALTERNATIVE_PURPOSE))
        .write_text_content(BytesText::new(&xml_text(text)))?;
    Ok(())
}

/// The gap between two words, without a size where they touch or overlap.
fn space(out: &mut Out, before: Rect, after: Rect) -> io::Result<()> {
    let left = u64::from(before.x) + u64::from(before.width);
    let element = out.create_element("SP");
    match u64::from(after.x).checked_sub(left) {
        None | Some(0) => element.write_empty()?,
        Some(gap) => element
            .with_attribute(("HPOS", left.to_string().as_str()))
            .with_attribute(("VPOS", before.y.to_string().as_str()))
            .with_attribute(("WIDTH", gap.to_string().as_str()))
            .write_empty()?,
    };
    Ok(())
}

/// The four numbers of a place as text.
struct Place([String; 4]);

fn place(rect: Rect) -> Place {
    Place([rect.x, rect.y, rect.width, rect.height].map(|pixels| pixels.to_string()))
}

impl Place {
    fn pairs(&self) -> [(&'static str, &str); 4] {
        let [x, y, width, height] = &self.0;
        [("HPOS", x), ("VPOS", y), ("WIDTH", width), ("HEIGHT", height)]
            .map(|(name, value)| (name, value.as_str()))
    }
}
