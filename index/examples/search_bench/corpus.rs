//! Pages of made-up dossiers: running Romanian text with people, places, dates and numbers planted in it.
//!
//! Runs of eight to forty words are taken from real texts (laws, council decisions, forms, news, novels; see
//! [`Sources::read`]), so that words are as frequent, and stand beside each other as often, as they really do. Where there
//! are no such texts, words are made of syllables and drawn by Zipf's law.

use std::{collections::HashMap, fs, io, path::Path};

use crate::random::Random;

/// Words of a page.
const WORDS_PER_PAGE: usize = 250;

/// Words of a page in a hundred that have a recognition error.
const ERROR_PERCENT: usize = 5;

/// Files of running text, and how much of a page comes from each.
const TEXTS: [(&str, usize); 9] = [
    ("laws_urbanism_construction.txt", 36),
    ("council_decisions_pociumbauti.txt", 10),
    ("townhall_forms_rastolita.txt", 12),
    ("hcl_titles_floresti_stoenesti.tsv", 8),
    ("ronec_v2_test_valid.txt", 14),
    ("ud_rrt_dev_test.txt", 8),
    ("ud_nonstandard_dev_test.txt", 4),
    ("novels/ROM010.txt", 4),
    ("novels/ROM002.txt", 4),
];

/// Kinds of document with their headings.
const HEADINGS: [&str; 10] = [
    "CERERE",
    "PROCES VERBAL",
    "HOTĂRÂRE",
    "ADEVERINȚĂ",
    "REFERAT",
    "ANCHETĂ SOCIALĂ",
    "DECIZIE",
    "CONTRACT",
    "RAPORT",
    "ADRESĂ",
];

const MONTHS: [&str; 12] = [
    "ianuarie",
    "februarie",
    "martie",
    "aprilie",
    "mai",
    "iunie",
    "iulie",
    "august",
    "septembrie",
    "octombrie",
    "noiembrie",
    "decembrie",
];

/// Texts, names and streets.
pub struct Sources {
    words: Vec<String>,
    /// Per text its words as numbers, and its share.
    texts: Vec<(Vec<u32>, usize)>,
    /// Words of a dictionary that texts seldom have.
    rare: Vec<String>,
    given: Vec<String>,
    surnames: Vec<String>,
    streets: Vec<String>,
}

/// Someone whom a dossier is about.
#[derive(Debug, Clone)]
pub struct Person {
    pub given: String,
    pub surname: String,
    pub street: String,
    pub cnp: String,
}

/// What the pages of one dossier have in common.
pub struct Dossier {
    pub people: Vec<Person>,
    pub year: u32,
    pub heading: &'static str,
    pub number: u32,
    pub pages: u32,
}

/// A day as planted.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    pub day: u32,
    pub month: u32,
    pub year: u32,
}

/// One page: its words in lines, and the true words of what was planted.
#[derive(Default)]
pub struct Page {
    pub words: Vec<String>,
    /// Three words side by side that stand there without an error.
    pub phrase: Option<String>,
    pub registration: Option<(u32, Day)>,
}

impl Sources {
    /// Reads the texts of a folder; makes up words where there is none.
    pub fn read(folder: Option<&Path>, random: &mut Random) -> io::Result<Self> {
        let Some(folder) = folder else {
            return Ok(Self::made_up(random));
        };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut words = Vec::new();
        let mut texts = Vec::new();
        for (name, share) in TEXTS {
            let text = fs::read_to_string(folder.join(name))?;
            let mut of_text = Vec::new();
            for word in text.split_whitespace().filter(|word| is_word(word)) {
                let number = *numbers.entry(word.to_owned()).or_insert_with(|| {
                    words.push(word.to_owned());
                    words.len() as u32 - 1
                });
                of_text.push(number);
            }
            texts.push((of_text, share));
        }
        let lines = |name: &str| -> io::Result<Vec<String>> {
            let text = fs::read_to_string(folder.join(name))?;
            Ok(text.lines().map(str::to_owned).collect())
        };
        let last_word = |line: String| line.split_whitespace().next_back().map(str::to_owned);
        let streets = lines("names/streets_unique.tsv")?.into_iter().skip(1);
        let streets = streets.filter_map(|line| line.split_once('\t').map(|(_, name)| name.to_owned()));
        let given = [
            lines("names/given_female_faker.txt")?,
            lines("names/given_male_faker.txt")?,
        ]
        .concat();
        // Surnames are few in the lists: those of streets and of people in the news as well.
        let people = lines("names/person_proper_nouns_ronec.txt")?.into_iter().skip(1);
        let mut surnames: Vec<String> = people
            .filter_map(last_word)
            .filter(|name| is_name(name))
            .collect();
        surnames.extend(lines("names/surnames_faker.txt")?);
        let rare = lines("ro_RO.dic")?.into_iter().skip(1);
        let rare = rare.filter_map(|line| line.split('/').next().map(str::to_owned));
        Ok(Self {
            rare: rare.filter(|word| is_word(word)).collect(),
            streets: streets.collect(),
            given: given.into_iter().filter(|name| is_name(name)).collect(),
            surnames: surnames.into_iter().filter(|name| is_name(name)).collect(),
            words,
            texts,
        })
    }

