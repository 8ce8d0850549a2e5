//! `hrisov status --doubtful`: which pages to look at or scan again, why, and which file that is.

use std::{collections::BTreeMap, path::Path};

use anyhow::bail;
use hrisov_catalog::{BoxName, Catalog, Decision, DoubtfulPage, LikePage, PageScope, Review};
use hrisov_model::{DossierId, Doubt, Doubted, PageId, PageState, Thresholds};
use jiff::Timestamp;
use serde::Serialize;

use crate::{args::StatusArgs, exit::Exit, output::Output, speech::Speech};

/// Doubtful pages by box.
#[derive(Serialize)]
struct Listed {
    boxes: Vec<BoxListed>,
    pages: u64,
    doubts: BTreeMap<Doubt, u64>,
}

#[derive(Serialize)]
struct BoxListed {
    #[serde(flatten)]
    of: BoxName,
    pages: Vec<PageListed>,
}

#[derive(Serialize)]
struct PageListed {
    dossier: DossierId,
    reference: String,
    number: u32,
    page: PageId,
    /// Which page of the file, from 0.
    index: u32,
    #[serde(flatten)]
    state: PageState,
    /// The file to scan again.
    file: String,
    /// The same below the box's folder.
    #[serde(skip)]
    path: String,
    doubts: Vec<Doubted>,
    like: Option<LikePage>,
    decision: Decision,
    /// Who decided it and when; of an undecided page, what was decided of its other doubts or withdrawn.
    review: Option<Review>,
}

/// A line of the CSV.
#[derive(Serialize)]
struct Row<'a> {
    fonds: &'a str,
    #[serde(rename = "box")]
    box_name: &'a str,
    reference: &'a str,
    page: u32,
    doubt: &'static str,
    figure: Option<f32>,
    limit: Option<f32>,
    like: String,
    file: &'a str,
    page_id: String,
    decision: Decision,
    decided_by: &'a str,
    decided_at: Option<Timestamp>,
}

/// Lists the doubtful pages of some boxes, or of one batch.
///
/// # Errors
/// Where the catalog fails, or there is no such box.
pub async fn run(
    catalog: &Catalog,
    scopes: Vec<(BoxName, PageScope)>,
    args: &StatusArgs,
    thresholds: &Thresholds,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut listed = Listed {
        boxes: Vec::new(),
        pages: 0,
        doubts: BTreeMap::new(),
    };
    for (of, scope) in scopes {
        let mut pages = catalog.doubtful_pages(&scope, thresholds).await?;
        if !args.doubtful.doubt.is_empty() {
            let is_asked =
                |page: &DoubtfulPage| page.doubts.iter().any(|d| args.doubtful.doubt.contains(&d.doubt));
            pages.retain(is_asked);
        }
        pages.retain(|page| match args.doubtful.decision.as_slice() {
            [] => page.decision() != Decision::Fine,
            asked => asked.contains(&page.decision()),
        });
        let pages: Vec<PageListed> = pages.into_iter().map(PageListed::of).collect();
        listed.pages += pages.len() as u64;
        for doubted in pages.iter().flat_map(|page| &page.doubts) {
            *listed.doubts.entry(doubted.doubt).or_default() += 1;
        }
        if !pages.is_empty() {
            listed.boxes.push(BoxListed { of, pages });
        }
    }
    if args.csv {
        output.raw(&csv(&listed)?)?;
    } else {
        output.result(&listed, || describe(&listed, output.speech))?;
    }
    Ok(Exit::Done)
}

/// The boxes of that name, or all of them.
///
/// # Errors
/// Where the catalog fails, or there is no such box.
pub async fn boxes(catalog: &Catalog, called: Option<&str>) -> anyhow::Result<Vec<(BoxName, PageScope)>> {
    let mut boxes = catalog.boxes().await?;
    if let Some(called) = called {
        let is_called = |of: &BoxName| of.name == called || format!("{}/{}", of.fonds, of.name) == called;
        boxes.retain(is_called);
        if boxes.is_empty() {
            bail!("there is no box {called:?}: `hrisov status` lists them");
        }
    }
    let scoped = boxes.into_iter().map(|of| (of.clone(), PageScope::Box(of)));
    Ok(scoped.collect())
}

