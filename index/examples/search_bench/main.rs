//! Builds an index of made-up pages and tells how fast it grows and answers.
//!
//! `search_bench FOLDER [PAGES [TEXTS]]`: the index is made in FOLDER (50,000 pages by default) and left there; a second run
//! asks it again. TEXTS is a folder of Romanian texts and names; without it words are made up. The pages and the questions
//! are left beside the index as `pages.tsv` and `questions.tsv`, so that other programs can be asked the same where
//! `SEARCH_BENCH_DUMP` is set. `SEARCH_BENCH_ONLY` names one kind of the questions left there
//! to be asked alone.

mod asking;
mod building;
mod corpus;
mod questions;
mod random;
mod terms;

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
    path::PathBuf,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(
        arguments
            .next()
            .ok_or("usage: search_bench FOLDER [PAGES [TEXTS]]")?,
    );
    let pages = arguments.next().map_or(Ok(50_000), |pages| pages.parse())?;
    let texts = arguments.next().map(PathBuf::from).filter(|texts| texts.is_dir());
    if let Ok(kind) = env::var("SEARCH_BENCH_ONLY") {
        return asking::ask_only(&folder, &questions::read(&folder)?, &kind);
    }
    writeln!(stdout(), "calibration loop: {}", asking::calibration())?;
    let questions = building::build(&folder, pages, texts.as_deref())?;
    let terms = terms::count(&folder.join("index"))?;
    let all: usize = terms.iter().map(|(_, count)| count).sum();
    let by_field = terms.iter().filter(|(_, count)| *count > 0);
    let by_field: Vec<String> = by_field
        .map(|(field, count)| format!("{field} {count}"))
        .collect();
    writeln!(stdout(), "{all} different terms: {}", by_field.join(", "))?;
    asking::ask_all(&folder, &questions)?;
    writeln!(stdout(), "calibration loop: {}", asking::calibration())?;
    Ok(())
}
