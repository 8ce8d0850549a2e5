//! Byte ranges (RFC 9110, section 14).

use std::ops::Range;

use axum::http::{HeaderMap, header};

use crate::{conditional::EntityTag, error::ApiError};

/// The part asked for of a file of `size_bytes` bytes; `None` for all of it. Several ranges at once, other units
/// and what is not understood mean all of it, as the standard allows; so does an `If-Range` that does not fit.
///
/// # Errors
/// [`ApiError::RangeNotSatisfiable`] where the file has no byte of the range.
pub(crate) fn requested(
    request: &HeaderMap,
    size_bytes: u64,
    tag: &EntityTag,
) -> Result<Option<Range<u64>>, ApiError> {
    let text = |name| {
        request
            .get(name)
            .map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or_default())
    };
    // Strong comparison: a weak tag or a date never fits.
    if text(header::IF_RANGE).is_some_and(|condition| condition != tag.as_str()) {
        return Ok(None);
    }
    let Some((first, last)) = text(header::RANGE).and_then(parse) else {
        return Ok(None);
    };
    let range = match (first, last) {
        _ if size_bytes == 0 => return Ok(None),
        (Some(first), Some(last)) if last < first => return Ok(None),
        (Some(first), last) => first..last.map_or(size_bytes, |last| last.saturating_add(1).min(size_bytes)),
        (None, Some(count)) => size_bytes.saturating_sub(count)..size_bytes,
        (None, None) => return Ok(None),
    };
    match range.is_empty() {
        true => Err(ApiError::RangeNotSatisfiable { size_bytes }),
        false => Ok(Some(range)),
    }
}

/// First and last position of a single range in bytes, each where given.
fn parse(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range.split_once('-')?;
    let position = |text: &str| match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    };
    match unit.trim().eq_ignore_ascii_case("bytes") {
        true => Some((position(first)?, position(last)?)),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use hrisov_model::Digest;

    use super::*;

    fn of_100(range: &str, condition: Option<&str>) -> Result<Option<Range<u64>>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::try_from(range).unwrap());
        if let Some(condition) = condition {
            headers.insert(header::IF_RANGE, HeaderValue::try_from(condition).unwrap());
        }
        requested(&headers, 100, &EntityTag::of(Digest::of(b"a")))
    }

    #[test]
    fn single_ranges_are_clipped_and_all_else_means_the_whole() {
        for (text, expected) in [
            ("bytes=0-0", Some(0..1)),
            ("bytes=10-19", Some(10..20)),
            ("Bytes = 10 - 19", Some(10..20)),
            ("bytes=90-", Some(90..100)),
            ("bytes=90-1000", Some(90..100)),
            ("bytes=-10", Some(90..100)),
            ("bytes=-1000", Some(0..100)),
            ("bytes=0-18446744073709551615", Some(0..100)),
            ("bytes=20-10", None),
            ("bytes=0-1,5-6", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=99999999999999999999-", None),
            ("lines=0-1", None),
            ("", None),
        ] {
            assert_eq!(of_100(text, None).unwrap(), expected, "{text}");
        }
        for beyond in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert!(
                matches!(
                    of_100(beyond, None),
                    Err(ApiError::RangeNotSatisfiable { size_bytes: 100 })
                ),
                "{beyond}"
            );
        }
    }

    #[test]
    fn a_range_of_other_bytes_is_not_given() {
        let tag = EntityTag::of(Digest::of(b"a"));
        assert_eq!(of_100("bytes=0-0", Some(tag.as_str())).unwrap(), Some(0..1));
        for other in [
            &format!("W/{}", tag.as_str()),
            "\"x\"",
            "Wed, 21 Oct 2015 07:28:00 GMT",
        ] {
            assert_eq!(of_100("bytes=0-0", Some(other)).unwrap(), None);
        }
    }

    #[test]
    fn an_empty_file_is_given_whole() {
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-"))]);
        assert_eq!(
            requested(&headers, 0, &EntityTag::of(Digest::of(b""))).unwrap(),
            None
        );
    }
}
