//! Names and streets of a text, as they are offered while somebody types.

use super::{
    pieces::{Piece, Pieces},
    plain,
};

/// Words before the name of a street, folded.
const STREET_WORDS: [&str; 16] = [
    "str",
    "strada",
    "strazii",
    "bd",
    "bdul",
    "blvd",
    "bulevardul",
    "bulevardului",
    "calea",
    "sos",
    "soseaua",
    "aleea",
    "intrarea",
    "piata",
    "splaiul",
    "ulita",
];

/// Words of a street's name at most.
const STREET_NAME_WORDS_MAX: usize = 3;

/// Given names, folded: beside one of them a capitalised word is a surname.
const GIVEN_NAMES: [&str; 132] = [
    "adela",
    "adrian",
    "adriana",
    "agata",
    "aglaia",
    "alexandra",
    "alexandru",
    "alexe",
    "alin",
    "alina",
    "amalia",
    "ana",
    "anca",
    "andrei",
    "aneta",
    "angela",
    "anghel",
    "ani",
    "anton",
    "antoaneta",
    "aurel",
    "aurelia",
    "bogdan",
    "camelia",
    "carmen",
    "catalin",
    "cecilia",
    "cezar",
    "ciprian",
    "constantin",
    "constanta",
    "corina",
    "cornel",
    "cornelia",
    "costache",
    "costel",
    "cristian",
    "cristina",
    "dan",
    "daniel",
    "daniela",
    "dimitrie",
    "doina",
    "dorin",
    "dorina",
    "dragos",
    "dumitra",
    "dumitru",
    "ecaterina",
    "elena",
    "elisabeta",
    "emil",
    "emilia",
    "erzsebet",
    "eugen",
    "eugenia",
    "eva",
    "felicia",
    "ferenc",
    "filip",
    "florea",
    "florentina",
    "florica",
    "florin",
    "gabriel",
    "gabriela",
    "george",
    "georgeta",
    "gheorghe",
    "gheorghita",
    "grigore",
    "hans",
    "horia",
    "iancu",
    "ilie",
    "ilinca",
    "ileana",
    "ioan",
    "ioana",
    "ion",
    "ionel",
    "iosif",
    "irina",
    "istvan",
    "iulia",
    "iuliana",
    "janos",
    "johann",
    "jozsef",
    "laszlo",
    "laura",
    "lazar",
    "lidia",
    "liviu",
    "lucia",
    "lucian",
    "lucretia",
    "magdalena",
    "marcel",
    "margareta",
    "maria",
    "mariana",
    "marin",
    "marius",
    "matei",
    "mihai",
    "mihaela",
    "mircea",
    "nicolae",
    "nicoleta",
    "octavian",
    "olga",
    "ovidiu",
    "paraschiva",
    "paul",
    "pavel",
    "petre",
    "petru",
    "radu",
    "rodica",
    "safta",
    "simion",
    "sofia",
    "stan",
    "stefan",
    "teodor",
    "traian",
    "valeria",
    "vasile",
    "veronica",
    "victor",
    "viorica",
];

/// What is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    Name,
    Street,
    Reference,
}

/// A completion with the folded text by which it is found.
pub(crate) struct Offered {
    pub(crate) offer: Offer,
    pub(crate) folded: String,
    pub(crate) shown: String,
}

/// The names, in both orders, and the streets of a text.
pub(crate) fn offered(pieces: &[Piece]) -> Vec<Offered> {
    let mut all = Vec::new();
    for at in 0..pieces.len() {
        all.extend(street(pieces, at));
        if let Some((a, b)) = name(pieces, at) {
            let (a, b) = (capitalised(a), capitalised(b));
            for (first, second) in [(&a, &b), (&b, &a)] {
                all.push(Offered {
                    offer: Offer::Name,
                    folded: folded(&format!("{first} {second}")),
                    shown: format!("{a} {b}"),
                });
            }
        }
    }
    all
}

/// A text as completions are looked up: folded parts with one space between; of a street the name alone.
pub(crate) fn folded(text: &str) -> String {
    let pieces = Pieces::of(text);
    let parts: Vec<String> = pieces.as_slice().iter().map(|piece| plain(&piece.text)).collect();
    parts.join(" ")
}

/// Whether a folded word is one that stands before the name of a street.
pub(crate) fn is_street_word(folded: &str) -> bool {
    STREET_WORDS.contains(&folded)
}

/// What of a typed text is looked for among streets.
pub(crate) fn without_street_word(folded: &str) -> &str {
    match folded.split_once(' ') {
        Some((word, rest)) if is_street_word(word) => rest,
        _ => folded,
    }
}

fn name(pieces: &[Piece], at: usize) -> Option<(&str, &str)> {
    let (a, b) = (pieces.get(at)?, pieces.get(at + 1)?);
    let is_given = |piece: &Piece| GIVEN_NAMES.contains(&plain(&piece.text).as_str());
    let is_name = is_capitalised(a) && is_capitalised(b) && matches!(b.gap.as_str(), " " | "-");
    (is_name && is_given(a) != is_given(b)).then_some((a.text.as_str(), b.text.as_str()))
}

fn street(pieces: &[Piece], at: usize) -> Option<Offered> {
    let word = plain(&pieces[at].text);
    if !is_street_word(&word) {
        return None;
    }
    let is_part = |(nth, piece): &(usize, &Piece)| {
        let is_joined = match nth {
            0 => matches!(piece.signs(), Some("" | "." | ":")),
            _ => matches!(piece.signs(), Some("" | "-")),
        };
        is_joined && is_capitalised(piece)
    };
    let of = pieces[at + 1..].iter().take(STREET_NAME_WORDS_MAX).enumerate();
    let words: Vec<String> = of
        .take_while(is_part)
        .map(|(_, piece)| capitalised(&piece.text))
        .collect();
    let name = words.join(" ");
    (!name.is_empty()).then(|| Offered {
        offer: Offer::Street,
        folded: folded(&name),
        shown: format!("{} {name}", long_form(&word)),
    })
}

fn long_form(word: &str) -> &'static str {
    match word {
        "bd" | "bdul" | "blvd" | "bulevardul" | "bulevardului" => "Bulevardul",
        "calea" => "Calea",
        "sos" | "soseaua" => "Șoseaua",
        "aleea" => "Aleea",
        "intrarea" => "Intrarea",
        "piata" => "Piața",
        "splaiul" => "Splaiul",
        "ulita" => "Ulița",
        _ => "Strada",
    }
}

fn is_capitalised(piece: &Piece) -> bool {
    piece.text.chars().count() > 1
        && piece.text.starts_with(char::is_uppercase)
        && piece.text.chars().all(char::is_alphabetic)
}

/// `POPESCU` as `Popescu`.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().collect();
    first + &letters.as_str().to_lowercase()
}
