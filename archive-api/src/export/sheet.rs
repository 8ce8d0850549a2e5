//! One page of a PDF after the other.

use bytes::Bytes;
use hrisov_model::{PageText, Rect, Rotation};
use krilla::{
    Data, Document,
    color::rgb,
    geom::{Point, Size, Transform},
    image::Image,
    metadata::Metadata,
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};
use rustybuzz::{Direction, Face, UnicodeBuffer};

/// The face that travels with the program.
const FACE: &[u8] = include_bytes!("../../../inventory/fonts/OpenSans-Regular.ttf");
/// Room below the scan for its line.
const FOOT_PT: f32 = 16.0;
const LINE_PT: f32 = 6.5;
const MARGIN_PT: f32 = 12.0;
/// How far up the box of a word its baseline stands, as a share of its height.
const BASELINE: f32 = 0.2;
/// Most words that are put beneath one scan; a page of small print has some thousands.
const WORDS_MAX: usize = 20_000;

/// A page to be written.
pub(super) struct Sheet {
    pub(super) jpeg: Bytes,
    /// The page raster that the text's places refer to.
    pub(super) size_px: (u32, u32),
    pub(super) size_pt: (f32, f32),
    pub(super) text: Option<PageText>,
    /// What it is, in words.
    pub(super) line: String,
}

/// A text with the place of every letter, as shares of the type size.
struct Shaped {
    text: String,
    glyphs: Vec<KrillaGlyph>,
    width_em: f32,
}

struct Typeface {
    font: Font,
    face: Face<'static>,
}

/// Writes the pages.
///
/// # Errors
/// Where a picture cannot be embedded.
pub(super) fn document(sheets: &[Sheet], title: &str, language: &str) -> Result<Vec<u8>, String> {
    let typeface = Typeface {
        font: Font::new(FACE.into(), 0).expect("the font beside the sources is a font"),
        face: Face::from_slice(FACE, 0).expect("the font beside the sources is a font"),
    };
    let mut document = Document::new();
    let metadata = Metadata::new()
        .title(title.to_owned())
        .language(language.to_owned());
    document.set_metadata(metadata);
    for sheet in sheets {
        let (width, height) = sheet.size_pt;
        let settings = PageSettings::from_wh(width, height + FOOT_PT);
        let mut page = document.start_page_with(settings.ok_or("a page has no size")?);
        let mut surface = page.surface();
        // Below the scan: whoever searches or copies finds it, nobody sees it.
        if let Some(text) = &sheet.text {
            write_words(&mut surface, &typeface, sheet, text);
        }
        let image = Image::from_jpeg(Data::from(sheet.jpeg.to_vec()), true)?;
        surface.draw_image(image, Size::from_wh(width, height).ok_or("a page has no size")?);
        write_line(&mut surface, &typeface, sheet);
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| format!("{error:?}"))
}

fn write_words(surface: &mut Surface<'_>, typeface: &Typeface, sheet: &Sheet, text: &PageText) {
    let (width_px, height_px) = sheet.size_px;
    let scale = (
        sheet.size_pt.0 / width_px.max(1) as f32,
        sheet.size_pt.1 / height_px.max(1) as f32,
    );
    surface.set_fill(Some(Fill::default()));
    for word in text.words().take(WORDS_MAX) {
        let shaped = typeface.shape(&format!("{} ", word.text));
        let Some((place, size)) = placed(&word.rect, text.processing.rotation, scale, &shaped) else {
            continue;
        };
        surface.push_transform(&place);
        let start = Point::from_xy(0.0, 0.0);
        surface.draw_glyphs(
            start,
            &shaped.glyphs,
            typeface.font.clone(),
            &shaped.text,
            size,
            false,
        );
        surface.pop();
    }
}

/// Where a word begins and how it runs, stretched to fill its box, and its type size.
fn placed(rect: &Rect, rotation: Rotation, scale: (f32, f32), shaped: &Shaped) -> Option<(Transform, f32)> {
    let (left, top) = (rect.x as f32 * scale.0, rect.y as f32 * scale.1);
    let (width, height) = (rect.width as f32 * scale.0, rect.height as f32 * scale.1);
    let (length, size) = match rotation {
        Rotation::None | Rotation::Half => (width, height),
        Rotation::Right | Rotation::Left => (height, width),
    };
    if length <= 0.0 || size <= 0.0 || shaped.width_em <= 0.0 {
        return None;
    }
    let stretch = length / (shaped.width_em * size);
    let down = size * (1.0 - BASELINE);
    // Turning the page so far clockwise makes the text stand upright: as it lies, it runs the other way.
    let place = match rotation {
        Rotation::None => Transform::from_row(stretch, 0.0, 0.0, 1.0, left, top + down),
        Rotation::Right => Transform::from_row(0.0, -stretch, 1.0, 0.0, left + down, top + height),
        Rotation::Half => Transform::from_row(-stretch, 0.0, 0.0, -1.0, left + width, top + height - down),
        Rotation::Left => Transform::from_row(0.0, stretch, -1.0, 0.0, left + width - down, top),
    };
    Some((place, size))
}

/// The line below the scan, smaller where it would not fit.
fn write_line(surface: &mut Surface<'_>, typeface: &Typeface, sheet: &Sheet) {
    let (width, height) = sheet.size_pt;
    let shaped = typeface.shape(&sheet.line);
    let size = LINE_PT.min((width - 2.0 * MARGIN_PT).max(1.0) / shaped.width_em.max(1.0));
    let grey = Fill {
        paint: rgb::Color::new(70, 70, 70).into(),
        ..Fill::default()
    };
    surface.set_fill(Some(grey));
    let start = Point::from_xy(MARGIN_PT.min(width / 4.0), height + FOOT_PT * 0.65);
    surface.draw_glyphs(
        start,
        &shaped.glyphs,
        typeface.font.clone(),
        &shaped.text,
        size,
        false,
    );
}

impl Typeface {
    fn shape(&self, text: &str) -> Shaped {
        let text: String = text
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(Direction::LeftToRight);
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let unit = 1.0 / self.font.units_per_em();
        let infos = shaped.glyph_infos();
        let mut glyphs = Vec::with_capacity(infos.len());
        let mut width_em = 0.0;
        for (at, (info, position)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
            let start = info.cluster as usize;
            let mut later = infos[at..].iter().map(|next| next.cluster as usize);
            let end = later.find(|next| *next > start).unwrap_or(text.len());
            let x_advance = position.x_advance as f32 * unit;
            width_em += x_advance;
            glyphs.push(KrillaGlyph {
                glyph_id: GlyphId::new(info.glyph_id),
                text_range: start..end,
                x_advance,
                x_offset: position.x_offset as f32 * unit,
                y_offset: position.y_offset as f32 * unit,
                y_advance: 0.0,
                location: None,
            });
        }
        Shaped {
            text,
            glyphs,
            width_em,
        }
    }
}
