//! The real program, run as its users run it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use image::{GrayImage, Luma};
use serde_json::Value;
use tempfile::TempDir;

/// Puts the scripted engine in Tesseract's place where recognition is not the subject.
const TEST_ENGINE: &str = "HRISOV_TEST_ENGINE";

/// An archive in a temporary folder, and the program that works on it.
pub struct Archive {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The program that was built with these tests.
pub fn program() -> PathBuf {
    built("hrisov")
}

/// A program that was built with these tests.
pub fn built(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join(name);
    assert!(
        program.is_file(),
        "{} is not built: run the tests of the whole workspace",
        program.display()
    );
    program
}

impl Archive {
    /// A fresh archive whose pages are read by the scripted engine.
    pub fn scripted() -> Self {
        Self::with(&[(TEST_ENGINE, "")], &[])
    }

    /// A fresh archive whose pages are read by Tesseract.
    pub fn reading() -> Self {
        Self::with(&[], &[])
    }

    /// A fresh archive, made with more arguments of `init`.
    pub fn with(environment: &[(&str, &str)], init: &[&str]) -> Self {
        let archive = Self::folder_only(environment);
        let folder = archive.path();
        let mut args = vec!["init", folder.to_str().unwrap()];
        args.extend(init);
        archive.run(&args).expect_code(0);
        archive
    }

    /// A place for an archive that is still to be made.
    pub fn folder_only(environment: &[(&str, &str)]) -> Self {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        // In memory where the system has such a folder: nothing here outlives the test.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self {
            folder: folder.unwrap(),
            environment,
        }
    }

    /// The archive's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("arhiva")
    }

    /// A folder for boxes beside the archive.
    pub fn boxes(&self) -> PathBuf {
        self.folder.path().join("cutii")
    }

    /// The storage root.
    pub fn ocfl(&self) -> PathBuf {
        self.path().join("store/ocfl")
    }

    /// Gives a key of the configuration another value than its default.
    pub fn configure(&self, key: &str, value: u64) {
        let path = self.path().join("hrisov.toml");
        let text = fs::read_to_string(&path).unwrap();
        let commented = format!("# {key} = ");
        let line = text.lines().find(|line| line.starts_with(&commented));
        let line = line.expect("the key is in the template");
        fs::write(&path, text.replace(line, &format!("{key} = {value}"))).unwrap();
    }

    /// Sets a variable for all further runs.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Unsets a variable for all further runs.
    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .env("HRISOV_ARCHIVE", self.path())
            .env("LC_ALL", "C.UTF-8")
            .env_remove(TEST_ENGINE);
        command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        self.command(args).output().unwrap().into()
    }

    /// As [`Archive::run`], for a person who speaks Romanian.
    pub fn run_in_romanian(&self, args: &[&str]) -> Run {
        let mut command = self.command(args);
        command.env("LC_ALL", "ro_RO.UTF-8").output().unwrap().into()
    }

    /// Starts the program and lets it run.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs with `--json` and reads the last line of what it prints.
    pub fn json(&self, code: i32, args: &[&str]) -> Value {
        let args = [&["--json"], args].concat();
        let run = self.run(&args);
        let last = run.stdout.lines().last().unwrap_or_default().to_owned();
        run.expect_code(code);
        serde_json::from_str(&last).unwrap_or_else(|error| panic!("{args:?} printed {last:?}: {error}"))
    }

    /// What `status` says of batches, dossiers and pages. When they were verified is left out: the catalog knows it
    /// of plain `verify`, and forgets it with a rebuild.
    pub fn held(&self) -> Value {
        let mut status = self.json(0, &["status"]);
        status
            .as_object_mut()
            .expect("status is an object")
            .remove("fixity");
        status
    }

    /// Loads a box.
    pub fn ingest(&self, code: i32, folder: &Path) -> Value {
        self.json(code, &["ingest", folder.to_str().unwrap()])
    }

    /// Paths below the archive's store, sorted.
    pub fn objects(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.path().join("store"), &mut found);
        found.sort();
        found
    }

    /// Every leaf of the log in its order, read without our own code: each after its length in two bytes.
    pub fn leaves(&self) -> Vec<Value> {
        let size = self
            .checkpoint()
            .lines()
            .nth(1)
            .unwrap()
            .parse::<usize>()
            .unwrap();
        let entries = self.path().join("store/ledger/tile/entries");
        let mut leaves = Vec::new();
        while leaves.len() < size {
            let bundle = entries.join(format!("{:03}", leaves.len() / 256));
            let width = size - leaves.len();
            let bytes = match width {
                256.. => fs::read(bundle),
                _ => fs::read(bundle.with_extension("p").join(width.to_string())),
            };
            let bytes = bytes.unwrap();
            let mut rest = bytes.as_slice();
            while let [high, low, after @ ..] = rest {
                let (leaf, next) = after.split_at(usize::from(*high) * 256 + usize::from(*low));
                leaves.push(serde_json::from_slice(leaf).unwrap());
                rest = next;
            }
        }
        leaves
    }

    /// The log's newest checkpoint.
    pub fn checkpoint(&self) -> String {
        fs::read_to_string(self.path().join("store/ledger/checkpoint")).unwrap()
    }

    /// The one object whose path ends like that.
    pub fn object(&self, ending: &str) -> PathBuf {
        let objects = self.objects();
        let mut found = objects
            .iter()
            .filter(|path| path.to_str().is_some_and(|path| path.ends_with(ending)));
        match (found.next(), found.next()) {
            (Some(one), None) => one.clone(),
            other => panic!("not one object ends with {ending}: {other:?} of {objects:#?}"),
        }
    }
}

impl Run {
    /// Fails with everything it said unless it ended with that code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A small scan that differs with `seed`, written in the format of the path's extension.
pub fn write_scan(path: &Path, seed: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let page = GrayImage::from_fn(240, 320, |x, y| {
        let stroke = (x / 7 + y / 11 * 3 + seed * 13).is_multiple_of(5) && x > 30 && x < 210 && y % 11 < 6;
        // A dot of dust, so that no two seeds give the same bytes.
        let dust = (x, y) == (20 + seed % 199, 1 + seed / 199 % 300);
        Luma([if stroke || dust { 20 } else { 250 }])
    });
    page.save(path).unwrap();
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found)
        } else {
            found.push(path)
        }
    }
}
