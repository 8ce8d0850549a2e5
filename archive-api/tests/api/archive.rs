//! A small archive: real OCFL objects, catalog, index and worker processes.

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc};

use bytes::Bytes;
use hrisov_archive_api::ApiState;
use hrisov_catalog::{Batch, BatchFile, BoxName, Catalog, LoadRun, RecordedVersion};
use hrisov_imaging::{
    Limits,
    worker::{WorkerCommand, WorkerPool},
};
use hrisov_index::{DossierEntry, DossierFacets, PageEntry, SearchIndex};
use hrisov_model::{
    BatchId, Block, BlockKind, DESCRIPTION_FORMAT, Digest, DossierDescription, DossierId, FileId, FileRecord,
    FileState, IgnoreRule, Line, PageId, PageRecord, PageState, PageText, Processing, QuarantineReason, Rect,
    Rotation, UnreadableReason, Word, alto,
};
use hrisov_store::{
    Blobs, MemoryBlobs, Source,
    dossier::{description_bytes, description_path, text_path},
    ocfl::{LogicalPath, NewContent, StorageRoot, VersionPlan},
};
use jiff::Timestamp;
use uuid::Uuid;

pub const WIDTH: u32 = 320;
pub const HEIGHT: u32 = 200;

/// The n-th identifier of a kind: always the same, so that snapshots are.
pub fn id<T: From<Uuid>>(kind: u8, n: u8) -> T {
    let mut bytes = [0; 16];
    (bytes[0], bytes[15]) = (kind, n);
    Uuid::from_bytes(bytes).into()
}

pub fn dossier_id(n: u8) -> DossierId {
    id(0xd0, n)
}

pub fn page_id(n: u8) -> PageId {
    id(0xa0, n)
}

pub fn file_id(n: u8) -> FileId {
    id(0xf0, n)
}

pub fn batch_id(n: u8) -> BatchId {
    id(0xb0, n)
}

fn at(minute: u8) -> Timestamp {
    format!("2026-03-14T09:{minute:02}:00Z").parse().unwrap()
}

/// A grey picture as BMP, 24 bits a pixel, darker to the right.
pub fn bmp() -> Bytes {
    let pixels = (0..HEIGHT).flat_map(|_| (0..WIDTH).flat_map(|x| [(255 - x * 255 / WIDTH) as u8; 3]));
    let mut bmp = Vec::from(*b"BM");
    for number in [
        54 + WIDTH * HEIGHT * 3,
        0,
        54,
        40,
        WIDTH,
        HEIGHT,
        24 << 16 | 1,
        0,
        WIDTH * HEIGHT * 3,
        0,
        0,
        0,
        0,
    ] {
        bmp.extend(number.to_le_bytes());
    }
    bmp.extend(pixels);
    bmp.into()
}

/// `strada Morii 12` on one line.
pub fn text() -> PageText {
    let word = |(n, text): (u32, &str)| Word {
        text: text.to_owned(),
        rect: Rect {
            x: 20 + 100 * n,
            y: 40,
            width: 80,
            height: 20,
        },
        confidence: 0.93,
        ..Word::default()
    };
    let words: Vec<_> = (0..).zip(["strada", "Morii", "12"]).map(word).collect();
    let rect = Rect::bounding(words.iter().map(|word| word.rect)).unwrap();
    PageText {
        width_px: WIDTH,
        height_px: HEIGHT,
        blocks: vec![Block {
            rect,
            kind: BlockKind::Text,
            lines: vec![Line { rect, words }],
        }],
        processing: Processing {
            engine: "tesseract".to_owned(),
            engine_version: "5.3.0".to_owned(),
            languages: "ron+eng".parse().unwrap(),
            recipe: "grey".to_owned(),
            rotation: Rotation::None,
            read_at: at(30),
        },
    }
}

