//! Entity tags and what follows from them (RFC 9110, sections 8.8.3 and 13.1.2).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hrisov_model::Digest;
use serde::Serialize;

use crate::error::ApiError;

/// Personal data: kept by the reader's own cache alone, and asked about before every use, so that whoever may
/// no longer see it, or looks at it, is noticed.
pub(crate) const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Kept nowhere.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A strong entity tag, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// The tag of the very bytes that have this digest.
    pub(crate) fn of(digest: Digest) -> Self {
        Self(format!("\"{digest}\""))
    }

    /// The tag of something made from the bytes with this digest; `form` says what, and by which rules.
    pub(crate) fn made_from(digest: Digest, form: &str) -> Self {
        Self::of(Digest::of(format!("{digest} {form}").as_bytes()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn header(&self) -> HeaderValue {
        HeaderValue::try_from(&self.0).expect("quotes and hexadecimal digits form a header")
    }

    /// Whether the client says that it has these bytes.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let lists = request
            .get_all(header::IF_NONE_MATCH)
            .into_iter()
            .filter_map(|list| list.to_str().ok());
        let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    /// The answer for a client that has these bytes; `None` where it needs them.
    pub(crate) fn not_modified(&self, request: &HeaderMap) -> Option<Response> {
        self.is_known(request)
            .then(|| self.put_on(StatusCode::NOT_MODIFIED.into_response()))
    }

    /// Puts the tag and how to cache on a response.
    pub(crate) fn put_on(&self, mut response: Response) -> Response {
        response.headers_mut().insert(header::ETAG, self.header());
        response.headers_mut().insert(header::CACHE_CONTROL, REVALIDATE);
        response
    }
}

/// Bytes at hand with their type and tag, unless the client has them.
pub(crate) fn tagged(
    request: &HeaderMap,
    tag: &EntityTag,
    media_type: &'static str,
    bytes: Bytes,
) -> Response {
    tag.not_modified(request).unwrap_or_else(|| {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))];
        tag.put_on((headers, Body::from(bytes)).into_response())
    })
}

/// A view as JSON, tagged by its bytes.
///
/// # Errors
/// None that a view can cause; kept as an error rather than a panic.
pub(crate) fn json(request: &HeaderMap, view: &impl Serialize) -> Result<Response, ApiError> {
    let bytes = serde_json::to_vec(view).map_err(|error| ApiError::Internal(Box::new(error)))?;
    let tag = EntityTag::of(Digest::of(&bytes));
    Ok(tagged(request, &tag, "application/json", bytes.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_in_any_list() {
        let tag = EntityTag::of(Digest::of(b"a"));
        let own = tag.as_str().to_owned();
        for (list, known) in [
            (own.clone(), true),
            (format!("\"x\", W/{own} , \"y\""), true),
            ("*".to_owned(), true),
            ("\"x\"".to_owned(), false),
            (own.trim_matches('"').to_owned(), false),
            (String::new(), false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::try_from(&list).unwrap())]);
            assert_eq!(tag.not_modified(&headers).is_some(), known, "{list}");
        }
    }
}
