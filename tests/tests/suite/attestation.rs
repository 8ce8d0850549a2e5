//! Others vouch for the log: time-stamping authorities, witnesses, and who signs the report.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use zip::CompressionMethod;

use super::{
    ledger::{flip, forget_log, loaded, run},
    program::{Archive, write_scan},
    proofs::{pack, proof, with_changed_signature},
};

/// A time-stamping authority that openssl plays, in a folder with its root.pem.
fn authority(folder: &Path) {
    let script = r#"
set -eu
cat > tsa.cnf <<END
[tsa]
default_tsa = local
[local]
serial = $PWD/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
END
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj '/CN=root' \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj '/CN=tsa'
printf '%s\n' 'extendedKeyUsage=critical,timeStamping' 'basicConstraints=CA:FALSE' > tsa.ext
openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -out tsa.pem -extfile tsa.ext
"#;
    fs::create_dir_all(folder).unwrap();
    run(Command::new("bash").args(["-c", script]).current_dir(folder));
}

const STAMP: &str =
    "openssl ts -reply -config tsa.cnf -queryfile query.tsq -signer tsa.pem -inkey tsa.key -out answer.tsr";

/// The same authority as a server that insists on TLS, as localhost.
const SERVER: &str = r#"
import http.server, ssl, subprocess
class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open('query.tsq', 'wb') as query:
            query.write(self.rfile.read(int(self.headers['Content-Length'])))
        subprocess.run('openssl ts -reply -config tsa.cnf -queryfile query.tsq -signer tsa.pem -inkey tsa.key'
                       ' -out answer.tsr', shell=True, check=True)
        with open('answer.tsr', 'rb') as answer:
            answer = answer.read()
        self.send_response(200)
        self.send_header('Content-Type', 'application/timestamp-reply')
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *_): pass
server = http.server.HTTPServer(('127.0.0.1', 0), Authority)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('server.pem', 'server.key')
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
"#;

const SERVER_CERTIFICATE: &str = "
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj '/CN=localhost'
printf 'subjectAltName=DNS:localhost' > server.ext
openssl x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -out server.pem -extfile server.ext";

#[test]
fn an_authority_is_asked_over_tls_if_the_system_trusts_it() {
    let mut archive = loaded();
    let tsa = archive.boxes().join("tsa");
    authority(&tsa);
    run(Command::new("bash")
        .args(["-c", SERVER_CERTIFICATE])
        .current_dir(&tsa));
    let mut server = Command::new("python3")
        .args(["-c", SERVER])
        .current_dir(&tsa)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let mut stdout = std::io::BufReader::new(server.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut port).unwrap();
    let url = format!("https://localhost:{}/", port.trim());
    let roots = tsa.join("root.pem").to_str().unwrap().to_owned();
    let ask = ["audit", "stamp", "--url", &url, "--roots", &roots];
    let stranger = archive.run(&ask);
    archive.set("SSL_CERT_FILE", &roots);
    let stamped = archive.run(&ask);
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(stranger.expect_code(1).stderr.contains("certificate"));
    assert!(stamped.expect_code(0).stdout.contains("time-stamped at"));
}

/// The newest checkpoint goes to the authority as `query.tsq` and comes back stamped as `answer.tsr`.
fn ask_for_stamp(archive: &Archive, tsa: &Path) {
    let query = tsa.join("query.tsq");
    archive
        .run(&["audit", "stamp", "--request", query.to_str().unwrap()])
        .expect_code(0);
    run(Command::new("bash").args(["-c", STAMP]).current_dir(tsa));
}