fn file(n: u8, source_path: &str, bytes: &Bytes, state: FileState) -> FileRecord {
    let is_own = !matches!(state, FileState::Duplicate { .. });
    FileRecord {
        id: file_id(n),
        source_path: source_path.to_owned(),
        logical_path: is_own.then(|| format!("masters/{source_path}")),
        digest: Digest::of(bytes),
        size_bytes: bytes.len() as u64,
        media_type: (state == FileState::Stored).then(|| "image/bmp".to_owned()),
        state,
        received_at: at(n),
        batch: batch_id(1),
        replaced_by: None,
        rescan_of: None,
        held_in: None,
    }
}

fn page(n: u8, of: FileId, state: PageState) -> PageRecord {
    let is_damaged = matches!(state, PageState::Unreadable { .. });
    PageRecord {
        id: page_id(n),
        file: of,
        index: u32::from(n) - 1,
        width_px: if is_damaged { 0 } else { WIDTH },
        height_px: if is_damaged { 0 } else { HEIGHT },
        dpi: Some(300),
        state,
        text_path: None,
        text_digest: None,
        words: 0,
        confidence_percent: None,
        figures: None,
    }
}

/// The dossier that most rows are about, and the bytes of its files by logical path.
fn inquiry() -> (DossierDescription, BTreeMap<String, Bytes>) {
    let (scan, note) = (bmp(), Bytes::from_static(b"not a picture at all"));
    let quarantined = FileState::Quarantined {
        reason: QuarantineReason::UnknownFormat,
        detail: "the content is not TIFF, JPEG, PNG, JPEG 2000, BMP, WebP or PDF".to_owned(),
    };
    let damaged = PageState::Unreadable {
        reason: UnreadableReason::Damaged,
        detail: "damaged Bmp: cut off".to_owned(),
    };
    let mut pages = vec![
        page(1, file_id(1), PageState::Recognised),
        page(2, file_id(1), PageState::Blank),
        page(3, file_id(1), damaged),
        page(4, file_id(1), PageState::Recognised),
        page(5, file_id(1), PageState::Waiting),
    ];
    let xml = Bytes::from(alto::write(
        &text(),
        &alto::AltoPage {
            page: page_id(1),
            master_path: "masters/p 1.bmp".to_owned(),
            master_digest: Digest::of(&scan),
            index: 0,
            dpi: Some(300),
        },
    ));
    let place = text_path(page_id(1)).to_string();
    pages[0].text_path = Some(place.clone());
    pages[0].text_digest = Some(Digest::of(&xml));
    pages[0].words = 3;
    pages[0].confidence_percent = Some(93);
    let description = DossierDescription {
        format: DESCRIPTION_FORMAT.to_owned(),
        id: dossier_id(1),
        fonds: "PMB".to_owned(),
        box_name: "cutia 4".to_owned(),
        reference: "Anchetă 17/1978".to_owned(),
        title: "Anchetă socială, strada Morii".to_owned(),
        inventory: None,
        closing: None,
        files: vec![
            file(1, "p 1.bmp", &scan, FileState::Stored),
            file(2, "copie.bmp", &scan, FileState::Duplicate { of: file_id(1) }),
            file(3, "notă.tif", &note, quarantined),
        ],
        pages,
        apart: Vec::new(),
    };
    let contents = BTreeMap::from([
        ("masters/p 1.bmp".to_owned(), scan),
        ("masters/notă.tif".to_owned(), note),
        (place, xml),
    ]);
    (description, contents)
}

/// An empty dossier called "1" in a box of its own.
fn namesake(n: u8) -> DossierDescription {
    DossierDescription {
        format: DESCRIPTION_FORMAT.to_owned(),
        id: dossier_id(n),
        fonds: "PMB".to_owned(),
        box_name: format!("cutia {n}"),
        reference: "1".to_owned(),
        title: "1".to_owned(),
        inventory: None,
        closing: None,
        files: Vec::new(),
        pages: Vec::new(),
        apart: Vec::new(),
    }
}

