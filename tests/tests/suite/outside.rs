//! What others' programs say of an archive that ours made, in a folder and in a bucket.

use std::{env, fs, net::TcpListener, process::Command};

use serde_json::json;
use tempfile::TempDir;

use super::{
    program::{Archive, write_scan},
    seaweed::{self, Seaweed},
    tools,
};

fn two_dossiers(archive: &Archive) -> std::path::PathBuf {
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "2/c.png"]) {
        write_scan(&folder.join(file), seed);
    }
    folder
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = [&output.stdout, &output.stderr]
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .concat();
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

/// Fails where rocfl or ocfl-py find anything in the storage root.
pub fn check_storage_root(archive: &Archive, objects: usize) {
    if let Some(rocfl) = env::var_os("HRISOV_ROCFL") {
        let text = said(
            Command::new(rocfl)
                .arg("-r")
                .arg(archive.ocfl())
                .args(["validate", "-w", "W004"]),
        );
        assert!(
            text.contains("Storage root is valid") && text.contains("Invalid objects: 0"),
            "{text}"
        );
    } else {
        assert!(
            env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
            "HRISOV_ROCFL is not set"
        );
        eprintln!("PASSED OVER: HRISOV_ROCFL is not set");
    }
    if let Some(program) = tools::python_program("ocfl-root.py") {
        let text = said(
            Command::new(program)
                .args(["validate", "--validate-objects", "--check-digests", "--root"])
                .arg(archive.ocfl()),
        );
        let all = format!("Objects checked: {objects} / {objects} are VALID");
        assert!(text.contains(&all), "{text}");
    }
}

#[test]
fn rocfl_ocfl_py_and_xmllint_accept_what_a_load_wrote() {
    let archive = Archive::scripted();
    let folder = two_dossiers(&archive);
    archive.ingest(0, &folder);
    write_scan(&folder.join("1/a.png"), 9);
    archive.ingest(0, &folder);
    check_storage_root(&archive, 2);
    let Some(xmllint) = tools::program("xmllint") else {
        return;
    };
    let xml = archive
        .objects()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "xml"));
    said(Command::new(xmllint).arg("--noout").args(xml));
}

/// A second door of the S3 server for a program that speaks no plain http.
struct Tls {
    folder: TempDir,
    port: u16,
}

impl Tls {
    /// A certificate for `localhost`, signed by an authority that only these tests trust.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
             -days 2 -subj /CN=authority
             openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out server.csr \
             -subj /CN=localhost
             printf 'subjectAltName=DNS:localhost' > names
             openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out cert.pem \
             -extfile names";
        said(Command::new("sh").args(["-ec", made]).current_dir(folder.path()));
        let port = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self { folder, port }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What SeaweedFS is told of it.
    fn options(&self) -> [String; 3] {
        [
            format!("-s3.port.https={}", self.port),
            format!("-s3.cert.file={}", self.path("cert.pem")),
            format!("-s3.key.file={}", self.path("key.pem")),
        ]
    }
}

