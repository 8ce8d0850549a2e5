//! ALTO 4.4 (Library of Congress), one file for each page: the form in which text is kept and handed on.
//!
//! Places are whole pixels of the page raster, confidences (`WC`) have two decimals. How the text was
//! made stands in two `Processing` steps: `PREPARATION` (resolution and recipe) and `RECOGNITION`
//! (engine, version, languages, time). `ROTATION` of the page is ALTO's: degrees counter-clockwise by
//! which the content is turned, so the same number by which the page is turned clockwise to be upright.
//!
//! What less sure readings made of a word stands in its `ALTERNATIVE` elements, with the purpose `recognition`: ALTO has none
//! of its own for it.
//!
//! XML 1.0 cannot hold every character and ALTO no line without a word: [`canonical`] is the value that
//! is read back, whatever was written.

mod read;
mod write;

pub use read::read;
pub use write::write;

use crate::{
    Digest, PageId, PageText,
    xml::{XmlError, XmlLimits, xml_text},
};

/// Namespace of every ALTO 4 version.
const NAMESPACE: &str = "http://www.loc.gov/standards/alto/ns-v4#";

/// What tells other readings from alternatives that people or programs of other spelling rules put there.
const ALTERNATIVE_PURPOSE: &str = "recognition";

/// The version that is written.
const VERSION: &str = "4.4";

/// A dense newspaper page has about 20,000 words, each a `String` and an `SP` of together 200 bytes.
const LIMITS: XmlLimits = XmlLimits {
    size_bytes: 16 << 20,
    elements: 200_000,
    depth: 16,
    attributes: 32,
};

/// The picture that a page's text was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AltoPage {
    /// The page.
    pub page: PageId,
    /// OCFL logical path of the master (`fileName`).
    pub master_path: String,
    /// SHA-256 of the master (`fileIdentifier`): which bytes were read.
    pub master_digest: Digest,
    /// Which page of the master, from 0 (`PHYSICAL_IMG_NR` counts from 1).
    pub index: u32,
    /// Plausible resolution in dots per inch, where known.
    pub dpi: Option<u32>,
}

/// Why bytes are not a page's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AltoError {
    /// Not XML that is read, or not what every page's text has.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML of another kind, or an older ALTO.
    #[error("the root element is not alto of version 4")]
    NotAlto,
}

/// The page text as ALTO holds it: characters that XML 1.0 forbids (control characters, U+FFFE, U+FFFF)
/// replaced by U+FFFD, confidences rounded to 0.01 within 0 and 1, lines without words left out.
///
/// For every page, `read(write(page)) == canonical(page)`, and a canonical page stays as it is.
#[must_use]
pub fn canonical(mut page: PageText) -> PageText {
    let clean = |text: &mut String| *text = xml_text(text).into_owned();
    clean(&mut page.processing.engine);
    clean(&mut page.processing.engine_version);
    clean(&mut page.processing.recipe);
    for block in &mut page.blocks {
        block.lines.retain(|line| !line.words.is_empty());
        for word in block.lines.iter_mut().flat_map(|line| &mut line.words) {
            clean(&mut word.text);
            word.alternatives.iter_mut().for_each(clean);
            word.confidence = f32::from(percent(word.confidence)) / 100.0;
        }
    }
    page
}

/// A confidence in whole percent; 0 for what is no number.
fn percent(confidence: f32) -> u8 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as u8
}

#[cfg(test)]
mod tests;
