//! The worker program of the tests: serves pictures, and misbehaves on request.

use std::{hint::black_box, io::Write as _, process::ExitCode};

use hrisov_imaging::{
    Limits,
    worker::{Answer, Handler, PageHandler, Reply, Request, serve_requests},
};
use serde::{Deserialize, Serialize};

/// A request about pictures, or one of the tests' own.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    Misbehaviour(Misbehaviour),
    Pictures(Request),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Misbehaviour {
    Abort,
    Exit { code: i32 },
    Segfault,
    Panic,
    Sleep,
    Spin,
    Allocate { megabytes: usize },
    Print { lines: u32 },
    ReadStdin,
    Limits,
    ProcessId,
    Oversized,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Given {
    Number(u64),
    Text(String),
    Pictures(Reply),
}

struct Fragile(PageHandler);

impl Handler for Fragile {
    type Request = Wanted;
    type Reply = Given;

    fn handle(&mut self, request: Wanted) -> Answer<Given> {
        match request {
            Wanted::Misbehaviour(kind) => misbehave(kind).into(),
            Wanted::Pictures(request) => {
                let Answer { reply, binary } = self.0.handle(request);
                Answer {
                    reply: Given::Pictures(reply),
                    binary,
                }
            }
        }
    }
}

fn misbehave(kind: Misbehaviour) -> Given {
    match kind {
        Misbehaviour::Abort => std::process::abort(),
        Misbehaviour::Exit { code } => std::process::exit(code),
        // The first one only removes the handler with which Rust reports stack overflows.
        Misbehaviour::Segfault => loop {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::SEGV)
                .expect("a process may signal itself");
        },
        Misbehaviour::Panic => panic!("CNP 1234567890123"),
        Misbehaviour::Sleep => loop {
            std::thread::park();
        },
        Misbehaviour::Spin => loop {
            black_box(0);
        },
        Misbehaviour::Allocate { megabytes } => {
            let block = black_box(vec![1_u8; megabytes << 20]);
            Given::Number(block.len() as u64)
        }
        Misbehaviour::Print { lines } => {
            let mut out = std::io::stdout().lock();
            for line in 0..lines {
                writeln!(out, "Detected {line} diacritics").expect("stdout goes to stderr, which is drained");
            }
            Given::Number(u64::from(lines))
        }
        Misbehaviour::ReadStdin => {
            Given::Text(std::io::read_to_string(std::io::stdin()).expect("stdin is /dev/null"))
        }
        Misbehaviour::Limits => {
            Given::Text(std::fs::read_to_string("/proc/self/limits").expect("every Linux process has them"))
        }
        Misbehaviour::ProcessId => Given::Number(u64::from(std::process::id())),
        Misbehaviour::Oversized => Given::Text("x".repeat(40 << 20)),
    }
}

fn main() -> ExitCode {
    match serve_requests(|limits: &Limits| Fragile(PageHandler::new(limits))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
