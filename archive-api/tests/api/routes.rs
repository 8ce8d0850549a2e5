//! Every route, with each of its answers.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use hrisov_store::MemoryBlobs;

use crate::{
    archive,
    contract::{ask, check_promise, document, send},
};

/// Name of the snapshot, route of the document, address asked.
const ROWS: [(&str, &str, &str); 52] = [
    ("search", "/api/v1/search", "/api/v1/search?q=Morii+strada"),
    ("search nothing", "/api/v1/search", "/api/v1/search?q="),
    ("search without query", "/api/v1/search", "/api/v1/search"),
    (
        "search too many",
        "/api/v1/search",
        "/api/v1/search?q=a&limit=101",
    ),
    (
        "search too deep",
        "/api/v1/search",
        "/api/v1/search?q=a&offset=10001",
    ),
    ("search negative", "/api/v1/search", "/api/v1/search?q=a&limit=-1"),
    (
        "search by filters",
        "/api/v1/search",
        "/api/v1/search?q=&fonds=PMB&box=cutia+2&box=cutia+3&facets=true&limit=1",
    ),
    (
        "search by likeness",
        "/api/v1/search",
        "/api/v1/search?q=Morll&sort=newest&from=&to=",
    ),
    (
        "search other order",
        "/api/v1/search",
        "/api/v1/search?q=a&sort=best",
    ),
    ("search no year", "/api/v1/search", "/api/v1/search?q=a&from=0"),
    (
        "search no place",
        "/api/v1/search",
        "/api/v1/search?q=a&after=zzz",
    ),
    ("completions", "/api/v1/completions", "/api/v1/completions?q=mo"),
    (
        "completions of one letter",
        "/api/v1/completions",
        "/api/v1/completions?q=m",
    ),
    ("dossiers", "/api/v1/dossiers", "/api/v1/dossiers"),
    ("dossiers first", "/api/v1/dossiers", "/api/v1/dossiers?limit=1"),
    (
        "dossiers last",
        "/api/v1/dossiers",
        "/api/v1/dossiers?limit=1&after=d0000000-0000-0000-0000-000000000002",
    ),
    ("dossiers none", "/api/v1/dossiers", "/api/v1/dossiers?limit=0"),
    (
        "dossier by id",
        DOSSIER,
        "/api/v1/dossiers/d0000000-0000-0000-0000-000000000001",
    ),
    ("dossier by reference", DOSSIER, "/api/v1/dossiers/cutia%202%2F1"),
    (
        "dossier by full reference",
        DOSSIER,
        "/api/v1/dossiers/PMB%2Fcutia%203%2F1",
    ),
    ("dossier ambiguous", DOSSIER, "/api/v1/dossiers/1"),
    ("dossier unknown", DOSSIER, "/api/v1/dossiers/%3Cscript%3E"),
    ("dossier not utf-8", DOSSIER, "/api/v1/dossiers/%FF"),
    (
        "page",
        "/api/v1/pages/{page_id}",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001",
    ),
    (
        "page unreadable",
        "/api/v1/pages/{page_id}",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000003",
    ),
    (
        "page unknown",
        "/api/v1/pages/{page_id}",
        "/api/v1/pages/a0000000-0000-0000-0000-0000000000ff",
    ),
    (
        "page no identifier",
        "/api/v1/pages/{page_id}",
        "/api/v1/pages/17",
    ),
    (
        "text",
        "/api/v1/pages/{page_id}/text",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/text",
    ),
    (
        "text blank",
        "/api/v1/pages/{page_id}/text",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000002/text",
    ),
    (
        "text under way",
        "/api/v1/pages/{page_id}/text",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000004/text",
    ),
    (
        "words",
        "/api/v1/pages/{page_id}/words",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/words",
    ),
    (
        "words unreadable",
        "/api/v1/pages/{page_id}/words",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000003/words",
    ),
    (
        "alto",
        "/api/v1/pages/{page_id}/alto",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/alto",
    ),
    (
        "alto waiting",
        "/api/v1/pages/{page_id}/alto",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000005/alto",
    ),
    (
        "proof without a log",
        "/api/v1/pages/{page_id}/proof",
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/proof",
    ),
    (
        "proof of no dossier",
        "/api/v1/dossiers/{dossier}/proof",
        "/api/v1/dossiers/nicaieri/proof",
    ),
    (
        "image damaged",
        IMAGE,
        "/api/v1/pages/a0000000-0000-0000-0000-000000000003/image",
    ),
    (
        "image of no size",
        IMAGE,
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/image?width=0",
    ),
    (
        "image absurd",
        IMAGE,
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/image?height=4000000000",
    ),
    (
        "image of no region",
        IMAGE,
        "/api/v1/pages/a0000000-0000-0000-0000-000000000001/image?region=1,2,3",
    ),
    (
        "file",
        "/api/v1/files/{file_id}",
        "/api/v1/files/f0000000-0000-0000-0000-000000000001",
    ),
    (
        "file duplicate",
        "/api/v1/files/{file_id}",
        "/api/v1/files/f0000000-0000-0000-0000-000000000002",
    ),
    (
        "file quarantined",
        "/api/v1/files/{file_id}",
        "/api/v1/files/f0000000-0000-0000-0000-000000000003",
    ),
    (
        "file unknown",
        "/api/v1/files/{file_id}",
        "/api/v1/files/f0000000-0000-0000-0000-0000000000ff",
    ),
    ("batches", "/api/v1/batches", "/api/v1/batches?limit=1"),
    (
        "batch",
        "/api/v1/batches/{batch_id}",
        "/api/v1/batches/b0000000-0000-0000-0000-000000000001",
    ),
    (
        "batch unknown",
        "/api/v1/batches/{batch_id}",
        "/api/v1/batches/b0000000-0000-0000-0000-0000000000ff",
    ),
    (
        "batch files",
        FILES,
        "/api/v1/batches/b0000000-0000-0000-0000-000000000001/files?limit=2",
    ),
    (
        "batch files state",
        FILES,
        "/api/v1/batches/b0000000-0000-0000-0000-000000000001/files?state=quarantined",
    ),
    (
        "batch doubtful pages",
        "/api/v1/batches/{batch_id}/doubtful-pages",
        "/api/v1/batches/b0000000-0000-0000-0000-000000000001/doubtful-pages?limit=1",
    ),
    ("status", "/api/v1/status", "/api/v1/status"),
    ("health", "/health", "/health"),
];
const DOSSIER: &str = "/api/v1/dossiers/{dossier}";
const IMAGE: &str = "/api/v1/pages/{page_id}/image";
const FILES: &str = "/api/v1/batches/{batch_id}/files";

