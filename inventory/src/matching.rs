//! Passes from the exact to the loose; each sees only what the ones before left.

use std::collections::{BTreeMap, HashSet};

use hrisov_model::InventoryEntry;

use crate::{MatchBasis, fold::fold, names::Name};

/// What a row may be called as a scan.
#[derive(Debug, Clone)]
pub(crate) struct Sought {
    /// Its reference, or its number where it has none.
    called: Option<Called>,
    /// A folder's name told in the remarks: `dosar: 12 Popescu`.
    told: Option<Called>,
    /// Its current number where that is not what it is called.
    number: Option<u32>,
    years: Option<(u32, u32)>,
}

#[derive(Debug, Clone)]
struct Called {
    text: String,
    name: Name,
}

/// Rows and scans that fit each other, at least one of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) rows: Vec<usize>,
    pub(crate) dossiers: Vec<usize>,
}

/// Pairs compared one by one within a group of one number; beyond that the group is taken as a whole.
const MAX_PAIRS: usize = 10_000;

impl Sought {
    pub(crate) fn of(entry: &InventoryEntry) -> Self {
        let called = entry
            .reference
            .clone()
            .or_else(|| entry.number.map(|number| number.to_string()));
        let year = |date: Option<hrisov_model::PartialDate>| date.map(|date| u32::from(date.year));
        let dates = entry.extreme_dates.as_ref();
        Self {
            called: called.as_deref().map(Called::of),
            told: entry.remarks.as_deref().and_then(told).map(Called::of),
            number: entry.number.filter(|_| entry.reference.is_some()),
            years: dates.and_then(|dates| year(dates.first).zip(year(dates.last))),
        }
    }

    /// Equal for two spellings of one reference; empty where the row has none.
    pub(crate) fn key(&self) -> &str {
        self.called.as_ref().map_or("", |called| called.name.key.as_str())
    }

    /// The number that the reference itself is.
    fn called_number(&self) -> Option<u32> {
        let called = self.called.as_ref()?;
        called
            .name
            .number
            .filter(|number| called.name.key == number.to_string())
    }

    fn has_year(&self, year: u32) -> Option<bool> {
        self.years.map(|(first, last)| (first..=last).contains(&year))
    }
}

impl Called {
    fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            name: Name::of(text),
        }
    }
}

/// The folder named in remarks: `dosar: 12 Popescu`, `folder: …`.
fn told(remarks: &str) -> Option<&str> {
    let (label, name) = remarks.split_once(':')?;
    let is_label = matches!(
        fold(label).as_str(),
        "dosar" | "dosarul" | "dosar scanat" | "folder" | "director" | "cota"
    );
    let name = name.split([';', '\n']).next().unwrap_or_default().trim();
    (is_label && !name.is_empty()).then_some(name)
}

/// All groups, each row and each scan in one at most.
pub(crate) fn group_all(rows: &[Sought], names: &[&str]) -> Vec<(MatchBasis, Group)> {
    let names: Vec<(&str, Name)> = names.iter().map(|name| (*name, Name::of(name))).collect();
    let mut passes = Passes {
        rows_left: (0..rows.len()).collect(),
        names_left: (0..names.len()).collect(),
        groups: Vec::new(),
    };
    let called = |row: usize| rows[row].called.as_ref();
    let told = |row: usize| rows[row].told.as_ref();
    let text = |called: Option<&Called>| called.map(|called| called.text.clone());
    let bare = |called: Option<&Called>| called.map(|called| called.name.bare.clone());
    let key = |called: Option<&Called>| {
        called
            .map(|called| called.name.key.clone())
            .filter(|key| !key.is_empty())
    };
    let raw = |name: usize| Some(names[name].0.to_owned());
    let name_bare = |name: usize| Some(names[name].1.bare.clone());
    let name_key = |name: usize| Some(names[name].1.key.clone()).filter(|key| !key.is_empty());
    passes.equal(MatchBasis::ExactReference, |row| text(told(row)), raw);
    passes.equal(MatchBasis::ExactReference, |row| text(called(row)), raw);
    passes.equal(MatchBasis::ExactReference, |row| bare(called(row)), name_bare);
    passes.equal(MatchBasis::Reference, |row| key(told(row)), name_key);
    passes.equal(MatchBasis::Reference, |row| key(called(row)), name_key);

    // Where most scans carry the inventory's references, a row's place in the list is not what they are named by.
    let by_reference: usize = passes.groups.iter().map(|(_, group)| group.dossiers.len()).sum();
    let is_named_by_reference = by_reference * 2 > names.len();
    let parts: Vec<(Option<u32>, Option<u32>)> =
        names.iter().map(|(_, name)| (name.number, name.year)).collect();
    passes.numbered(rows, &parts, Sought::called_number);
    if !is_named_by_reference {
        passes.numbered(rows, &parts, |row| row.number);
    }
    passes.groups
}

