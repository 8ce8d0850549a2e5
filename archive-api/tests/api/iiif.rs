//! IIIF as viewers meet it; outside validators look at the running program.

use std::{fs, path::Path, sync::Arc};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use hrisov_store::MemoryBlobs;
use serde_json::{Value, json};

use crate::{
    archive::{self, HEIGHT, WIDTH},
    contract::{ask, send},
};

const IMAGE: &str = "/iiif/image/a0000000-0000-0000-0000-000000000001";
const DOSSIER: &str = "d0000000-0000-0000-0000-000000000001";
const HOST: [(&str, &str); 1] = [("host", "localhost:8080")];

#[tokio::test]
async fn pictures_are_as_the_request_writes_them() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let info = ask(&app, &format!("{IMAGE}/info.json"), &HOST).await;
    assert!(
        info.header(header::CONTENT_TYPE)
            .starts_with("application/ld+json")
    );
    let info = info.json();
    assert_eq!(
        (&info["id"], &info["width"], &info["height"], &info["profile"]),
        (
            &json!(format!("http://localhost:8080{IMAGE}")),
            &json!(WIDTH),
            &json!(HEIGHT),
            &json!("level2")
        )
    );
    let led = ask(&app, IMAGE, &HOST).await;
    assert_eq!(
        (led.status.as_u16(), led.header(header::LOCATION)),
        (303, format!("http://localhost:8080{IMAGE}/info.json").as_str())
    );
    for (request, kind, begin) in [
        ("full/max/0/default.jpg", "image/jpeg", &b"\xff\xd8\xff"[..]),
        ("20,40,80,20/40,/90/gray.png", "image/png", b"\x89PNG"),
    ] {
        let answer = ask(&app, &format!("{IMAGE}/{request}"), &HOST).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header(header::CONTENT_TYPE)),
            (200, kind),
            "{request}"
        );
        assert!(answer.body.starts_with(begin), "{request}");
        let tag = answer.header(header::ETAG).to_owned();
        let again = ask(&app, &format!("{IMAGE}/{request}"), &[("if-none-match", &tag)]).await;
        assert_eq!(again.status, 304, "{request}");
    }
    for (address, status) in [
        (format!("{IMAGE}/full/999999999,/0/default.jpg"), 400),
        (format!("{IMAGE}/0,0,99999999999,1/max/0/default.jpg"), 400),
        (format!("{IMAGE}/full/max/7/default.jpg"), 400),
        (
            "/iiif/image/a0000000-0000-0000-0000-000000000003/info.json".to_owned(),
            404,
        ),
        (
            "/iiif/image/a0000000-0000-0000-0000-0000000000ff/info.json".to_owned(),
            404,
        ),
        ("/iiif/image/x/info.json".to_owned(), 400),
    ] {
        let answer = ask(&app, &address, &HOST).await;
        assert_eq!(answer.status, status, "{address}");
        assert_eq!(
            answer.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{address}"
        );
    }
}

#[tokio::test]
async fn collections_lead_to_manifests_and_these_to_hits() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let get = async |address: &str| {
        let address = address
            .strip_prefix("http://localhost:8080")
            .unwrap_or(address)
            .to_owned();
        let answer = ask(&app, &address, &HOST).await;
        assert_eq!(answer.status, 200, "{address}");
        answer.json()
    };
    let archive = get("/iiif/presentation/collection").await;
    check_presentation(&archive);
    let own = archive["items"].as_array().unwrap().iter();
    let own = own
        .filter(|item| item["label"]["none"][0] == "PMB / cutia 4")
        .collect::<Vec<_>>();
    let of_box = get(own[0]["id"].as_str().unwrap()).await;
    let manifest = get(of_box["items"][0]["id"].as_str().unwrap()).await;
    check_presentation(&of_box);
    check_presentation(&manifest);
    assert_eq!(manifest["items"].as_array().unwrap().len(), 5);
    let canvas = &manifest["items"][0];
    assert_eq!(
        (&canvas["width"], &canvas["height"]),
        (&json!(WIDTH), &json!(HEIGHT))
    );
    assert_eq!(canvas["items"][0]["items"][0]["target"], canvas["id"]);
    let thumbnail = canvas["thumbnail"][0]["id"].as_str().unwrap();
    assert!(
        thumbnail.starts_with("http://localhost:8080/iiif/image/"),
        "{thumbnail}"
    );
    let answer = ask(&app, &thumbnail["http://localhost:8080".len()..], &HOST).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header(header::CONTENT_TYPE)),
        (200, "image/jpeg")
    );
    assert_eq!(
        manifest["items"][2]["items"],
        json!([]),
        "the damaged page has a canvas without picture"
    );
    let expected: Vec<_> = ["20,40,80,20", "120,40,80,20"]
        .iter()
        .map(|place| json!(format!("{}#xywh={place}", canvas["id"].as_str().unwrap())))
        .collect();
    let second = get(&format!("/iiif/search/2/{DOSSIER}?q=strada+morii&user=x")).await;
    check(&content_search_2(), &second);
    let items = second["items"].as_array().unwrap().iter();
    assert_eq!(
        items.map(|item| item["target"].clone()).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(second["ignored"], json!(["user"]));
    let first = get(&format!("/iiif/search/1/{DOSSIER}?q=strada+morii")).await;
    check(&content_search_1(), &first);
    let resources = first["resources"].as_array().unwrap().iter();
    assert_eq!(
        resources.map(|item| item["on"].clone()).collect::<Vec<_>>(),
        expected
    );
    for (at, word) in ["strada", "Morii"].into_iter().enumerate() {
        let line = second["items"][at]["body"]["value"].as_str().unwrap();
        let hit = ["before", "match", "after"].map(|part| first["hits"][at][part].as_str().unwrap());
        assert_eq!((hit.join(" ").trim(), hit[1]), (line, word));
        assert_eq!(first["resources"][at]["resource"]["chars"], line);
    }
    let none = get(&format!("/iiif/search/2/{DOSSIER}?q=nimicnimic")).await;
    assert_eq!(none["items"], json!([]));
    check(&content_search_2(), &none);
}

