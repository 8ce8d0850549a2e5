//! Help and usage errors of the built program.

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hrisov"));
    let output = program.args(args).env_remove("HRISOV_ARCHIVE").output();
    output.expect("the program was built with this test")
}

#[test]
fn help_names_every_command_and_exit_code() {
    let help = run(&["--help"]);
    let text = String::from_utf8(help.stdout).unwrap();
    assert_eq!(help.status.code(), Some(0));
    for word in [
        "init",
        "ingest",
        "status",
        "search",
        "serve",
        "verify",
        "rebuild",
        "doctor",
        "text",
        "Exit codes",
    ] {
        assert!(text.contains(word), "{word}");
    }
    assert!(!text.contains("page-worker"));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn usage_errors_end_with_2_and_missing_archives_with_1() {
    assert_eq!(run(&["ingest"]).status.code(), Some(2));
    assert_eq!(run(&["text", "x", "0"]).status.code(), Some(2));
    assert_eq!(run(&["--archive", "/nicaieri", "status"]).status.code(), Some(1));
    let without = run(&["status"]);
    assert_eq!(without.status.code(), Some(1));
    assert!(String::from_utf8(without.stderr).unwrap().contains("--archive"));
}
