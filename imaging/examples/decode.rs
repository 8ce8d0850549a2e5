//! Decodes files and prints one line for each page: what it is, how large, how long it took, or why not.
//!
//! `cargo run --release -p hrisov-imaging --example decode -- FILE...`; with `--info`, headers only.

use std::{
    io::{self, Write as _},
    path::Path,
    time::Instant,
};

use hrisov_imaging::{ImagingError, Limits, Pixels, Source};

fn main() -> io::Result<()> {
    let limits = Limits::default();
    let mut out = io::stdout().lock();
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let headers_only = arguments.first().is_some_and(|first| first == "--info");
    for path in arguments.iter().skip(usize::from(headers_only)).map(Path::new) {
        let name = path.display();
        let mut source = match Source::open(path, &limits) {
            Ok(source) => source,
            Err(error) => {
                writeln!(out, "{name}\t-\t{}\t{error}", error.quarantine_reason())?;
                continue;
            }
        };
        let format = source.format().media_type();
        for index in 0..source.page_count() {
            let started = Instant::now();
            let page = describe(&mut source, index, headers_only);
            let ms = started.elapsed().as_millis();
            match page {
                Ok(page) => writeln!(out, "{name}\t{index}\tok\t{format}\t{page}\t{ms} ms")?,
                Err(error) => writeln!(
                    out,
                    "{name}\t{index}\t{}\t{error}\t{ms} ms",
                    error.unreadable_reason()
                )?,
            }
        }
    }
    Ok(())
}

fn describe(source: &mut Source, index: u32, headers_only: bool) -> Result<String, ImagingError> {
    let info = source.page_info(index)?;
    let dpi = info.dpi.map_or("-".to_owned(), |dpi| dpi.to_string());
    if headers_only {
        return Ok(format!("{}x{}\t{dpi} dpi\theader", info.width_px, info.height_px));
    }
    let page = source.decode_page(index)?;
    let (kind, checksum) = match &page.pixels {
        Pixels::Bilevel(bytes) => ("bilevel", checksum(bytes)),
        Pixels::Grey(bytes) => ("grey", checksum(bytes)),
        Pixels::Rgb(bytes) => ("rgb", checksum(bytes)),
    };
    let same = (page.width_px, page.height_px, page.dpi) == (info.width_px, info.height_px, info.dpi);
    let note = if same { "" } else { "\theader says otherwise" };
    Ok(format!(
        "{}x{}\t{dpi} dpi\t{kind}\tmean {checksum:.2}{note}",
        page.width_px, page.height_px
    ))
}

/// The mean sample: enough to see a page that came out black.
fn checksum(bytes: &[u8]) -> f64 {
    bytes.iter().map(|&byte| f64::from(byte)).sum::<f64>() / bytes.len().max(1) as f64
}
