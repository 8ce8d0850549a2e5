//! Progress for people: two bars on a terminal, nothing where nobody looks.

use std::{io::IsTerminal as _, sync::Arc, time::Duration};

use hrisov_ingest::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use crate::speech::Speech;

/// How often the bars are drawn.
const TICK: Duration = Duration::from_millis(200);

/// Bars that follow a load until they are dropped.
#[derive(Debug)]
pub struct LoadBars {
    drawing: Option<JoinHandle<()>>,
    bars: MultiProgress,
}

impl LoadBars {
    /// Draws on stderr, if that is a terminal.
    pub fn follow(progress: &Arc<Progress>, speech: Speech) -> Self {
        let bars = MultiProgress::new();
        if !std::io::stderr().is_terminal() {
            return Self { drawing: None, bars };
        }
        let files = bars.add(bar(speech.pick("fișiere", "files"), ""));
        let pages = bars.add(bar(speech.pick("pagini", "pages"), "{per_minute} {eta}"));
        let progress = Arc::clone(progress);
        let drawing = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                let now = progress.counts();
                files.set_length(now.files_found);
                files.set_position(now.files_done);
                pages.set_length(now.pages_found);
                pages.set_position(now.pages_done);
            }
        });
        Self {
            drawing: Some(drawing),
            bars,
        }
    }
}

impl Drop for LoadBars {
    fn drop(&mut self) {
        if let Some(drawing) = &self.drawing {
            drawing.abort();
            // The terminal may be gone; nobody is left to tell.
            let _gone = self.bars.clear();
        }
    }
}

/// A bar with one count, for commands that go through dossiers.
pub fn counting_bar(name: &'static str, length: u64) -> ProgressBar {
    if std::io::stderr().is_terminal() {
        let bar = bar(name, "{eta}");
        bar.set_length(length);
        bar
    } else {
        ProgressBar::hidden()
    }
}

fn bar(name: &'static str, rate: &str) -> ProgressBar {
    let template = format!("{{prefix:<8}} {{bar:30}} {{human_pos:>8}}/{{human_len}} {rate}");
    let per_minute = |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
        // A bar that cannot be written is no reason to stop.
        let _unseen = write!(out, "{:.0}/min", state.per_sec() * 60.0);
    };
    let style = ProgressStyle::with_template(&template)
        .expect("the template is fixed")
        .with_key("per_minute", per_minute)
        .progress_chars("█▉▊▋▌▍▎▏ ");
    ProgressBar::no_length().with_style(style).with_prefix(name)
}
