//! Why a request has no answer, and the one place where that becomes a response.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hrisov_audit::AuditError;
use hrisov_catalog::CatalogError;
use hrisov_imaging::worker::WorkerError;
use hrisov_index::IndexError;
use hrisov_store::{StoreError, dossier::DossierError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{conditional::NO_STORE, views::DossierLine};

/// Why a request has no answer. The messages go to the client and hold nothing of a document's content;
/// what a store or the database said goes to the log alone.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("{detail}")]
    InvalidRequest { detail: String },
    #[error(
        "the pages are not understood: give numbers of pages of the dossier, such as 1-3,7, at most \
         {PAGES_AT_ONCE_MAX} at once"
    )]
    InvalidPages,
    #[error("there is nothing at this address: see /api/v1/openapi.json for what there is")]
    UnknownRoute,
    #[error("what was sent is no request of HTTP: see /api/v1/openapi.json for what there is")]
    NoRequest,
    #[error("the address is too long: ask for less at once")]
    AddressTooLong,
    #[error("the head of the request is too long: send fewer or shorter header lines, and a shorter address")]
    HeadTooLong,
    #[error("only GET and HEAD are answered here")]
    MethodNotAllowed,
    #[error("no {what} is known by that identifier or reference")]
    Unknown { what: &'static str },
    #[error("several dossiers are called so: use the identifier of the one that is meant")]
    Ambiguous { candidates: Vec<DossierLine> },
    #[error("the page has no text: it is {state}")]
    NoText { state: &'static str },
    #[error("the page was read, its text is not in the store yet: ask again when its load is done")]
    TextUnderWay,
    #[error("no bytes of this file are kept")]
    NotKept,
    #[error("this cannot be proven: {reason}")]
    NotProvable { reason: String },
    #[error("the page cannot be shown: {detail}")]
    NoPicture { detail: String },
    #[error("the file has {size_bytes} bytes and none in the range asked for")]
    RangeNotSatisfiable { size_bytes: u64 },
    #[error("this cannot be done now: {reason}")]
    NotNow { reason: &'static str },
    #[error("nobody answers for this decision: give the name of a person, one line of at most 100 letters")]
    Nameless,
    #[error("this can only be asked for on a page of this server")]
    FromElsewhere,
    #[error("this server answers only under a name of this machine, such as localhost")]
    Misdirected,
    #[error("too many requests of this kind are waiting: ask again in a moment")]
    Busy,
    #[error("no answer within the time allowed: ask again, or for less")]
    TooSlow,
    #[error("the decoder failed on this page twice")]
    DecoderFailed(#[source] WorkerError),
    #[error("the worker program that makes pictures does not work: see the server's log")]
    NoWorker(#[source] WorkerError),
    #[error("the stored bytes are missing or not those that were deposited: run `hrisov verify`")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the store cannot be reached: see the server's log, then ask again")]
    StoreUnavailable(#[source] StoreError),
    #[error("the store failed: see the server's log")]
    Store(#[source] StoreError),
    #[error("the catalog failed: see the server's log")]
    Catalog(#[from] CatalogError),
    #[error("the search index failed: see the server's log")]
    Index(#[from] IndexError),
    #[error("the program failed: see the server's log")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Most pages in one PDF: about a minute of decoding.
pub(crate) const PAGES_AT_ONCE_MAX: usize = 60;

/// What people are told of a problem: fewer kinds than programs are, each with its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForPeople {
    /// There is nothing at the address.
    NotFound,
    /// A part of the address is wrong.
    Request,
    /// The pages asked for are not understood.
    Pages,
    /// The address is too long.
    TooLong,
    /// There is no picture.
    NoPicture,
    /// What is asked for is not done.
    Refused,
    /// Nobody gave a name for it.
    Nameless,
    /// Others are served.
    Busy,
    /// The store lacks what it should have.
    Damaged,
    /// All else.
    Server,
}

impl ForPeople {
    /// Its name in the messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Request => "request",
            Self::Pages => "pages",
            Self::TooLong => "too-long",
            Self::NoPicture => "no-picture",
            Self::Refused => "refused",
            Self::Nameless => "nameless",
            Self::Busy => "busy",
            Self::Damaged => "damaged",
            Self::Server => "server",
        }
    }
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Which problem it is: a URN that stays the same.
    #[serde(rename = "type")]
    #[schema(example = "urn:x-hrisov:problem:unknown")]
    kind: String,
    /// The problem in a few words, the same at every occurrence.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong this time, and what to do.
    detail: String,
    /// The dossiers that an ambiguous reference may mean; at most twenty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<DossierLine>,
}

/// Seconds after which a busy server may be asked again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

impl ApiError {
    /// Status, last part of the type, and title.
    const fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidRequest { .. } => {
                (S::BAD_REQUEST, "invalid-request", "the request is not understood")
            }
            Self::InvalidPages | Self::NoRequest => {
                (S::BAD_REQUEST, "invalid-request", "the request is not understood")
            }
            Self::AddressTooLong => (S::URI_TOO_LONG, "address-too-long", "the address is too long"),
            Self::HeadTooLong => (
                S::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head-too-long",
                "the head of the request is too long",
            ),
            Self::UnknownRoute => (S::NOT_FOUND, "unknown-route", "no such address"),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "the method is not allowed",
            ),
            Self::Unknown { .. } => (S::NOT_FOUND, "unknown", "not in the archive"),
            Self::Ambiguous { .. } => (S::CONFLICT, "ambiguous-reference", "the reference is ambiguous"),
            Self::NoText { .. } => (S::NOT_FOUND, "no-text", "the page has no text"),
            Self::TextUnderWay => (S::NOT_FOUND, "text-under-way", "the text is not stored yet"),
            Self::NotKept => (S::NOT_FOUND, "not-kept", "no bytes are kept"),
            Self::NotProvable { .. } => (S::CONFLICT, "not-provable", "this cannot be proven now"),
            Self::NoPicture { .. } => (S::NOT_FOUND, "no-picture", "the page cannot be shown"),
            Self::RangeNotSatisfiable { .. } => (
                S::RANGE_NOT_SATISFIABLE,
                "range-not-satisfiable",
                "the range lies outside of the file",
            ),
            Self::NotNow { .. } => (S::CONFLICT, "not-now", "this cannot be done now"),
            Self::Nameless => (S::UNPROCESSABLE_ENTITY, "nameless", "a name is missing"),
            Self::FromElsewhere => (S::FORBIDDEN, "from-elsewhere", "another site asks for this"),
            Self::Misdirected => (
                S::MISDIRECTED_REQUEST,
                "misdirected",
                "the name of the server is not answered to",
            ),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", "the server is busy"),
            Self::TooSlow => (S::SERVICE_UNAVAILABLE, "too-slow", "the answer took too long"),
            Self::DecoderFailed(_) => (
                S::INTERNAL_SERVER_ERROR,
                "decoder-failed",
                "the page cannot be decoded",
            ),
            Self::Damaged(_) => (
                S::INTERNAL_SERVER_ERROR,
                "damaged",
                "the stored bytes are damaged",
            ),
            Self::StoreUnavailable(_) => (
                S::SERVICE_UNAVAILABLE,
                "store-unavailable",
                "the store is not available",
            ),
            Self::NoWorker(_) | Self::Store(_) | Self::Catalog(_) | Self::Index(_) | Self::Internal(_) => {
                (S::INTERNAL_SERVER_ERROR, "internal", "the server failed")
            }
        }
    }
}

impl ApiError {
    /// What people are told.
    pub(crate) const fn for_people(&self) -> ForPeople {
        match self {
            Self::InvalidPages => ForPeople::Pages,
            Self::AddressTooLong | Self::HeadTooLong => ForPeople::TooLong,
            Self::InvalidRequest { .. }
            | Self::NoRequest
            | Self::MethodNotAllowed
            | Self::Misdirected
            | Self::Ambiguous { .. }
            | Self::RangeNotSatisfiable { .. } => ForPeople::Request,
            Self::UnknownRoute
            | Self::Unknown { .. }
            | Self::NoText { .. }
            | Self::TextUnderWay
            | Self::NotKept => ForPeople::NotFound,
            Self::NoPicture { .. } => ForPeople::NoPicture,
            Self::NotNow { .. } | Self::FromElsewhere => ForPeople::Refused,
            Self::Nameless => ForPeople::Nameless,
            Self::Busy | Self::TooSlow => ForPeople::Busy,
            Self::Damaged(_) | Self::NotProvable { .. } => ForPeople::Damaged,
            Self::DecoderFailed(_)
            | Self::NoWorker(_)
            | Self::StoreUnavailable(_)
            | Self::Store(_)
            | Self::Catalog(_)
            | Self::Index(_)
            | Self::Internal(_) => ForPeople::Server,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, kind, title) = self.kind();
        if status.is_server_error() {
            tracing::error!(kind, cause = %causes(&self), "a request failed");
        }
        let detail = self.to_string();
        let told = self.for_people();
        let range = match &self {
            Self::RangeNotSatisfiable { size_bytes } => {
                HeaderValue::try_from(format!("bytes */{size_bytes}")).ok()
            }
            _ => None,
        };
        let problem = Problem {
            kind: format!("urn:x-hrisov:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail,
            candidates: match self {
                Self::Ambiguous { candidates } => candidates,
                _ => Vec::new(),
            },
        };
        let mut response = (status, Json(problem)).into_response();
        response.extensions_mut().insert(told);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if let Some(range) = range {
            headers.insert(header::CONTENT_RANGE, range);
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. }
            | StoreError::OutOfRange { .. }
            | StoreError::DigestMismatch { .. }
            | StoreError::InvalidInventory { .. } => Self::Damaged(Box::new(error)),
            error if error.is_transient() => Self::StoreUnavailable(error),
            error => Self::Store(error),
        }
    }
}

impl From<DossierError> for ApiError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::Store(error) => error.into(),
            error => Self::Damaged(Box::new(error)),
        }
    }
}

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NotProvable { reason } => Self::NotProvable { reason },
            AuditError::Store(error) => error.into(),
            AuditError::Dossier(error) => error.into(),
            AuditError::Catalog(error) => error.into(),
            AuditError::Bundle(_) | AuditError::Internal(_) => Self::Internal(Box::new(error)),
            error => Self::Damaged(Box::new(error)),
        }
    }
}

impl From<WorkerError> for ApiError {
    fn from(error: WorkerError) -> Self {
        match error.blames_page() {
            true => Self::DecoderFailed(error),
            false => Self::NoWorker(error),
        }
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// An error with its causes, for the log.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
