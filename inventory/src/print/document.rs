//! A document of headings, paragraphs and tables, for paper (PDF) and for a browser (HTML): the same words in both.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};
use jiff::Timestamp;

use super::{
    flow::{Flow, TableColumn},
    page::{Align, write_pdf},
    typeface::{Typefaces, Weight},
};
use crate::InventoryError;

/// Side of a QR code on paper, in millimetres.
const QR_SIDE: f32 = 52.0;

/// What is to be printed, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The document's name, for its metadata and the foot of each page.
    pub name: String,
    /// When it is made.
    pub made_at: Timestamp,
    /// Its parts in their order.
    pub blocks: Vec<Block>,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The title, and a line below it.
    Title(String, String),
    /// A heading, kept with what follows.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Two columns without lines: names and values.
    Facts(Vec<(String, String)>),
    /// One paragraph each, with a dash.
    List(Vec<String>),
    /// A QR code of that text; left out where it is too long for one.
    Code(String),
    /// Places for names and signatures side by side.
    Signatures(Vec<String>),
}

const FACTS: [TableColumn; 2] = [
    TableColumn {
        title: "",
        share: 0.36,
        align: Align::Left,
    },
    TableColumn {
        title: "",
        share: 0.64,
        align: Align::Left,
    },
];

/// How the HTML looks, on the screen and printed.
const STYLE: &str = "body{font:11pt/1.45 'Liberation Sans',Arial,sans-serif;max-width:46em;margin:2.5em auto;padding:0 \
1em;color:#1b1b1b}h1{font-size:16pt;text-align:center;margin:0}h1+p{text-align:center;margin:.2em 0 2em}h2{font-size:\
12.5pt;margin:1.8em 0 .5em}table{border-collapse:collapse;width:100%}td{padding:.3em .5em;border-bottom:1px solid \
#ccc;vertical-align:top;overflow-wrap:anywhere}td:first-child{width:36%;color:#444}li{margin:.25em 0;overflow-wrap:\
anywhere}.code{width:13em;display:block;margin:1em 0}.signatures{display:flex;gap:2em;margin-top:2.5em;break-inside:\
avoid}.signatures div{flex:1}.signatures b{display:block}.signatures span{display:block;border-top:1px solid #1b1b1b;\
margin-top:2.6em;font-size:8.5pt}@media print{body{margin:0;max-width:none}}";

impl Document {
    /// As PDF/A, on A4.
    ///
    /// # Errors
    /// [`InventoryError::Pdf`] where it cannot be composed.
    pub fn to_pdf(&self) -> Result<Vec<u8>, InventoryError> {
        let faces = Typefaces::new();
        let mut flow = Flow::new(&faces);
        for block in &self.blocks {
            put(&mut flow, block);
        }
        write_pdf(&flow.finish(&self.name), &self.name, self.made_at, &faces)
    }

    /// As one HTML page that needs nothing else, in Romanian or English by `language` (`ro`, `en`).
    #[must_use]
    pub fn to_html(&self, language: &str) -> String {
        let name = escaped(&self.name);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n<title>{name}</title>\n<style>{STYLE}</style>\n"
        );
        for block in &self.blocks {
            write_html(&mut html, block);
        }
        html
    }
}

fn put(flow: &mut Flow<'_>, block: &Block) {
    match block {
        Block::Title(title, below) => {
            flow.text(title, 15.0, Weight::Bold, Align::Centre);
            flow.text(below, 11.0, Weight::Regular, Align::Centre);
            flow.space(5.0);
        }
        Block::Heading(text) => flow.heading(text),
        Block::Paragraph(text) => flow.paragraph(text),
        Block::Facts(facts) => {
            let rows: Vec<_> = facts
                .iter()
                .map(|(name, value)| vec![name.clone(), value.clone()])
                .collect();
            flow.rows(&FACTS, &rows);
        }
        Block::List(items) => {
            for item in items {
                flow.paragraph(&format!("–  {item}"));
            }
        }
        Block::Code(text) => {
            if let Some((size, dark)) = modules(text) {
                flow.code(size, &dark, QR_SIDE);
            }
        }
        Block::Signatures(titles) => {
            let titles: Vec<_> = titles.iter().map(String::as_str).collect();
            flow.space(3.0);
            flow.signatures(&titles);
        }
    }
}

// Writing to a string cannot fail.
fn write_html(html: &mut String, block: &Block) {
    let _ = match block {
        Block::Title(title, below) => writeln!(html, "<h1>{}</h1><p>{}</p>", escaped(title), escaped(below)),
        Block::Heading(text) => writeln!(html, "<h2>{}</h2>", escaped(text)),
        Block::Paragraph(text) => writeln!(html, "<p>{}</p>", escaped(text)),
        Block::Facts(facts) => {
            let row = |(name, value): &(String, String)| {
                format!("<tr><td>{}<td>{}\n", escaped(name), escaped(value))
            };
            writeln!(
                html,
                "<table>\n{}</table>",
                facts.iter().map(row).collect::<String>()
            )
        }
        Block::List(items) => {
            let item = |item: &String| format!("<li>{}\n", escaped(item));
            writeln!(html, "<ul>\n{}</ul>", items.iter().map(item).collect::<String>())
        }
        Block::Code(text) => match modules(text) {
            None => Ok(()),
            Some((size, dark)) => {
                let path: String = dark.iter().map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect();
                let side = size + 8;
                writeln!(
                    html,
                    "<svg class=\"code\" viewBox=\"-4 -4 {side} {side}\" role=\"img\" aria-label=\"QR\"><path \
                     d=\"{path}\"/></svg>"
                )
            }
        },
        Block::Signatures(titles) => {
            let place = |title: &String| {
                format!(
                    "<div><b>{}</b><span>Numele și prenumele</span><span>Semnătura</span></div>",
                    escaped(title)
                )
            };
            writeln!(
                html,
                "<div class=\"signatures\">{}</div>",
                titles.iter().map(place).collect::<String>()
            )
        }
    };
}

/// Modules of a QR code's side, and the dark ones.
fn modules(text: &str) -> Option<(usize, Vec<(usize, usize)>)> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let places = (0..code.size).flat_map(|y| (0..code.size).map(move |x| (x, y)));
    let dark = places.filter(|(x, y)| code[*y][*x].value());
    Some((code.size, dark.collect()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document {
            name: "Proces-verbal <1>".to_owned(),
            made_at: Timestamp::UNIX_EPOCH,
            blocks: vec![
                Block::Title("PROCES-VERBAL".to_owned(), "de verificare".to_owned()),
                Block::Facts(vec![("Dosare".to_owned(), "12 & 13".to_owned())]),
                Block::List(vec!["una".to_owned()]),
                Block::Code("arhiva\n7\n".to_owned()),
                Block::Signatures(vec!["Verificat,".to_owned()]),
            ],
        }
    }

    #[test]
    fn a_page_of_html_is_whole_and_nothing_in_it_is_markup() {
        let html = document().to_html("ro");
        for part in [
            "<title>Proces-verbal &lt;1&gt;</title>",
            "12 &amp; 13",
            "<svg",
            "Verificat,",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn the_pdf_is_the_same_each_time() {
        let pdf = document().to_pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        assert_eq!(pdf, document().to_pdf().unwrap());
        // A code too long for any symbol is left out.
        let long = Document {
            blocks: vec![Block::Code("x".repeat(9000))],
            ..document()
        };
        assert!(!long.to_html("en").contains("<svg"));
        assert!(long.to_pdf().is_ok());
    }
}