#[test]
fn a_whole_archive_works_on_s3_and_ocfl_py_and_rocfl_accept_it() {
    let tls = Tls::new();
    let Some(server) = Seaweed::start_with(&tls.options()) else {
        return;
    };
    let url = server.store_url("arhiva/oras");
    let archive = Archive::with(&[("HRISOV_TEST_ENGINE", "")], &["--store", &url]);
    let report = archive.ingest(0, &two_dossiers(&archive));
    for (name, value) in [("stored", 3), ("pages_recognised", 3), ("dossiers", 2)] {
        assert_eq!(report[name], value, "{report:#}");
    }
    assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    let before = archive.json(0, &["search", "dosar"]);
    fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
    archive.run(&["rebuild"]).expect_code(0);
    assert_eq!(archive.json(0, &["search", "dosar"]), before);
    if let Some(program) = tools::python_program("ocfl-root.py") {
        let text = said(
            Command::new(program)
                .args(["validate", "--validate-objects", "--check-digests"])
                .args(["--root", "s3://arhiva/oras/ocfl"])
                .env("AWS_ACCESS_KEY_ID", seaweed::ACCESS_KEY)
                .env("AWS_SECRET_ACCESS_KEY", seaweed::SECRET_KEY)
                .env("AWS_ENDPOINT_URL", server.endpoint())
                .env("AWS_REGION", "us-east-1"),
        );
        assert!(text.contains("Objects checked: 2 / 2 are VALID"), "{text}");
    }
    if let Some(rocfl) = env::var_os("HRISOV_ROCFL") {
        let text = said(
            Command::new(rocfl)
                .args(["-R", "us-east-1", "-b", "arhiva", "-r", "oras/ocfl"])
                .args(["-e", &format!("https://localhost:{}", tls.port)])
                .args(["validate", "-w", "W004"])
                .env("AWS_ACCESS_KEY_ID", seaweed::ACCESS_KEY)
                .env("AWS_SECRET_ACCESS_KEY", seaweed::SECRET_KEY)
                .env("SSL_CERT_FILE", tls.path("ca.pem")),
        );
        assert!(
            text.contains("Storage root is valid") && text.contains("Invalid objects: 0"),
            "{text}"
        );
    }
    let config = archive.path().join("hrisov.toml");
    let wrong = server.store_url_with_wrong_keys("arhiva/oras");
    fs::write(
        &config,
        fs::read_to_string(&config).unwrap().replace(&url, &wrong),
    )
    .unwrap();
    let refused = archive.run(&["verify"]).expect_code(1).stderr;
    assert!(refused.contains("access key"), "{refused}");
}

#[test]
fn a_store_that_cannot_be_reached_is_a_clear_error() {
    let archive = Archive::scripted();
    let config = archive.path().join("hrisov.toml");
    let text = fs::read_to_string(&config).unwrap();
    let nobody = "s3://arhiva?endpoint=http://127.0.0.1:9&region=us-east-1";
    fs::write(
        &config,
        text.replace("url = \"store\"", &format!("url = \"{nobody}\"")),
    )
    .unwrap();
    let run = archive
        .run(&["ingest", two_dossiers(&archive).to_str().unwrap()])
        .expect_code(1);
    assert!(run.stderr.contains("http://127.0.0.1:9"), "{}", run.stderr);
}

/// Go's `sumdb/tlog` and `sumdb/note`, from which the log's formats come.
#[test]
fn go_accepts_the_log_and_the_proofs_of_an_archive() {
    let Some(go) = tools::program("go") else { return };
    let packages = "/usr/share/gocode";
    if !std::path::Path::new(packages)
        .join("src/golang.org/x/mod")
        .is_dir()
    {
        assert!(
            env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
            "golang-golang-x-mod-dev is missing"
        );
        eprintln!("PASSED OVER: golang-golang-x-mod-dev is not installed");
        return;
    }
    let archive = Archive::scripted();
    archive.ingest(0, &two_dossiers(&archive));
    let proofs = archive.boxes().join("proofs");
    fs::create_dir(&proofs).unwrap();
    for dossier in ["cutia-1/1", "cutia-1/2"] {
        let (_, files) = super::proofs::proof(&archive, dossier);
        for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".tlog-proof")) {
            let name = name.replace('/', "-");
            fs::write(
                proofs.join(format!("{}-{name}", dossier.replace('/', "-"))),
                bytes,
            )
            .unwrap();
        }
    }
    let keys = archive.path().join("keys");
    let text = said(
        Command::new(go)
            .current_dir(tools::root().join("ledger/tests/go"))
            .envs([("GO111MODULE", "off"), ("GOPATH", packages), ("GOFLAGS", "")])
            .env("GOCACHE", archive.boxes().join("cache"))
            .args(["run", "check.go"])
            .arg(archive.path().join("store/ledger"))
            .arg(fs::read_to_string(keys.join("log.pub")).unwrap().trim())
            .arg(keys.join("log.key"))
            .arg(&proofs),
    );
    assert!(text.contains("6 entries, 5 proofs"), "{text}");
}
