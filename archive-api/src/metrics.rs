//! Figures for whoever watches over servers, in the text format of Prometheus 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt::Write as _;

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};
use hrisov_catalog::{FixityState, JobCounts, PageCounts};
use jiff::Timestamp;

use crate::{ApiState, error::ApiError};

/// The content type that the format asks for.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is told.
struct Figures {
    pages: PageCounts,
    jobs: JobCounts,
    fixity: FixityState,
    /// Findings of the last verification of the whole archive beside those in dossiers.
    other_findings: u64,
}

/// Gives figures of the archive to programs that watch over it.
#[utoipa::path(get, path = "/metrics", tag = "server", operation_id = "get_metrics",
    responses((status = 200, description = "figures in the text format of Prometheus", content_type = "text/plain",
    body = String)))]
pub(crate) async fn metrics(State(state): State<ApiState>) -> Result<Response, ApiError> {
    let catalog = &state.catalog;
    let last = catalog.last_finished_verification().await?;
    let figures = Figures {
        pages: catalog.page_counts(None).await?,
        jobs: catalog.job_counts().await?,
        fixity: catalog.fixity_state(None).await?,
        other_findings: last.map_or(0, |last| last.findings.len() as u64),
    };
    Ok(([(CONTENT_TYPE, PROMETHEUS)], text(&figures)).into_response())
}

/// Times are seconds since 1970, 0 where there is none.
fn text(figures: &Figures) -> String {
    let seconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_second).unsigned_abs();
    let Figures {
        pages,
        jobs,
        fixity,
        other_findings,
    } = figures;
    let mut text = String::new();
    for (name, help, value) in [
        ("dossiers", "Dossiers held.", fixity.dossiers),
        ("pages", "Pages held.", pages.pages),
        (
            "pages_unreadable",
            "Pages that could not be read.",
            pages.unreadable,
        ),
        ("jobs_open", "Jobs waiting or running.", jobs.open),
        ("jobs_parked", "Jobs given up after several tries.", jobs.parked),
        (
            "fixity_faulty_dossiers",
            "Dossiers in which the last verification found something.",
            fixity.with_findings,
        ),
        (
            "fixity_other_findings",
            "Findings of the last verification of everything in log, index and storage root.",
            *other_findings,
        ),
        (
            "fixity_never_verified_dossiers",
            "Dossiers not verified since their deposit.",
            fixity.never,
        ),
        (
            "fixity_oldest_verification_timestamp_seconds",
            "When the dossier was verified whose turn is the longest ago.",
            seconds(fixity.oldest),
        ),
        (
            "fixity_newest_verification_timestamp_seconds",
            "When the last dossier was verified.",
            seconds(fixity.newest),
        ),
    ] {
        let _never_fails = writeln!(
            text,
            "# HELP hrisov_{name} {help}\n# TYPE hrisov_{name} gauge\nhrisov_{name} {value}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_lines_that_prometheus_reads() {
        let figures = Figures {
            pages: PageCounts::default(),
            jobs: JobCounts::default(),
            fixity: FixityState {
                dossiers: 12,
                with_findings: 1,
                oldest: Some(Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(1_700_000_000)),
                ..FixityState::default()
            },
            other_findings: 0,
        };
        let text = text(&figures);
        for line in [
            "hrisov_dossiers 12",
            "# TYPE hrisov_fixity_faulty_dossiers gauge",
            "hrisov_fixity_faulty_dossiers 1",
            "hrisov_fixity_oldest_verification_timestamp_seconds 1700000000",
            "hrisov_fixity_newest_verification_timestamp_seconds 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        assert_eq!(text.lines().count(), 30);
    }
}
