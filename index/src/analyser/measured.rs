//! How well the analyser brings the forms of a word together, and how often it merges other words:
//! measured on the words of real administrative texts, with a spelling dictionary as the judge.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::*;

/// A dictionary's rule: what it takes off, what it puts on, after what.
struct Suffix {
    strip: String,
    add: String,
    after: Vec<(bool, Vec<char>)>,
}

fn texts() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/text");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no Romanian texts beside the project");
        return None;
    }
    Some(folder)
}

/// A condition such as `[^ct]ă` as one set of letters per place; `true` means none of them.
fn condition(text: &str) -> Vec<(bool, Vec<char>)> {
    let mut sets = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        sets.push(match letter {
            '.' => (true, Vec::new()),
            '[' => {
                let set: Vec<char> = letters.by_ref().take_while(|&c| c != ']').collect();
                match set.first() {
                    Some('^') => (true, set[1..].to_vec()),
                    _ => (false, set),
                }
            }
            other => (false, vec![other]),
        });
    }
    sets
}

fn suffixes(affixes: &str) -> HashMap<char, Vec<Suffix>> {
    let mut suffixes: HashMap<char, Vec<Suffix>> = HashMap::new();
    for line in affixes.lines().filter(|line| line.starts_with("SFX ")) {
        let [_, flag, strip, add, after, ..] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            continue;
        };
        let plain = |text: &str| {
            text.split('/')
                .next()
                .filter(|&text| text != "0")
                .unwrap_or_default()
                .to_owned()
        };
        suffixes
            .entry(flag.chars().next().unwrap())
            .or_default()
            .push(Suffix {
                strip: plain(strip),
                add: plain(add),
                after: condition(after),
            });
    }
    suffixes
}

fn inflect(lemma: &str, suffix: &Suffix) -> Option<String> {
    let letters: Vec<char> = lemma.chars().collect();
    let tail = letters
        .len()
        .checked_sub(suffix.after.len())
        .map(|from| &letters[from..])?;
    let fits = tail
        .iter()
        .zip(&suffix.after)
        .all(|(letter, (none, set))| set.contains(letter) != *none);
    let root = lemma.strip_suffix(suffix.strip.as_str()).filter(|_| fits)?;
    Some(format!("{root}{}", suffix.add))
}

/// Words of 4 letters and more in the texts, in today's spelling.
fn words(folder: &Path) -> BTreeSet<String> {
    let files = [
        "laws_urbanism_construction.txt",
        "council_decisions_pociumbauti.txt",
        "townhall_forms_rastolita.txt",
        "ud_rrt_dev_test.txt",
        "ronec_v2_test_valid.txt",
    ];
    let mut words = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let lower = parts(&text)
            .into_iter()
            .filter(|part| part.chars().skip(1).all(char::is_lowercase));
        words.extend(
            lower
                .map(|part| reform(&part.to_lowercase()))
                .filter(|word| word.chars().count() >= 4 && word.chars().all(char::is_alphabetic)),
        );
    }
    words
}

/// For each word of the texts that the dictionary knows, its lemmas.
fn lemmas(folder: &Path, words: &BTreeSet<String>) -> BTreeMap<String, HashSet<usize>> {
    let suffixes = suffixes(&fs::read_to_string(folder.join("ro_RO.aff")).unwrap());
    let mut lemmas: BTreeMap<String, HashSet<usize>> = BTreeMap::new();
    for (lemma, line) in fs::read_to_string(folder.join("ro_RO.dic"))
        .unwrap()
        .lines()
        .skip(1)
        .enumerate()
    {
        let (word, flags) = line.split_once('/').unwrap_or((line, ""));
        let word = letters::normalise(word).to_lowercase();
        let forms = flags
            .chars()
            .filter_map(|flag| suffixes.get(&flag))
            .flatten()
            .filter_map(|suffix| inflect(&word, suffix));
        for form in forms.chain([word.clone()]).filter(|form| words.contains(form)) {
            lemmas.entry(form).or_default().insert(lemma);
        }
    }
    lemmas
}

/// Shares of pairs: of one lemma that meet; of those that meet, of different lemmas. The dictionary keeps
/// `utilizare`, `utilizat` and `utilizator` apart: most of what it calls wrong is of one family.
fn measure(
    name: &str,
    lemmas: &BTreeMap<String, HashSet<usize>>,
    index: impl Fn(&str) -> Vec<String>,
    query: impl Fn(&str) -> Vec<String>,
) -> (f64, f64) {
    let mut by_key: HashMap<String, Vec<&str>> = HashMap::new();
    let mut by_lemma: HashMap<usize, Vec<&str>> = HashMap::new();
    for (word, of) in lemmas {
        index(word)
            .into_iter()
            .for_each(|key| by_key.entry(key).or_default().push(word));
        of.iter()
            .for_each(|&lemma| by_lemma.entry(lemma).or_default().push(word));
    }
    let (mut related, mut related_met, mut met) = (0_u64, 0_u64, 0_u64);
    let mut wrong = 0_u64;
    for (word, of) in lemmas {
        let keys = query(word);
        let meeting: HashSet<&str> = keys
            .iter()
            .filter_map(|key| by_key.get(key))
            .flatten()
            .copied()
            .collect();
        let kin: HashSet<&str> = of
            .iter()
            .flat_map(|lemma| &by_lemma[lemma])
            .copied()
            .filter(|kin| kin != word)
            .collect();
        related += kin.len() as u64;
        related_met += kin.intersection(&meeting).count() as u64;
        met += meeting.iter().filter(|&&other| other != word).count() as u64;
        wrong += meeting
            .iter()
            .filter(|&&other| other != word && !kin.contains(other))
            .count() as u64;
    }
    let (recall, merged) = (related_met as f64 / related as f64, wrong as f64 / met as f64);
    eprintln!(
        "{name:42} recall {:5.1} %  wrong {:5.1} % of {met}  ({} words, {related} related pairs)",
        100.0 * recall,
        100.0 * merged,
        lemmas.len()
    );
    (recall, merged)
}

/// All keys in one name space.
fn all(part: &str) -> Vec<String> {
    let keys = keys(part);
    keys.exact
        .into_iter()
        .map(|key| format!("={key}"))
        .chain(keys.stems)
        .collect()
}

fn plain(part: &str) -> String {
    fold(part, InnerA::A)
}

#[test]
fn forms_meet_and_other_words_seldom() {
    let Some(folder) = texts() else { return };
    let lemmas = lemmas(&folder, &words(&folder));
    measure("exact only", &lemmas, |w| vec![plain(w)], |w| vec![plain(w)]);
    measure(
        "snowball stem, then fold",
        &lemmas,
        |w| vec![plain(&ROMANIAN.stem(w))],
        |w| vec![plain(&ROMANIAN.stem(w))],
    );
    measure(
        "fold, then snowball stem",
        &lemmas,
        |w| vec![ROMANIAN.stem(&plain(w)).into()],
        |w| vec![ROMANIAN.stem(&plain(w)).into()],
    );
    let (recall, wrong) = measure("ours", &lemmas, all, all);
    assert!(recall > 0.88 && wrong < 0.63, "{recall} {wrong}");
    let (recall, wrong) = measure("ours, typed without diacritics", &lemmas, all, |w| all(&plain(w)));
    assert!(recall > 0.84 && wrong < 0.63, "{recall} {wrong}");
}
