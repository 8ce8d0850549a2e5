//! One request to a witness or a time-stamping authority. Both answer with signatures, so that plain HTTP will do; where they
//! insist on TLS, the certificates that the system trusts decide.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response, Uri, body::Incoming, header};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector},
    },
    rt::TokioExecutor,
};
use rustls::crypto::ring::default_provider;
use tokio::time::timeout;

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
    let scheme = uri.scheme_str().map(str::to_owned);
    let request = Request::post(uri)
        .header(header::CONTENT_TYPE, content_type)
        .body(Full::new(Bytes::from(body)))?;
    let response = match scheme.as_deref() {
        Some("http") => send(HttpConnector::new(), request).await?,
        Some("https") => {
            let trusting = HttpsConnectorBuilder::new().with_provider_and_native_roots(default_provider());
            let trusting = trusting.context("the system trusts no certificates: install ca-certificates")?;
            send(trusting.https_only().enable_http1().build(), request).await?
        }
        _ => bail!("only http:// and https:// addresses can be asked"),
    };
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), max_bytes).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?;
    Ok(Answer {
        status,
        body: body.to_bytes(),
    })
}

async fn send<C>(connector: C, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Incoming>>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new()).build(connector);
    Ok(client.request(request).await?)
}
