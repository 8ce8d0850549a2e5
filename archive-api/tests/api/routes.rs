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
const ROWS: [(&str, &str, &str); 55] = [
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
        "/api/v1/search?q=Morll&sort=newest",
    ),
    (
        "search other order",
        "/api/v1/search",
        "/api/v1/search?q=a&sort=best",
    ),
    ("search no year", "/api/v1/search", "/api/v1/search?q=a&from=0"),
    (
        "search empty number",
        "/api/v1/search",
        "/api/v1/search?q=a&from=",
    ),
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
        "checkpoint without a log",
        "/api/v1/log/checkpoint",
        "/api/v1/log/checkpoint",
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
    ("metrics", "/metrics", "/metrics"),
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

/// Texts that are no sensible question: percent-encoded as they stand in an address.
fn bad_texts() -> Vec<String> {
    let nested = "%28".repeat(5_000) + "a" + &"%29".repeat(5_000);
    let quoted = "%22%28-%22".repeat(3_000);
    [
        "",
        "+++",
        "%00%01%02%1B%5B2J%1F%7F%C2%85",
        "%EF%BF%BE%F3%A0%80%81%E2%80%AE",
        "%27%20OR%201%3D1%20--",
        "%27%3B%20DROP%20TABLE%20pages%3B%20--",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "((((((%22%22%22%22",
        "a%FF%C3%28",
        "(a%2B)%2B%24",
        "%2F.*%2F+.*+%5Ba-z%5D%7B1%2C9999%7D+%3F*%3F*%3F*",
        "title%3A%5B*+TO+*%5D+AND+NOT+(",
        "-+--+-a+-%22b%22+an%3A+an%3A9999-0001+cnp%3A+nr%3A",
        "%25%25%25%7B%7B7*7%7D%7D%24%7Bjndi%3Aldap%3A%2F%2Fx%7D",
        "..%2F..%2F..%2Fetc%2Fpasswd",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["a".repeat(60_000), "%C8%9B".repeat(10_000), nested, quoted])
    .collect()
}

#[tokio::test]
async fn bad_queries_are_answered() {
    const PAGE: &str = "/pagini/a0000000-0000-0000-0000-000000000001";
    const OF_DOSSIER: &str = "d0000000-0000-0000-0000-000000000001";
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    for q in bad_texts() {
        for address in [
            format!("/api/v1/search?q={q}&facets=true"),
            format!("/api/v1/completions?q={q}"),
            format!("/iiif/search/2/{OF_DOSSIER}?q={q}"),
            format!("/iiif/search/1/{OF_DOSSIER}?q={q}"),
            format!("/?q={q}"),
            format!("{PAGE}?q={q}"),
            format!("/auditor?amprenta={q}"),
        ] {
            let answer = ask(&app, &address, &[("host", "localhost:8080")]).await;
            assert_eq!(answer.status, 200, "{address:.80}");
            assert!(
                !answer.body.windows(8).any(|part| part == b"<script>"),
                "{address:.80}"
            );
        }
    }
}

#[tokio::test]
async fn beyond_the_end_is_nothing_or_a_problem() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    const END: &str = "00000000ffffffffffffffffffffffffffffffff";
    for (address, status) in [
        (format!("/api/v1/search?q=morii&after={END}"), 200),
        ("/api/v1/search?q=morii&offset=10000".to_owned(), 200),
        (
            "/api/v1/search?q=morii&offset=99999999999999999999".to_owned(),
            400,
        ),
        ("/api/v1/search?q=morii&limit=4294967296".to_owned(), 400),
        (
            "/api/v1/dossiers?after=ffffffff-ffff-ffff-ffff-ffffffffffff".to_owned(),
            200,
        ),
        (format!("/?q=morii&dupa={END}"), 200),
        ("/?q=morii&dupa=altceva&din=99999&pana=-1".to_owned(), 200),
        (
            "/arhivar/loturi/b0000000-0000-0000-0000-000000000001?p=99999999".to_owned(),
            200,
        ),
        ("/arhivar/pagini?p=99999999".to_owned(), 200),
        (
            "/pagini/a0000000-0000-0000-0000-000000000001?q=morii&aparitia=4000000000".to_owned(),
            200,
        ),
        (
            "/dosare/d0000000-0000-0000-0000-000000000001/pdf?pagini=1-4000000000".to_owned(),
            400,
        ),
    ] {
        let answer = ask(&app, &address, &[]).await;
        assert_eq!(answer.status, status, "{address}: {}", answer.outline());
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
