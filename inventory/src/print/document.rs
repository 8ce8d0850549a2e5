//! A document of headings, paragraphs and tables, for paper (PDF) and for a browser (HTML): the same words in both.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};
use jiff::Timestamp;

use super::{
    flow::{Flow, TableColumn},
    page::{Align, write_pdf},
    typeface::{Typefaces, Weight},
};
use crate::{InventoryError, Language};

/// What is to be printed, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The document's name, for its metadata and the foot of each page.
    pub name: String,
    /// When it is made.
    pub made_at: Timestamp,
    /// The language that it is in.
    pub language: Language,
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
    /// Parts that stand on one page, where one page can hold them.
    Together(Vec<Block>),
    /// A QR code of that text, left out where it is too long for one, and beside it places for names and signatures.
    Seal(String, Vec<String>),
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
anywhere}section{break-inside:avoid}.seal{display:flex;flex-wrap:wrap;gap:2em;margin-top:1.5em}.seal svg{width:13em;flex:none;\
background:#fff}.seal div{flex:1;min-width:11em}.seal b{display:block}.seal span{display:block;border-top:1px solid #1b1b1b;\
margin-top:2.6em;font-size:8.5pt}@media print{body{margin:0;max-width:none}}";

impl Document {
    /// As PDF/A, on A4.
    ///
    /// # Errors
    /// [`InventoryError::Pdf`] where it cannot be composed.
    pub fn to_pdf(&self) -> Result<Vec<u8>, InventoryError> {
        let faces = Typefaces::new();
        let mut flow = Flow::new(&faces, self.language);
        for block in &self.blocks {
            put(&mut flow, block);
        }
        write_pdf(
            &flow.finish(&self.name),
            &self.name,
            self.made_at,
            &faces,
            self.language,
        )
    }

    /// As one HTML page that needs nothing else.
    #[must_use]
    pub fn to_html(&self) -> String {
        let language = self.language.code();
        let name = escaped(&self.name);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n<title>{name}</title>\n<style>{STYLE}</style>\n"
        );
        for block in &self.blocks {
            write_html(&mut html, block, self.language);
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
        Block::Together(blocks) => flow.together(|flow| blocks.iter().for_each(|block| put(flow, block))),
        Block::Seal(text, titles) => {
            let titles: Vec<_> = titles.iter().map(String::as_str).collect();
            flow.space(3.0);
            match modules(text) {
                Some((size, dark)) => flow.seal(size, &dark, &titles),
                None => flow.signatures(&titles),
            }
        }
    }
}

// Writing to a string cannot fail.
fn write_html(html: &mut String, block: &Block, language: Language) {
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
        Block::Together(blocks) => {
            html.push_str("<section>\n");
            blocks.iter().for_each(|block| write_html(html, block, language));
            writeln!(html, "</section>")
        }
        Block::Seal(text, titles) => {
            let labels = match language {
                Language::Romanian => ["Numele și prenumele", "Semnătura"],
                Language::English => ["Name", "Signature"],
            };
            let [name, signature] = labels;
            let place = |title: &String| {
                format!(
                    "<div><b>{}</b><span>{name}</span><span>{signature}</span></div>",
                    escaped(title)
                )
            };
            writeln!(
                html,
                "<div class=\"seal\">{}{}</div>",
                modules(text).map(svg).unwrap_or_default(),
                titles.iter().map(place).collect::<String>()
            )
        }
    };
}

/// A QR code with the empty border that readers need.
fn svg((size, dark): (usize, Vec<(usize, usize)>)) -> String {
    let path: String = dark.iter().map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect();
    let side = size + 8;
    format!("<svg viewBox=\"-4 -4 {side} {side}\" role=\"img\" aria-label=\"QR\"><path d=\"{path}\"/></svg>")
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
    use crate::print::page::{Item, Page};

    fn document() -> Document {
        Document {
            name: "Proces-verbal <1>".to_owned(),
            made_at: Timestamp::UNIX_EPOCH,
            language: Language::Romanian,
            blocks: vec![
                Block::Title("PROCES-VERBAL".to_owned(), "de verificare".to_owned()),
                Block::Facts(vec![("Dosare".to_owned(), "12 & 13".to_owned())]),
                Block::List(vec!["una".to_owned()]),
                Block::Seal("arhiva\n7\n".to_owned(), vec!["Verificat,".to_owned()]),
            ],
        }
    }

    #[test]
    fn a_page_of_html_is_whole_and_nothing_in_it_is_markup() {
        let html = document().to_html();
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
    fn what_is_signed_stands_together() {
        let faces = Typefaces::new();
        let parts = Block::Together(vec![
            Block::Heading("Registrul".to_owned()),
            Block::Facts(vec![("amprentă".to_owned(), "4813 494d".to_owned()); 8]),
            Block::Seal("arhiva\n7\n".to_owned(), vec!["Verificat,".to_owned()]),
        ]);
        // From an almost empty page to one that is full.
        for before in 0..40 {
            let mut flow = Flow::new(&faces, Language::English);
            (0..before).for_each(|_| flow.paragraph("rând"));
            put(&mut flow, &parts);
            let pages = flow.finish("");
            let has = |page: &Page, wanted: &str| {
                page.items
                    .iter()
                    .any(|item| matches!(item, Item::Text { text, .. } if text == wanted))
            };
            let sealed = pages.iter().position(|page| has(page, "Signature"));
            assert!(sealed.is_some(), "{before}");
            assert_eq!(
                sealed,
                pages.iter().position(|page| has(page, "Registrul")),
                "{before}"
            );
        }
    }

    #[test]
    fn the_pdf_is_the_same_each_time() {
        let pdf = document().to_pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        assert_eq!(pdf, document().to_pdf().unwrap());
        // A code too long for any symbol is left out.
        let long = Document {
            blocks: vec![Block::Seal("x".repeat(9000), Vec::new())],
            ..document()
        };
        assert!(!long.to_html().contains("<svg"));
        assert!(long.to_pdf().is_ok());
    }
}
