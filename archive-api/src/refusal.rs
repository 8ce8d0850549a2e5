//! What the HTTP library refuses before any route is asked, an address or a head that is too long, or bytes that are no
//! request. Its own answer is a bare status, which a browser shows as a broken page: a problem or a page goes out instead.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body;
use futures::FutureExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use crate::{error::ApiError, guard, web};

/// Bytes of a request that are kept: enough to tell an address for programs from one for people.
const BEGINNING_BYTES: usize = 32;
/// What still comes of a refused request is read and dropped: a connection that is closed over unread bytes is reset, and
/// the answer is lost with it.
const DROPPED_MAX_BYTES: usize = 8 << 20;
const DROPPED_TIME: Duration = Duration::from_secs(2);

/// A connection on which bare refusals become answers.
#[derive(Debug)]
pub(crate) struct Courteous {
    stream: TcpStream,
    /// How the request at hand begins.
    beginning: Vec<u8>,
    /// Whether the next bytes that come begin another request.
    is_answered: bool,
    /// The answer that goes out in place of a bare one, and how much of it has.
    refusal: Option<(Vec<u8>, usize)>,
    dropping: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Courteous {
    /// A fresh connection.
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            beginning: Vec::new(),
            is_answered: false,
            refusal: None,
            dropping: None,
        }
    }

    /// Notices a bare refusal; whether one is under way.
    fn refuses(&mut self, answer: &[u8]) -> bool {
        self.is_answered = true;
        if self.refusal.is_none()
            && let Some(error) = bare_refusal(answer)
        {
            self.refusal = in_full(error, &self.beginning).map(|bytes| (bytes, 0));
        }
        self.refusal.is_some()
    }

    /// Writes the answer that goes out instead; `Ready` once all of it is written.
    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((bytes, written)) = &mut self.refusal
            && *written < bytes.len()
        {
            *written += ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[*written..]))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Courteous {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let known = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if std::mem::take(&mut self.is_answered) {
            self.beginning.clear();
        }
        let wanted = BEGINNING_BYTES - self.beginning.len();
        let come = buf.filled()[known..].iter().take(wanted);
        self.beginning.extend(come);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Courteous {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>> {
        if !self.refuses(answer) {
            return Pin::new(&mut self.stream).poll_write(cx, answer);
        }
        ready!(self.poll_refusal(cx))?;
        Poll::Ready(Ok(answer.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        answer: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.refuses(answer.first().map_or(&[], |first| first)) {
            return Pin::new(&mut self.stream).poll_write_vectored(cx, answer);
        }
        ready!(self.poll_refusal(cx))?;
        Poll::Ready(Ok(answer.iter().map(|part| part.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.dropping.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if self.refusal.is_none() {
                return Poll::Ready(Ok(()));
            }
        }
        let Self { stream, dropping, .. } = &mut *self;
        let (time, dropped) = dropping.get_or_insert_with(|| (Box::pin(sleep(DROPPED_TIME)), 0));
        let mut room = [0; 16 << 10];
        while *dropped < DROPPED_MAX_BYTES && time.as_mut().poll(cx).is_pending() {
            let mut come = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut *stream).poll_read(cx, &mut come)) {
                Ok(()) if !come.filled().is_empty() => *dropped += come.filled().len(),
                // The other side has closed as well, or is gone.
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// What is refused, where an answer is the library's own: one of its statuses, and nothing else.
fn bare_refusal(answer: &[u8]) -> Option<ApiError> {
    let head = std::str::from_utf8(answer).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.get(2..5)?;
    if !head.contains("\r\ncontent-length: 0\r\n") {
        return None;
    }
    match status {
        "400" => Some(ApiError::NoRequest),
        "414" => Some(ApiError::AddressTooLong),
        "431" => Some(ApiError::HeadTooLong),
        _ => None,
    }
}

/// The whole answer: a problem for programs, a page for people.
fn in_full(error: ApiError, request: &[u8]) -> Option<Vec<u8>> {
    let request = String::from_utf8_lossy(request);
    let path = request.split([' ', '?']).nth(1).unwrap_or_default();
    let mut response = web::explained(error, path);
    guard::shield(response.headers_mut());
    let (parts, body) = response.into_parts();
    // It was made at once and is all there.
    let body = body::to_bytes(body, usize::MAX).now_or_never()?.ok()?;
    let mut bytes = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).bytes());
    bytes.extend(body);
    Some(bytes)
}
