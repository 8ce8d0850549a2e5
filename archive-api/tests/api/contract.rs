//! One request, and what the OpenAPI document promises about its answer.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use bytes::Bytes;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// An answer with all of its body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status, headers in alphabetical order, and the body where it is text.
    pub fn outline(&self) -> String {
        let mut lines = vec![self.status.to_string()];
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        let mut headers: Vec<_> = headers.collect();
        headers.sort();
        lines.extend(headers);
        lines.push(String::new());
        let is_json = self.header(header::CONTENT_TYPE).ends_with("json");
        lines.push(match (is_json, std::str::from_utf8(&self.body)) {
            (true, _) => serde_json::to_string_pretty(&self.json()).unwrap(),
            (false, Ok(text)) => text.to_owned(),
            (false, Err(_)) => format!("({} bytes)", self.body.len()),
        });
        lines.join("\n").replace(env!("CARGO_PKG_VERSION"), "(version)")
    }
}

/// Sends a request with these headers.
pub async fn ask(app: &Router, uri: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

/// Sends any request.
pub async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// The document as programs get it.
pub fn document() -> Value {
    serde_json::to_value(hrisov_archive_api::document()).unwrap()
}

/// Fails unless the document lists the answer's status and media type for the route, and its body fits the schema.
pub fn check_promise(document: &Value, route: &str, answer: &Answer) {
    if answer.status == StatusCode::NOT_MODIFIED {
        return;
    }
    let responses = &document["paths"][route]["get"]["responses"];
    let status = answer.status.as_str();
    let class = format!("{}XX", &status[..1]);
    let response = responses.get(status).or_else(|| responses.get(&class));
    let response = response.unwrap_or_else(|| panic!("{route} does not promise status {status}"));
    let kind = answer.header(header::CONTENT_TYPE).split(';').next().unwrap();
    // What the bytes of a file are is found by their content.
    if route == "/api/v1/files/{file_id}" && answer.status.is_success() {
        return;
    }
    let content = &response["content"][kind];
    assert!(
        content.is_object(),
        "{route} does not promise {kind} with status {status}: {response}"
    );
    if !kind.ends_with("json") || content["schema"].is_null() {
        return;
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [content["schema"]],
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<_> = validator
        .iter_errors(&answer.json())
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{route}: {faults:?}");
}
