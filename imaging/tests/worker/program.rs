//! The worker program of the tests: serves pictures, and misbehaves on request.

use std::{hint::black_box, io::Write as _, process::ExitCode, thread, time::Duration};

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
    Exit {
        code: i32,
    },
    Segfault,
    Panic,
    Sleep,
    Spin,
    /// Uses the processor for so long, a seventh of the time.
    Amble {
        milliseconds: u64,
    },
    Allocate {
        megabytes: usize,
    },
    Print {
        lines: u32,
    },
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

fn used_of_processor() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(used).expect("time is not negative")
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
            thread::park();
        },
        Misbehaviour::Spin => loop {
            black_box(0);
        },
        Misbehaviour::Amble { milliseconds } => {
            let mut worked = Duration::ZERO;
            while worked < Duration::from_millis(milliseconds) {
                let turn = used_of_processor() + Duration::from_millis(10);
                while used_of_processor() < turn {
                    black_box(0);
                }
                worked += Duration::from_millis(10);
                thread::sleep(Duration::from_millis(60));
            }
            Given::Number(milliseconds)
        }
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
