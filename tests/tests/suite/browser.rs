//! The pages in Debian's Chromium, over the real program, on scans read by Tesseract; and what they are made of.

use std::{fs, path::Path, process::Command};

use super::{
    program::Archive,
    serve::serve,
    tools::{self, root},
};

/// The dossier that the caseworker looks for, and others beside it: two of them with a blank page, which is doubted.
const DOSSIERS: [&str; 4] = ["Dosar 3 din 2006.tif", "2", "4", "5"];

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn a_caseworker_finds_shows_and_prints_a_page_in_a_real_browser() {
    let (Some(_), Some(python), Some(_), Some(_)) = (
        tools::program("chromium"),
        tools::python_program("python"),
        tools::python_file("playwright/__init__.py"),
        tools::python_file("axe_playwright_python/__init__.py"),
    ) else {
        return;
    };
    let archive = Archive::reading();
    let boxed = archive.boxes().join("cutia-1");
    let sample = root().join("fixtures/sample");
    for dossier in DOSSIERS {
        copy(&sample.join("box").join(dossier), &boxed.join(dossier));
    }
    // A page that cannot be read, for the archivist.
    fs::write(boxed.join("stricat.tif"), b"II*\0cut off").unwrap();
    archive.ingest(3, &boxed);
    let (_server, address) = serve(&archive);
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let run = Command::new(python)
        .arg(root().join("tests/tools/browser.py"))
        .arg(format!("http://{address}"))
        .arg(sample.join("truth").join(DOSSIERS[0]).join("1.json"))
        .arg(sample.join("box").join(DOSSIERS[0]))
        .arg(&shots)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "pictures are in {}:\n{}{}",
        shots.display(),
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    check_pdf(&shots.join("pagini.pdf"), &["Hermann", "VLĂDULENI", "amprenta"]);
    check_pdf(
        &shots.join("tiparit.pdf"),
        &["Dosar 3 din 2006.tif, p. 1", "amprenta"],
    );
}

/// One page, on which another program finds these words.
fn check_pdf(file: &Path, words: &[&str]) {
    let Some(pdftotext) = tools::program("pdftotext") else {
        return;
    };
    let run = Command::new(pdftotext)
        .arg("-layout")
        .arg(file)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout);
    assert_eq!(
        text.matches('\u{c}').count(),
        1,
        "{} has one page: {text}",
        file.display()
    );
    for word in words {
        assert!(text.contains(word), "{word} is not in {}: {text}", file.display());
    }
}

#[test]
fn the_built_scripts_are_what_their_sources_give() {
    if tools::program("esbuild").is_none() {
        return;
    }
    let scripts = root().join("archive-api/scripts");
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new("bash")
        .arg(scripts.join("build.sh"))
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut built: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    built.sort();
    assert!(!built.is_empty());
    for name in built {
        let (made, committed) = (
            fs::read_to_string(folder.path().join(&name)).unwrap(),
            fs::read_to_string(scripts.join("built").join(&name)).unwrap_or_default(),
        );
        assert!(
            made == committed,
            "{name:?} is not what its source gives: run archive-api/scripts/build.sh"
        );
    }
}