/// Pages of the whole archive by doubt, but for settled ones.
///
/// # Errors
/// Where the catalog fails.
pub async fn counts(catalog: &Catalog, thresholds: &Thresholds) -> anyhow::Result<BTreeMap<Doubt, u64>> {
    let mut counts = BTreeMap::new();
    for of in catalog.boxes().await? {
        for page in catalog.doubtful_pages(&PageScope::Box(of), thresholds).await? {
            let is_settled = page.decision() == Decision::Fine;
            for doubted in page.doubts.iter().filter(|_| !is_settled) {
                *counts.entry(doubted.doubt).or_default() += 1;
            }
        }
    }
    Ok(counts)
}

/// Counts of doubts in a few words, for people, in lines that fit a terminal.
pub fn summary(counts: &BTreeMap<Doubt, u64>, speech: Speech) -> String {
    const COLUMNS: usize = 78;
    let mut lines = vec![format!("{}:", speech.pick("De verificat", "To look at"))];
    for (at, (doubt, count)) in counts.iter().enumerate() {
        let comma = if at + 1 < counts.len() { "," } else { "" };
        let part = format!(" {} {}{comma}", speech.number(*count), plural(*doubt, speech));
        let line = lines.last_mut().expect("there is a first line");
        match line.chars().count() + part.chars().count() <= COLUMNS {
            true => line.push_str(&part),
            false => lines.push(format!("  {}", part.trim_start())),
        }
    }
    lines.join("\n") + "\n"
}

impl PageListed {
    fn of(page: DoubtfulPage) -> Self {
        let decision = page.decision();
        let file = Path::new(&page.box_folder).join(&page.path);
        Self {
            dossier: page.dossier,
            reference: page.reference,
            number: page.number,
            page: page.page.id,
            index: page.page.index,
            state: page.page.state,
            file: file.display().to_string(),
            path: page.path,
            decision,
            review: page.review,
            doubts: page.doubts,
            like: page.like,
        }
    }

    fn is_blank(&self) -> bool {
        self.decision == Decision::Undecided
            && matches!(self.doubts.as_slice(), [only] if only.doubt == Doubt::Blank)
    }
}

fn csv(listed: &Listed) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for of in &listed.boxes {
        for page in &of.pages {
            let review = page
                .review
                .as_ref()
                .filter(|_| page.decision != Decision::Undecided);
            // A page that somebody wants to be scanned again has its line, doubted or not.
            let doubts = page.doubts.iter().map(Some);
            let doubts = doubts.chain(page.doubts.is_empty().then_some(None));
            for doubted in doubts {
                let like = page
                    .like
                    .as_ref()
                    .filter(|_| doubted.is_some_and(|doubted| doubted.doubt == Doubt::MayDuplicate));
                csv.serialize(Row {
                    fonds: &of.of.fonds,
                    box_name: &of.of.name,
                    reference: &page.reference,
                    page: page.number,
                    doubt: doubted.map_or("", |doubted| doubted.doubt.name()),
                    figure: doubted.and_then(|doubted| doubted.figure),
                    limit: doubted.and_then(|doubted| doubted.limit),
                    like: like.map_or_else(String::new, |like| format!("{}/{}", like.reference, like.number)),
                    file: &page.file,
                    page_id: page.page.to_string(),
                    decision: page.decision,
                    decided_by: review.map_or("", |review| review.by.as_str()),
                    decided_at: review.map(|review| review.at),
                })?;
            }
        }
    }
    Ok(csv.into_inner()?)
}

fn describe(listed: &Listed, speech: Speech) -> String {
    let mut text = String::new();
    for of in &listed.boxes {
        let pages = speech.count(of.pages.len() as u64, ("pagină", "pagini"), ("page", "pages"));
        let to_look_at = speech.pick("de verificat", "to look at");
        let a_box = speech.pick("Cutia", "Box");
        let (fonds, name) = (&of.of.fonds, &of.of.name);
        text.push_str(&format!("{a_box} {fonds}/{name}: {pages} {to_look_at}\n"));
        for dossier in of.pages.chunk_by(|one, two| one.dossier == two.dossier) {
            text.push_str(&dossier_lines(dossier, speech));
        }
        text.push('\n');
    }
    match listed.boxes.is_empty() {
        true => speech
            .pick("Nicio pagină nu cere atenție.", "No page asks for attention.")
            .to_owned(),
        false => {
            let again = speech.pick("Scanate din nou", "Scanned again");
            let how = speech.pick("DOSAR/PAGINĂ FIȘIER", "DOSSIER/PAGE FILE");
            let decide = speech.pick("Hotărâți", "Decide");
            let which = speech.pick("--name NUME DOSAR/PAGINĂ...", "--name NAME DOSSIER/PAGE...");
            text + &summary(&listed.doubts, speech)
                + &format!("{decide}: hrisov review --fine|--rescan {which}\n{again}: hrisov replace {how}\n")
        }
    }
}

