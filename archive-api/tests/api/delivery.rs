//! Originals and texts on the wire: ranges, entity tags, damage.

use std::{fs, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use hrisov_store::{LocalBlobs, MemoryBlobs};
use tower::ServiceExt as _;

use crate::{archive, contract::ask};

const SCAN: &str = "/api/v1/files/f0000000-0000-0000-0000-000000000001";
const PAGE: &str = "/api/v1/pages/a0000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn parts_of_an_original_are_those_bytes() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let whole = archive::bmp();
    let size = whole.len();
    for (range, expected) in [
        ("bytes=0-1", Some((0, 2))),
        ("bytes=-4", Some((size - 4, size))),
        ("bytes=54-", Some((54, size))),
        ("bytes=0-0,2-2", None),
        ("nonsense", None),
    ] {
        let answer = ask(&app, SCAN, &[("range", range)]).await;
        let (status, (first, end)) = expected.map_or((200, (0, size)), |part| (206, part));
        assert_eq!(answer.status, status, "{range}");
        assert_eq!(answer.body, whole.slice(first..end), "{range}");
        assert_eq!(answer.header(header::CONTENT_LENGTH), (end - first).to_string());
        let place = expected.map_or(String::new(), |_| format!("bytes {first}-{}/{size}", end - 1));
        assert_eq!(answer.header(header::CONTENT_RANGE), place);
    }
    let beyond = ask(&app, SCAN, &[("range", &format!("bytes={size}-"))]).await;
    insta::assert_snapshot!("range_beyond", beyond.outline());
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let mut tags = Vec::new();
    for (uri, accept) in [
        (SCAN.to_owned(), "*/*"),
        (PAGE.to_owned(), "*/*"),
        (format!("{PAGE}/text"), "*/*"),
        (format!("{PAGE}/text"), "application/json"),
        (format!("{PAGE}/alto"), "*/*"),
        ("/api/v1/dossiers".to_owned(), "*/*"),
        ("/api/v1/openapi.json".to_owned(), "*/*"),
    ] {
        let first = ask(&app, &uri, &[("accept", accept)]).await;
        let tag = first.header(header::ETAG).to_owned();
        assert!(tag.starts_with('"'), "{uri} has the strong tag {tag}");
        let again = ask(&app, &uri, &[("accept", accept), ("if-none-match", &tag)]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{uri}");
        assert_eq!(again.header(header::ETAG), tag);
        let other = ask(&app, &uri, &[("accept", accept), ("if-none-match", "\"other\"")]).await;
        assert_eq!((other.status, &other.body), (first.status, &first.body), "{uri}");
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 7, "each representation has a tag of its own");
}

#[tokio::test]
async fn text_comes_word_by_word_for_who_accepts_json() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let plain = ask(&app, &format!("{PAGE}/text"), &[]).await;
    assert_eq!(plain.body, "strada Morii 12\n");
    let json = ask(&app, &format!("{PAGE}/text"), &[("accept", "application/json")]).await;
    let words = ask(&app, &format!("{PAGE}/words"), &[]).await;
    assert_eq!(json.body, words.body);
    for answer in [plain, json] {
        assert_eq!(answer.header(header::VARY), "accept");
    }
}

#[tokio::test]
async fn a_head_request_gives_the_headers_alone() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let request = Request::head(SCAN).body(Body::empty()).unwrap();
    let answer = crate::contract::send(&app, request).await;
    assert_eq!(
        answer.header(header::CONTENT_LENGTH),
        archive::bmp().len().to_string()
    );
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn damage_is_never_taken_for_the_original() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Arc::new(LocalBlobs::create(folder.path()).unwrap());
    let app = hrisov_archive_api::router(archive::state(blobs).await);
    let find = |name: &str| {
        let mut folders = vec![folder.path().to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path if path.to_str().unwrap().ends_with(name) => return path,
                    _ => {}
                }
            }
        }
        panic!("no {name} in the store");
    };
    let overwrite = |name: &str, change: fn(&mut Vec<u8>)| {
        let path = find(name);
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::remove_file(&path).unwrap();
        fs::write(path, bytes).unwrap();
    };
    overwrite("masters/p 1.bmp", |bytes| bytes[60] ^= 1);
    let request = Request::get(SCAN).body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    to_bytes(response.into_body(), 1 << 24)
        .await
        .expect_err("the transfer ends before the last bytes");

    overwrite(".xml", |bytes| bytes.push(b' '));
    for part in ["text", "words", "alto"] {
        let answer = ask(&app, &format!("{PAGE}/{part}"), &[]).await;
        assert_eq!(answer.json()["type"], "urn:x-hrisov:problem:damaged", "{part}");
    }
    fs::remove_file(find("masters/p 1.bmp")).unwrap();
    for uri in [SCAN.to_owned(), format!("{PAGE}/image")] {
        let answer = ask(&app, &uri, &[]).await;
        assert_eq!(answer.json()["type"], "urn:x-hrisov:problem:damaged", "{uri}");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(
            !text.contains("p 1.bmp") && !text.contains(folder.path().to_str().unwrap()),
            "{text}"
        );
    }
}
