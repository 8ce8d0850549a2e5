//! The files of a bundle: a zip file of which nobody can unpack anything else than what is checked here.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    io::{self, BufReader, Read, Seek, SeekFrom},
};

use hrisov_model::{Digest, Hasher};
use zip::{CompressionMethod, ZipArchive};

use super::check::{Fault, refused};

/// Files in a bundle: a dossier of a hundred thousand masters.
const MAX_FILES: usize = 600_000;
/// Bytes of a master read at a time.
const PIECE_BYTES: usize = 1 << 20;
/// What a zip file's list of files begins each line with, APPNOTE.TXT section 4.3.12, and how long a line is at least.
const LISTED: [u8; 4] = *b"PK\x01\x02";
const LISTED_BYTES: usize = 46;
/// The end of a zip file without a comment, APPNOTE.TXT sections 4.3.14 to 4.3.16: of a small one, and of one that needs
/// 64 bits.
const ENDS_BYTES: [u64; 2] = [22, 56 + 20 + 22];
const WHOLE: &str = "the bundle";

/// The files of a bundle, none of them compressed, each read under a limit.
pub(super) struct Files<R> {
    zip: ZipArchive<R>,
    pub(super) names: BTreeSet<String>,
}

impl<R: Read + Seek> Files<R> {
    pub(super) fn open(bundle: R) -> Result<Self, Fault> {
        let zip = ZipArchive::new(bundle).map_err(|error| fault(WHOLE, error))?;
        if zip.len() > MAX_FILES {
            return Err(refused(
                WHOLE,
                format!("{} files; no bundle has more than {MAX_FILES}", zip.len()),
            ));
        }
        let (read, offset, list) = (zip.len(), zip.offset(), zip.central_directory_start());
        let mut bundle = zip.into_inner();
        let (listed, after_bytes) = list_end(&mut bundle, list).map_err(|error| broken(WHOLE, error))?;
        // Of two files of one name every program unpacks the one that it likes.
        if listed != read {
            return Err(refused(WHOLE, "two files of one name"));
        }
        if offset != 0 || !ENDS_BYTES.contains(&after_bytes) {
            return Err(refused(WHOLE, "something lies in it before or after its files"));
        }
        let zip = ZipArchive::new(bundle).map_err(|error| fault(WHOLE, error))?;
        let names: Result<BTreeSet<String>, _> =
            zip.file_names().map(|name| name.map(Cow::into_owned)).collect();
        let names = names.map_err(|error| fault(WHOLE, error))?;
        Ok(Self { zip, names })
    }

    fn with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut dyn Read, u64) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(zip::result::ZipError::FileNotFound) => return Err(refused(name, "it is missing")),
            Err(error) => return Err(fault(name, error)),
        };
        if file.is_symlink() {
            return Err(refused(name, "it is a link, which no file of a bundle is"));
        }
        if file.compression() != CompressionMethod::Stored {
            return Err(refused(name, "it is compressed, which no file of a bundle is"));
        }
        let size_bytes = file.size();
        read(&mut file, size_bytes)
    }

    pub(super) fn bytes(&mut self, name: &str, max_bytes: u64) -> Result<Vec<u8>, Fault> {
        self.with(name, |file, size_bytes| {
            if size_bytes > max_bytes {
                return Err(refused(
                    name,
                    format!("{size_bytes} bytes; it never has more than {max_bytes}"),
                ));
            }
            let mut bytes = Vec::new();
            let read = file.take(max_bytes + 1).read_to_end(&mut bytes);
            read.map_err(|error| broken(name, error))?;
            Ok(bytes)
        })
    }

    pub(super) fn text(&mut self, name: &str, max_bytes: u64) -> Result<String, Fault> {
        String::from_utf8(self.bytes(name, max_bytes)?).map_err(|_| refused(name, "it is not UTF-8"))
    }

    /// 64 hexadecimal digits, with or without the end of the line.
    pub(super) fn digest(&mut self, name: &str) -> Result<Digest, Fault> {
        let text = self.text(name, 128)?;
        let digest = text.strip_suffix('\n').unwrap_or(&text).parse();
        digest.map_err(|error| refused(name, error))
    }

    pub(super) fn hash(&mut self, name: &str) -> Result<(Digest, u64), Fault> {
        self.with(name, |file, _| {
            let mut piece = vec![0; PIECE_BYTES];
            let mut hasher = Hasher::default();
            let mut size_bytes = 0;
            loop {
                match file.read(&mut piece).map_err(|error| broken(name, error))? {
                    0 => return Ok((hasher.finish(), size_bytes)),
                    read => {
                        hasher.update(&piece[..read]);
                        size_bytes += read as u64;
                    }
                }
            }
        })
    }
}

/// How many lines the list of files has that begins there, and how many bytes lie after it.
fn list_end(bundle: &mut (impl Read + Seek), list: u64) -> io::Result<(usize, u64)> {
    let end = bundle.seek(SeekFrom::End(0))?;
    bundle.seek(SeekFrom::Start(list))?;
    let mut listed = 0;
    let mut bundle = BufReader::new(bundle);
    let mut at = list;
    loop {
        let mut line = Vec::with_capacity(LISTED_BYTES);
        bundle.by_ref().take(LISTED_BYTES as u64).read_to_end(&mut line)?;
        if line.len() < LISTED_BYTES || !line.starts_with(&LISTED) {
            return Ok((listed, end - at));
        }
        // Length of the name, of what extends the line, and of the comment.
        let more: i64 = [28, 30, 32]
            .map(|place| i64::from(u16::from_le_bytes([line[place], line[place + 1]])))
            .iter()
            .sum();
        bundle.seek_relative(more)?;
        at += LISTED_BYTES as u64 + more as u64;
        listed += 1;
    }
}

/// A bundle that is no whole zip file is refused; a disk that cannot be read is an error.
fn fault(path: &str, error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(error) => broken(path, error),
        error => refused(path, error),
    }
}

fn broken(path: &str, error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            refused(path, error)
        }
        // The checksum of the zip file itself.
        io::ErrorKind::Other => refused(path, error),
        _ => Fault::Io(error),
    }
}