/// A dossier: each doubtful page with its reasons and its file; blank backs together, since there are many.
fn dossier_lines(pages: &[PageListed], speech: Speech) -> String {
    let mut text = format!("\n  {}\n", pages[0].reference);
    for page in pages.iter().filter(|page| !page.is_blank()) {
        let number = format!("{} {}", speech.pick("pag.", "p."), page.number);
        let decided = decided(page, speech);
        let reasons = page.doubts.iter().map(|doubted| reason(page, doubted, speech));
        let reasons = reasons.chain(decided);
        let mut before = number.as_str();
        for reason in reasons {
            text.push_str(&format!("    {before:<9} {reason}\n"));
            before = "";
        }
        let of_file = match page.index {
            0 => String::new(),
            index => format!(" ({} {})", speech.pick("imaginea", "picture"), index + 1),
        };
        text.push_str(&format!("    {:<9} {}{of_file}\n", "", page.path));
    }
    let blank: Vec<String> = pages
        .iter()
        .filter(|page| page.is_blank())
        .map(|page| page.number.to_string())
        .collect();
    if !blank.is_empty() {
        let label = speech.pick("goale", "blank");
        text.push_str(&format!(
            "    {label:<9} {} {}\n",
            speech.pick("pag.", "p."),
            blank.join(", ")
        ));
    }
    text
}

/// What was decided of it, by whom and when.
fn decided(page: &PageListed, speech: Speech) -> Option<String> {
    let what = match page.decision {
        Decision::Undecided => return None,
        Decision::Rescan => speech.pick("de rescanat", "to be scanned again"),
        Decision::Fine => speech.pick("în regulă", "in order"),
    };
    let review = page.review.as_ref()?;
    Some(format!(
        "→ {what}: {}, {}",
        review.by,
        review.at.strftime("%d.%m.%Y")
    ))
}

/// Why, with the figure.
fn reason(page: &PageListed, doubted: &Doubted, speech: Speech) -> String {
    let name = name(doubted.doubt, speech);
    match doubted.doubt {
        Doubt::MayDuplicate => {
            let like = page.like.as_ref();
            let place = like.map(|like| match like.dossier == page.dossier {
                true => format!("{} {}", speech.pick("pag.", "p."), like.number),
                false => format!(
                    "{}, {} {}",
                    like.reference,
                    speech.pick("pag.", "p."),
                    like.number
                ),
            });
            format!("{name} {}", place.unwrap_or_default())
        }
        Doubt::Unreadable => match &page.state {
            PageState::Unreadable { detail, .. } => format!("{name}: {detail}"),
            _ => name.to_owned(),
        },
        _ => match figure(doubted, speech) {
            Some(figure) => format!("{name}: {figure}"),
            None => name.to_owned(),
        },
    }
}

/// The figure and the threshold in plain words.
fn figure(doubted: &Doubted, speech: Speech) -> Option<String> {
    let (figure, limit) = (doubted.figure?, doubted.limit?);
    let number = |value: f32, places: usize| {
        let text = format!("{value:.places$}");
        match speech {
            Speech::Romanian => text.replace('.', ","),
            Speech::English => text,
        }
    };
    let percent = |share: f32, places| number(share * 100.0, places);
    let least = speech.pick("cel puțin", "at least");
    let most = speech.pick("cel mult", "at most");
    Some(match doubted.doubt {
        Doubt::Incomplete => format!("{} %", number(figure, 0)),
        Doubt::Blank | Doubt::NearlyBlank => {
            let (ink, of_page) = (
                speech.pick("cerneală pe", "ink on"),
                speech.pick("din pagină", "of the page"),
            );
            // A page of which more is covered is blank because what is on it is so pale.
            match figure < 0.01 && limit < 0.1 {
                true => format!("{ink} {} % {of_page}", percent(figure, 2)),
                false => format!("contrast {} %", percent(figure, 0)),
            }
        }
        Doubt::TooDark if figure < limit => {
            let paper = speech.pick("hârtie cu luminozitatea", "paper with a brightness of");
            format!(
                "{paper} {} %, {least} {} %",
                percent(figure, 0),
                percent(limit, 0)
            )
        }
        Doubt::TooDark => {
            let black = speech.pick("negru pe", "black on");
            format!("{black} {} %, {most} {} %", percent(figure, 0), percent(limit, 0))
        }
        Doubt::TooFaint => format!(
            "contrast {} %, {least} {} %",
            percent(figure, 0),
            percent(limit, 0)
        ),
        Doubt::Blurred => {
            let sharp = speech.pick("claritate", "sharpness");
            format!("{sharp} {}, {least} {}", number(figure, 2), number(limit, 2))
        }
        Doubt::Skewed => format!("{}°, {most} {}°", number(figure.abs(), 1), number(limit, 1)),
        Doubt::CutOff => {
            let romanian = (
                "loc în care scrisul atinge marginea",
                "locuri în care scrisul atinge marginea",
            );
            let english = (
                "place where writing ends at the edge",
                "places where writing ends at the edge",
            );
            speech.count(figure as u64, romanian, english)
        }
        // Letters are never that high, resolutions never that low.
        Doubt::LowResolution if limit >= 50.0 => {
            format!("{} dpi, {least} {} dpi", number(figure, 0), number(limit, 0))
        }
        Doubt::LowResolution => {
            let letters = speech.pick("litere de", "letters of");
            format!(
                "{letters} {} px, {least} {} px",
                number(figure, 1),
                number(limit, 1)
            )
        }
        Doubt::LowConfidence => format!("{} %, {least} {} %", number(figure, 0), number(limit, 0)),
        Doubt::LanguageUnexpected => {
            let foreign = speech.pick("cuvinte străine", "foreign words");
            format!("{foreign} {} %, {most} {} %", number(figure, 0), number(limit, 0))
        }
        Doubt::UpsideDown | Doubt::NothingRecognised | Doubt::MayDuplicate | Doubt::Unreadable => {
            return None;
        }
    })
}

