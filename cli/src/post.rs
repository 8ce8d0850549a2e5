//! One request to a witness or a time-stamping authority: plain HTTP, since both answer with signatures.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Uri, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// For the whole exchange; an authority answers within seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

/// Posts `body` and reads at most `max_bytes` of the answer.
pub async fn post(url: &str, content_type: &str, body: Vec<u8>, max_bytes: usize) -> anyhow::Result<Answer> {
    let asked = timeout(PATIENCE, exchange(url, content_type, body, max_bytes)).await;
    asked
        .unwrap_or_else(|_| bail!("no answer within {} seconds", PATIENCE.as_secs()))
        .with_context(|| format!("cannot ask {url}"))
}

async fn exchange(url: &str, content_type: &str, body: Vec<u8>, max_bytes: usize) -> anyhow::Result<Answer> {
    let uri: Uri = url.parse()?;
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        bail!(
            "only http:// addresses can be asked: what is answered is signed and needs no other protection"
        );
    };
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host().trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let talking = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::post(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, content_type)
        .body(Full::new(Bytes::from(body)))?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), max_bytes).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?;
    talking.abort();
    Ok(Answer {
        status,
        body: body.to_bytes(),
    })
}
