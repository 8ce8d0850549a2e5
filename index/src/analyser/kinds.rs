//! The kind of document that a page's heading names.

use super::plain;

/// Kinds by the words that a heading begins with, folded; a longer heading comes before a shorter one.
const HEADINGS: [(&str, &str); 52] = [
    ("ancheta sociala", "ancheta_sociala"),
    ("proces verbal", "proces_verbal"),
    ("procesverbal", "proces_verbal"),
    ("act de nastere", "act_stare_civila"),
    ("act de casatorie", "act_stare_civila"),
    ("act de deces", "act_stare_civila"),
    ("act de vanzare", "contract"),
    ("act de donatie", "contract"),
    ("certificat de nastere", "act_stare_civila"),
    ("certificat de casatorie", "act_stare_civila"),
    ("certificat de deces", "act_stare_civila"),
    ("extras de nastere", "act_stare_civila"),
    ("extras din registrul", "extras"),
    ("extras de carte funciara", "carte_funciara"),
    ("carte funciara", "carte_funciara"),
    ("incheiere de carte funciara", "carte_funciara"),
    ("certificat", "certificat"),
    ("adeverinta", "adeverinta"),
    ("dovada", "adeverinta"),
    ("cerere", "cerere"),
    ("petitie", "cerere"),
    ("reclamatie", "cerere"),
    ("declaratie", "declaratie"),
    ("autorizatie", "autorizatie"),
    ("autorizatia", "autorizatie"),
    ("aviz", "aviz"),
    ("hotarare", "hotarare"),
    ("hotararea", "hotarare"),
    ("hotarire", "hotarare"),
    ("hotarirea", "hotarare"),
    ("dispozitie", "dispozitie"),
    ("dispozitia", "dispozitie"),
    ("decizie", "decizie"),
    ("decizia", "decizie"),
    ("decret", "decret"),
    ("ordin", "ordin"),
    ("ordinul", "ordin"),
    ("sentinta", "sentinta"),
    ("sentinta civila", "sentinta"),
    ("incheiere", "sentinta"),
    ("contract", "contract"),
    ("conventie", "contract"),
    ("testament", "testament"),
    ("procura", "procura"),
    ("referat", "referat"),
    ("raport", "raport"),
    ("adresa", "adresa"),
    ("chitanta", "chitanta"),
    ("factura", "factura"),
    ("deviz", "deviz"),
    ("borderou", "tabel"),
    ("tabel", "tabel"),
];

/// Lines from the top among which a heading stands.
pub(crate) const HEADING_LINES: usize = 14;

/// Words of a heading at most: longer lines are running text.
const HEADING_WORDS_MAX: usize = 9;

/// The kind that a line names, if it is a heading: few words, in capitals or beginning with one.
pub(crate) fn kind_of_heading<'a>(words: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let words: Vec<&str> = words.collect();
    let letters = words.join(" ");
    let letters = letters.trim_start_matches(|c: char| !c.is_alphanumeric());
    if words.len() > 2 * HEADING_WORDS_MAX || !letters.starts_with(char::is_uppercase) {
        return None;
    }
    let mut parts: Vec<String> = super::parts(letters).iter().map(|part| plain(part)).collect();
    // `C E R E R E`.
    let spaced = parts.iter().take_while(|part| part.len() == 1).count();
    if spaced > 3 {
        let joined: String = parts.drain(..spaced).collect();
        parts.insert(0, joined);
    }
    if parts.len() > HEADING_WORDS_MAX {
        return None;
    }
    let is_capital = !letters.chars().any(char::is_lowercase);
    let line = format!("{} ", parts.join(" "));
    let names = |heading: &str| {
        line.strip_prefix(heading)
            .is_some_and(|rest| rest.starts_with(' '))
    };
    let (heading, kind) = HEADINGS.iter().find(|(heading, _)| names(heading))?;
    // A sentence that begins `Cerere a fost depusă` is no heading; `Cerere nr. 5` and `Cerere` are.
    let rest = parts.get(heading.split(' ').count()).map(String::as_str);
    let goes_on = matches!(
        rest,
        None | Some("nr" | "de" | "din" | "pentru" | "privind" | "catre" | "a" | "al" | "the")
    );
    (is_capital || goes_on).then_some(*kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_kinds_and_sentences_do_not() {
        for (line, expected) in [
            ("CERERE", Some("cerere")),
            ("C E R E R E", Some("cerere")),
            ("PROCES-VERBAL DE CONSTATARE", Some("proces_verbal")),
            ("Hotărîre nr. 12 din 3 mai 1975", Some("hotarare")),
            ("ANCHETĂ SOCIALĂ", Some("ancheta_sociala")),
            ("ADEVERINŢĂ", Some("adeverinta")),
            ("Certificat de naștere", Some("act_stare_civila")),
            ("Cerere am depus eu ieri", None),
            ("cerere", None),
            ("cererea domnului primar a fost aprobată în ședință", None),
            ("", None),
        ] {
            assert_eq!(kind_of_heading(line.split_whitespace()), expected, "{line}");
        }
    }
}
