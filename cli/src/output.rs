//! Where words go: data to stdout, talk to stderr.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use serde::Serialize;

use crate::speech::Speech;

/// How the user wants to be told.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    /// The language of talk.
    pub speech: Speech,
}

impl Output {
    /// JSON or text, in the language of the system.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            speech: Speech::of_system(),
        }
    }

    /// Prints the result: as one line of JSON, or as the text that `text` makes.
    ///
    /// # Errors
    /// Where stdout is closed.
    pub fn result<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut stdout, value)?;
            writeln!(stdout)?;
        } else {
            let text = text();
            stdout.write_all(text.as_bytes())?;
            if !text.is_empty() && !text.ends_with('\n') {
                writeln!(stdout)?;
            }
        }
        Ok(stdout.flush()?)
    }

    /// Prints bytes as they are.
    ///
    /// # Errors
    /// Where stdout is closed.
    pub fn raw(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Says something to people.
    pub fn say(&self, message: impl Display) {
        // Talk is for whoever listens; a closed stderr is no reason to stop.
        let _unheard = writeln!(io::stderr(), "{message}");
    }

    /// Says why it failed, with the causes that add something.
    pub fn error(&self, error: &anyhow::Error) {
        let speech = self.speech;
        let mut said = error.to_string();
        let mut text = speech.translated(&said).into_owned();
        for cause in error.chain().skip(1) {
            let cause = cause.to_string();
            if !said.contains(&cause) {
                text = format!("{text}: {}", speech.translated(&cause));
                said = format!("{said}: {cause}");
            }
        }
        self.say(format_args!("{}: {text}", speech.pick("eroare", "error")));
    }
}

/// Whether it failed because the reader of our output went away (`hrisov search ... | head`).
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        io.map(io::Error::kind).or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
