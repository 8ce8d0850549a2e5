//! A SeaweedFS server of its own for a test: loopback, free ports, gone with the test.
//!
//! `HRISOV_WEED` says where its program `weed` is (`make test-deps` installs it); without it the
//! tests on S3 are passed over, or fail where `HRISOV_REQUIRE_TOOLS` is set.

use std::{
    env,
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

pub const ACCESS_KEY: &str = "test-key";
pub const SECRET_KEY: &str = "test-secret";
/// A fresh server takes about 4 s on two cores.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server.
pub struct Seaweed {
    server: Child,
    folder: TempDir,
    ports: [u16; 8],
}

impl Seaweed {
    /// Starts a server; `None`, said loudly, where there is no program to start.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with more options of `weed server`.
    pub fn start_with(options: &[String]) -> Option<Self> {
        let Some(weed) = env::var_os("HRISOV_WEED") else {
            assert!(
                env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
                "HRISOV_WEED is not set"
            );
            eprintln!(
                "PASSED OVER: nothing was tested on S3; set HRISOV_WEED to the path of SeaweedFS's weed"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let identity = format!(
            r#"{{"identities": [{{"name": "archive", "actions": ["Admin", "Read", "Write", "List"],
                "credentials": [{{"accessKey": "{ACCESS_KEY}", "secretKey": "{SECRET_KEY}"}}]}}]}}"#
        );
        fs::write(at.join("s3.json"), identity).unwrap();
        write_keys(&at.join("keys"), SECRET_KEY);
        fs::create_dir(at.join("data")).unwrap();
        let ports = free_ports();
        let log = File::create(at.join("log")).unwrap();
        let server = Command::new(weed)
            .args([
                "-logtostderr=true",
                "server",
                "-filer",
                "-s3",
                "-master.telemetry=false",
            ])
            .args([
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
            ])
            .args(["-volume.max=0", "-master.volumeSizeLimitMB=64"])
            .args(port_options(&ports))
            .args(options)
            .arg(format!("-dir={}", at.join("data").display()))
            .arg(format!("-s3.config={}", at.join("s3.json").display()))
            .arg(format!("-filer.localSocket={}", at.join("filer.sock").display()))
            .arg(format!("-s3.localSocket={}", at.join("s3.sock").display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("HRISOV_WEED is the path of a program");
        let mut started = Self {
            server,
            folder,
            ports,
        };
        started.wait_until_ready();
        Some(started)
    }

    /// `http://` address of the S3 server.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[6])
    }

    /// The address of a store in a bucket, with the right access keys.
    pub fn store_url(&self, bucket_and_prefix: &str) -> String {
        self.store_url_with_keys(bucket_and_prefix, &self.folder.path().join("keys"))
    }

    /// The same with access keys that the server does not know.
    pub fn store_url_with_wrong_keys(&self, bucket_and_prefix: &str) -> String {
        let keys = self.folder.path().join("wrong-keys");
        write_keys(&keys, "not-the-secret");
        self.store_url_with_keys(bucket_and_prefix, &keys)
    }

    fn store_url_with_keys(&self, bucket_and_prefix: &str, keys: &Path) -> String {
        let endpoint = self.endpoint();
        format!(
            "s3://{bucket_and_prefix}?endpoint={endpoint}&credentials-file={}",
            keys.display()
        )
    }

    fn wait_until_ready(&mut self) {
        let begun = Instant::now();
        while !self.is_healthy() {
            let gone = self.server.try_wait().unwrap();
            if gone.is_some() || begun.elapsed() > START_TIMEOUT {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("SeaweedFS did not start ({gone:?}):\n{log}");
            }
            // A foreign program tells nobody when it is ready: it can only be asked.
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_healthy(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.ports[6]))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.lines().next().is_some_and(|line| line.contains(" 200 ")))
    }
}

impl Drop for Seaweed {
    fn drop(&mut self) {
        // The test is over either way.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn write_keys(path: &Path, secret: &str) {
    let keys = format!("[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {secret}\n");
    fs::write(path, keys).unwrap();
}

/// Ports that nobody has now; all are held until the last is found, so that they differ.
fn free_ports() -> [u16; 8] {
    let held: [TcpListener; 8] = std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

fn port_options(ports: &[u16; 8]) -> impl Iterator<Item = String> {
    let roles = ["master", "volume", "filer", "s3"].into_iter();
    let names = roles.flat_map(|role| [format!("-{role}.port"), format!("-{role}.port.grpc")]);
    names.zip(*ports).map(|(name, port)| format!("{name}={port}"))
}
