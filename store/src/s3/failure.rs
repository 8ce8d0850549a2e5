//! What a server's errors mean.

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStreamError,
};
use aws_smithy_types::error::display::DisplayErrorContext;

use super::connection::Connection;
use crate::{Key, StoreError};

/// The HTTP answer that came with an error.
type Answer = aws_sdk_s3::config::http::HttpResponse;

/// What the client said, with all causes in one line: its own errors show only the outermost.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

impl Connection {
    /// The error of a request about `key` (the root: about the bucket).
    pub(super) fn failed<E>(&self, action: &'static str, key: &Key, error: SdkError<E, Answer>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        let code = error
            .as_service_error()
            .and_then(|e| e.code())
            .unwrap_or_default()
            .to_owned();
        let source = Box::new(Said(DisplayErrorContext(&error).to_string()));
        let (endpoint, place) = (self.endpoint.clone(), self.place(key));
        match (&error, status, code.as_str()) {
            (_, _, "NoSuchBucket") => StoreError::NoStore {
                place: format!("bucket {} at {endpoint}", self.bucket),
            },
            (_, Some(404), _) => StoreError::NotFound { key: key.clone() },
            (_, Some(416), _) => StoreError::OutOfRange {
                key: key.clone(),
                start: 0,
            },
            (_, Some(401 | 403), _) => StoreError::Denied {
                endpoint,
                action,
                place,
                source,
            },
            (_, Some(507), _) | (_, _, "QuotaExceeded" | "StorageFull") => {
                StoreError::NoSpace { place, source }
            }
            (SdkError::TimeoutError(_), ..) => StoreError::Unreachable { endpoint, source },
            (SdkError::DispatchFailure(failure), ..) if failure.is_io() || failure.is_timeout() => {
                StoreError::Unreachable { endpoint, source }
            }
            // No credentials to sign with.
            (SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_), ..) => StoreError::Denied {
                endpoint,
                action,
                place,
                source,
            },
            _ => StoreError::Remote {
                endpoint,
                action,
                place,
                source,
            },
        }
    }

    /// The error of a body that ended early or does not have the checksum that came with it.
    pub(super) fn broken_off(&self, key: &Key, error: ByteStreamError) -> StoreError {
        StoreError::Remote {
            endpoint: self.endpoint.clone(),
            action: "read",
            place: self.place(key),
            source: Box::new(Said(DisplayErrorContext(&error).to_string())),
        }
    }

    pub(super) fn place(&self, key: &Key) -> String {
        format!("{}/{}", self.bucket, self.name(key))
    }
}