    fn made_up(random: &mut Random) -> Self {
        const SYLLABLES: [&str; 24] = [
            "ba", "ce", "du", "fă", "gi", "lo", "mâ", "ne", "ru", "sti", "tra", "va", "pre", "con", "ți",
            "șo", "bra", "lu", "me", "do", "sta", "ver", "zi", "cri",
        ];
        let mut made = |count: usize, syllables: usize| -> Vec<String> {
            let word = |random: &mut Random| -> String {
                let syllables = syllables + random.below(4);
                (0..syllables)
                    .map(|_| SYLLABLES[random.below(SYLLABLES.len())])
                    .collect()
            };
            (0..count).map(|_| word(random)).collect()
        };
        let (words, rare) = (made(100_000, 1), made(150_000, 3));
        let (given, surnames, streets) = (made(400, 2), made(2_000, 3), made(8_000, 2));
        let text = (0..1_500_000).map(|_| random.rank(words.len()) as u32).collect();
        Self {
            texts: vec![(text, 100)],
            words,
            rare,
            given,
            surnames,
            streets,
        }
    }

    /// A dossier of the given number; about 20 pages, many of few and few of many.
    pub fn dossier(&self, number: u32, random: &mut Random) -> Dossier {
        let year = 1950 + random.below(60) as u32;
        Dossier {
            people: (0..1 + random.below(4)).map(|_| self.person(random)).collect(),
            year,
            heading: HEADINGS[random.rank(HEADINGS.len())],
            number,
            pages: 1 + random.rank(140) as u32,
        }
    }

    /// The words of one page.
    pub fn page(&self, dossier: &Dossier, random: &mut Random) -> Page {
        let mut page = Page::default();
        page.words.extend(dossier.heading.split(' ').map(str::to_owned));
        let (number, day) = (1 + random.below(9_999) as u32, day(dossier.year, random));
        page.words
            .extend(["Nr.".to_owned(), format!("{number}/{}", day.short())]);
        page.registration = Some((number, day));
        while page.words.len() < WORDS_PER_PAGE {
            self.push_run(&mut page.words, random);
            let person = &dossier.people[random.below(dossier.people.len())];
            match random.below(9) {
                0 | 1 => page.words.extend(person.named(random)),
                2 => page.words.extend(person.lives(random)),
                3 => page.words.extend(["CNP".to_owned(), person.cnp.clone()]),
                4 => page.words.push(self::day(dossier.year, random).short()),
                5 => page.words.extend(self::day(dossier.year, random).long()),
                6 => page
                    .words
                    .push(format!("{}/{}", 1 + random.below(9_999), dossier.year)),
                _ => {}
            }
        }
        page.words.truncate(WORDS_PER_PAGE);
        let phrase = random.below(WORDS_PER_PAGE - 3);
        for (at, word) in page.words.iter_mut().enumerate() {
            if random.below(100) < ERROR_PERCENT && !(phrase..phrase + 3).contains(&at) {
                *word = misread(word, random);
            }
        }
        let phrase = &page.words[phrase..phrase + 3];
        let is_plain = phrase.iter().all(|word| word.chars().all(char::is_alphabetic));
        page.phrase = is_plain.then(|| phrase.join(" "));
        page
    }

    fn push_run(&self, words: &mut Vec<String>, random: &mut Random) {
        let mut share = random.below(self.texts.iter().map(|(_, share)| share).sum());
        let text = self.texts.iter().find(|(_, of_text)| {
            let is_this = share < *of_text;
            share = share.wrapping_sub(*of_text);
            is_this
        });
        let (text, _) = text.expect("the shares add up to the limit");
        let length = 8 + random.below(33);
        let from = random.below(text.len() - length);
        words.extend(
            text[from..from + length]
                .iter()
                .map(|&word| self.words[word as usize].clone()),
        );
        words.push(self.rare[random.rank(self.rare.len())].clone());
    }

