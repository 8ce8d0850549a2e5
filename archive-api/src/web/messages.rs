//! What people are told: every text in a message file, Romanian first, English second.

use std::{borrow::Borrow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle, types::FluentNumber};
use hrisov_model::takes_de;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The messages of both languages.
static ROMANIAN: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle("ro", include_str!("../../messages/ro.ftl"), romanian_number));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle("en", include_str!("../../messages/en.ftl"), english_number));

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// Romanian.
    #[default]
    Romanian,
    /// English.
    English,
}

impl Language {
    /// By its code, as in addresses and cookies.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        [Self::Romanian, Self::English]
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// Its code (BCP 47).
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Romanian => "ro",
            Self::English => "en",
        }
    }

    /// The one to switch to.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Romanian => Self::English,
            Self::English => Self::Romanian,
        }
    }

    /// A plain message.
    pub(crate) fn say(self, key: &str) -> String {
        self.format(key, None)
    }

    /// A message that is there only for some names, such as those of kinds.
    pub(crate) fn known(self, key: &str) -> Option<String> {
        self.bundle().has_message(key).then(|| self.say(key))
    }

    /// A message of a group: `group-member-part`.
    pub(crate) fn part(self, group: &str, member: &str, part: &str) -> String {
        self.say(&format!("{group}-{member}-{part}"))
    }

    /// A message about so many things, in the plural form of the language.
    pub(crate) fn count(self, key: &str, count: impl Borrow<u64>) -> String {
        let mut args = FluentArgs::new();
        args.set("count", *count.borrow());
        args.set("form", self.plural(*count.borrow()));
        self.format(key, Some(&args))
    }

    /// A message about so many things, with another value.
    pub(crate) fn count_with(self, key: &str, count: u64, name: &str, value: String) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        args.set("form", self.plural(count));
        args.set(name.to_owned(), value);
        self.format(key, Some(&args))
    }

    /// A message with one value.
    pub(crate) fn with(self, key: &str, name: &str, value: impl ToString) -> String {
        self.with_all(key, [(name, value.to_string())])
    }

    /// A message with several values.
    pub(crate) fn with_all<'a>(
        self,
        key: &str,
        values: impl IntoIterator<Item = (&'a str, String)>,
    ) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(name.to_owned(), value);
        }
        self.format(key, Some(&args))
    }

    /// A number with its thousands grouped: 1.234 or 1,234.
    pub(crate) fn number(self, number: u64) -> String {
        let mark = match self {
            Self::Romanian => '.',
            Self::English => ',',
        };
        grouped(number, mark)
    }

    /// A measured figure with at most two decimals.
    pub(crate) fn decimal(self, figure: f32) -> String {
        let text = format!("{figure:.2}");
        let short = text.trim_end_matches('0').trim_end_matches('.');
        match self {
            Self::Romanian => short.replace('.', ","),
            Self::English => short.to_owned(),
        }
    }

    /// Bytes in the largest unit that leaves a whole part.
    pub(crate) fn size(self, bytes: u64) -> String {
        const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
        let (mut tenths, mut unit) = (bytes.saturating_mul(10), 0);
        while tenths >= 10_000 && unit + 1 < UNITS.len() {
            tenths /= 1000;
            unit += 1;
        }
        let mark = match self {
            Self::Romanian => ',',
            Self::English => '.',
        };
        match tenths % 10 {
            0 => format!("{} {}", tenths / 10, UNITS[unit]),
            tenth => format!("{}{mark}{tenth} {}", tenths / 10, UNITS[unit]),
        }
    }

    /// Day and time where the server stands: 12.03.1978 09:40.
    pub(crate) fn time(self, at: Timestamp) -> String {
        at.to_zoned(TimeZone::system())
            .strftime("%d.%m.%Y %H:%M")
            .to_string()
    }

    /// The same beside `now`, as people say it: `ieri, 23:10`, `la 12.03.1978, 09:40`.
    pub(crate) fn moment(self, at: Timestamp, now: Timestamp) -> String {
        let [at, now] = [at, now].map(|time| time.to_zoned(TimeZone::system()));
        let time = at.strftime("%H:%M").to_string();
        let is_on = |day: Option<Date>| day == Some(at.date());
        if is_on(Some(now.date())) {
            return self.with("when-today", "time", time);
        }
        if is_on(now.date().yesterday().ok()) {
            return self.with("when-yesterday", "time", time);
        }
        let day = at.strftime("%d.%m.%Y").to_string();
        self.with_all("when-on", [("day", day), ("time", time)])
    }

    /// The day where the server stands: 12.03.1978.
    pub(crate) fn day(self, at: Timestamp) -> String {
        at.to_zoned(TimeZone::system()).strftime("%d.%m.%Y").to_string()
    }

    /// The plural form of a count, as CLDR names it. The rules that come with Fluent's library are of an older CLDR,
    /// in which 101 takes `de`.
    const fn plural(self, count: u64) -> &'static str {
        match (self, count) {
            (_, 1) => "one",
            (Self::Romanian, _) if !takes_de(count) => "few",
            _ => "other",
        }
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::Romanian => &ROMANIAN,
            Self::English => &ENGLISH,
        }
    }

    /// A key without a message stands for itself; tests keep that from happening.
    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        debug_assert!(pattern.is_some(), "no message is called {key}");
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned(),
        )
    }
}