#[tokio::test]
async fn viewers_of_other_sites_are_let_in_only_by_name() {
    for (named, let_in) in [
        (&[][..], false),
        (&["https://other.example"][..], false),
        (&["https://other.example", "https://viewer.example"][..], true),
        (&["*"][..], true),
    ] {
        let state = archive::state(Arc::new(MemoryBlobs::default())).await;
        let named: Vec<_> = named.iter().map(|&origin| origin.to_owned()).collect();
        let app = hrisov_archive_api::router(state.with_viewer_origins(named.clone()));
        let address = format!("{IMAGE}/info.json");
        let answer = ask(&app, &address, &[("origin", "https://viewer.example")]).await;
        let expected = if let_in {
            ("https://viewer.example", "cross-origin")
        } else {
            ("", "same-origin")
        };
        let found = (
            answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN),
            answer.header("cross-origin-resource-policy"),
        );
        assert_eq!(found, expected, "{named:?}");
        // A picture that is only shown comes without an origin.
        let picture = format!("{IMAGE}/full/40,/0/default.jpg");
        for (site, shown) in [
            ("https://viewer.example/lot/7", let_in),
            ("https://evil.example/", named == ["*"]),
        ] {
            let answer = ask(&app, &picture, &[("referer", site)]).await;
            let expected = if shown { "cross-origin" } else { "same-origin" };
            assert_eq!(
                answer.header("cross-origin-resource-policy"),
                expected,
                "{named:?} {site}"
            );
            assert_eq!(
                answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN),
                "",
                "{named:?} {site}"
            );
        }
        let request = Request::builder().method(Method::OPTIONS).uri(&address);
        let request = request
            .header("origin", "https://viewer.example")
            .body(Body::empty())
            .unwrap();
        assert_eq!(send(&app, request).await.status == 204, let_in, "{named:?}");
        let other = ask(&app, "/api/v1/status", &[("origin", "https://viewer.example")]).await;
        assert_eq!(other.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "", "{named:?}");
    }
}

/// The schema of the Presentation 3 validator, which lies beside the repository on some machines.
fn check_presentation(view: &Value) {
    let path = "../../shared/conformance/iiif-presentation-3.0.schema.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    match fs::read(&path) {
        Ok(schema) => check(&serde_json::from_slice(&schema).unwrap(), view),
        Err(_) => eprintln!("PASSED OVER: {} is not on this machine", path.display()),
    }
}

fn check(schema: &Value, view: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let faults: Vec<_> = validator
        .iter_errors(view)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}: {view:#}");
}

/// Content Search 2.0, sections 3.2 to 3.4.
fn content_search_2() -> Value {
    json!({
        "type": "object",
        "required": ["@context", "id", "type", "items"],
        "properties": {
            "@context": {"const": "http://iiif.io/api/search/2/context.json"},
            "id": {"type": "string", "pattern": "^https?://"},
            "type": {"const": "AnnotationPage"},
            "ignored": {"type": "array", "items": {"enum": ["motivation", "date", "user"]}},
            "items": {"type": "array", "items": {
                "type": "object",
                "required": ["id", "type", "motivation", "target"],
                "properties": {
                    "id": {"type": "string", "pattern": "^https?://"},
                    "type": {"const": "Annotation"},
                    "motivation": {"type": "string"},
                    "body": {
                        "type": "object",
                        "required": ["type", "value"],
                        "properties": {"type": {"const": "TextualBody"}, "value": {"type": "string"}},
                    },
                    "target": {"type": "string", "pattern": "^https?://.+#xywh=[0-9]+(,[0-9]+){3}$"},
                },
            }},
        },
        "additionalProperties": false,
    })
}

/// Content Search 1.0, sections 3.2 to 3.4.
fn content_search_1() -> Value {
    json!({
        "type": "object",
        "required": ["@context", "@id", "@type", "resources"],
        "properties": {
            "@context": {"type": "array", "contains": {"const": "http://iiif.io/api/search/1/context.json"}},
            "@id": {"type": "string", "pattern": "^https?://"},
            "@type": {"const": "sc:AnnotationList"},
            "within": {
                "type": "object",
                "required": ["@type"],
                "properties": {"@type": {"const": "sc:Layer"}, "total": {"type": "integer", "minimum": 0}},
            },
            "startIndex": {"type": "integer", "minimum": 0},
            "resources": {"type": "array", "items": {
                "type": "object",
                "required": ["@id", "@type", "motivation", "resource", "on"],
                "properties": {
                    "@type": {"const": "oa:Annotation"},
                    "motivation": {"const": "sc:painting"},
                    "resource": {"type": "object", "required": ["@type", "chars"]},
                    "on": {"type": "string", "pattern": "^https?://.+#xywh=[0-9]+(,[0-9]+){3}$"},
                },
            }},
            "hits": {"type": "array", "items": {
                "type": "object",
                "required": ["@type", "annotations"],
                "properties": {
                    "@type": {"const": "search:Hit"},
                    "annotations": {"type": "array", "minItems": 1},
                    "before": {"type": "string"},
                    "match": {"type": "string"},
                    "after": {"type": "string"},
                },
            }},
        },
        "additionalProperties": false,
    })
}
