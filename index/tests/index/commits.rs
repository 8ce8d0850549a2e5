//! What is kept, replaced, deleted and seen by whom.

use std::{
    fs,
    process::{Command, Stdio},
};

use hrisov_index::{IndexError, IndexKey, IndexWriter, SearchIndex, SearchQuery, Searcher};
use hrisov_model::{Digest, DossierId};

use crate::pages::{Archive, dossier, page, page_numbers, references};

/// Set for the second process of a test: the index folder.
const FOLDER: &str = "HRISOV_INDEX_TEST_FOLDER";

fn found(searcher: &Searcher, text: &str) -> Vec<String> {
    references(&searcher.search(&SearchQuery::new(text)).unwrap())
}

#[test]
fn a_new_title_leaves_the_pages_alone() {
    let mut archive = Archive::in_ram();
    let id = archive.put("1", "Titlu vechi", &["prima pagină", "a doua"]);
    let searcher = archive.searcher();
    let before = searcher.dossier(id).unwrap();
    archive
        .writer
        .put_dossier(&dossier(id, "1", "Titlu nou"))
        .unwrap();
    archive.commit();
    let after = searcher.dossier(id).unwrap();
    assert_eq!(after.pages, before.pages);
    assert_eq!(after.description.unwrap().title, "Titlu nou");
    assert_eq!(found(&searcher, "vechi"), [""; 0]);
    assert_eq!(found(&searcher, "nou pagină"), ["1"]);
}

#[test]
fn a_page_put_again_replaces_itself() {
    let mut archive = Archive::in_ram();
    let id = archive.put("1", "x", &["cuvinte vechi", "altele"]);
    let searcher = archive.searcher();
    let page_id = archive.put_page(id, 1, &page("cuvinte proaspete"));
    archive.commit();
    assert_eq!(found(&searcher, "vechi"), [""; 0]);
    assert_eq!(found(&searcher, "proaspete"), ["1"]);
    let indexed = searcher.dossier(id).unwrap();
    let pages: Vec<_> = indexed
        .pages
        .iter()
        .map(|page| (page.number, page.revision))
        .collect();
    assert_eq!(
        pages,
        [(1, Digest::of(b"cuvinte proaspete")), (2, Digest::of(b"altele"))]
    );
    assert_eq!(indexed.pages[0].id, page_id);
}

#[test]
fn deleted_pages_and_dossiers_are_gone() {
    let mut archive = Archive::in_ram();
    let (a, b) = (
        archive.put("a", "x", &["unu comun", "doi"]),
        archive.put("b", "x", &["trei comun"]),
    );
    let searcher = archive.searcher();
    let pages = searcher.dossier(a).unwrap().pages;
    archive.writer.delete_page(pages[0].id).unwrap();
    archive.commit();
    assert_eq!(found(&searcher, "unu"), [""; 0]);
    assert_eq!(found(&searcher, "doi"), ["a"]);
    archive.writer.delete_dossier(a).unwrap();
    archive.commit();
    assert_eq!(searcher.dossiers().unwrap(), [b]);
    assert_eq!(searcher.dossier(a).unwrap(), Default::default());
    assert_eq!(found(&searcher, "comun"), ["b"]);
    archive.writer.clear().unwrap();
    archive.commit();
    assert_eq!(searcher.dossiers().unwrap(), []);
    assert_eq!(found(&searcher, "comun"), [""; 0]);
}

#[test]
fn the_stamp_is_committed_with_the_entries() {
    let folder = tempfile::tempdir().unwrap();
    let index = SearchIndex::create_or_open(folder.path()).unwrap();
    assert_eq!(index.committed_stamp().unwrap(), 0);
    let mut writer = index.writer().unwrap();
    writer.commit(41).unwrap();
    assert_eq!(writer.committed_stamp(), 41);
    writer.commit(42).unwrap();
    drop(writer);
    let again = SearchIndex::create_or_open(folder.path()).unwrap();
    assert_eq!(again.committed_stamp().unwrap(), 42);
    assert_eq!(again.writer().unwrap().committed_stamp(), 42);
    assert_eq!(
        SearchIndex::open_reader(folder.path())
            .unwrap()
            .committed_stamp()
            .unwrap(),
        42
    );
}

#[test]
fn a_reader_opened_before_follows_every_commit() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::of(SearchIndex::create_or_open(folder.path()).unwrap());
    let reader = SearchIndex::open_reader(folder.path()).unwrap();
    for at in 0..12 {
        // Enough commits that segments are merged meanwhile.
        archive.put(&at.to_string(), "x", &[&format!("comun numai{at}")]);
        assert_eq!(found(&reader, &format!("numai{at}")), [at.to_string()]);
        assert_eq!(reader.search(&SearchQuery::new("comun")).unwrap().total, at + 1);
    }
    let id = DossierId::random();
    archive.put_page(id, 7, &page("fără descriere"));
    assert_eq!(found(&reader, "descriere"), [""; 0], "not committed");
    archive.commit();
    let hits = reader.search(&SearchQuery::new("descriere")).unwrap();
    assert_eq!((hits.hits[0].dossier, page_numbers(&hits.hits[0])), (id, vec![7]));
}

