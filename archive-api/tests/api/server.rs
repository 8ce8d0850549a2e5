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

/// Each row: what is sent, and what the whole answer begins with and holds.
#[tokio::test]
async fn what_no_route_is_asked_of_is_explained_as_well() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = archive::state(Arc::new(MemoryBlobs::default())).await;
    let server = tokio::spawn(serve(listener, state, std::future::pending()));
    let get = |address: &str| format!("GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes();
    let megabyte = "a".repeat(1 << 20);
    for (sent, begin, part) in [
        (
            get(&format!("/?q={megabyte}")),
            "HTTP/1.1 4",
            "Adresa este prea lungă",
        ),
        (
            get(&format!("/api/v1/search?q={megabyte}")),
            "HTTP/1.1 4",
            "urn:x-hrisov:problem:",
        ),
        (
            get(&format!("/iiif/{megabyte}")),
            "HTTP/1.1 4",
            "content-type: application/problem+json",
        ),
        (get("/?q=a b\u{1}"), "HTTP/1.1 400", "Cererea nu s-a înțeles"),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_vec(),
            "HTTP/1.1 400",
            "Cererea nu s-a înțeles",
        ),
    ] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        // Behind a question for people that was answered.
        connection.write_all(&get("/semn.svg")).await.unwrap();
        let mut picture = Vec::new();
        while !picture.ends_with(b"</svg>\n") && !picture.ends_with(b"</svg>") {
            assert_ne!(connection.read_buf(&mut picture).await.unwrap(), 0);
        }
        connection.write_all(&sent).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with(begin) && answer.contains(part),
            "{part}: {answer}"
        );
        assert!(
            answer.contains("\r\nx-content-type-options: nosniff\r\n"),
            "{answer}"
        );
        assert!(!answer.contains("aaaa"), "nothing is echoed");
        let (head, body) = answer.rsplit_once("\r\n\r\n").unwrap();
        let length = head
            .rsplit_once("content-length: ")
            .unwrap()
            .1
            .lines()
            .next()
            .unwrap();
        assert_eq!(length, body.len().to_string());
    }
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