#[test]
fn an_authority_stamps_the_checkpoint_and_openssl_agrees() {
    let archive = loaded();
    let tsa = archive.boxes().join("tsa");
    authority(&tsa);
    let at = |name: &str| tsa.join(name).to_str().unwrap().to_owned();
    ask_for_stamp(&archive, &tsa);
    let checkpoint = archive.checkpoint();
    // A stick takes its time: the log has gone on when the answer comes.
    write_scan(&archive.boxes().join("cutia-4/1/a.png"), 7);
    archive.ingest(0, &archive.boxes().join("cutia-4"));
    let stamp = [
        "audit",
        "stamp",
        "--answer",
        &at("answer.tsr"),
        "--roots",
        &at("root.pem"),
    ]
    .map(str::to_owned);
    let stamp: Vec<_> = stamp.iter().map(String::as_str).collect();
    let stamped = archive.json(0, &stamp);
    assert!(stamped["stamped_at"].is_string(), "{stamped}");
    assert_eq!(stamped["size"], 7, "{stamped}");
    archive.run(&["verify"]).expect_code(0);
    let (path, files) = proof(&archive, "cutia-1/1/1");
    let enclosed = files.iter().find(|(name, _)| name == "stamp.tsr").unwrap();
    fs::write(at("enclosed.tsr"), &enclosed.1).unwrap();
    fs::write(
        at("signed"),
        checkpoint.split("\n\n").next().unwrap().to_owned() + "\n",
    )
    .unwrap();
    run(Command::new("bash")
        .args([
            "-c",
            "openssl ts -verify -data signed -in enclosed.tsr -CAfile root.pem",
        ])
        .current_dir(&tsa));
    let key = archive.path().join("keys/log.pub");
    let (path, key) = (path.to_str().unwrap(), key.to_str().unwrap());
    let report = archive.json(
        0,
        &["verify-proof", path, "--key", key, "--roots", &at("root.pem")],
    );
    assert!(report["stamped_at"].is_string(), "{report}");
    // The log goes on: the stamp is still of the log of then, and a proof that was possible then encloses it.
    write_scan(&archive.boxes().join("cutia-3/1/a.png"), 8);
    archive.ingest(0, &archive.boxes().join("cutia-3"));
    let (_, later) = proof(&archive, "cutia-1/1/1");
    assert_eq!(later.iter().find(|(name, _)| name == "stamp.tsr"), Some(enclosed));
    let (_, newer) = proof(&archive, "cutia-3/1/1");
    assert!(newer.iter().all(|(name, _)| name != "stamp.tsr"));
    // A new key signs what was stamped, too.
    archive.json(0, &["audit", "new-key"]);
    let (_, renewed) = proof(&archive, "cutia-1/1/1");
    assert_eq!(
        renewed.iter().find(|(name, _)| name == "stamp.tsr"),
        Some(enclosed)
    );
    let report = archive.json(
        0,
        &["verify-proof", path, "--key", key, "--roots", &at("root.pem")],
    );
    assert!(report["stamped_at"].is_string(), "{report}");
    // A changed token, in a bundle and in the store; a stamp of another checkpoint.
    let mut forged = files.clone();
    let token = &mut forged.iter_mut().find(|(name, _)| name == "stamp.tsr").unwrap().1;
    let middle = token.len() / 2;
    token[middle] ^= 1;
    pack(Path::new(path), &forged, CompressionMethod::Stored);
    let refused = archive.json(
        4,
        &["verify-proof", path, "--key", key, "--roots", &at("root.pem")],
    );
    assert_eq!(refused["path"], "stamp.tsr", "{refused}");
    let configuration = fs::read_to_string(archive.path().join("hrisov.toml")).unwrap();
    let configuration = configuration.replace(
        "[ledger]\n",
        &format!("[ledger]\nstamp_roots = {:?}\n", at("root.pem")),
    );
    fs::write(archive.path().join("hrisov.toml"), configuration).unwrap();
    archive.run(&["verify"]).expect_code(0);
    flip(&archive.path().join("store/ledger/stamps/7.tsr"));
    assert!(
        archive.json(4, &["verify"])["findings"]
            .to_string()
            .contains("stamps/7.tsr")
    );
    // Of a copy of the store the right ones are taken, the wrong ones are not.
    let ledger = archive.path().join("store/ledger");
    let copy = archive.boxes().join("copie");
    run(Command::new("cp")
        .arg("-r")
        .arg(archive.path().join("store"))
        .arg(&copy));
    let repair = ["repair", "--from", copy.to_str().unwrap()];
    let left = &archive.json(4, &repair)["log"]["left"];
    assert_eq!(left[0]["path"], "ledger/stamps/7.tsr", "neither has it: {left}");
    fs::write(copy.join("ledger/stamps/7.tsr"), &enclosed.1).unwrap();
    fs::remove_file(ledger.join("stamps/7.checkpoint")).unwrap();
    let repaired = archive.json(0, &repair);
    assert_eq!(
        repaired["log"]["files"].as_array().unwrap().len(),
        2,
        "{repaired:#}"
    );
    assert_eq!(fs::read(ledger.join("stamps/7.tsr")).unwrap(), enclosed.1);
    archive.run(&["verify"]).expect_code(0);
    let other = loaded();
    assert!(other.run(&stamp).expect_code(1).stderr.contains("other bytes"));
}