#[test]
fn a_second_writer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let index = SearchIndex::create_or_open(folder.path()).unwrap();
    let first = index.writer().unwrap();
    assert!(matches!(index.writer(), Err(IndexError::WriterBusy)));
    let other = SearchIndex::create_or_open(folder.path()).unwrap();
    assert!(matches!(other.writer(), Err(IndexError::WriterBusy)));
    drop(first);
    other.writer().unwrap();
}

#[test]
fn other_folders_are_named_for_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none");
    assert!(matches!(
        SearchIndex::open_reader(&missing),
        Err(IndexError::Missing { .. })
    ));
    assert!(matches!(
        SearchIndex::open_reader(folder.path()),
        Err(IndexError::Missing { .. })
    ));

    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(
        SearchIndex::create_or_open(&file),
        Err(IndexError::Folder { .. })
    ));

    let old = folder.path().join("old");
    drop(SearchIndex::create_or_open(&old).unwrap());
    let meta = fs::read_to_string(old.join("meta.json")).unwrap();
    fs::write(
        old.join("meta.json"),
        meta.replace("hrisov-romanian-", "hrisov-romanian-0"),
    )
    .unwrap();
    assert!(matches!(
        SearchIndex::create_or_open(&old),
        Err(IndexError::OtherVersion { .. })
    ));
    assert!(matches!(
        SearchIndex::open_reader(&old),
        Err(IndexError::OtherVersion { .. })
    ));
}

/// The second process of the next test: commits one dossier, puts another, and dies without a word.
#[test]
fn writer_that_dies() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut archive = Archive::of(SearchIndex::create_or_open(folder.as_ref()).unwrap());
    archive.put("sigur", "x", &["pagina rămasă"]);
    let id = DossierId::random();
    archive.writer.put_dossier(&dossier(id, "pierdut", "x")).unwrap();
    archive.put_page(id, 1, &page("pagina pierdută"));
    std::process::abort();
}

#[test]
fn a_crash_before_the_commit_loses_nothing_committed() {
    let folder = tempfile::tempdir().unwrap();
    Archive::of(SearchIndex::create_or_open(folder.path()).unwrap()).put("întâi", "x", &["pagina întâi"]);
    let reader = SearchIndex::open_reader(folder.path()).unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "commits::writer_that_dies"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success(), "it was to die");
    let sorted = |mut references: Vec<String>| {
        references.sort();
        references
    };
    // The reader sees the other process's commit, and the lock died with its holder.
    assert_eq!(sorted(found(&reader, "pagina")), ["sigur", "întâi"]);
    let mut archive = Archive::of(SearchIndex::create_or_open(folder.path()).unwrap());
    archive.put("după", "x", &["pagina de după"]);
    assert_eq!(sorted(found(&reader, "pagina")), ["după", "sigur", "întâi"]);
}

#[test]
fn personal_numbers_cannot_be_read_out_of_the_index() {
    const NUMBER: &str = "2780512123456";
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("index");
    IndexKey::create_beside(&folder).unwrap();
    let written = fs::read(IndexKey::file_beside(&folder)).unwrap();
    IndexKey::create_beside(&folder).unwrap();
    assert_eq!(
        fs::read(IndexKey::file_beside(&folder)).unwrap(),
        written,
        "a key stays"
    );
    let mut archive = Archive::of(SearchIndex::create_or_open(&folder).unwrap());
    archive.put(
        "1",
        "x",
        &[
            &format!("CNP: {NUMBER} și cuvinte"),
            "CNP 2 780512 123456",
            &format!("CNP: 27805¿{NUMBER} și cuvinte"),
        ],
    );
    let hits = SearchIndex::open_reader(&folder)
        .unwrap()
        .search(&SearchQuery::new(NUMBER))
        .unwrap();
    assert_eq!(hits.pages_total, 3);
    assert!(
        hits.hits[0]
            .pages
            .iter()
            .all(|page| !page.snippet.contains("780512"))
    );
    for file in fs::read_dir(&folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for part in [NUMBER, "780512", "123456"] {
            let is_there = bytes.windows(part.len()).any(|window| window == part.as_bytes());
            assert!(!is_there, "{part}");
        }
    }
    drop(archive);
    for other in [IndexKey::open(), IndexKey::from_bytes([7; 32])] {
        assert!(matches!(
            SearchIndex::open_reader_with(&folder, &other),
            Err(IndexError::OtherVersion { .. })
        ));
    }
    fs::write(IndexKey::file_beside(&folder), "no key").unwrap();
    assert!(matches!(
        SearchIndex::open_reader(&folder),
        Err(IndexError::Key { .. })
    ));
}

#[test]
fn handles_go_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<SearchIndex>();
    check::<Searcher>();
    check::<IndexWriter>();
}