#[tokio::test]
async fn every_route_answers_as_it_promises() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let document = document();
    let mut asked = BTreeSet::from(["/api/v1/openapi.json"]);
    for (name, route, uri) in ROWS {
        let answer = ask(&app, uri, &[]).await;
        check_promise(&document, route, &answer);
        asked.insert(route);
        insta::assert_snapshot!(
            name.replace(' ', "_"),
            format!("GET {uri}\n\n{}", answer.outline())
        );
    }
    let described: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        asked, described,
        "each route of the document has rows, and no row is about another"
    );
}

#[tokio::test]
async fn a_dossier_is_found_by_what_people_call_it() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let expected = archive::dossier_id(1).to_string();
    for called in [
        "Anchet%C4%83%2017%2F1978",
        "cutia%204%2FAnchet%C4%83%2017%2F1978",
        &expected,
    ] {
        let answer = ask(&app, &format!("/api/v1/dossiers/{called}"), &[]).await;
        assert_eq!(answer.json()["id"], expected, "{called}");
    }
}

#[tokio::test]
async fn following_next_reaches_everything_once() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    for (begin, list, key, all) in [
        ("/api/v1/dossiers?limit=1", "dossiers", "id", 3),
        ("/api/v1/search?q=&fonds=PMB&limit=1", "hits", "dossier", 3),
        ("/api/v1/batches?limit=1", "batches", "id", 2),
        (
            "/api/v1/batches/b0000000-0000-0000-0000-000000000001/files?limit=1",
            "files",
            "source_path",
            4,
        ),
    ] {
        let (mut address, mut seen) = (Some(begin.to_owned()), Vec::new());
        while let Some(uri) = address {
            let answer = ask(&app, &uri, &[]).await.json();
            seen.extend(
                answer[list]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|item| item[key].to_string()),
            );
            address = answer["links"]["next"].as_str().map(str::to_owned);
            assert!(seen.len() <= all, "{begin} goes on for ever");
        }
        assert_eq!(
            seen.iter().collect::<BTreeSet<_>>().len(),
            all,
            "{begin}: {seen:?}"
        );
    }
}

#[tokio::test]
async fn other_addresses_methods_and_names_are_problems() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let request = |method: Method, uri: &str, host: &str| {
        let request = Request::builder().method(method).uri(uri).header("host", host);
        request.body(Body::empty()).unwrap()
    };
    for (name, method, uri, host) in [
        ("no such route", Method::GET, "/api/v1/nothing", "localhost:8080"),
        (
            "other method",
            Method::DELETE,
            "/api/v1/dossiers",
            "localhost:8080",
        ),
        ("other name", Method::GET, "/api/v1/dossiers", "archive.example"),
    ] {
        let answer = send(&app, request(method, uri, host)).await;
        insta::assert_snapshot!(name.replace(' ', "_"), answer.outline());
    }
    let answer = send(&app, request(Method::GET, "/health", "[::1]:8080")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn bad_queries_are_answered() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let huge = "a".repeat(60_000);
    for (q, status) in [
        (huge.as_str(), 200),
        ("%00%01%1F%7F", 200),
        ("%27%20OR%201%3D1%20--", 200),
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", 200),
        ("((((((%22%22%22%22", 200),
        ("a%FF", 200),
    ] {
        let answer = ask(&app, &format!("/api/v1/search?q={q}"), &[]).await;
        assert_eq!(answer.status, status, "{q:.40}");
        let page = ask(&app, &format!("/?q={q}"), &[]).await;
        assert_eq!(page.status, status, "{q:.40}");
        assert!(!page.body.windows(8).any(|part| part == b"<script>"), "{q:.40}");
    }
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_served() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let answer = ask(&app, "/api/v1/openapi.json", &[]).await;
    let served = answer.json();
    assert_eq!(served, document());
    assert_eq!(served["openapi"], "3.1.0");
    let paths = served["paths"].as_object().unwrap();
    let names: BTreeSet<_> = paths
        .values()
        .map(|path| path["get"]["operationId"].as_str())
        .collect();
    assert_eq!(
        names.len(),
        paths.len(),
        "each operation has a name of its own: {names:?}"
    );
    insta::assert_snapshot!("openapi", answer.outline());
}
