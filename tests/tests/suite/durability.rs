//! Nothing is acknowledged before it is on the disk: read from the system calls of a real load, as strace saw them.
//!
//! Two things count as acknowledged: a version, once its inventory has its name at the root of the dossier's object; and
//! all of the load, once the program prints its account.

use std::{fs, path::Path, process::Command, sync::LazyLock};

use regex::Regex;

use super::{
    faults::mixed_box,
    program::{Archive, program},
};

const TRACED: &str = "trace=write,pwrite64,writev,pwritev,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,fsync,\
    fdatasync,unlink,unlinkat";

/// One system call that succeeded.
#[derive(Debug)]
struct Call {
    began: f64,
    ended: f64,
    name: String,
    /// What it was called on: the paths of its file descriptors and those among its arguments.
    paths: Vec<String>,
}

impl Call {
    fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    fn writes(&self, path: &str) -> bool {
        self.is(&["write", "pwrite64", "writev", "pwritev"]) && self.paths[0] == path
    }

    fn syncs(&self, path: &str) -> bool {
        self.is(&["fsync", "fdatasync"]) && self.paths[0] == path
    }

    /// Where it gives a name to something, the name.
    fn names(&self) -> Option<&str> {
        match self.name.as_str() {
            "rename" | "renameat" | "renameat2" | "link" | "linkat" | "mkdir" | "mkdirat" => {
                self.paths.last().map(String::as_str)
            }
            _ => None,
        }
    }
}

#[test]
fn nothing_is_acknowledged_before_it_is_synced() {
    let archive = Archive::scripted();
    let folder = mixed_box(&archive);
    let Some(calls) = traced(&archive, &["--json", "ingest", folder.to_str().unwrap()]) else {
        return;
    };
    let store = archive.path().join("store").to_str().unwrap().to_owned();
    let commits: Vec<_> = calls
        .iter()
        .filter(|call| call.names().is_some_and(|name| is_root_inventory(&store, name)))
        .collect();
    // Three dossiers, each deposited and each given its text.
    assert_eq!(commits.len(), 6, "{commits:#?}");
    for commit in commits {
        let object = parent(commit.names().unwrap());
        check_durable(&calls, &format!("{object}/"), commit.began);
    }
    let said = calls.iter().filter(|call| call.writes("/dev/stdout"));
    let said: Vec<_> = said.map(|call| call.began).collect();
    let account = said.first().expect("it prints its account");
    check_durable(&calls, &format!("{store}/"), *account);
    for file in ["catalog.sqlite", "catalog.sqlite-wal"] {
        let path = archive.path().join(file).to_str().unwrap().to_owned();
        check_synced(&calls, &path, *account);
    }
}

fn is_root_inventory(store: &str, name: &str) -> bool {
    let below = name.strip_prefix(&format!("{store}/ocfl/"));
    below.is_some_and(|path| path.ends_with("/inventory.json") && path.matches('/').count() == 4)
}

/// Everything below a folder that had its name by then had its bytes synced before, and its name after.
#[track_caller]
fn check_durable(calls: &[Call], below: &str, by: f64) {
    let mut named = 0;
    let names = calls.iter().filter(|call| call.ended <= by);
    for naming in names.filter(|call| call.names().is_some_and(|name| name.starts_with(below))) {
        let name = naming.names().unwrap();
        if !naming.name.starts_with("mkdir") {
            named += 1;
            check_synced(calls, &naming.paths[naming.paths.len() - 2], naming.began);
        }
        let folder = parent(name);
        let is_synced = |call: &Call| call.syncs(folder) && call.began >= naming.ended && call.ended <= by;
        assert!(
            calls.iter().any(is_synced) || is_gone(calls, name, by),
            "the name {name} was not synced at {by}"
        );
    }
    // An object's own inventory is what commits it: content and version inventory have their names before.
    assert!(named > 1, "only {named} files below {below} by {by}");
}

/// The bytes written to a file by then were synced by then.
#[track_caller]
fn check_synced(calls: &[Call], path: &str, by: f64) {
    let written = calls.iter().filter(|call| call.writes(path) && call.began <= by);
    let Some(last) = written.map(|call| call.ended).max_by(f64::total_cmp) else {
        return;
    };
    let is_synced = |call: &Call| call.syncs(path) && call.began >= last && call.ended <= by;
    assert!(
        calls.iter().any(is_synced) || is_gone(calls, path, by),
        "{path}, last written at {last}, was not synced at {by}"
    );
}

