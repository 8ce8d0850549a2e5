//! The two faces that travel with the program, measured and broken into lines.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};

/// Weight of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both weights, ready to measure.
pub(super) struct Typefaces {
    regular: Typeface,
    bold: Typeface,
}

struct Typeface {
    font: Font,
    face: Face<'static>,
}

/// A line of text with the place of every letter.
pub(super) struct Shaped {
    pub(super) text: String,
    pub(super) font: Font,
    /// Advances and offsets as shares of the type size.
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Its width as a share of the type size.
    pub(super) width_em: f32,
}

const REGULAR: &[u8] = include_bytes!("../../fonts/OpenSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/OpenSans-Bold.ttf");

impl Typefaces {
    pub(super) fn new() -> Self {
        Self {
            regular: Typeface::new(REGULAR),
            bold: Typeface::new(BOLD),
        }
    }

    fn get(&self, weight: Weight) -> &Typeface {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub(super) fn shape(&self, text: &str, weight: Weight) -> Shaped {
        self.get(weight).shape(text)
    }

    pub(super) fn width_pt(&self, text: &str, weight: Weight, size_pt: f32) -> f32 {
        self.shape(text, weight).width_em * size_pt
    }

    /// Lines of at most that width; what does not fit into `max_lines` ends with an ellipsis.
    pub(super) fn wrap(
        &self,
        text: &str,
        weight: Weight,
        size_pt: f32,
        width_pt: f32,
        max_lines: usize,
    ) -> Vec<String> {
        let fits = |line: &str| self.width_pt(line, weight, size_pt) <= width_pt;
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.last().map_or("", String::as_str);
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if fits(&longer) {
                *lines.last_mut().expect("there is always a line") = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(String::new());
            }
            for part in broken(word, fits) {
                *lines.last_mut().expect("there is always a line") = part;
                lines.push(String::new());
            }
            lines.pop();
            if lines.len() > max_lines {
                break;
            }
        }
        if lines.len() > max_lines {
            lines.truncate(max_lines);
            if let Some(last) = lines.last_mut() {
                while !last.is_empty() && !fits(&format!("{last}…")) {
                    last.pop();
                }
                *last = format!("{}…", last.trim_end());
            }
        }
        lines
    }
}

/// A word in parts that fit; most words are one.
fn broken(word: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    if fits(word) {
        return vec![word.to_owned()];
    }
    for letter in word.chars() {
        let part = parts.last_mut().expect("there is always a part");
        part.push(letter);
        if part.chars().count() > 1 && !fits(part) {
            part.pop();
            parts.push(letter.to_string());
        }
    }
    parts
}

impl Typeface {
    fn new(bytes: &'static [u8]) -> Self {
        Self {
            font: Font::new(bytes.into(), 0).expect("the font beside this source is a font"),
            face: Face::from_slice(bytes, 0).expect("the font beside this source is a font"),
        }
    }

    fn shape(&self, text: &str) -> Shaped {
        let text: String = text.chars().map(|letter| self.printable(letter)).collect();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(Direction::LeftToRight);
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        // Every face has some hundred to some thousand units: exact as f32.
        let unit = 1.0 / self.font.units_per_em();
        let infos = shaped.glyph_infos();
        let mut glyphs = Vec::with_capacity(infos.len());
        let mut width_em = 0.0;
        for (index, (info, position)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
            let start = info.cluster as usize;
            let end = infos[index..]
                .iter()
                .map(|next| next.cluster as usize)
                .find(|next| *next > start);
            let x_advance = position.x_advance as f32 * unit;
            width_em += x_advance;
            glyphs.push(KrillaGlyph {
                glyph_id: GlyphId::new(info.glyph_id),
                text_range: start..end.unwrap_or(text.len()),
                x_advance,
                x_offset: position.x_offset as f32 * unit,
                y_offset: position.y_offset as f32 * unit,
                y_advance: 0.0,
                location: None,
            });
        }
        Shaped {
            text,
            font: self.font.clone(),
            glyphs,
            width_em,
        }
    }

    /// The letter itself, or a question mark where the face has none: archives forbid empty boxes.
    fn printable(&self, letter: char) -> char {
        match letter {
            letter if letter.is_whitespace() || letter.is_control() => ' ',
            letter if self.face.glyph_index(letter).is_some_and(|glyph| glyph.0 != 0) => letter,
            _ => '?',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_romanian_letter_is_in_both_faces() {
        let faces = Typefaces::new();
        for weight in [Weight::Regular, Weight::Bold] {
            let text =
                "aăâbcdefghiîjklmnopqrsștțuvwxyz AĂÂBCDEFGHIÎJKLMNOPQRSȘTȚUVWXYZ őűŐŰäöüß „”«»–—№ 0123456789";
            assert_eq!(faces.shape(text, weight).text, text);
        }
        assert_eq!(faces.shape("日\u{7}", Weight::Regular).text, "? ");
    }

    #[test]
    fn lines_fit_and_say_when_they_are_cut() {
        let faces = Typefaces::new();
        let wrap =
            |text: &str, width: f32, lines: usize| faces.wrap(text, Weight::Regular, 10.0, width, lines);
        assert_eq!(wrap("unu doi", 100.0, 3), ["unu doi"]);
        assert_eq!(wrap("", 100.0, 3), [""]);
        for (text, width) in [
            ("dosare personale ale cooperatorilor", 60.0),
            ("WWWWWWWWWWWWWWWWWWWWWWWW ok", 50.0),
        ] {
            let lines = wrap(text, width, 20);
            assert!(
                lines.len() > 1
                    && lines
                        .iter()
                        .all(|line| faces.width_pt(line, Weight::Regular, 10.0) <= width)
            );
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
            let cut = wrap(text, width, 1);
            assert!(cut.len() == 1 && cut[0].ends_with('…'), "{cut:?}");
        }
    }
}