async fn deposit(
    root: &StorageRoot,
    catalog: &Catalog,
    description: DossierDescription,
    mut contents: BTreeMap<String, Bytes>,
) {
    contents.insert(description_path().to_string(), description_bytes(&description));
    let mut plan = VersionPlan {
        object_id: description.id.object_id(),
        version: 1,
        created: at(40),
        message: "deposit".to_owned(),
        user_name: "test".to_owned(),
        user_address: None,
        state: BTreeMap::new(),
        new_content: BTreeMap::new(),
    };
    for (path, bytes) in contents {
        let (path, digest): (LogicalPath, _) = (path.parse().unwrap(), Digest::of(&bytes));
        let content = NewContent {
            path: path.clone(),
            size_bytes: bytes.len() as u64,
        };
        root.put_content(&plan.object_id, 1, &path, Source::Bytes(bytes), digest)
            .await
            .unwrap();
        plan.new_content.insert(digest, content);
        plan.state.insert(path, digest);
    }
    let committed = root.commit_version(&plan).await.unwrap();
    let recorded = RecordedVersion {
        description,
        version: 1,
        inventory_digest: committed.inventory_digest,
        new_events: Vec::new(),
    };
    catalog.record_version(&recorded, &[]).await.unwrap();
}

async fn account(catalog: &Catalog) {
    for (n, finished) in [(1, Some(at(50))), (2, None)] {
        let batch = Batch {
            id: batch_id(n),
            of: BoxName {
                fonds: "PMB".to_owned(),
                name: format!("cutia {}", n + 3),
            },
            source_path: format!("/srv/scan/{n}"),
            started_at: at(n),
            finished_at: finished,
        };
        catalog.open_batch(&batch).await.unwrap();
    }
    let run = LoadRun {
        started_at: at(2),
        files_found: 3,
        pages_before: 0,
    };
    catalog.begin_run(batch_id(2), &run).await.unwrap();
    let ignored = BatchFile {
        source_path: "Anchetă 17_1978/Thumbs.db".to_owned(),
        file: None,
        dossier: None,
        state: FileState::Ignored {
            rule: IgnoreRule::SystemFile,
        },
        at: at(4),
    };
    let mut files = vec![ignored];
    for (n, name) in [(1, "p 1.bmp"), (2, "copie.bmp"), (3, "notă.tif")] {
        files.push(BatchFile {
            source_path: format!("Anchetă 17_1978/{name}"),
            file: Some(file_id(n)),
            dossier: Some(dossier_id(1)),
            // The record decides.
            state: FileState::Stored,
            at: at(n),
        });
    }
    catalog.account_files(batch_id(1), &files).await.unwrap();
}

fn index(description: &DossierDescription) -> SearchIndex {
    let index = SearchIndex::in_ram().unwrap();
    let mut writer = index.writer().unwrap();
    for (described, unreadable_pages) in [(description, 1), (&namesake(2), 0), (&namesake(3), 0)] {
        let entry = DossierEntry {
            id: described.id,
            fonds: described.fonds.clone(),
            box_name: described.box_name.clone(),
            reference: described.reference.clone(),
            title: described.title.clone(),
            page_count: described.pages.len() as u32,
            unreadable_pages,
            facets: DossierFacets::default(),
        };
        writer.put_dossier(&entry).unwrap();
    }
    let page = PageEntry {
        id: page_id(1),
        dossier: description.id,
        number: 1,
        revision: description.pages[0].text_digest.unwrap(),
        text: &text(),
    };
    writer.put_page(&page).unwrap();
    writer.commit(1).unwrap();
    index
}

/// Dossiers of [`crowded`], and pages of each.
const CROWD: (u8, u8) = (24, 30);

