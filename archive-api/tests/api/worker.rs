//! The worker program of the tests: serves pictures, as `hrisov page-worker` does.

use std::process::ExitCode;

use hrisov_imaging::worker::{PageHandler, serve_requests};

fn main() -> ExitCode {
    match serve_requests(PageHandler::new) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
