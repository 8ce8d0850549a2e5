//! The server: connections within limits, until it is told to end.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use crate::{ApiState, refusal::Courteous, router};

/// Connections at once; a browser opens six.
const CONNECTIONS_MAX: usize = 256;
/// For the head of a request, and so also how long an idle connection is kept.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// Largest head of a request in bytes, with a very long query.
const HEAD_MAX_BYTES: usize = 64 << 10;
/// Most header lines of a request.
const HEADERS_MAX: usize = 64;
/// For the requests at hand once the server is told to end.
const FAREWELL: Duration = Duration::from_secs(10);
/// Pause after a connection could not be taken, such as without a free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can be reached from other machines.
    #[error(
        "serve refuses any address beyond loopback for now: {address} may be reached from other machines, and \
         nobody signs in yet; use 127.0.0.1:{port} or [::1]:{port}, and a tunnel from elsewhere", port = address.port()
    )]
    BeyondLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The socket is not usable.
    #[error("cannot listen: {0}")]
    Io(#[from] io::Error),
}

/// Fails unless only programs of this machine can reach the address.
///
/// # Errors
/// [`ServeError::BeyondLoopback`].
pub fn check_loopback(address: SocketAddr) -> Result<(), ServeError> {
    match address.ip().to_canonical().is_loopback() {
        true => Ok(()),
        false => Err(ServeError::BeyondLoopback { address }),
    }
}

/// Serves until `shutdown` ends, then lets the requests at hand end for some seconds.
///
/// # Errors
/// Where the listener is not on loopback.
pub async fn serve(
    listener: TcpListener,
    state: ApiState,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    check_loopback(listener.local_addr()?)?;
    serve_app(listener, router(state), shutdown).await;
    Ok(())
}

/// Serves routes within the limits on connections, whoever asks.
pub(crate) async fn serve_app(listener: TcpListener, app: Router, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let farewell = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let (place, stream) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        connections.spawn(converse(place, stream, app.clone(), farewell.watcher()));
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, farewell.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    connections.shutdown().await;
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream) {
    let place = Arc::clone(places)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (place, stream),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Answers the requests of one connection.
async fn converse(
    place: OwnedSemaphorePermit,
    stream: TcpStream,
    app: Router,
    farewell: hyper_util::server::graceful::Watcher,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX_BYTES)
        .max_headers(HEADERS_MAX);
    let stream = TokioIo::new(Courteous::new(stream));
    let connection = http.serve_connection(stream, TowerToHyperService::new(app));
    if let Err(error) = farewell.watch(connection).await {
        tracing::debug!(%error, "a connection broke");
    }
    drop(place);
}
