//! What is under way: what waits for what, how fast a load goes and how long it still takes.

use hrisov_catalog::{Batch, Catalog, Pace, PageCounts, Waiting};
use jiff::Timestamp;
use serde::Serialize;

use crate::{output::Output, speech::Speech};

/// How fast an unfinished load goes, by what it did since it began or was taken up again.
#[derive(Debug, Serialize)]
pub struct Speed {
    since: Timestamp,
    files_found: u64,
    #[serde(flatten)]
    pace: Pace,
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
        Ok(Some(Self {
            since: run.started_at,
            files_found: run.files_found,
            pace: run.pace(Timestamp::now(), received, pages),
        }))
    }

    /// A line for people.
    pub fn describe(&self, output: &Output) -> String {
        let speech = output.speech;
        let rate = format!("{:.1}", self.pace.pages_per_minute);
        let rate = match speech {
            Speech::Romanian => rate.replace('.', ","),
            Speech::English => rate,
        };
        let left = match self.pace.seconds_left {
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
    fn time_left_is_told_in_minutes_and_hours() {
        assert_eq!(duration(61, Speech::English), "2 minutes left");
        assert_eq!(duration(3_900, Speech::Romanian), "1 h 05 min");
    }
}
