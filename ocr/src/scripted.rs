//! An engine for tests of everything around recognition: it never looks at the picture, and it crashes,
//! hangs or runs out of memory when told to.
//!
//! The environment variable [`TEST_ENGINE_VARIABLE`] puts it in Tesseract's place inside a worker
//! process. No program sets it; it is for tests alone. Its value is a list of instructions joined by
//! commas, possibly empty: `KIND[-once][:PAGE[:NAME]]`.
//!
//! - KIND is `crash`, `hang`, `columns` (hangs as long as it looks for columns), `memory`, `panic`, `noise`, `blank` or
//!   `unreadable`;
//! - `-once` does it only the first time for each page, remembered by a file in the folder that
//!   `HRISOV_TEST_ENGINE_MARKS` names, where every page that is read also becomes a line of the file
//!   `recognised`: digest and page;
//! - PAGE is the page's number within its file, from 0, or `*`;
//! - NAME is a part of the file's path.
//!
//! `crash:2,hang-once:0:dosar-7` crashes on every third page and hangs once on the first page of
//! `dosar-7.tif`. Every other page gets text that is a pure function of the file's bytes and the page.

use std::{
    env,
    fs::File,
    hint::black_box,
    io::{self, Read as _, Write as _},
    path::PathBuf,
    str::FromStr,
};

use hrisov_imaging::worker::SourcePath;
use hrisov_model::{
    Block, BlockKind, Digest, Hasher, Line, PageText, Processing, Rect, Rotation, UnreadableReason, Word,
};
use jiff::Timestamp;

use crate::{Engine, OcrError, Page, Reading, RecogniseOptions};

/// Puts [`ScriptedEngine`] in Tesseract's place; for tests alone.
pub const TEST_ENGINE_VARIABLE: &str = "HRISOV_TEST_ENGINE";
/// The folder in which `-once` is remembered across processes, and what was read.
const MARKS_VARIABLE: &str = "HRISOV_TEST_ENGINE_MARKS";

const WORDS: [&str; 16] = [
    "primăria",
    "hotărâre",
    "dosar",
    "cerere",
    "anchetă",
    "socială",
    "consiliul",
    "local",
    "strada",
    "Bălcescu",
    "județul",
    "Mureș",
    "familie",
    "ajutor",
    "certificat",
    "naștere",
];
const LINES: usize = 4;
const WORDS_A_LINE: usize = 5;
/// An eighth of the page is left free on each side: no word ends near an edge.
const MARGIN: u32 = 8;
/// More than any memory limit of a test.
const MEMORY_STEP_BYTES: usize = 64 << 20;

