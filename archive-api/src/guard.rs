//! What holds for every request: a name of this machine, a limit of time, headers that protect the reader.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error::ApiError;

/// For the beginning of an answer; a page is given up by its worker after at most a minute, and tried twice.
const ANSWER_TIME: Duration = Duration::from_secs(150);

/// On every response. Only pages for people bring a policy of their own, which stays.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // Another site must not embed a scan, nor learn from whether it loads.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];
/// Which site makes a browser ask (Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Nothing in an answer for programs may act in a browser.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Puts the protecting headers on, and notes the request: route, status and time, never what was asked for.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let begun = std::time::Instant::now();
    let mut response = next.run(request).await;
    shield(response.headers_mut());
    let (status, time_ms) = (response.status().as_u16(), begun.elapsed().as_millis() as u64);
    tracing::debug!(%method, route = route.as_deref().unwrap_or("-"), status, time_ms, "answered");
    response
}

/// Puts the protecting headers on.
pub(crate) fn shield(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        // What a route says of itself stays.
        headers.entry(name).or_insert(value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
}

/// Refuses requests under a name that is not of loopback: a site on the web may let its own name mean this
/// machine, and would read the archive through the browser of whoever visits it (DNS rebinding).
pub(crate) async fn check_host(request: Request, next: Next) -> Response {
    let named = request
        .headers()
        .get(header::HOST)
        .map(|host| host.to_str().unwrap_or_default());
    match named.is_none_or(is_loopback_name) && request.uri().host().is_none_or(is_loopback_name) {
        true => next.run(request).await,
        false => ApiError::Misdirected.into_response(),
    }
}

/// Refuses what another site makes the browser of a visitor ask for, where it would change anything (cross-site request
/// forgery). Browsers say themselves which site asks: `Sec-Fetch-Site`, and where that is missing, `Origin`. What has
/// neither comes from no browser.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    match request.method().is_safe() || is_own_site(request.headers()) {
        true => next.run(request).await,
        false => ApiError::FromElsewhere.into_response(),
    }
}

fn is_own_site(headers: &HeaderMap) -> bool {
    let told = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (told(SEC_FETCH_SITE), told(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => told(header::HOST).is_some_and(|host| origin == format!("http://{host}")),
        (None, None) => true,
    }
}

/// Answers with a problem where the beginning of an answer takes too long.
pub(crate) async fn limit_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(ANSWER_TIME, next.run(request)).await;
    answer.unwrap_or_else(|_| ApiError::TooSlow.into_response())
}

/// Whether a host, with or without a port, can only mean this machine.
fn is_loopback_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    address.map_or(name.eq_ignore_ascii_case("localhost"), |address| {
        address.to_canonical().is_loopback()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered_to() {
        for (host, own) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:8080", true),
            ("127.1.2.3", true),
            ("[::1]:8080", true),
            ("[::ffff:127.0.0.1]", true),
            ("archive.example:8080", false),
            ("localhost.example", false),
            ("127.0.0.1.example", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("", false),
            ("localhost evil", false),
        ] {
            assert_eq!(is_loopback_name(host), own, "{host}");
        }
    }

    #[test]
    fn only_own_pages_and_programs_change_anything() {
        for (site, origin, own) in [
            (Some("same-origin"), None, true),
            // What forms send under `Referrer-Policy: no-referrer`.
            (Some("same-origin"), Some("null"), true),
            (Some("none"), None, true),
            (Some("same-site"), Some("http://localhost:9"), false),
            (Some("cross-site"), Some("https://evil.example"), false),
            (Some("cross-site"), None, false),
            (None, Some("http://localhost:8080"), true),
            (None, Some("http://localhost:9"), false),
            (None, Some("https://evil.example"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
            for (name, value) in [(SEC_FETCH_SITE, site), (header::ORIGIN, origin)] {
                value.map(|value| headers.insert(name, HeaderValue::from_static(value)));
            }
            assert_eq!(is_own_site(&headers), own, "{site:?} {origin:?}");
        }
    }
}
