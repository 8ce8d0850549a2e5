//! What dossiers are narrowed by, and how many of those found have each value.

use serde::Serialize;

use crate::{
    facts::{DossierFacts, Facts, QualityOf},
    snapshot::Group,
};

/// Values of one facet that are told, the most frequent ones.
const VALUES_MAX: usize = 50;

/// Whether facets are counted: it costs a look at every dossier found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FacetCounts {
    /// Left out.
    #[default]
    Skip,
    /// Counted.
    Count,
}

/// What dossiers must have. Within one list any value will do; every list that is not empty must be met.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    /// Codes of fonds.
    pub fonds: Vec<String>,
    /// Departments that the dossiers come from.
    pub departments: Vec<String>,
    /// Names of boxes.
    pub boxes: Vec<String>,
    /// Kinds of document, as in [`Facet`].
    pub kinds: Vec<String>,
    /// How well the dossiers could be read.
    pub qualities: Vec<Quality>,
    /// First and last year of which one must be among the dossier's.
    pub years: Option<(u16, u16)>,
}

/// How well a dossier could be read: its worst page counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Every page with text has a mean confidence of 80 % and more.
    Good,
    /// A page has less.
    Doubtful,
    /// A page could not be read.
    Unreadable,
}

/// One thing to narrow by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FacetField {
    /// Code of the fonds.
    Fonds,
    /// Department.
    Department,
    /// Year of four digits.
    Year,
    /// Kind of document: `cerere`, `proces_verbal`, ... as found in headings, or as described.
    Kind,
    /// Name of the box.
    Box,
    /// `good`, `doubtful` or `unreadable`.
    Quality,
}

/// A facet with the values that the dossiers found have. Each facet is counted as if its own filter were
/// not set, so that another value can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// What it is.
    pub field: FacetField,
    /// Values: years from the newest on, others from the most frequent.
    pub values: Vec<FacetValue>,
}

/// A value and how many of the dossiers found have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value, as [`Filters`] takes it.
    pub value: String,
    /// Dossiers.
    pub count: u64,
}

const FIELDS: [FacetField; 6] = [
    FacetField::Fonds,
    FacetField::Department,
    FacetField::Year,
    FacetField::Kind,
    FacetField::Box,
    FacetField::Quality,
];

impl Quality {
    /// Its name in facets and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Filters {
    /// Whether every dossier passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Filters as numbers of one state of the index.
pub(crate) struct Sieve {
    fonds: Option<Vec<u32>>,
    departments: Option<Vec<u32>>,
    boxes: Option<Vec<u32>>,
    kinds: Option<u64>,
    qualities: Option<Vec<Quality>>,
    years: Vec<(u16, u16)>,
    /// The fields of which something is asked.
    narrowed: Vec<FacetField>,
}

impl Sieve {
    /// `extra` are years that the query itself asks for.
    pub(crate) fn new(filters: &Filters, extra: Option<(u16, u16)>, facts: &Facts) -> Self {
        let numbers = |names: &[String]| {
            (!names.is_empty()).then(|| names.iter().filter_map(|name| facts.names.number(name)).collect())
        };
        let kinds = filters.kinds.iter().filter_map(|kind| facts.kinds.number(kind));
        let mut sieve = Self {
            fonds: numbers(&filters.fonds),
            departments: numbers(&filters.departments),
            boxes: numbers(&filters.boxes),
            kinds: (!filters.kinds.is_empty()).then(|| kinds.fold(0, |mask, kind| mask | 1 << kind)),
            qualities: (!filters.qualities.is_empty()).then(|| filters.qualities.clone()),
            years: filters.years.into_iter().chain(extra).collect(),
            narrowed: Vec::new(),
        };
        let is_narrowed = |field: &FacetField| match field {
            FacetField::Fonds => sieve.fonds.is_some(),
            FacetField::Department => sieve.departments.is_some(),
            FacetField::Box => sieve.boxes.is_some(),
            FacetField::Kind => sieve.kinds.is_some(),
            FacetField::Year => !sieve.years.is_empty(),
            FacetField::Quality => sieve.qualities.is_some(),
        };
        sieve.narrowed = FIELDS.into_iter().filter(is_narrowed).collect();
        sieve
    }

