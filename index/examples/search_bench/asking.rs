//! Asks the questions: warm and cold, one client and sixteen.

use std::{
    error::Error,
    fs::{self, File},
    hint::black_box,
    io::{Write as _, stdout},
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use hrisov_index::{SearchIndex, Searcher};
use rustix::fs::{Advice, fadvise};

use crate::{
    questions::{KINDS, Question},
    random::Random,
};

/// Times every question is asked at one client.
const ROUNDS: usize = 3;
const CLIENTS: usize = 16;

/// Asks the questions of one kind again and again, as a profiler wants it, and prints them, the slowest first.
pub fn ask_only(folder: &Path, questions: &[Question], kind: &str) -> Result<(), Box<dyn Error>> {
    let searcher = SearchIndex::open_reader(&folder.join("index"))?;
    let of_kind = questions.iter().filter(|question| KINDS[question.kind] == kind);
    let mut slowest = Vec::new();
    for question in of_kind {
        let mut took = Vec::new();
        for _ in 0..10 * ROUNDS {
            took.push(ask(&searcher, question)?);
        }
        let pages = searcher.search(&question.query)?.pages_total;
        slowest.push((percentile(&took, 50), pages, &question.query.text));
    }
    slowest.sort_unstable_by(|a, b| b.cmp(a));
    for (took, pages, text) in slowest {
        writeln!(stdout(), "{:8.2} ms {pages:9} pages  {text}", millis(took))?;
    }
    Ok(())
}

/// Asks everything and prints a line for each kind.
pub fn ask_all(folder: &Path, questions: &[Question]) -> Result<(), Box<dyn Error>> {
    let index = folder.join("index");
    let mut out = stdout();
    let cold = cold(&index, questions)?;
    let begin = Instant::now();
    let searcher = SearchIndex::open_reader(&index)?;
    writeln!(out, "opened in {:.0} ms", millis(begin.elapsed()))?;
    // The first time, kind by kind, from the disk or not; warm are the times after that.
    let mut found = vec![(0, 0, 0_u64); KINDS.len()];
    let mut first = vec![Vec::new(); KINDS.len()];
    for question in questions {
        let (dossiers, pages, asked) = &mut found[question.kind];
        first[question.kind].push(timed(|| {
            let hits = searcher.search(&question.query)?;
            (*dossiers, *pages, *asked) = (*dossiers + hits.total, *pages + hits.pages_total, *asked + 1);
            Ok(())
        })?);
    }
    let mut one = vec![Vec::new(); KINDS.len()];
    for _ in 0..ROUNDS {
        for question in questions {
            one[question.kind].push(ask(&searcher, question)?);
        }
    }
    let begin = Instant::now();
    let many = at_once(&searcher, questions)?;
    let wall = begin.elapsed();
    writeln!(
        out,
        "\n{:20} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9} {:>9}",
        "milliseconds",
        "p50",
        "p99",
        "first p50",
        "first p99",
        "16: p50",
        "16: p99",
        "cold",
        "dossiers",
        "pages"
    )?;
    for (kind, name) in KINDS.iter().enumerate() {
        let (dossiers, pages, asked) = found[kind];
        let of = |took: &[Duration], percent| millis(percentile(took, percent));
        writeln!(
            out,
            "{name:20} {:8.2} {:8.2} {:9.2} {:9.2} {:9.1} {:9.1} {:8.1} {:9.1} {:9.1}",
            of(&one[kind], 50),
            of(&one[kind], 99),
            of(&first[kind], 50),
            of(&first[kind], 99),
            of(&many[kind], 50),
            of(&many[kind], 99),
            millis(cold[kind]),
            dossiers as f64 / asked.max(1) as f64,
            pages as f64 / asked.max(1) as f64
        )?;
    }
    let asked: usize = many.iter().map(Vec::len).sum();
    writeln!(
        out,
        "\n{CLIENTS} clients: {:.0} questions/s; memory while asking {} of which own {}",
        asked as f64 / wall.as_secs_f64(),
        status("VmRSS")?,
        status("RssAnon")?
    )?;
    complete(&searcher, questions)
}

/// Search as you type, letter by letter.
fn complete(searcher: &Searcher, questions: &[Question]) -> Result<(), Box<dyn Error>> {
    let mut took = Vec::new();
    for question in questions.iter().filter(|question| question.kind == 4) {
        for letters in 2..8 {
            let typed: String = question.query.text.chars().take(letters).collect();
            took.push(timed(|| searcher.complete(&typed, 8).map(|_| ()))?);
        }
    }
    writeln!(
        stdout(),
        "completions: p50 {:.2} ms, p99 {:.2} ms",
        millis(percentile(&took, 50)),
        millis(percentile(&took, 99))
    )?;
    Ok(())
}

/// The first question of each kind after the index's files were dropped from memory, opening left out.
fn cold(index: &Path, questions: &[Question]) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut cold = Vec::new();
    for kind in 0..KINDS.len() {
        for file in fs::read_dir(index)? {
            let file = File::open(file?.path())?;
            fadvise(&file, 0, None, Advice::DontNeed)?;
        }
        let searcher = SearchIndex::open_reader(index)?;
        let question = questions.iter().find(|question| question.kind == kind);
        cold.push(match question {
            Some(question) => ask(&searcher, question)?,
            None => Duration::ZERO,
        });
    }
    Ok(cold)
}

