//! What is under way: what waits for what, how fast a load goes and how long it still takes.

use hrisov_catalog::{Batch, Catalog, PageCounts, Waiting};
use jiff::Timestamp;
use serde::Serialize;

use crate::{output::Output, speech::Speech};

/// Shortest time that a rate is taken from, in seconds.
const RATE_SECONDS: f64 = 5.0;

/// How fast an unfinished load goes, by what it did since it began or was taken up again.
#[derive(Debug, Serialize)]
pub struct Speed {
    since: Timestamp,
    files_found: u64,
    pages_per_minute: f64,
    /// `None` while nobody can say.
    seconds_left: Option<u64>,
}

impl Speed {
    /// That of a batch; `None` of a finished one.
    pub async fn of(
        catalog: &Catalog,
        batch: &Batch,
        received: u64,
        pages: &PageCounts,
    ) -> anyhow::Result<Option<Self>> {
        if batch.finished_at.is_some() {
            return Ok(None);
        }
        let Some(run) = catalog.run_of(batch.id).await? else {
            return Ok(None);
        };
        let done = pages.pages - pages.waiting;
        let seconds = Timestamp::now().duration_since(run.started_at).as_secs_f64();
        let per_second = done.saturating_sub(run.pages_before) as f64 / seconds.max(RATE_SECONDS);
        Ok(Some(Self {
            since: run.started_at,
            files_found: run.files_found,
            pages_per_minute: (per_second * 600.0).round() / 10.0,
            seconds_left: seconds_left(per_second, received, run.files_found, pages),
        }))
    }

    /// A line for people.
    pub fn describe(&self, output: &Output) -> String {
        let speech = output.speech;
        let rate = format!("{:.1}", self.pages_per_minute);
        let rate = match speech {
            Speech::Romanian => rate.replace('.', ","),
            Speech::English => rate,
        };
        let left = match self.seconds_left {
            None => speech
                .pick(
                    "nu se poate spune cât mai durează",
                    "nobody can say how long it still takes",
                )
                .to_owned(),
            Some(seconds) => format!(
                "{} {}",
                speech.pick("mai durează cam", "about"),
                duration(seconds, speech)
            ),
        };
        format!(
            "{rate} {}, {left}",
            speech.pick("pagini pe minut", "pages a minute")
        )
    }
}

/// Files that were not looked at yet are taken to have as many pages as the others.
fn seconds_left(per_second: f64, received: u64, files_found: u64, pages: &PageCounts) -> Option<u64> {
    if per_second <= 0.0 || received == 0 {
        return None;
    }
    let files_left = files_found.saturating_sub(received) as f64;
    let pages_left = pages.waiting as f64 + files_left * pages.pages as f64 / received as f64;
    Some((pages_left / per_second).ceil() as u64)
}

fn duration(seconds: u64, speech: Speech) -> String {
    let minutes = seconds.div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => speech.count(minutes, ("minut", "minute"), ("minute left", "minutes left")),
        (hours, minutes) => match speech {
            Speech::Romanian => format!("{hours} h {minutes:02} min"),
            Speech::English => format!("{hours} h {minutes:02} min left"),
        },
    }
}

/// A line for each thing that waits, and what for.
pub fn waiting_lines(waiting: &Waiting, output: &Output) -> Vec<String> {
    let speech = output.speech;
    let dossiers = |count| speech.count(count, ("dosar", "dosare"), ("dossier", "dossiers"));
    let all = [
        (
            waiting.files_to_probe,
            speech.count(waiting.files_to_probe, ("fișier", "fișiere"), ("file", "files")),
            speech.pick("de deschis", "to be looked at"),
        ),
        (
            waiting.pages_to_read,
            speech.count(waiting.pages_to_read, ("pagină", "pagini"), ("page", "pages")),
            speech.pick("de citit", "to be read"),
        ),
        (
            waiting.dossiers_to_write,
            dossiers(waiting.dossiers_to_write),
            speech.pick(
                "de scris în depozit, după ce paginile lor sunt citite",
                "to be written to the store, once their pages are read",
            ),
        ),
        (
            waiting.dossiers_to_index,
            dossiers(waiting.dossiers_to_index),
            speech.pick(
                "de trecut în indexul de căutare",
                "to be entered into the search index",
            ),
        ),
        (
            waiting.events_to_log,
            speech.count(
                waiting.events_to_log,
                ("eveniment", "evenimente"),
                ("event", "events"),
            ),
            speech.pick("de trecut în registru", "to be entered into the log"),
        ),
    ];
    let all = all.into_iter().filter(|(count, ..)| *count > 0);
    all.map(|(_, what, to_do)| format!("{what} {to_do}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_files_that_nobody_opened_yet() {
        let pages = |pages, waiting| PageCounts {
            pages,
            waiting,
            ..PageCounts::default()
        };
        for (per_second, received, found, pages, left) in [
            (2.0, 10, 10, pages(100, 40), Some(20)),
            (2.0, 5, 10, pages(100, 40), Some(70)),
            (0.0, 5, 10, pages(100, 40), None),
            (2.0, 0, 10, pages(0, 0), None),
        ] {
            assert_eq!(seconds_left(per_second, received, found, &pages), left);
        }
        assert_eq!(duration(61, Speech::English), "2 minutes left");
        assert_eq!(duration(3_900, Speech::Romanian), "1 h 05 min");
    }
}