    /// Whether a dossier passes everything.
    pub(crate) fn passes(&self, facts: &DossierFacts) -> bool {
        self.failed(facts).next().is_none()
    }

    /// The facets whose filter a dossier does not pass.
    fn failed<'a>(&'a self, facts: &'a DossierFacts) -> impl Iterator<Item = FacetField> + 'a {
        let narrowed = self.narrowed.iter().copied();
        narrowed.filter(|&field| !self.passes_field(field, facts))
    }

    fn passes_field(&self, field: FacetField, facts: &DossierFacts) -> bool {
        let has =
            |wanted: &Option<Vec<u32>>, number: u32| wanted.as_ref().is_none_or(|all| all.contains(&number));
        match field {
            FacetField::Fonds => has(&self.fonds, facts.fonds),
            FacetField::Department => has(&self.departments, facts.department),
            FacetField::Box => has(&self.boxes, facts.box_name),
            FacetField::Kind => self.kinds.is_none_or(|wanted| wanted & facts.kinds != 0),
            FacetField::Year => self
                .years
                .iter()
                .all(|&(first, last)| facts.years.any_within(first, last)),
            FacetField::Quality => self.qualities.as_ref().is_none_or(|wanted| {
                facts
                    .quality
                    .of()
                    .is_some_and(|quality| wanted.contains(&quality))
            }),
        }
    }
}

/// Counts the facets of the dossiers found, filtered or not.
pub(crate) fn count(groups: impl Iterator<Item = Group>, sieve: &Sieve, facts: &Facts) -> Vec<Facet> {
    // Per field by value: values are dense numbers.
    let mut counts: [Vec<u64>; FIELDS.len()] = Default::default();
    for group in groups {
        let of = facts.of(group);
        let mut failed = sieve.failed(of);
        let (first, second) = (failed.next(), failed.next());
        if second.is_some() {
            continue;
        }
        for (counts, field) in counts.iter_mut().zip(FIELDS) {
            if first.is_some_and(|failed| failed != field) {
                continue;
            }
            each_value(field, of, |value| {
                let value = value as usize;
                if counts.len() <= value {
                    counts.resize(value + 1, 0);
                }
                counts[value] += 1;
            });
        }
    }
    let facets = FIELDS.into_iter().zip(&counts).map(|(field, counts)| Facet {
        field,
        values: values(field, counts, facts),
    });
    facets.filter(|facet| !facet.values.is_empty()).collect()
}

/// The values that are told: of years the newest, else the most frequent.
fn values(field: FacetField, counts: &[u64], facts: &Facts) -> Vec<FacetValue> {
    let counted = (0..).zip(counts).filter(|&(_, &count)| count > 0);
    let value = |(value, &count)| FacetValue {
        value: name(field, value, facts),
        count,
    };
    let mut values: Vec<FacetValue> = counted.map(value).collect();
    let order = |a: &FacetValue, b: &FacetValue| match field {
        FacetField::Year => b.value.cmp(&a.value),
        _ => b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)),
    };
    if values.len() > VALUES_MAX {
        values.select_nth_unstable_by(VALUES_MAX, order);
        values.truncate(VALUES_MAX);
    }
    values.sort_unstable_by(order);
    values
}

fn each_value(field: FacetField, facts: &DossierFacts, mut visit: impl FnMut(u32)) {
    match field {
        FacetField::Fonds if facts.fonds != 0 => visit(facts.fonds),
        FacetField::Department if facts.department != 0 => visit(facts.department),
        FacetField::Box if facts.box_name != 0 => visit(facts.box_name),
        FacetField::Kind => {
            let mut left = facts.kinds;
            while left != 0 {
                visit(left.trailing_zeros());
                left &= left - 1;
            }
        }
        FacetField::Year => facts.years.each(|year| visit(year.into())),
        FacetField::Quality => {
            if let Some(quality) = facts.quality.of() {
                visit(quality as u32);
            }
        }
        _ => {}
    }
}

fn name(field: FacetField, value: u32, facts: &Facts) -> String {
    match field {
        FacetField::Fonds | FacetField::Department | FacetField::Box => facts.names.name(value).to_owned(),
        FacetField::Kind => facts.kinds.name(value).to_owned(),
        FacetField::Year => value.to_string(),
        FacetField::Quality => QualityOf::from_number(value).name().to_owned(),
    }
}