/// An archive in which one question fills the first results page: every dossier with many pages, every page with the
/// words on long lines, every filter with many values.
pub async fn crowded() -> ApiState {
    let root = StorageRoot::init(Arc::new(MemoryBlobs::default())).await.unwrap();
    let catalog = Catalog::in_memory().await.unwrap();
    let index = SearchIndex::in_ram().unwrap();
    let mut writer = index.writer().unwrap();
    let crowded = long_text();
    for n in 1..=CROWD.0 {
        let described = crowded_dossier(n);
        let entry = DossierEntry {
            id: described.id,
            fonds: described.fonds.clone(),
            box_name: described.box_name.clone(),
            reference: described.reference.clone(),
            title: described.title.clone(),
            page_count: described.pages.len() as u32,
            unreadable_pages: 3,
            facets: DossierFacets {
                department: Some(format!("Biroul de asistență socială numărul {n}")),
                kind: Some(format!("fel de act {n}")),
                years: Some((1900, 1900 + 2 * u16::from(n))),
            },
        };
        writer.put_dossier(&entry).unwrap();
        for (number, page) in (1..).zip(&described.pages) {
            let entry = PageEntry {
                id: page.id,
                dossier: described.id,
                number,
                revision: Digest::of(&[n]),
                text: &crowded,
            };
            writer.put_page(&entry).unwrap();
        }
        deposit(&root, &catalog, described, BTreeMap::new()).await;
    }
    writer.commit(1).unwrap();
    let command = WorkerCommand::new(env!("CARGO_BIN_EXE_archive-api-test-worker"), [] as [&str; 0]);
    let pool = WorkerPool::start(command, NonZeroUsize::MIN, Limits::default());
    ApiState::new(root, catalog, Arc::new(index.searcher().unwrap()), pool)
}

fn crowded_dossier(n: u8) -> DossierDescription {
    let file = FileRecord {
        id: id(n, 0xff),
        ..file(n, "cerere.bmp", &bmp(), FileState::Stored)
    };
    let page = |of_dossier: u8| PageRecord {
        id: id(n, of_dossier),
        ..page(of_dossier, file.id, PageState::Blank)
    };
    DossierDescription {
        reference: format!("{n}/1978"),
        title: format!("Cereri, adeverințe și corespondență privind strada Morii, volumul {n}"),
        pages: (1..=CROWD.1).map(page).collect(),
        files: vec![file.clone()],
        ..namesake(n)
    }
}

/// The words of [`text`], each line full of them.
fn long_text() -> PageText {
    let mut text = text();
    let line = text.blocks[0].lines[0].clone();
    let of_line = |at: u32| {
        let words = (0..12).flat_map(|turn| {
            line.words.iter().map(move |word| Word {
                text: if turn == 0 {
                    word.text.clone()
                } else {
                    format!("prelungită{turn}")
                },
                rect: Rect {
                    y: 18 * at,
                    height: 16,
                    ..word.rect
                },
                ..word.clone()
            })
        });
        Line {
            words: words.collect(),
            ..line.clone()
        }
    };
    text.blocks[0].lines = (0..11).map(of_line).collect();
    text
}

/// An archive over `blobs`: three dossiers, one of them with pages in every state.
pub async fn state(blobs: Arc<dyn Blobs>) -> ApiState {
    let root = StorageRoot::init(blobs).await.unwrap();
    let catalog = Catalog::in_memory().await.unwrap();
    let (description, contents) = inquiry();
    let searcher = Arc::new(index(&description).searcher().unwrap());
    deposit(&root, &catalog, description, contents).await;
    deposit(&root, &catalog, namesake(2), BTreeMap::new()).await;
    deposit(&root, &catalog, namesake(3), BTreeMap::new()).await;
    account(&catalog).await;
    let command = WorkerCommand::new(env!("CARGO_BIN_EXE_archive-api-test-worker"), [] as [&str; 0]);
    let pool = WorkerPool::start(command, NonZeroUsize::MIN, Limits::default());
    ApiState::new(root, catalog, searcher, pool)
}
