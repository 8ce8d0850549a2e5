//! A4 pages as lists of things to draw, and the PDF made of them.

use krilla::{
    Document, SerializeSettings,
    color::luma,
    configure::{Archival, ConfigurationBuilder},
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
};

use jiff::{Timestamp, tz::TimeZone};

use super::typeface::{Typefaces, Weight};
use crate::{InventoryError, Language};

/// A4 in millimetres, as all lengths here.
pub(super) const WIDTH: f32 = 210.0;
/// A4 in millimetres.
pub(super) const HEIGHT: f32 = 297.0;
/// Points in a millimetre.
pub(super) const PT: f32 = 72.0 / 25.4;

/// Where a line of text stands from its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// A thing on a page, in millimetres from the top left corner.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Text {
        x: f32,
        baseline: f32,
        size_pt: f32,
        weight: Weight,
        align: Align,
        text: String,
    },
    /// Rectangles of one colour in one path: no seams between the modules of a code.
    Boxes { boxes: Vec<Box>, grey: u8 },
}

/// A rectangle in millimetres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Box {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Everything on one page.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
}

impl Page {
    pub(super) fn text(
        &mut self,
        x: f32,
        baseline: f32,
        size_pt: f32,
        weight: Weight,
        align: Align,
        text: &str,
    ) {
        let text = text.to_owned();
        self.items.push(Item::Text {
            x,
            baseline,
            size_pt,
            weight,
            align,
            text,
        });
    }

    pub(super) fn boxes(&mut self, boxes: Vec<Box>, grey: u8) {
        self.items.push(Item::Boxes { boxes, grey });
    }

    pub(super) fn line(&mut self, x: f32, y: f32, width: f32, grey: u8) {
        self.boxes(
            vec![Box {
                x,
                y,
                width,
                height: 0.2,
            }],
            grey,
        );
    }
}

/// Writes the pages as PDF/A-2b, which archives accept; the same pages give the same bytes.
pub(super) fn write_pdf(
    pages: &[Page],
    title: &str,
    made_at: Timestamp,
    faces: &Typefaces,
    language: Language,
) -> Result<Vec<u8>, InventoryError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .expect("one validator agrees with itself");
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language(language.code().to_owned())
            .creator("hrisov".to_owned())
            .creation_date(date_time(made_at)),
    );
    for page in pages {
        let settings = PageSettings::from_wh(WIDTH * PT, HEIGHT * PT).expect("A4 has an area");
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for item in &page.items {
            draw(&mut surface, item, faces);
        }
        surface.finish();
        sheet.finish();
    }
    document
        .finish()
        .map_err(|error| InventoryError::Pdf(format!("{error:?}")))
}

/// The time in UTC, which the standard demands of an archived document.
fn date_time(made_at: Timestamp) -> DateTime {
    let time = made_at.to_zoned(TimeZone::UTC);
    // Fields of a calendar: none is negative, and years before our era are printed as its first.
    let field = |value: i8| u8::try_from(value).unwrap_or(0);
    DateTime::new(u16::try_from(time.year()).unwrap_or(0))
        .month(field(time.month()))
        .day(field(time.day()))
        .hour(field(time.hour()))
        .minute(field(time.minute()))
        .second(field(time.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn draw(surface: &mut krilla::surface::Surface<'_>, item: &Item, faces: &Typefaces) {
    match item {
        Item::Text {
            x,
            baseline,
            size_pt,
            weight,
            align,
            text,
        } => {
            let shaped = faces.shape(text, *weight);
            let width = shaped.width_em * size_pt;
            let left = x * PT
                - match align {
                    Align::Left => 0.0,
                    Align::Centre => width / 2.0,
                    Align::Right => width,
                };
            surface.set_fill(Some(ink(0)));
            let start = Point::from_xy(left, baseline * PT);
            surface.draw_glyphs(start, &shaped.glyphs, shaped.font, &shaped.text, *size_pt, false);
        }
        Item::Boxes { boxes, grey } => {
            let mut path = PathBuilder::new();
            for Box { x, y, width, height } in boxes {
                let rectangle = Rect::from_xywh(x * PT, y * PT, width * PT, height * PT);
                path.push_rect(rectangle.expect("boxes have an area"));
            }
            surface.set_fill(Some(ink(*grey)));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn ink(grey: u8) -> Fill {
    Fill {
        paint: luma::Color::new(grey).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}
