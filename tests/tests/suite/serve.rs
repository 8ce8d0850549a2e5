//! `hrisov serve`: the API over the real program and its workers.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr},
};

use serde_json::Value;

use super::program::{Archive, write_scan};

/// One request over HTTP/1.0: status line and headers, and the body.
pub fn get(address: &str, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (
        String::from_utf8_lossy(&answer[..end]).into_owned(),
        answer[end + 4..].to_vec(),
    )
}

/// A running server, ended with its test.
pub struct Server {
    process: Child,
    // Open as long as the server is, for it goes on talking.
    _said: BufReader<ChildStderr>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves, and says where: a host and its port.
pub fn serve(archive: &Archive) -> (Server, String) {
    let mut process = archive.start(&["serve", "--listen", "127.0.0.1:0"]);
    let mut said = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let (_, address) = line.split_once("http://").unwrap_or_else(|| panic!("{line}"));
    let address = address.trim_end().trim_end_matches('/').to_owned();
    (Server { process, _said: said }, address)
}

#[test]
fn a_hit_leads_to_its_picture_and_its_original() {
    let archive = Archive::scripted();
    let scan = archive.boxes().join("cutia-1/1/a.png");
    write_scan(&scan, 1);
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    let (_server, address) = serve(&archive);
    let word = archive.run(&["text", "1", "1"]).expect_code(0).stdout;
    let word = word
        .split_whitespace()
        .find(|word| word.is_ascii())
        .unwrap_or("dosar")
        .to_owned();
    let (head, body) = get(&address, &format!("/api/v1/search?q={word}"));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let hits: Value = serde_json::from_slice(&body).unwrap();
    let page = hits["hits"][0]["pages"][0]["page_id"].as_str().unwrap();
    let (head, picture) = get(&address, &format!("/api/v1/pages/{page}/image?width=120"));
    assert!(
        head.starts_with("HTTP/1.1 200") && head.to_lowercase().contains("image/jpeg"),
        "{head}"
    );
    let picture = image::load_from_memory(&picture).unwrap();
    assert_eq!((picture.width(), picture.height()), (120, 160));
    let key = archive.path().join("keys/log.pub");
    for address_of in [
        format!("/api/v1/pages/{page}/proof"),
        "/api/v1/dossiers/1/proof".to_owned(),
    ] {
        let (head, bundle) = get(&address, &address_of);
        assert!(
            head.starts_with("HTTP/1.1 200") && head.contains("application/zip"),
            "{head}"
        );
        let path = archive.boxes().join("dovada.zip");
        fs::write(&path, bundle).unwrap();
        let (path, key) = (path.to_str().unwrap(), key.to_str().unwrap());
        let report = archive.json(0, &["verify-proof", path, "--key", key]);
        assert_eq!(report["leaves"][0]["master"], "a.png", "{report:#}");
    }
}

#[test]
fn an_address_beyond_loopback_is_refused() {
    let archive = Archive::scripted();
    let run = archive.run(&["serve", "--listen", "0.0.0.0:0"]).expect_code(1);
    assert!(run.stderr.contains("loopback"), "{}", run.stderr);
}