/// Text without looking, and faults on request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptedEngine {
    instructions: Vec<Instruction>,
    marks: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Instruction {
    kind: Kind,
    repetition: Repetition,
    page: Option<u32>,
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Crash,
    Hang,
    Columns,
    Memory,
    Panic,
    Noise,
    Blank,
    Unreadable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repetition {
    Always,
    Once,
}

impl ScriptedEngine {
    /// The engine that the environment asks for; `None` where it asks for none.
    ///
    /// # Errors
    /// [`OcrError::TestEngine`] for an instruction that is not understood.
    pub fn from_environment() -> Result<Option<Self>, OcrError> {
        let Some(script) = env::var_os(TEST_ENGINE_VARIABLE) else {
            return Ok(None);
        };
        let mut engine: Self = script.to_string_lossy().parse()?;
        engine.marks = env::var_os(MARKS_VARIABLE).map(PathBuf::from);
        Ok(Some(engine))
    }

    /// The text that a page gets: a pure function of the file's digest, the page and its size.
    #[must_use]
    pub fn text(
        digest: Digest,
        index: u32,
        (width_px, height_px): (u32, u32),
        options: &RecogniseOptions,
    ) -> PageText {
        let grid = Grid { width_px, height_px };
        let digest_text = digest.to_string();
        let head = [
            digest_text[..12].to_owned(),
            "pagina".to_owned(),
            (index + 1).to_string(),
        ];
        let mut lines = vec![grid.line(0, head.into())];
        for row in 1..LINES {
            let word = |column| {
                let byte = digest.as_bytes()[(row * WORDS_A_LINE + column + index as usize) % 32];
                WORDS[usize::from(byte) % WORDS.len()].to_owned()
            };
            lines.push(grid.line(row, (0..WORDS_A_LINE).map(word).collect()));
        }
        let rect = Rect::bounding(lines.iter().map(|line| line.rect)).unwrap_or_default();
        PageText {
            width_px,
            height_px,
            blocks: vec![Block {
                rect,
                kind: BlockKind::Text,
                lines,
            }],
            processing: Processing {
                engine: "scripted".to_owned(),
                engine_version: "1".to_owned(),
                languages: options.languages.clone(),
                recipe: "none".to_owned(),
                rotation: Rotation::None,
                read_at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    fn instruction(&self, page: &Page<'_>, digest: Digest) -> Option<Kind> {
        let path = page.path.as_path().to_string_lossy();
        let instruction = self.instructions.iter().find(|instruction| {
            instruction.page.is_none_or(|index| index == page.index)
                && instruction.name.as_ref().is_none_or(|name| path.contains(name))
                && (instruction.repetition == Repetition::Always
                    || self.is_first_time(instruction.kind, digest, page.index))
        })?;
        Some(instruction.kind)
    }

    /// Writes down that a page is read.
    fn note(&self, digest: Digest, index: u32) {
        if let Some(folder) = &self.marks {
            let file = File::options()
                .append(true)
                .create(true)
                .open(folder.join("recognised"));
            // One short write to the end: lines of several processes do not mix.
            let line = format!("{digest} {index}\n");
            file.and_then(|mut file| file.write_all(line.as_bytes()))
                .expect("the test's folder can be written");
        }
    }

    /// Leaves a mark; false where it was there before.
    fn is_first_time(&self, kind: Kind, digest: Digest, index: u32) -> bool {
        let folder = self.marks.clone().unwrap_or_else(env::temp_dir);
        File::create_new(folder.join(format!("{kind:?}-{digest}-{index}"))).is_ok()
    }
}

impl Engine for ScriptedEngine {
    fn recognise(&mut self, page: &Page<'_>, options: &RecogniseOptions) -> Result<Reading, OcrError> {
        let digest = digest_of(page.path).unwrap_or_else(|_| Digest::of(b""));
        let size = (page.grey.width_px(), page.grey.height_px());
        self.note(digest, page.index);
        match self.instruction(page, digest) {
            Some(Kind::Crash) => std::process::abort(),
            Some(Kind::Hang) => hang(),
            Some(Kind::Columns) if !page.one_block => hang(),
            Some(Kind::Memory) => exhaust_memory(),
            Some(Kind::Panic) => panic!("as the test asked"),
            Some(Kind::Blank) => return Ok(Reading::Blank),
            Some(Kind::Unreadable) => {
                return Ok(Reading::Unreadable {
                    reason: UnreadableReason::NothingRecognised,
                    detail: "as the test asked".to_owned(),
                });
            }
            Some(Kind::Noise) => {
                // What a native library would do; nobody reads it.
                let _ = io::stdout().write_all(&[b'\n'; 100_000]);
            }
            Some(Kind::Columns) | None => {}
        }
        Ok(Reading::Text(Self::text(digest, page.index, size, options)))
    }
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

fn exhaust_memory() -> ! {
    let mut blocks = Vec::new();
    loop {
        blocks.push(black_box(vec![1_u8; MEMORY_STEP_BYTES]));
    }
}

fn digest_of(path: &SourcePath) -> io::Result<Digest> {
    let mut file = File::open(path.as_path())?;
    let (mut hasher, mut chunk) = (Hasher::default(), [0; 16 << 10]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&chunk[..count]),
        }
    }
}

/// Equal cells within the page's margins, one for each word.
struct Grid {
    width_px: u32,
    height_px: u32,
}

impl Grid {
    fn line(&self, row: usize, texts: Vec<String>) -> Line {
        let word = |(column, text)| Word {
            text,
            rect: self.cell(row, column),
            confidence: 0.9,
            ..Word::default()
        };
        let words: Vec<Word> = texts.into_iter().enumerate().map(word).collect();
        Line {
            rect: Rect::bounding(words.iter().map(|word| word.rect)).unwrap_or_default(),
            words,
        }
    }

    fn cell(&self, row: usize, column: usize) -> Rect {
        let (left, top) = (self.width_px / MARGIN, self.height_px / MARGIN);
        let (width, height) = (
            ((self.width_px - 2 * left) / WORDS_A_LINE as u32).max(1),
            ((self.height_px - 2 * top) / LINES as u32).max(1),
        );
        Rect {
            x: (left + column as u32 * width).min(self.width_px.saturating_sub(1)),
            y: (top + row as u32 * height).min(self.height_px.saturating_sub(1)),
            width,
            height,
        }
    }
}

impl FromStr for ScriptedEngine {
    type Err = OcrError;

    fn from_str(script: &str) -> Result<Self, OcrError> {
        let parts = script.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Self {
            instructions: parts.map(str::parse).collect::<Result<_, _>>()?,
            marks: None,
        })
    }
}

impl FromStr for Instruction {
    type Err = OcrError;

    fn from_str(text: &str) -> Result<Self, OcrError> {
        let unknown = || OcrError::TestEngine(text.to_owned());
        let mut parts = text.splitn(3, ':');
        let kind = parts.next().unwrap_or_default();
        let (kind, repetition) = match kind.strip_suffix("-once") {
            Some(kind) => (kind, Repetition::Once),
            None => (kind, Repetition::Always),
        };
        Ok(Self {
            kind: match kind {
                "crash" => Kind::Crash,
                "hang" => Kind::Hang,
                "columns" => Kind::Columns,
                "memory" => Kind::Memory,
                "panic" => Kind::Panic,
                "noise" => Kind::Noise,
                "blank" => Kind::Blank,
                "unreadable" => Kind::Unreadable,
                _ => return Err(unknown()),
            },
            repetition,
            page: match parts.next() {
                None | Some("*") => None,
                Some(page) => Some(page.parse().map_err(|_| unknown())?),
            },
            name: parts.next().map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use hrisov_imaging::condition::GreyPage;

    use super::*;

    #[test]
    fn instructions_are_for_a_page_of_a_file_and_once_means_once() {
        let folder = tempfile::tempdir().unwrap();
        let grey = GreyPage::from_luma(40, 40, vec![255; 1600], None).unwrap();
        let mut engine: ScriptedEngine = "blank:1, unreadable-once:*:dosar-7".parse().unwrap();
        engine.marks = Some(folder.path().to_owned());
        let mut read = |name: &str, index| {
            let path = folder.path().join(name);
            fs::write(&path, name).unwrap();
            let page = Page {
                grey: &grey,
                condition: &hrisov_model::PageCondition::unseen(None),
                path: &SourcePath::new(path),
                index,
                one_block: false,
            };
            engine.recognise(&page, &RecogniseOptions::default()).unwrap()
        };
        assert_eq!(read("a.tif", 1), Reading::Blank);
        assert!(matches!(read("dosar-7.tif", 0), Reading::Unreadable { .. }));
        let Reading::Text(text) = read("dosar-7.tif", 0) else {
            panic!("a mark was left the first time");
        };
        assert_eq!(
            text.words().next().unwrap().text,
            &Digest::of(b"dosar-7.tif").to_string()[..12]
        );
        assert_ne!(read("a.tif", 0), read("a.tif", 2));
        assert_eq!(read("a.tif", 2), read("a.tif", 2));
        for unknown in ["explode", "crash:first", "crash-twice"] {
            assert!(unknown.parse::<ScriptedEngine>().is_err(), "{unknown}");
        }
    }
}