type Formatter = fn(&FluentValue<'_>, &intl_memoizer::concurrent::IntlLangMemoizer) -> Option<String>;

fn bundle(code: &str, messages: &str, formatter: Formatter) -> FluentBundle<FluentResource> {
    let language = code.parse().expect("the code is one of two");
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Marks that keep values apart from right-to-left text would end in titles and copied text.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(formatter));
    // A test reads both files; what is wrong in them is left out rather than ending the server.
    let resource = FluentResource::try_new(messages.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

fn romanian_number(
    value: &FluentValue<'_>,
    _: &intl_memoizer::concurrent::IntlLangMemoizer,
) -> Option<String> {
    whole(value).map(|number| grouped(number, '.'))
}

fn english_number(
    value: &FluentValue<'_>,
    _: &intl_memoizer::concurrent::IntlLangMemoizer,
) -> Option<String> {
    whole(value).map(|number| grouped(number, ','))
}

fn whole(value: &FluentValue<'_>) -> Option<u64> {
    match value {
        FluentValue::Number(FluentNumber { value, .. }) if *value >= 0.0 => Some(*value as u64),
        _ => None,
    }
}

fn grouped(number: u64, mark: char) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(mark);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use super::*;

    /// Messages that are chosen by a value, here or there: `kind-cerere`, `error-busy-title`, `when-today`.
    const BY_VALUE: [&str; 11] = [
        "decision-",
        "doubt-",
        "error-",
        "facet-",
        "finding-",
        "help-",
        "kind-",
        "quality-",
        "reason-",
        "state-",
        "when-",
    ];

    /// Each key with the values that its message takes.
    fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        assert!(FluentResource::try_new(text.to_owned()).is_ok());
        let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
                key = name.to_owned();
                assert!(
                    messages.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} is there twice"
                );
            }
            let values = line
                .split("{ $")
                .skip(1)
                .filter_map(|rest| rest.split([' ', '}']).next());
            messages
                .entry(key.clone())
                .or_default()
                .extend(values.map(str::to_owned));
        }
        messages.remove("");
        messages
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_values() {
        let romanian = messages(include_str!("../../messages/ro.ftl"));
        assert!(romanian.len() > 200, "{}", romanian.len());
        // A plural form such as "o pagină" need not say the number.
        let mut without_count = [romanian, messages(include_str!("../../messages/en.ftl"))];
        for values in without_count
            .iter_mut()
            .flat_map(|messages| messages.values_mut())
        {
            values.remove("count");
            values.remove("form");
        }
        assert_eq!(without_count[0], without_count[1]);
    }

    #[test]
    fn every_message_is_used_and_every_used_one_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = String::new();
        for folder in ["templates", "src", "src/web", "src/export"] {
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() && !path.ends_with("messages.rs") {
                    sources.push_str(&fs::read_to_string(path).unwrap());
                }
            }
        }
        let known = messages(include_str!("../../messages/ro.ftl"));
        for key in known.keys() {
            let is_used = BY_VALUE.iter().any(|prefix| key.starts_with(prefix))
                || sources.contains(&format!("\"{key}\""));
            assert!(is_used, "{key} is not used");
        }
        for call in [
            "t.say(\"",
            "t.count(\"",
            "t.count_with(\"",
            "t.with(\"",
            "t.with_all(\"",
        ] {
            for used in sources
                .split(call)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                assert!(known.contains_key(used), "{used} has no message");
            }
        }
    }

    #[test]
    fn plurals_and_numbers_are_those_of_the_language() {
        for (count, romanian, english) in [
            (0, "0 dosare", "0 dossiers"),
            (1, "1 dosar", "1 dossier"),
            (2, "2 dosare", "2 dossiers"),
            (19, "19 dosare", "19 dossiers"),
            (20, "20 de dosare", "20 dossiers"),
            (100, "100 de dosare", "100 dossiers"),
            (101, "101 dosare", "101 dossiers"),
            (1_234, "1.234 de dosare", "1,234 dossiers"),
        ] {
            assert_eq!(Language::Romanian.count("dossiers", count), romanian);
            assert_eq!(Language::English.count("dossiers", count), english);
        }
        for (bytes, romanian) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_500, "1,5 kB"),
            (48_213_377, "48,2 MB"),
        ] {
            assert_eq!(Language::Romanian.size(bytes), romanian);
        }
    }

    #[test]
    fn a_moment_is_told_as_people_say_it() {
        let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
        for (hours_ago, begin) in [(0, "azi, "), (24, "ieri, "), (24 * 40, "la 02.02.2026, ")] {
            let at = now - jiff::SignedDuration::from_hours(hours_ago);
            let told = Language::Romanian.moment(at, now);
            assert!(told.starts_with(begin), "{told}");
        }
    }

    #[test]
    fn reasons_of_every_kind_have_words() {
        let reasons = [
            "empty",
            "unknown_format",
            "damaged",
            "encrypted",
            "too_large",
            "unsupported",
            "decoder_failed",
            "not_readable",
            "no_pages",
            "name_not_utf8",
            "worker_failed",
            "timed_out",
            "nothing_recognised",
            "system_file",
            "hidden_or_temporary",
            "inventory",
            "marker",
        ];
        for reason in reasons {
            assert!(
                Language::Romanian.known(&format!("reason-{reason}")).is_some(),
                "{reason}"
            );
        }
    }
}