/// Whether a name was taken away again.
fn is_gone(calls: &[Call], name: &str, by: f64) -> bool {
    let removes =
        |call: &Call| call.is(&["unlink", "unlinkat"]) && call.paths.iter().any(|path| path == name);
    calls.iter().any(|call| removes(call) && call.ended <= by)
}

fn parent(path: &str) -> &str {
    Path::new(path).parent().unwrap().to_str().unwrap()
}

/// The calls of all threads of a run, in the order in which they began.
fn traced(archive: &Archive, args: &[&str]) -> Option<Vec<Call>> {
    let traces = tempfile::tempdir().unwrap();
    let stdout = traces.path().join("stdout");
    let mut strace = Command::new("strace");
    strace
        .args(["-ff", "-ttt", "-T", "-y", "-s", "0", "-e", TRACED, "-o"])
        .arg(traces.path().join("thread"))
        .arg(program())
        .args(args)
        .env("HRISOV_ARCHIVE", archive.path())
        .env("HRISOV_TEST_ENGINE", "")
        .env("LC_ALL", "C.UTF-8")
        .stdout(fs::File::create(&stdout).unwrap());
    let Ok(ended) = strace.output() else {
        assert!(
            std::env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
            "there is no strace: apt-get install strace"
        );
        eprintln!("PASSED OVER: there is no strace");
        return None;
    };
    assert_eq!(
        ended.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let stdout = stdout.to_str().unwrap();
    let mut calls = Vec::new();
    for entry in fs::read_dir(traces.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("thread") {
            calls.extend(
                fs::read_to_string(path)
                    .unwrap()
                    .lines()
                    .filter_map(|line| call(line, stdout)),
            );
        }
    }
    calls.sort_by(|a, b| a.began.total_cmp(&b.began));
    Some(calls)
}

/// A line of strace, if the call succeeded.
fn call(line: &str, stdout: &str) -> Option<Call> {
    static CALL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^([0-9.]+) (\w+)\((.*)\) += +([0-9]+)[^<]*<([0-9.]+)>$").unwrap());
    // The path of a descriptor, or one that is an argument of its own.
    static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"\b[0-9]+<(/[^>]*)>|"(/[^"]*)""#).unwrap());
    let parts = CALL.captures(line)?;
    let began: f64 = parts[1].parse().unwrap();
    let took: f64 = parts[5].parse().unwrap();
    let paths = PATH.captures_iter(&parts[3]).map(|found| {
        let path = found.get(1).or_else(|| found.get(2)).unwrap().as_str();
        if path == stdout { "/dev/stdout" } else { path }.to_owned()
    });
    let paths: Vec<_> = paths.collect();
    (!paths.is_empty()).then(|| Call {
        began,
        ended: began + took,
        name: parts[2].to_owned(),
        paths,
    })
}

/// Nothing would be seen if lines were not understood.
#[test]
fn lines_of_strace_are_understood() {
    let row = |line: &str| call(line, "/tmp/out").map(|call| (call.name, call.paths));
    let renamed = r#"1763.5 renameat2(AT_FDCWD</home>, "/a/x.part", AT_FDCWD</home>, "/a/b", RENAME_NOREPLACE) = 0 <0.000021>"#;
    assert_eq!(
        row(renamed),
        Some((
            "renameat2".to_owned(),
            vec!["/a/x.part".to_owned(), "/a/b".to_owned()]
        ))
    );
    let written = r#"1763.5 write(1</tmp/out>, ""..., 812) = 812 <0.000021>"#;
    assert_eq!(
        row(written),
        Some(("write".to_owned(), vec!["/dev/stdout".to_owned()]))
    );
    let failed = r#"1763.5 mkdir("/a", 0777) = -1 EEXIST (File exists) <0.000010>"#;
    assert_eq!(row(failed), None);
    let synced = "1763.5 fdatasync(9</a/b>) = 0 <0.004000>";
    assert_eq!(
        row(synced),
        Some(("fdatasync".to_owned(), vec!["/a/b".to_owned()]))
    );
}