/// A file of the log, what becomes of it, and words of the finding.
type Change<'a> = (&'a str, &'a dyn Fn(&Path), &'a str);

/// Everything that others ever signed is checked each time, not the newest alone.
#[test]
fn whatever_was_stamped_or_signed_earlier_is_checked_again() {
    let archive = loaded();
    let tsa = archive.boxes().join("tsa");
    authority(&tsa);
    let at = |name: &str| tsa.join(name).to_str().unwrap().to_owned();
    let ledger = archive.path().join("store/ledger");
    let stamp = || {
        ask_for_stamp(&archive, &tsa);
        let answer = [
            "audit",
            "stamp",
            "--answer",
            &at("answer.tsr"),
            "--roots",
            &at("root.pem"),
        ];
        archive.run(&answer).expect_code(0);
        fs::remove_file(at("query.tsq")).unwrap();
    };
    stamp();
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    stamp();
    let witness = archive.boxes().join("martor");
    let stick = |name: &str| archive.boxes().join(name).to_str().unwrap().to_owned();
    let folder = witness.to_str().unwrap();
    let made = archive.json(0, &["witness", "new", folder, "--name", "arhive.example/martor"]);
    let log = fs::read_to_string(archive.path().join("keys/log.pub")).unwrap();
    let settings = format!(
        "[ledger]\nstamp_roots = {:?}\nwitness_keys = [{}]\n",
        at("root.pem"),
        made["key"]
    );
    let configuration = archive.path().join("hrisov.toml");
    let text = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, text.replace("[ledger]\n", &settings)).unwrap();
    for command in [
        &["witness", "watch", folder, log.trim()][..],
        &["audit", "cosign", "--request", &stick("cerere")],
        &[
            "witness",
            "sign",
            folder,
            &stick("cerere"),
            "-o",
            &stick("semnat"),
        ],
        &["audit", "cosign", "--answer", &stick("semnat")],
        &["verify"],
    ] {
        archive.run(command).expect_code(0);
    }
    let signature_changed = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let at = text.trim_end().len() - 9;
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        fs::write(path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    };
    let root_changed = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let root = text.lines().nth(2).unwrap().to_owned();
        let other = fs::read_to_string(ledger.join("checkpoint")).unwrap();
        fs::write(path, text.replace(&root, other.lines().nth(2).unwrap())).unwrap();
    };
    let changes: [Change<'_>; 6] = [
        ("stamps/7.tsr", &flip, "stamps/7.tsr"),
        (
            "stamps/7.checkpoint",
            &signature_changed,
            "the stamped checkpoint cannot be trusted",
        ),
        ("stamps/7.checkpoint", &root_changed, "history was written anew"),
        (
            "stamps/7.checkpoint",
            &|path| fs::remove_file(path).unwrap(),
            "nobody can say what was stamped",
        ),
        ("asked/7", &root_changed, "against what went out to be signed"),
        (
            "checkpoint",
            &signature_changed,
            "the signature of arhive.example/martor",
        ),
    ];
    for (file, change, words) in changes {
        let path = ledger.join(file);
        let sound = fs::read(&path).unwrap();
        change(&path);
        let found = archive.json(4, &["verify"])["findings"].to_string();
        assert!(found.contains(words), "{file}: {words}: {found}");
        fs::write(&path, sound).unwrap();
    }
    // A stamp of a log that was longer than this one is.
    fs::copy(ledger.join("stamps/10.tsr"), ledger.join("stamps/12.tsr")).unwrap();
    let longer = fs::read_to_string(ledger.join("stamps/10.checkpoint")).unwrap();
    fs::write(
        ledger.join("stamps/12.checkpoint"),
        longer.replace("\n10\n", "\n12\n"),
    )
    .unwrap();
    let found = archive.json(4, &["verify"])["findings"].to_string();
    assert!(found.contains("an older copy was put in its place"), "{found}");
}

