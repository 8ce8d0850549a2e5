//! Parts of a request, whose faults are told as problem details.

use std::ops::RangeInclusive;

use axum::{
    body::Bytes,
    extract::{self, FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::error::ApiError;

/// Parameters in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// Parameters in the query; one that is a list may be given several times.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

/// What a form of a page sends, at most two megabytes.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequest<S> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|fault| invalid(&fault.body_text()))?;
        let fields = serde_html_form::Deserializer::from_bytes(&body);
        // Its words name the field.
        serde_path_to_error::deserialize(fields)
            .map(Self)
            .map_err(|fault| invalid(&format!("the form is not understood: {fault}")))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = extract::Path::from_request_parts(parts, state).await;
        path.map(|extract::Path(value)| Self(value))
            .map_err(|fault| invalid(&fault.body_text()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let query = serde_html_form::Deserializer::from_bytes(query.as_bytes());
        // Its words name the parameter.
        serde_path_to_error::deserialize(query)
            .map(Self)
            .map_err(|fault| invalid(&format!("the query of the address is not understood: {fault}")))
    }
}

/// For `deserialize_with`, beside `default`: a parameter that is given has a value. Without it an empty one counts as not
/// given, as forms of browsers send it.
///
/// # Errors
/// Where the value is empty or no `T`.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// The value of a parameter, or its default where it is not given.
///
/// # Errors
/// Where it lies outside of what is allowed.
pub(crate) fn bounded(
    name: &str,
    value: Option<u32>,
    default: u32,
    allowed: RangeInclusive<u32>,
) -> Result<u32, ApiError> {
    let value = value.unwrap_or(default);
    match allowed.contains(&value) {
        true => Ok(value),
        false => Err(ApiError::InvalidRequest {
            detail: format!("{name} must be from {} to {}", allowed.start(), allowed.end()),
        }),
    }
}

/// The framework's own words, cut where a huge value is quoted in them.
fn invalid(detail: &str) -> ApiError {
    const DETAIL_MAX_LETTERS: usize = 200;
    ApiError::InvalidRequest {
        detail: detail.chars().take(DETAIL_MAX_LETTERS).collect(),
    }
}
