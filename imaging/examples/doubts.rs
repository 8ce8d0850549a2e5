//! Measures doubts on boxes of `hrisov-fixtures generate OUT --defects N`: recall and precision of each kind, and
//! what looking costs. Without a truth it lists what each page of a folder is doubted for.
//!
//! ```text
//! cargo run -p hrisov-imaging --example doubts -- OUT...            the table
//! cargo run -p hrisov-imaging --example doubts -- --figures OUT...  a line of figures for each page as well
//! ```

#![allow(clippy::print_stdout, reason = "a program for people")]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hrisov_imaging::{
    Limits, Source,
    condition::{GreyPage, measure, sheet},
    separator,
};
use hrisov_model::{Doubt, PageCondition, Thresholds, doubts};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

/// One page of a box.
struct Looked {
    /// Relative to the box, with the page's index behind it.
    place: String,
    condition: PageCondition,
    found: BTreeSet<Doubt>,
    /// What is wrong with it in truth.
    truth: BTreeSet<Doubt>,
    separator: bool,
    /// Distance to the nearest earlier page.
    nearest: f32,
}

#[derive(Default)]
struct Score {
    right: u32,
    missed: u32,
    wrong: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (options, folders): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let wants_figures = options.iter().any(|option| option == "--figures");
    let thresholds = Thresholds::default();
    let mut scores: BTreeMap<Doubt, Score> = BTreeMap::new();
    let (mut cost, mut pages) = ([Duration::ZERO; 2], 0);
    for folder in &folders {
        let folder = Path::new(folder);
        let truth = truth(folder)?;
        let mut looked = Vec::new();
        for (place, path, page) in files(folder, truth.as_ref())? {
            look(&place, &path, page, &thresholds, &mut cost, &mut looked);
        }
        pages += looked.len();
        compare(&mut looked, &thresholds);
        for page in &mut looked {
            if let Some(truth) = &truth {
                page.truth = truth.get(&page.place).cloned().unwrap_or_default();
                score(page, &mut scores);
            }
            if wants_figures || truth.is_none() || page.found != page.truth || page.separator {
                println!("{}", line(page));
            }
        }
    }
    table(&scores);
    let each = |cost: Duration| cost.as_secs_f64() * 1000.0 / f64::from(pages.max(1) as u32);
    println!(
        "{pages} pages; condition {:.1} ms, separators {:.1} ms of processor time a page",
        each(cost[0]),
        each(cost[1])
    );
    Ok(())
}

/// Its name in the truth, its file, and its page where only that one is wanted.
type Place = (String, PathBuf, Option<u32>);

type Truth = BTreeMap<String, BTreeSet<Doubt>>;

/// The defects of pages by place; `None` where the folder is no generated box.
fn truth(folder: &Path) -> Result<Option<Truth>, Box<dyn Error>> {
    let Ok(list) = fs::read_to_string(folder.join("truth/defects.csv")) else {
        return Ok(None);
    };
    let mut truth = Truth::new();
    for row in list.lines().skip(1) {
        // Dossiers' and files' names hold no quotes or commas.
        let fields: Vec<&str> = row.split(',').collect();
        if let (Ok(doubt), [_, _, _, file, page, ..]) = (fields[0].parse(), &fields[..]) {
            truth.entry(format!("{file} {page}")).or_default().insert(doubt);
        }
    }
    Ok(Some(truth))
}

