//! What can be typed to find pages.

use clap::{Args, ValueEnum};
use hrisov_index::{IndexError, Quality, SearchCursor, Sort};

/// Arguments of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words to find: quotes within make a phrase, a minus leaves out; also an:1978, nr:1245/1978, cnp:NUMBER
    #[arg(required_unless_present_any = ["fonds", "department", "box_name", "kind", "quality", "years"],
        num_args = 1.., value_name = "QUERY", allow_hyphen_values = false)]
    pub query: Vec<String>,
    /// Most dossiers to show
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub limit: usize,
    /// Dossiers to leave out from the front
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub offset: usize,
    /// Most pages to show of each dossier
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub pages: usize,
    /// Go on behind this place: `next` of the answer before
    #[arg(long, value_name = "PLACE", value_parser = search_cursor, conflicts_with = "offset")]
    pub after: Option<SearchCursor>,
    /// Which dossiers come first
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    pub sort: SortArg,
    /// Count what the answer can be narrowed by
    #[arg(long)]
    pub facets: bool,
    /// What the dossiers must have beside the words
    #[command(flatten)]
    pub filters: FilterArgs,
}

/// What dossiers must have; of one kind of filter any value will do.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Only of this fonds
    #[arg(long, value_name = "CODE")]
    pub fonds: Vec<String>,
    /// Only from this department
    #[arg(long, value_name = "NAME")]
    pub department: Vec<String>,
    /// Only of this box
    #[arg(long = "box", value_name = "NAME")]
    pub box_name: Vec<String>,
    /// Only with this kind of document, such as cerere or proces_verbal
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,
    /// Only read so well
    #[arg(long, value_name = "HOW")]
    pub quality: Vec<QualityArg>,
    /// Only of these years: 1978, 1970-1979, 1970- or -1979
    #[arg(long, value_name = "YEARS", value_parser = years, allow_hyphen_values = true)]
    pub years: Option<(u16, u16)>,
}

/// Which dossiers come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortArg {
    /// The best match
    Relevance,
    /// The oldest; those without any date last
    Oldest,
    /// The newest; those without any date last
    Newest,
}

/// How well a dossier could be read: its worst page counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QualityArg {
    /// With confidence throughout
    Good,
    /// A page with little confidence
    Doubtful,
    /// A page that could not be read
    Unreadable,
}

impl From<SortArg> for Sort {
    fn from(sort: SortArg) -> Self {
        match sort {
            SortArg::Relevance => Self::Relevance,
            SortArg::Oldest => Self::Oldest,
            SortArg::Newest => Self::Newest,
        }
    }
}

impl From<QualityArg> for Quality {
    fn from(quality: QualityArg) -> Self {
        match quality {
            QualityArg::Good => Self::Good,
            QualityArg::Doubtful => Self::Doubtful,
            QualityArg::Unreadable => Self::Unreadable,
        }
    }
}

fn search_cursor(text: &str) -> Result<SearchCursor, String> {
    text.parse().map_err(|error: IndexError| error.to_string())
}

/// One year, or two with a dash between of which one may be left out.
fn years(text: &str) -> Result<(u16, u16), String> {
    let year = |text: &str, open: u16| match text {
        "" => Ok(open),
        text => text
            .parse::<u16>()
            .ok()
            .filter(|year| (1..=9999).contains(year))
            .ok_or_else(|| format!("{text:?} is no year: give one such as 1978, or two such as 1970-1979")),
    };
    match text.split_once('-') {
        Some(("", "")) => Err("give a year such as 1978, or two such as 1970-1979".to_owned()),
        Some((first, last)) => Ok((year(first, 1)?, year(last, 9999)?)),
        None => Ok((year(text, 0)?, year(text, 0)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_one_or_two() {
        for (text, expected) in [
            ("1978", Some((1978, 1978))),
            ("1970-1979", Some((1970, 1979))),
            ("1970-", Some((1970, 9999))),
            ("-1979", Some((1, 1979))),
            ("-", None),
            ("", None),
            ("abc", None),
            ("1970-1979-1980", None),
            ("12345", None),
        ] {
            assert_eq!(years(text).ok().filter(|years| years.0 > 0), expected, "{text}");
        }
    }
}
