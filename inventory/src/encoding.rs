//! Which encoding a text file is in. Town halls' programs rarely say.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_2, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250};

/// Text and the name of the encoding it was in, as the WHATWG spells it.
pub(crate) fn decode(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes);
    }
    if let Some(encoding) = utf_16_without_mark(bytes) {
        return decode_as(encoding, bytes);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return decode_as(UTF_8, bytes);
    }
    decode_as(single_byte(bytes), bytes)
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> (String, &'static str) {
    let (text, used, _) = encoding.decode(bytes);
    (text.into_owned(), used.name())
}

/// UTF-16 of Latin text has a zero in every second byte; no other encoding has zeros at all.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (high_first, low_first) = (zeros(0), zeros(1));
    let enough = sample.len() / 4;
    match (high_first, low_first) {
        _ if sample.is_empty() => None,
        (high, low) if low > enough && high <= low / 8 => Some(UTF_16LE),
        (high, low) if high > enough && low <= high / 8 => Some(UTF_16BE),
        _ => None,
    }
}

/// Windows-1250 or ISO-8859-2 by what the letters beyond ASCII would be; another where neither reads well.
///
/// The Romanian letters lie at the same places in both, so what decides is the rest: quotation marks and
/// dashes that only Windows has, letters of neighbours' names, and control characters that nobody types.
fn single_byte(bytes: &[u8]) -> &'static Encoding {
    let windows = Plausibility::of(WINDOWS_1250, bytes);
    let iso = Plausibility::of(ISO_8859_2, bytes);
    let (better, encoding) = if iso.weight > windows.weight {
        (iso, ISO_8859_2)
    } else {
        (windows, WINDOWS_1250)
    };
    if better.is_text() {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"ro"), Utf8Detection::Deny)
}

/// How well bytes read in an encoding.
struct Plausibility {
    weight: i64,
    expected: usize,
    odd: usize,
}

impl Plausibility {
    fn of(encoding: &'static Encoding, bytes: &[u8]) -> Self {
        let (text, _, _) = encoding.decode(bytes);
        let weights: Vec<i64> = text
            .chars()
            .filter(|letter| !letter.is_ascii())
            .map(weight)
            .collect();
        Self {
            weight: weights.iter().sum(),
            expected: weights.iter().filter(|weight| **weight > 0).count(),
            odd: weights.iter().filter(|weight| **weight < 0).count(),
        }
    }

    /// Names from anywhere occur in Romanian lists, but not in every fourth letter.
    fn is_text(&self) -> bool {
        self.odd * 4 < self.expected
    }
}

fn weight(letter: char) -> i64 {
    match letter {
        'ă' | 'â' | 'î' | 'ş' | 'ţ' | 'Ă' | 'Â' | 'Î' | 'Ş' | 'Ţ' => 4,
        // Hungarian, German, Serbian, Slovak and Polish names, and marks that people type.
        'á' | 'é' | 'í' | 'ó' | 'ö' | 'ő' | 'ú' | 'ü' | 'ű' | 'ä' | 'ß' | 'Á' | 'É' | 'Ö' | 'Ő' | 'Ü'
        | 'Ű' => 2,
        'š' | 'ž' | 'č' | 'ć' | 'đ' | 'ł' | 'ś' | 'ľ' | 'ť' | 'Š' | 'Ž' | 'Ł' | 'Ś' => 1,
        '„' | '”' | '“' | '‘' | '’' | '–' | '—' | '…' | '«' | '»' | '§' | '°' | '\u{a0}' => {
            2
        }
        '\u{80}'..='\u{9f}' | '\u{fffd}' => -8,
        _ => -2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], text: &str, encoding: &str) {
        assert_eq!(decode(bytes), (text.to_owned(), encoding));
    }

    #[test]
    fn each_encoding_is_found() {
        let romanian = "Nr. crt.;Conţinutul pe scurt\n1;Şedinţa comisiei – „Ţara Făgăraşului”\n";
        let older = "Nr. crt.;Conţinutul pe scurt\n1;Şedinţa, Szabó Erzsébet, Živkov, Śląsk, în ţară\n";
        let utf_16 = |mark: &str, to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("{mark}{romanian}")
                .encode_utf16()
                .flat_map(to_bytes)
                .collect()
        };
        check(romanian.as_bytes(), romanian, "UTF-8");
        check(format!("\u{feff}{romanian}").as_bytes(), romanian, "UTF-8");
        check(&utf_16("\u{feff}", u16::to_le_bytes), romanian, "UTF-16LE");
        check(&utf_16("\u{feff}", u16::to_be_bytes), romanian, "UTF-16BE");
        check(&utf_16("", u16::to_le_bytes), romanian, "UTF-16LE");
        check(&utf_16("", u16::to_be_bytes), romanian, "UTF-16BE");
        check(&WINDOWS_1250.encode(romanian).0, romanian, "windows-1250");
        check(&WINDOWS_1250.encode(older).0, older, "windows-1250");
        check(&ISO_8859_2.encode(older).0, older, "ISO-8859-2");
        check(b"nr;titlu\n", "nr;titlu\n", "UTF-8");
        check(b"", "", "UTF-8");
    }

    #[test]
    fn what_is_neither_is_left_to_the_detector() {
        let russian = "№;Содержание дела\n1;Протоколы заседаний сельского совета за год\n";
        check(
            &encoding_rs::WINDOWS_1251.encode(russian).0,
            russian,
            "windows-1251",
        );
    }
}
