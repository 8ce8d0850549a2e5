//! Originals: the bytes as they were received.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use hrisov_model::{Digest, FileId, FileRecord, FileState, Hasher};
use hrisov_store::{ByteStream, Key};
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::{
    ApiState, conditional::EntityTag, error::ApiError, extract::Path, links, openapi::Problems, range,
};

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Bytes that are not those that were deposited.
#[derive(Debug, thiserror::Error)]
#[error(
    "the stored bytes of a file have SHA-256 {found}, {expected} was deposited: the last of them were withheld"
)]
struct Damage {
    expected: Digest,
    found: Digest,
}

/// Downloads a file as it was received, a quarantined one too. The last bytes of a damaged one are withheld: the
/// transfer ends early.
#[utoipa::path(get, path = "/api/v1/files/{file_id}", tag = "files", operation_id = "get_file",
    params(("file_id" = Uuid, Path, description = "the file"),
        ("range" = Option<String>, Header, description = "one range of bytes, such as `bytes=0-1023`")),
    responses(
        (status = 200, description = "all bytes, of the type found by content", content_type = "*/*",
            headers(("repr-digest" = String, description = "SHA-256 of all bytes (RFC 9530)"),
                ("content-disposition" = String, description = "always `attachment`, with the received name"))),
        (status = 206, description = "the bytes of the range", content_type = "*/*"),
        Problems))]
pub(crate) async fn download(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (dossier, file) = state
        .catalog
        .file(FileId::from(id))
        .await?
        .ok_or(ApiError::Unknown { what: "file" })?;
    let tag = EntityTag::of(file.digest);
    if let Some(response) = tag.not_modified(&headers) {
        return Ok(response);
    }
    let object = state.root.dossier(dossier).await?;
    let object = object.ok_or_else(|| ApiError::Damaged("the dossier has no object in the store".into()))?;
    let master = match &file.state {
        FileState::Duplicate { of } => state.catalog.file(*of).await?.map(|(_, kept)| kept),
        _ => Some(file.clone()),
    };
    let key = match master {
        Some(master) => object.master_key(&master).await?,
        None => None,
    };
    let key = key.ok_or(ApiError::NotKept)?;
    let range = range::requested(&headers, file.size_bytes, &tag)?;
    send(&state, &key, &file, range)
        .await
        .map(|response| tag.put_on(describe(response, &file)))
}

async fn send(
    state: &ApiState,
    key: &Key,
    file: &FileRecord,
    range: Option<std::ops::Range<u64>>,
) -> Result<Response, ApiError> {
    let blobs = state.root.blobs();
    let length = |bytes: u64| [(header::CONTENT_LENGTH, HeaderValue::from(bytes))];
    match range {
        None => {
            let body = Body::from_stream(checked(blobs.get(key).await?, file.digest));
            Ok((length(file.size_bytes), body).into_response())
        }
        Some(range) => {
            let place = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size_bytes);
            let place = HeaderValue::try_from(place).expect("numbers form a header");
            let size = range.end - range.start;
            let body = Body::from_stream(blobs.range(key, range).await?);
            let headers = (length(size), [(header::CONTENT_RANGE, place)]);
            Ok((StatusCode::PARTIAL_CONTENT, headers, body).into_response())
        }
    }
}

/// Says what the bytes are. Never `inline`: what a browser shows in its own window could act as this server.
fn describe(mut response: Response, file: &FileRecord) -> Response {
    let media_type = file
        .media_type
        .as_deref()
        .and_then(|text| HeaderValue::try_from(text).ok());
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(file.digest.as_bytes()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type.unwrap_or(OCTETS));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&file.source_path));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        "repr-digest",
        HeaderValue::try_from(digest).expect("base64 forms a header"),
    );
    response
}

/// `Content-Disposition` (RFC 6266) with the name that the file was received under.
pub(crate) fn attachment(source_path: &str) -> HeaderValue {
    let recorded = source_path.rsplit('/').next().unwrap_or_default();
    // The recorded name escapes what is not UTF-8 and control characters; these stay escaped.
    let original = percent_decode_str(recorded).decode_utf8().ok();
    let original = original.filter(|name| !name.contains(|c: char| c.is_control() || c == '/'));
    let name = original.as_deref().unwrap_or(recorded);
    let plain = |c: char| {
        if c.is_ascii() && !matches!(c, '"' | '\\' | '%') {
            c
        } else {
            '_'
        }
    };
    let ascii: String = name.chars().map(plain).collect();
    let text = format!(
        "attachment; filename=\"{ascii}\"; filename*=UTF-8''{}",
        links::escaped(name)
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// The same bytes, one piece later: the last one only once all of them are known to be those that were deposited.
fn checked(
    bytes: ByteStream,
    expected: Digest,
) -> impl Stream<Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>> {
    let begin = (bytes.fuse(), Hasher::default(), None::<Bytes>);
    stream::try_unfold(begin, move |(mut bytes, mut hasher, mut held)| async move {
        loop {
            if let Some(piece) = bytes.try_next().await? {
                hasher.update(&piece);
                if let Some(ready) = held.replace(piece) {
                    return Ok(Some((ready, (bytes, hasher, held))));
                }
                continue;
            }
            let Some(last) = held.take() else { return Ok(None) };
            let found = std::mem::take(&mut hasher).finish();
            if found != expected {
                let damage = Damage { expected, found };
                tracing::error!(%damage, "a download was ended early");
                return Err(damage.into());
            }
            return Ok(Some((last, (bytes, hasher, None))));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_and_cannot_leave_their_quotes() {
        for (path, expected) in [
            (
                "scan 1.tif",
                "attachment; filename=\"scan 1.tif\"; filename*=UTF-8''scan%201.tif",
            ),
            (
                "a/b/Anchetă.pdf",
                "attachment; filename=\"Anchet_.pdf\"; filename*=UTF-8''Anchet%C4%83.pdf",
            ),
            (
                "100%25.tif",
                "attachment; filename=\"100_.tif\"; filename*=UTF-8''100%25.tif",
            ),
            (
                "a\";x=\\.tif",
                "attachment; filename=\"a_;x=_.tif\"; filename*=UTF-8''a%22%3Bx%3D%5C.tif",
            ),
            (
                "a%0D%0Ab.tif",
                "attachment; filename=\"a_0D_0Ab.tif\"; filename*=UTF-8''a%250D%250Ab.tif",
            ),
            (
                "%FF.tif",
                "attachment; filename=\"_FF.tif\"; filename*=UTF-8''%25FF.tif",
            ),
            (
                "a%2Fb.tif",
                "attachment; filename=\"a_2Fb.tif\"; filename*=UTF-8''a%252Fb.tif",
            ),
        ] {
            assert_eq!(attachment(path), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn the_last_bytes_wait_for_the_digest() {
        let pieces = ["ab", "cd", "ef"];
        let stream = || stream::iter(pieces).map(|piece| Ok(Bytes::from(piece))).boxed();
        let whole: Vec<Bytes> = checked(stream(), Digest::of(b"abcdef"))
            .try_collect()
            .await
            .unwrap();
        assert_eq!(whole.concat(), b"abcdef");
        let items: Vec<_> = checked(stream(), Digest::of(b"other")).collect().await;
        let (last, before) = items.split_last().unwrap();
        assert!(last.is_err());
        assert_eq!(
            before
                .iter()
                .map(|piece| piece.as_ref().unwrap().clone())
                .collect::<Vec<_>>()
                .concat(),
            b"abcd"
        );
    }
}
