//! Reads pages as a worker would and prints their text: for measuring.
//!
//! usage: recognise LANGUAGES FILE [PAGE] [--timings] [--json] [--one-block]
//!
//! PAGE counts from 0. `--timings` prints what was done, the mean confidence and the processor time to
//! stderr, `--json` prints words with their confidences and places in the text's stead, `--one-block` reads as the second
//! try after one that did not end. Start it with `OMP_THREAD_LIMIT=1`, as workers are.

use std::{env, error::Error, io::Write as _, time::Instant};

use hrisov_imaging::{
    Limits, Source,
    condition::{GreyPage, measure, sheet},
    worker::SourcePath,
};
use hrisov_ocr::{Engine as _, Page, Reading, RecogniseOptions, TesseractEngine};

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, args): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let [languages, file, rest @ ..] = args.as_slice() else {
        return Err("usage: recognise LANGUAGES FILE [PAGE] [--timings]".into());
    };
    let index = rest.first().map_or(Ok(0), |page| page.parse())?;
    let options = RecogniseOptions {
        languages: languages.parse()?,
    };
    let path = SourcePath::new(file);
    let image = Source::open(path.as_path(), &Limits::default())?.decode_page(index)?;
    let (grey, place) = sheet(GreyPage::of(&image));
    let condition = measure(&grey);
    let mut engine = TesseractEngine::new(&options)?;
    let started = Instant::now();
    let reading = engine.recognise(
        &Page {
            grey: &grey,
            condition: &condition,
            path: &path,
            index,
            one_block: flags.iter().any(|flag| flag == "--one-block"),
        },
        &options,
    )?;
    let reading = reading.on_page(place, (image.width_px, image.height_px));
    let (text, summary) = match reading {
        Reading::Text(text) => {
            let confidence = text.mean_confidence().unwrap_or(0.0);
            let done = format!(
                "{} rotation {} confidence {confidence:.3}",
                text.processing.recipe,
                u16::from(text.processing.rotation)
            );
            let printed = match flags.iter().any(|flag| flag == "--json") {
                true => serde_json::to_string(&text)?,
                false => text.to_plain_text(),
            };
            (printed, done)
        }
        other => (String::new(), format!("{other:?}")),
    };
    writeln!(std::io::stdout(), "{text}")?;
    if flags.iter().any(|flag| flag == "--timings") {
        let elapsed = started.elapsed().as_secs_f32();
        writeln!(
            std::io::stderr(),
            "{file}: {summary} {elapsed:.2} s, letters {:.1} px",
            condition.letter_height_px.unwrap_or(0.0)
        )?;
        for made in engine.readings_made() {
            writeln!(
                std::io::stderr(),
                "  {}: {:.2} s, {} letters, dictionary {:.2}, confidence {:.2}, {:.1} megapixels",
                made.recipe,
                made.elapsed.as_secs_f32(),
                made.letters,
                made.dictionary_share,
                made.confidence,
                made.pixels as f32 / 1e6
            )?;
        }
    }
    Ok(())
}
