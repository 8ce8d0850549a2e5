//! The server on a real socket.

use std::{net::SocketAddr, sync::Arc};

use hrisov_archive_api::{ServeError, check_loopback, serve};
use hrisov_store::MemoryBlobs;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::archive;

#[tokio::test]
async fn it_answers_until_told_to_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = archive::state(Arc::new(MemoryBlobs::default())).await;
    let (end, ended) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, state, async { drop(ended.await) }));

    let mut connection = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        connection
            .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(br#"{"status":"ok"}"#) {
            assert_ne!(
                connection.read_buf(&mut answer).await.unwrap(),
                0,
                "{}",
                answer.escape_ascii()
            );
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    end.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert_eq!(
        connection.read(&mut [0; 1]).await.unwrap(),
        0,
        "the idle connection was closed"
    );
    TcpStream::connect(address)
        .await
        .expect_err("nobody listens any more");
}

#[tokio::test]
async fn a_request_head_that_is_too_long_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = archive::state(Arc::new(MemoryBlobs::default())).await;
    let server = tokio::spawn(serve(listener, state, std::future::pending()));
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /?q={} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a".repeat(1 << 20)
    );
    // The server may hang up while the rest is on its way.
    drop(connection.write_all(request.as_bytes()).await);
    let mut answer = [0; 12];
    let read = connection.read_exact(&mut answer).await;
    assert!(
        read.is_err() || answer.starts_with(b"HTTP/1.1 4"),
        "{}",
        answer.escape_ascii()
    );
    server.abort();
}

#[test]
fn only_loopback_is_served() {
    for (address, own) in [
        ("127.0.0.1:8080", true),
        ("127.3.2.1:80", true),
        ("[::1]:8080", true),
        ("[::ffff:127.0.0.1]:8080", true),
        ("0.0.0.0:8080", false),
        ("[::]:8080", false),
        ("192.168.1.20:8080", false),
    ] {
        let address: SocketAddr = address.parse().unwrap();
        match check_loopback(address) {
            Ok(()) => assert!(own, "{address}"),
            Err(ServeError::BeyondLoopback { address: refused }) => assert!(!own && refused == address),
            Err(other) => panic!("{other}"),
        }
    }
    let refused = check_loopback("0.0.0.0:8080".parse().unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("serve refuses any address beyond loopback for now: 0.0.0.0:8080"),
        "{refused}"
    );
}