/// What a doubt is called on a page.
const fn name(doubt: Doubt, speech: Speech) -> &'static str {
    match doubt {
        Doubt::Incomplete => speech.pick(
            "fișier deteriorat, lipsă din imagine",
            "damaged file, missing of the picture",
        ),
        Doubt::Blank => speech.pick("goală", "blank"),
        Doubt::NearlyBlank => speech.pick("aproape goală", "nearly blank"),
        Doubt::TooDark => speech.pick("prea întunecată", "too dark"),
        Doubt::TooFaint => speech.pick("scris prea șters", "writing too faint"),
        Doubt::Blurred => speech.pick("neclară", "blurred"),
        Doubt::Skewed => speech.pick("strâmbă", "skewed"),
        Doubt::CutOff => speech.pick("tăiată la margine", "cut off at an edge"),
        Doubt::UpsideDown => speech.pick("cu susul în jos", "upside down"),
        Doubt::LowResolution => speech.pick("rezoluție prea mică", "resolution too low"),
        Doubt::LowConfidence => speech.pick("citită cu puțină siguranță", "read with little confidence"),
        Doubt::NothingRecognised => speech.pick("niciun cuvânt recunoscut", "no word was recognised"),
        Doubt::LanguageUnexpected => speech.pick(
            "altă limbă decât cele așteptate",
            "another language than expected",
        ),
        Doubt::MayDuplicate => speech.pick("seamănă cu", "looks like"),
        Doubt::Unreadable => speech.pick("nu a putut fi citită", "could not be read"),
    }
}

/// What pages with a doubt are called after their number.
const fn plural(doubt: Doubt, speech: Speech) -> &'static str {
    match doubt {
        Doubt::Incomplete => speech.pick("incomplete", "incomplete"),
        Doubt::Blank => speech.pick("goale", "blank"),
        Doubt::NearlyBlank => speech.pick("aproape goale", "nearly blank"),
        Doubt::TooDark => speech.pick("prea întunecate", "too dark"),
        Doubt::TooFaint => speech.pick("prea șterse", "too faint"),
        Doubt::Blurred => speech.pick("neclare", "blurred"),
        Doubt::Skewed => speech.pick("strâmbe", "skewed"),
        Doubt::CutOff => speech.pick("tăiate la margine", "cut off"),
        Doubt::UpsideDown => speech.pick("cu susul în jos", "upside down"),
        Doubt::LowResolution => speech.pick("cu rezoluție mică", "of low resolution"),
        Doubt::LowConfidence => speech.pick("citite cu puțină siguranță", "read with little confidence"),
        Doubt::NothingRecognised => speech.pick("fără niciun cuvânt recunoscut", "without a word recognised"),
        Doubt::LanguageUnexpected => speech.pick("în altă limbă", "in another language"),
        Doubt::MayDuplicate => speech.pick("care seamănă cu alta", "that look like another"),
        Doubt::Unreadable => speech.pick("necitibile", "unreadable"),
    }
}
