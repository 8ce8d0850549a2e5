//! Damaged, odd and malicious files, each in a process of its own under a limit of memory and time: a page
//! or a clear error, and what a reference reader shows is shown.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

use hrisov_imaging::{Limits, Source};

use crate::given::shared_scans;

/// The file that the child process is to decode.
const FILE: &str = "HRISOV_TEST_DECODE_FILE";

/// Three gigabytes of address space, sixty seconds.
const IN_BOUNDS: &str = "ulimit -v 3000000; exec timeout 60 \"$0\" \"$@\"";

/// Odd files that the reference shows and we do not.
const EXCEPTIONS: [(&str, &str); 4] = [
    ("hopper_lzma.tif", "LZMA in TIFF: no scanner writes it"),
    ("hopper_webp_write.ppm", "PPM is not among the formats received"),
    ("simple.gif", "GIF is not among the formats received"),
    (
        "hugemono.pdf",
        "1.2 gigapixels, beyond the limit of 200 megapixels",
    ),
];

/// Folders of valid files, however odd: what the reference shows, we show.
const VALID: [&str; 4] = ["tiff_odd/", "exif_orientation/", "ro_pdf/", "pdf_odd/"];

/// Not a test by itself: the body of the child process.
#[test]
fn child() {
    let Some(path) = env::var_os(FILE) else { return };
    let mut source = match Source::open(Path::new(&path), &Limits::default()) {
        Ok(source) => source,
        Err(error) => return println!("ROW error {}", error.quarantine_reason()),
    };
    for index in 0..source.page_count() {
        match source.decode_page(index) {
            Ok(page) => println!("ROW ok {}x{}", page.width_px, page.height_px),
            Err(error) => println!("ROW error {}", error.unreadable_reason()),
        }
    }
}

fn decode_in_child(path: &Path) -> Output {
    Command::new("sh")
        .args(["-c", IN_BOUNDS])
        .arg(env::current_exe().unwrap())
        .args(["hostile::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .output()
        .unwrap()
}

/// What the manifest says the reference reader made of a file.
enum Reference {
    Picture { size: String, frames: usize },
    Document { pages: usize },
    Nothing,
}

fn reference(text: &str) -> Reference {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["pillow", "ok", _, size, frames] => Reference::Picture {
            size: (*size).to_owned(),
            frames: frames.trim_start_matches("frames=").parse().unwrap(),
        },
        ["pdfium", "ok", pages] => Reference::Document {
            pages: pages.trim_start_matches("pages=").parse().unwrap(),
        },
        _ => Reference::Nothing,
    }
}

/// What is wrong with the rows that the child printed for a valid file.
fn complaint(rows: &[&str], reference: &Reference) -> Option<String> {
    let shown = rows.iter().filter(|row| row.starts_with("ok ")).count();
    match reference {
        Reference::Nothing => None,
        Reference::Picture { frames, .. } if shown != *frames => {
            Some(format!("{shown} of {frames} pages: {rows:?}"))
        }
        Reference::Document { pages } if shown != *pages => {
            Some(format!("{shown} of {pages} pages: {rows:?}"))
        }
        Reference::Document { .. } => None,
        Reference::Picture { size, .. } => {
            let turned = size
                .split_once('x')
                .map(|(width, height)| format!("ok {height}x{width}"));
            let right = rows[0] == format!("ok {size}") || Some(rows[0].to_owned()) == turned;
            (!right).then(|| format!("{} instead of {size}", rows[0]))
        }
    }
}

#[test]
fn hostile_files_give_a_page_or_a_clear_error() {
    let Some(folder) = shared_scans().map(|scans| scans.join("hostile")) else {
        return;
    };
    let manifest = fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let mut complaints = Vec::new();
    let mut files = 0;
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let path = columns[0];
        let output = decode_in_child(&folder.join(path));
        let text = String::from_utf8_lossy(&output.stdout);
        // The test runner's own words may stand before the first row on its line.
        let rows: Vec<&str> = text
            .lines()
            .filter_map(|line| Some(line.split_once("ROW ")?.1))
            .collect();
        files += 1;
        if !output.status.success() || rows.is_empty() {
            complaints.push(format!("{path}: {} after {rows:?}", output.status));
        } else if VALID.iter().any(|folder| path.starts_with(folder))
            && !EXCEPTIONS.iter().any(|(name, _)| path.ends_with(name))
            && let Some(complaint) = complaint(&rows, &reference(columns[5]))
        {
            complaints.push(format!("{path}: {complaint}"));
        }
    }
    assert!(files > 300, "{files} files in the manifest");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