struct Passes {
    rows_left: Vec<usize>,
    names_left: Vec<usize>,
    groups: Vec<(MatchBasis, Group)>,
}

impl Passes {
    /// Groups what has equal keys.
    fn equal<K: Ord>(
        &mut self,
        basis: MatchBasis,
        row_key: impl Fn(usize) -> Option<K>,
        name_key: impl Fn(usize) -> Option<K>,
    ) {
        let found = grouped(&self.rows_left, &self.names_left, row_key, name_key);
        self.take(basis, found);
    }

    /// Groups by number: first where a year agrees too, then where nothing is known to disagree.
    fn numbered(
        &mut self,
        rows: &[Sought],
        names: &[(Option<u32>, Option<u32>)],
        number_of: impl Fn(&Sought) -> Option<u32>,
    ) {
        for (basis, fits) in [
            (
                MatchBasis::NumberAndYear,
                (|agrees| agrees == Some(true)) as fn(Option<bool>) -> bool,
            ),
            (MatchBasis::Number, |agrees| agrees != Some(false)),
        ] {
            let same = grouped(
                &self.rows_left,
                &self.names_left,
                |row| number_of(&rows[row]),
                |name| names[name].0,
            );
            let agrees = |row: usize, name: usize| names[name].1.and_then(|year| rows[row].has_year(year));
            let parts = same
                .into_iter()
                .flat_map(|group| components(group, |row, name| fits(agrees(row, name))));
            let parts = parts.collect();
            self.take(basis, parts);
        }
    }

    fn take(&mut self, basis: MatchBasis, found: Vec<Group>) {
        let rows: HashSet<usize> = found
            .iter()
            .flat_map(|group| group.rows.iter().copied())
            .collect();
        let names: HashSet<usize> = found
            .iter()
            .flat_map(|group| group.dossiers.iter().copied())
            .collect();
        self.rows_left.retain(|row| !rows.contains(row));
        self.names_left.retain(|name| !names.contains(name));
        self.groups.extend(found.into_iter().map(|group| (basis, group)));
    }
}

/// Rows and names of one key, where there are some of both.
fn grouped<K: Ord>(
    rows: &[usize],
    names: &[usize],
    row_key: impl Fn(usize) -> Option<K>,
    name_key: impl Fn(usize) -> Option<K>,
) -> Vec<Group> {
    let mut groups: BTreeMap<K, Group> = BTreeMap::new();
    let empty = || Group {
        rows: Vec::new(),
        dossiers: Vec::new(),
    };
    for row in rows {
        if let Some(key) = row_key(*row) {
            groups.entry(key).or_insert_with(empty).rows.push(*row);
        }
    }
    for name in names {
        if let Some(group) = name_key(*name).and_then(|key| groups.get_mut(&key)) {
            group.dossiers.push(*name);
        }
    }
    groups
        .into_values()
        .filter(|group| !group.dossiers.is_empty())
        .collect()
}

/// Splits a group into the parts that hang together by pairs that fit.
fn components(group: Group, fits: impl Fn(usize, usize) -> bool) -> Vec<Group> {
    let Group { mut rows, dossiers } = group;
    if rows.len().saturating_mul(dossiers.len()) > MAX_PAIRS {
        return vec![Group { rows, dossiers }];
    }
    let mut names = dossiers;
    let mut parts = Vec::new();
    while let Some(seed) = names.pop() {
        let mut part = Group {
            rows: Vec::new(),
            dossiers: vec![seed],
        };
        loop {
            let new_rows: Vec<usize> = rows
                .extract_if(.., |row| part.dossiers.iter().any(|name| fits(*row, *name)))
                .collect();
            let new_names: Vec<usize> = names
                .extract_if(.., |name| new_rows.iter().any(|row| fits(*row, *name)))
                .collect();
            part.rows.extend(&new_rows);
            part.dossiers.extend(&new_names);
            if new_rows.is_empty() && new_names.is_empty() {
                break;
            }
        }
        if !part.rows.is_empty() {
            part.rows.sort_unstable();
            part.dossiers.sort_unstable();
            parts.push(part);
        }
    }
    parts
}
