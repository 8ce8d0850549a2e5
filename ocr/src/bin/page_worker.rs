//! A worker process on its own: what the program's hidden command `page-worker` runs.

use std::process::ExitCode;

fn main() -> ExitCode {
    match hrisov_ocr::worker::run_page_worker() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