fn at_once(searcher: &Searcher, questions: &[Question]) -> Result<Vec<Vec<Duration>>, Box<dyn Error>> {
    let many = Mutex::new(vec![Vec::new(); KINDS.len()]);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let many = &many;
                scope.spawn(move || -> Result<(), String> {
                    let mut order: Vec<usize> = (0..questions.len()).collect();
                    let mut random = Random(client as u64);
                    for at in (1..order.len()).rev() {
                        order.swap(at, random.below(at + 1));
                    }
                    for at in order {
                        let question = &questions[at];
                        let took = ask(searcher, question).map_err(|error| error.to_string())?;
                        many.lock().map_err(|error| error.to_string())?[question.kind].push(took);
                    }
                    Ok(())
                })
            })
            .collect();
        clients.into_iter().try_for_each(|client| {
            client
                .join()
                .unwrap_or_else(|_| Err("a client ended early".to_owned()))
        })
    })?;
    Ok(many.into_inner()?)
}

fn ask(searcher: &Searcher, question: &Question) -> Result<Duration, Box<dyn Error>> {
    timed(|| {
        black_box(searcher.search(&question.query)?);
        Ok(())
    })
}

fn timed(work: impl FnOnce() -> Result<(), hrisov_index::IndexError>) -> Result<Duration, Box<dyn Error>> {
    let begin = Instant::now();
    work()?;
    Ok(begin.elapsed())
}

/// A fixed piece of work of about a millisecond, a thousand times: how fast, and how even, the machine is.
pub fn calibration() -> String {
    let mut took = Vec::new();
    for round in 0..1_000 {
        let measured = timed(|| {
            let mut random = Random(round);
            black_box((0..1_000_000).fold(0, |sum: usize, _| sum.wrapping_add(random.below(1_000))));
            Ok(())
        });
        took.extend(measured.ok());
    }
    format!(
        "p50 {:.2} ms, p99 {:.2} ms",
        millis(percentile(&took, 50)),
        millis(percentile(&took, 99))
    )
}

/// A line of the process's status, such as its largest memory.
pub fn status(name: &str) -> Result<String, std::io::Error> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kilobytes = status.lines().find_map(|line| {
        line.strip_prefix(name)?
            .strip_prefix(':')?
            .split_whitespace()
            .next()?
            .parse::<u64>()
            .ok()
    });
    Ok(format!("{name} {} MB", kilobytes.unwrap_or_default() / 1_000))
}

fn percentile(took: &[Duration], percent: usize) -> Duration {
    let mut times = took.to_vec();
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times.get(last * percent / 100).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