    fn person(&self, random: &mut Random) -> Person {
        let name = |names: &[String], random: &mut Random| names[random.rank(names.len())].clone();
        Person {
            given: name(&self.given, random),
            surname: name(&self.surnames, random),
            street: name(&self.streets, random),
            cnp: cnp(random),
        }
    }
}

impl Person {
    fn named(&self, random: &mut Random) -> Vec<String> {
        let (given, surname) = (self.given.clone(), self.surname.clone());
        match random.below(5) {
            0 | 1 => vec![surname, given],
            2 => vec![given, surname],
            3 => vec![
                format!("{}.", given.chars().next().expect("no name is empty")),
                surname,
            ],
            _ => vec![surname.to_uppercase(), given.to_uppercase()],
        }
    }

    fn lives(&self, random: &mut Random) -> Vec<String> {
        let number = (1 + random.below(200)).to_string();
        let street = self.street.split(' ').map(str::to_owned);
        let before = std::iter::once(["str.", "strada"][random.below(2)].to_owned());
        before.chain(street).chain(["nr.".to_owned(), number]).collect()
    }
}

impl Day {
    /// `12.03.1978`.
    pub fn short(self) -> String {
        format!("{:02}.{:02}.{}", self.day, self.month, self.year)
    }

    /// `12 martie 1978`, word by word.
    pub fn long(self) -> [String; 3] {
        let month = MONTHS[self.month as usize - 1].to_owned();
        [self.day.to_string(), month, self.year.to_string()]
    }
}

/// A word with one letter in it read as others, seldom with two.
pub fn misread(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    for _ in 0..1 + usize::from(random.below(4) == 0) {
        if letters.is_empty() {
            break;
        }
        let at = random.below(letters.len());
        let read = alike(letters[at], random);
        letters.splice(at..=at, read);
    }
    match letters.is_empty() {
        true => word.to_owned(),
        false => letters.into_iter().collect(),
    }
}

/// What recognition makes of a letter: mostly what looks like it, sometimes anything or nothing.
fn alike(letter: char, random: &mut Random) -> Vec<char> {
    let forms: &[&str] = match letter {
        'm' => &["rn", "in", "n"],
        'n' => &["u", "ri", "m"],
        'u' => &["n", "ii", "v"],
        'e' => &["c", "o"],
        'c' => &["e", "o"],
        'l' | 'I' => &["1", "i", "t"],
        'i' => &["l", "1", "t"],
        't' => &["l", "i", "f"],
        'd' => &["cl", "ol"],
        'h' => &["b", "li"],
        'o' | 'O' => &["0", "c"],
        'a' => &["o", "e", "ă"],
        'ă' | 'â' => &["a"],
        'ș' | 'ț' => &["s", "t"],
        's' => &["5", "z"],
        'r' => &["t", "n"],
        '0' => &["O", "6"],
        '1' => &["l", "7"],
        _ => &[],
    };
    const ANY: &str = "abcdefghilmnoprstuvz.,";
    match random.below(100) {
        0..4 => Vec::new(),
        4..20 => vec![ANY.chars().nth(random.below(ANY.len())).expect("ASCII")],
        _ if forms.is_empty() => vec![ANY.chars().nth(random.below(ANY.len())).expect("ASCII")],
        _ => forms[random.below(forms.len())].chars().collect(),
    }
}

fn day(year: u32, random: &mut Random) -> Day {
    Day {
        day: 1 + random.below(28) as u32,
        month: 1 + random.below(12) as u32,
        year: year + u32::from(random.below(5) == 0),
    }
}

/// A personal number with its check digit.
fn cnp(random: &mut Random) -> String {
    const WEIGHTS: [u32; 12] = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];
    let digits = format!(
        "{}{:02}{:02}{:02}{:02}{:03}",
        1 + random.below(2),
        20 + random.below(80),
        1 + random.below(12),
        1 + random.below(28),
        1 + random.below(46),
        1 + random.below(999)
    );
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = if sum % 11 == 10 { 1 } else { sum % 11 };
    format!("{digits}{check}")
}

fn is_word(word: &str) -> bool {
    word.chars().count() <= 24 && word.chars().any(char::is_alphanumeric)
}

fn is_name(name: &str) -> bool {
    name.chars().count() >= 3 && name.chars().all(char::is_alphabetic)
}