/// Pages of a generated box by its index, or all files below a folder.
fn files(folder: &Path, truth: Option<&Truth>) -> Result<Vec<Place>, Box<dyn Error>> {
    let mut files = Vec::new();
    if truth.is_some() {
        for line in fs::read_to_string(folder.join("truth/pages.jsonl"))?.lines() {
            let entry: Value = serde_json::from_str(line)?;
            let file = entry["file"].as_str().ok_or("a page without a file")?;
            let page = entry["page_index"].as_u64().ok_or("a page without an index")?;
            let path = folder.join("box").join(file);
            files.push((format!("{file} {page}"), path, Some(u32::try_from(page)?)));
        }
        return Ok(files);
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.display().to_string(), path, None));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn look(
    place: &str,
    path: &Path,
    page: Option<u32>,
    thresholds: &Thresholds,
    cost: &mut [Duration; 2],
    looked: &mut Vec<Looked>,
) {
    let Ok(mut source) = Source::open(path, &Limits::default()) else {
        return;
    };
    let wanted = page.map_or(0..source.page_count(), |page| page..page + 1);
    for page in wanted {
        let Ok(image) = source.decode_page(page) else {
            continue;
        };
        let grey = GreyPage::of(&image);
        let start = processor_time();
        let separators = separator::find(&grey);
        let between = processor_time();
        let condition = measure(&sheet(grey).0);
        cost[0] += processor_time().saturating_sub(between);
        cost[1] += between.saturating_sub(start);
        looked.push(Looked {
            place: place.to_owned(),
            found: doubts(&condition, thresholds).into_iter().collect(),
            condition,
            truth: BTreeSet::new(),
            separator: separators.is_some(),
            nearest: 1.0,
        });
    }
}

/// Not the clock on the wall: other programs run as well.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

/// Doubts the later of two pages that look alike.
fn compare(looked: &mut [Looked], thresholds: &Thresholds) {
    for later in 1..looked.len() {
        let Some(hash) = &looked[later].condition.hash else {
            continue;
        };
        let earlier = looked[..later]
            .iter()
            .filter_map(|page| page.condition.hash.as_ref());
        let nearest = earlier.map(|other| hash.distance(other)).fold(1.0, f32::min);
        looked[later].nearest = nearest;
        if nearest < thresholds.duplicate_distance {
            looked[later].found.insert(Doubt::MayDuplicate);
        }
    }
}

fn score(page: &Looked, scores: &mut BTreeMap<Doubt, Score>) {
    for doubt in page.truth.union(&page.found) {
        let score = scores.entry(*doubt).or_default();
        match (page.truth.contains(doubt), page.found.contains(doubt)) {
            (true, true) => score.right += 1,
            (true, false) => score.missed += 1,
            _ => score.wrong += 1,
        }
    }
}

fn line(page: &Looked) -> String {
    let names = |doubts: &BTreeSet<Doubt>| {
        let names: Vec<&str> = doubts.iter().map(|doubt| doubt.name()).collect();
        if names.is_empty() {
            "-".to_owned()
        } else {
            names.join("+")
        }
    };
    let condition = &page.condition;
    let figure = |figure: Option<f32>| figure.map_or("-".to_owned(), |figure| format!("{figure:.2}"));
    format!(
        "{}\ttruth {}\tfound {}\tmarks {}\tink {:.4}\tpaper {:.2}\tcontrast {:.2}\tlines {:.4}\tstroke {:.2}\tblack {:.3}\tborder {:.3}\tsharp {}\t\
         letter {}\tskew {}\t{:?}\tcut {}\tdpi {:?}\tseparator {}\tnearest {:.3}",
        page.place,
        names(&page.truth),
        names(&page.found),
        condition.marks,
        condition.ink_share,
        condition.paper_level,
        condition.contrast,
        condition.line_share.unwrap_or_default(),
        condition.stroke_contrast.unwrap_or_default(),
        condition.black_share,
        condition.dark_border,
        figure(condition.sharpness),
        figure(condition.letter_height_px),
        figure(condition.skew_degrees),
        condition.lines,
        condition.cut_letters,
        condition.dpi,
        page.separator,
        page.nearest,
    )
}

fn table(scores: &BTreeMap<Doubt, Score>) {
    println!("| doubt | pages | recall | precision |\n|---|--:|--:|--:|");
    for (doubt, score) in scores {
        let share = |of: u32| match of + score.right {
            0 => "-".to_owned(),
            all => format!("{:.3}", f64::from(score.right) / f64::from(all)),
        };
        let pages = score.right + score.missed;
        println!(
            "| {doubt} | {pages} | {} | {} |",
            share(score.missed),
            share(score.wrong)
        );
    }
}