/// A witness by files, as on a stick, and over HTTP.
#[test]
fn a_witness_signs_what_extends_and_nothing_else() {
    let archive = loaded();
    let folder = archive.boxes().join("martor");
    let stick = |name: &str| archive.boxes().join(name).to_str().unwrap().to_owned();
    let folder = folder.to_str().unwrap();
    let witness = archive.json(0, &["witness", "new", folder, "--name", "arhive.example/martor"]);
    let log = fs::read_to_string(archive.path().join("keys/log.pub")).unwrap();
    archive
        .run(&["audit", "cosign", "--request", &stick("cerere")])
        .expect_code(0);
    // A log that it does not watch.
    let strange = archive.run(&["witness", "sign", folder, &stick("cerere"), "-o", &stick("no")]);
    assert!(strange.expect_code(1).stderr.contains("not known"));
    archive
        .run(&["witness", "watch", folder, log.trim()])
        .expect_code(0);
    archive
        .run(&[
            "witness",
            "sign",
            folder,
            &stick("cerere"),
            "-o",
            &stick("semnat"),
        ])
        .expect_code(0);
    // A stick takes its time: the log has gone on when the answer comes.
    write_scan(&archive.boxes().join("cutia-4/1/a.png"), 7);
    archive.ingest(0, &archive.boxes().join("cutia-4"));
    // Nobody is believed who is not named.
    archive
        .run(&["audit", "cosign", "--answer", &stick("semnat")])
        .expect_code(1);
    let configuration = fs::read_to_string(archive.path().join("hrisov.toml")).unwrap();
    let named = format!("witness_keys = [{}]", witness["key"]);
    fs::write(
        archive.path().join("hrisov.toml"),
        configuration.replace("# witness_keys = []", &named),
    )
    .unwrap();
    let taken = archive.json(0, &["audit", "cosign", "--answer", &stick("semnat")]);
    assert_eq!(taken["witnesses"][0], "arhive.example/martor");
    assert_eq!(taken["size"], 7, "{taken}");
    let report = archive.run(&["audit", "report"]).expect_code(0).stdout;
    for part in [
        "saw the log's first 7 leaves",
        "The log's last 3 leaves: not seen by a witness yet",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    archive.run(&["verify"]).expect_code(0);
    let (path, files) = proof(&archive, "cutia-1/1/1");
    let check = [
        "verify-proof",
        path.to_str().unwrap(),
        "--key",
        log.trim(),
        "--key",
        witness["key"].as_str().unwrap(),
    ];
    let report = archive.json(0, &check);
    assert!(
        report["witnesses"][0]
            .as_str()
            .unwrap()
            .starts_with("arhive.example/martor"),
        "{report}"
    );
    let forged = with_changed_signature(&files, "arhive.example/martor");
    pack(&path, &forged, CompressionMethod::Stored);
    let refused = archive.json(4, &check);
    assert!(
        refused["reason"]
            .as_str()
            .unwrap()
            .contains("the signature of arhive.example/martor"),
        "{refused}"
    );
    // It goes on over HTTP.
    let earlier = archive.checkpoint();
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    let mut server = archive.start(&["witness", "serve", folder, "--listen", "127.0.0.1:0"]);
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(server.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut said).unwrap();
    let url = said
        .trim()
        .rsplit(' ')
        .next()
        .unwrap()
        .trim_end_matches("/add-checkpoint")
        .to_owned();
    let ask = ["audit", "cosign", "--url", &url];
    let asked = archive.run(&ask);
    // An older copy of the log is not only refused: who asks is told what that means.
    let kept = ["checkpoint", "witnessed"].map(|name| {
        let path = archive.path().join("store/ledger").join(name);
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    });
    fs::write(&kept[0].0, earlier).unwrap();
    fs::remove_file(&kept[1].0).unwrap();
    let rolled_back = archive.run(&ask);
    for (path, text) in kept {
        fs::write(path, text).unwrap();
    }
    server.kill().unwrap();
    server.wait().unwrap();
    asked.expect_code(0);
    let said = rolled_back.expect_code(1).stderr;
    assert!(
        said.contains("the witness knows 13 leaves of this log, which has only 10 today"),
        "{said}"
    );
    archive.run(&["verify"]).expect_code(0);
    // A history written anew is not signed, and a changed signature is found.
    let witnessed = archive.path().join("store/ledger/witnessed");
    let text = fs::read_to_string(&witnessed).unwrap();
    let (before, line) = text.trim_end().rsplit_once(' ').unwrap();
    let other = if line.as_bytes()[30] == b'A' { "B" } else { "A" };
    fs::write(
        &witnessed,
        format!("{before} {}{other}{}\n", &line[..30], &line[31..]),
    )
    .unwrap();
    assert!(
        archive.json(4, &["verify"])["findings"]
            .to_string()
            .contains("witnessed")
    );
    let copy = archive.boxes().join("copie");
    run(Command::new("cp")
        .arg("-r")
        .arg(archive.path().join("store"))
        .arg(&copy));
    fs::write(copy.join("ledger/witnessed"), &text).unwrap();
    let repaired = archive.json(0, &["repair", "--from", copy.to_str().unwrap()]);
    assert_eq!(
        repaired["log"]["files"][0]["path"], "ledger/witnessed",
        "{repaired:#}"
    );
    assert_eq!(fs::read_to_string(&witnessed).unwrap(), text);
    let key = fs::read(archive.path().join("keys/log.key")).unwrap();
    forget_log(&archive);
    fs::create_dir(archive.path().join("keys")).unwrap();
    let path = archive.path().join("keys/log.key");
    fs::write(&path, key).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    archive
        .run(&["audit", "cosign", "--known", "8", "--request", &stick("alta")])
        .expect_code(0);
    archive
        .run(&["witness", "sign", folder, &stick("alta"), "-o", &stick("nu")])
        .expect_code(1);
}

#[test]
fn the_report_says_what_is_proven_and_what_is_not() {
    let mut archive = loaded();
    let at = |name: &str| archive.boxes().join(name).to_str().unwrap().to_owned();
    let report = archive.json(
        0,
        &["audit", "report", "--html", &at("r.html"), "--pdf", &at("r.pdf")],
    );
    assert_eq!(
        (&report["dossiers"], &report["log"]["size"]),
        (&2.into(), &7.into())
    );
    assert!(fs::read(at("r.pdf")).unwrap().starts_with(b"%PDF"));
    let html = fs::read_to_string(at("r.html")).unwrap();
    for part in ["What is not proven", "Without a witness", "<svg", "byte for byte"] {
        assert!(html.contains(part), "{part}");
    }
    // What it prints is what an auditor can come back with.
    let kept = archive.boxes().join("kept");
    fs::write(&kept, report["log"]["checkpoint"].as_str().unwrap()).unwrap();
    archive
        .run(&["audit", "--since", kept.to_str().unwrap()])
        .expect_code(0);
    // Also copied from it together with what stands around it.
    let text = archive.run(&["audit", "report"]).expect_code(0).stdout;
    let (_, copied) = text.split_once("registru / log").unwrap();
    let (copied, _) = copied.split_once("witnesses").unwrap();
    archive
        .run(&["audit", "--since", &format!("registru / log{copied}")])
        .expect_code(0);
    let typo = archive.run(&["audit", "--since", "kep"]).expect_code(1);
    assert!(typo.stderr.contains("cannot read kep"), "{}", typo.stderr);
    flip(&archive.object("masters/a.png"));
    let report = archive.run(&["audit", "report"]).expect_code(4).stdout;
    assert!(
        report.contains("Nothing, until the findings are explained"),
        "{report}"
    );
    archive.set("LC_ALL", "ro_RO.UTF-8");
    let report = archive.run(&["audit", "report"]).expect_code(4).stdout;
    assert!(
        report.contains("cutia-1/1: fișierul nu mai are octeții cu care a fost scris"),
        "{report}"
    );
    assert!(
        report.contains("– Nimic despre arhivă ca întreg, până când"),
        "{report}"
    );
}
