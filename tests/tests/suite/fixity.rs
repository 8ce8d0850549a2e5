//! Verification that finishes: gone on with, throttled, in its turn, on record, and loud where something is wrong.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    ledger::{flip, loaded, sql},
    program::{Archive, write_scan},
    serve::{get, serve},
};

/// Everything was verified, or came, so long ago that it has its turn.
fn age(archive: &Archive) {
    sql(archive, "UPDATE fixity SET at_ms = 1");
}

fn kinds(archive: &Archive, kind: &str) -> usize {
    archive
        .leaves()
        .iter()
        .filter(|leaf| leaf["kind"] == kind)
        .count()
}

fn records(archive: &Archive) -> Vec<Value> {
    let objects = archive.objects().into_iter();
    objects
        .filter(|path| path.to_string_lossy().contains("/journal/fixity/"))
        .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        .collect()
}

/// Many dossiers of some size, so that a slow verification can be interrupted.
fn many() -> Archive {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-1");
    for dossier in 1..=6 {
        write_scan(&folder.join(format!("{dossier}/a.png")), dossier);
    }
    archive.ingest(0, &folder);
    archive
}

#[test]
fn an_interrupted_verification_is_gone_on_with() {
    let archive = many();
    let whole = archive.json(0, &["verify"]);
    assert_eq!(whole["resumed"], Value::Null);
    // Slow enough that some results are written down before it is over.
    let mut child = archive.start(&["verify", "--anew", "--rate", "10kB/s"]);
    let begun = Instant::now();
    let verified_since = || {
        let python = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); \
                      print(c.execute('SELECT count(*) FROM fixity f, verifications v \
                      WHERE v.finished_ms IS NULL AND f.at_ms >= v.started_ms').fetchone()[0])";
        let catalog = archive.path().join("catalog.sqlite");
        let mut command = std::process::Command::new("python3");
        super::ledger::run(command.args(["-c", python]).arg(catalog))
            .trim()
            .parse::<u64>()
            .unwrap()
    };
    while verified_since() == 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(300),
            "nothing was written down"
        );
        assert!(child.try_wait().unwrap().is_none(), "it was over too soon");
        // Another process can only be asked.
        thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let done = verified_since();
    assert!((1..6).contains(&done), "{done}");
    let status = archive.json(0, &["status"]);
    assert!(status["fixity"]["interrupted"].is_string(), "{status:#}");
    // One that was read already is not read again, one that was not is.
    let rest = archive.json(0, &["verify"]);
    assert_eq!(rest["resumed"]["dossiers"], done, "{rest:#}");
    assert_eq!(rest["checked"], whole["checked"], "{rest:#}");
    let again = archive.json(0, &["verify"]);
    assert_eq!(
        (&again["resumed"], &again["checked"]),
        (&Value::Null, &whole["checked"])
    );
    let status = archive.json(0, &["status"]);
    assert_eq!(status["fixity"]["interrupted"], Value::Null, "{status:#}");
}

#[test]
fn reading_keeps_to_the_rate() {
    let archive = many();
    let bytes = archive.json(0, &["verify"])["checked"]["bytes"].as_u64().unwrap();
    let begun = Instant::now();
    archive.json(0, &["verify", "--rate", "20kB/s"]);
    // All but the last pieces are paid for.
    let least = Duration::from_secs_f64(bytes as f64 / 20_000.0 * 0.5);
    assert!(begun.elapsed() >= least, "{bytes} bytes in {:?}", begun.elapsed());
    let refused = archive.run(&["verify", "--rate", "repede"]).expect_code(2);
    assert!(refused.stderr.contains("50MB/s"), "{}", refused.stderr);
}

#[test]
fn what_has_its_turn_is_verified_recorded_and_logged_once() {
    let archive = loaded();
    // What just came has no turn yet.
    let nothing = archive.json(0, &["verify", "--due"]);
    assert_eq!(nothing["checked"]["dossiers"], 0);
    assert_eq!((kinds(&archive, "fixity_check"), records(&archive).len()), (0, 0));
    age(&archive);
    assert_eq!(archive.json(0, &["status"])["fixity"]["due"], 2);
    let verified = archive.json(0, &["verify", "--due"]);
    assert_eq!(verified["checked"]["dossiers"], 2);
    assert_eq!(kinds(&archive, "fixity_check"), 1);
    let record = &records(&archive)[0];
    assert_eq!(record["format"], "hrisov-fixity/1");
    assert_eq!(record["dossiers"].as_array().unwrap().len(), 2);
    archive.json(0, &["verify", "--due"]);
    assert_eq!(kinds(&archive, "fixity_check"), 1);
    let status = archive.json(0, &["status"]);
    assert_eq!(
        (&status["fixity"]["never"], &status["fixity"]["due"]),
        (&json!(0), &json!(0))
    );
    // All of it is in the store: a rebuild finds it again.
    let before = archive.json(0, &["status"])["fixity"].clone();
    let checkpoint = archive.checkpoint();
    fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
    archive.run(&["rebuild"]).expect_code(0);
    assert_eq!(archive.json(0, &["status"])["fixity"], before);
    assert_eq!(archive.checkpoint(), checkpoint);
    assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    // A record that was changed afterwards is found.
    let record = archive.object(&format!("fixity/{}.json", record["id"].as_str().unwrap()));
    fs::write(&record, "{}").unwrap();
    let found = archive.json(4, &["verify"]);
    assert_eq!(found["findings"][0]["kind"], "damaged", "{found:#}");
}

/// The catalog of a program that did not remember when anything was hashed.
#[test]
fn an_older_catalog_counts_from_the_deposits() {
    let archive = loaded();
    sql(
        &archive,
        "UPDATE fixity SET at_ms = 0, version = 0; DELETE FROM _sqlx_migrations WHERE version = 11",
    );
    let fixity = &archive.json(0, &["status"])["fixity"];
    assert_eq!(
        (&fixity["never"], &fixity["due"]),
        (&json!(2), &json!(0)),
        "{fixity}"
    );
    sql(
        &archive,
        "UPDATE fixity SET at_ms = 0; UPDATE files SET received_at = '2001-01-01T00:00:00.5Z'
         WHERE dossier_id = (SELECT id FROM dossiers WHERE reference = '1');
         DELETE FROM _sqlx_migrations WHERE version = 11",
    );
    assert_eq!(archive.json(0, &["status"])["fixity"]["due"], 1);
}

#[test]
fn a_finding_is_loud() {
    let archive = loaded();
    flip(&archive.object("masters/a.png"));
    age(&archive);
    let found = archive.json(4, &["verify", "--due"]);
    assert_eq!(found["findings"][0]["kind"], "damaged", "{found:#}");
    // It is on record, and in the log.
    assert_eq!(kinds(&archive, "fixity_check"), 1);
    assert!(records(&archive)[0].to_string().contains("\"kind\":\"damaged\""));
    let status = archive.run(&["status"]).expect_code(0).stdout;
    assert!(
        status.starts_with("!! VERIFICATION FOUND SOMETHING WRONG"),
        "{status}"
    );
    assert!(status.contains("cutia-1/1"), "{status}");
    let (server, address) = serve(&archive);
    for (path, words) in [
        ("/metrics", "hrisov_fixity_faulty_dossiers 1\n"),
        ("/api/v1/status", "\"with_findings\":1"),
        ("/arhivar", "role=\"alert\""),
        ("/auditor", "role=\"alert\""),
        (
            "/auditor",
            "fișierul nu mai are octeții cu care a fost scris (E092",
        ),
    ] {
        let (head, body) = get(&address, path);
        let body = String::from_utf8(body).unwrap();
        assert!(
            head.starts_with("HTTP/1.1 200") && body.contains(words),
            "{path}: {head}\n{body}"
        );
    }
    drop(server);
    // Once it is put right, it is quiet again.
    flip(&archive.object("masters/a.png"));
    age(&archive);
    archive.json(0, &["worker"]);
    let status = archive.run(&["status"]).expect_code(0).stdout;
    assert!(!status.contains("!!"), "{status}");
    // But never forgotten, not even with the catalog.
    let remembered = || {
        let (_server, address) = serve(&archive);
        let page = String::from_utf8(get(&address, "/auditor").1).unwrap();
        let found = page.find("o constatare: fișierul nu mai are octeții");
        let righted = page.find("totul din nou în ordine");
        assert!(righted.is_some() && righted < found, "the newest first: {page}");
        assert!(!page.contains("role=\"alert\""), "{page}");
    };
    remembered();
    archive.json(0, &["rebuild"]);
    remembered();
}

/// Also what the schedule finds in the log, which is no dossier.
#[test]
fn a_finding_in_the_log_is_loud() {
    let archive = loaded();
    let tile = archive.path().join("store/ledger/tile/0/000.p/7");
    let sound = fs::read(&tile).unwrap();
    flip(&tile);
    age(&archive);
    archive.json(4, &["verify", "--due"]);
    let loud = || {
        let status = archive.run(&["status"]).expect_code(0).stdout;
        status.starts_with("!! VERIFICATION FOUND SOMETHING WRONG")
    };
    assert!(loud());
    let other = &archive.json(0, &["status"])["fixity"]["other_findings"];
    assert!(other.to_string().contains("tile/0/000.p/7"), "{other:#}");
    // It stays while it is so, and is told of once.
    age(&archive);
    archive.json(4, &["verify", "--due"]);
    assert_eq!(&archive.json(0, &["status"])["fixity"]["other_findings"], other);
    fs::write(&tile, sound).unwrap();
    age(&archive);
    archive.json(0, &["verify", "--due"]);
    assert!(!loud());
}

#[test]
fn whoever_serves_or_works_verifies_too() {
    let archive = loaded();
    age(&archive);
    flip(&archive.object("masters/a.png"));
    let (server, _) = serve(&archive);
    let begun = Instant::now();
    // Another process can only be asked.
    while archive.json(0, &["status"])["fixity"]["with_findings"] == 0 || kinds(&archive, "fixity_check") == 0
    {
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing was verified");
        thread::sleep(Duration::from_millis(100));
    }
    drop(server);
    age(&archive);
    let worked = archive.json(4, &["worker"]);
    assert_eq!(worked["verified"]["checked"]["dossiers"], 2, "{worked:#}");
    // Nobody verifies where nobody wants it.
    archive.configure("every_days", 0);
    age(&archive);
    let worked = archive.json(0, &["worker"]);
    assert_eq!(worked["verified"]["checked"]["dossiers"], 0, "{worked:#}");
    assert_eq!(archive.json(0, &["status"])["fixity"]["due"], Value::Null);
}

/// Without its key the archive is still verified; what came of it waits for the log.
#[test]
fn a_lost_key_keeps_nobody_from_verifying() {
    let archive = loaded();
    let key = archive.path().join("keys/log.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    age(&archive);
    let run = archive.run(&["verify", "--due"]).expect_code(0);
    assert!(run.stderr.contains("not in the log yet"), "{}", run.stderr);
    assert_eq!((kinds(&archive, "fixity_check"), records(&archive).len()), (0, 1));
    fs::write(&key, kept).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    assert_eq!(kinds(&archive, "fixity_check"), 1);
}

#[test]
fn a_report_is_of_one_fonds_and_says_when_it_was_verified_before() {
    let archive = loaded();
    let folder = archive.boxes().join("cutia-2");
    write_scan(&folder.join("1/a.png"), 9);
    archive.json(0, &["ingest", folder.to_str().unwrap(), "--fonds", "F2"]);
    let report = archive.json(0, &["audit", "report", "--fonds", "F2"]);
    assert_eq!(
        (&report["dossiers"], &report["pages"]),
        (&json!(1), &json!(1)),
        "{report:#}"
    );
    assert_eq!(report["verification"]["checked"]["dossiers"], 1);
    assert_eq!(report["verified_before"]["never"], 1);
    let whole = archive.json(0, &["audit", "report"]);
    assert_eq!(
        (&whole["dossiers"], &whole["verified_before"]["never"]),
        (&json!(3), &json!(2))
    );
    let text = archive.run(&["audit", "report"]).expect_code(0).stdout;
    assert!(text.contains("Verified before"), "{text}");
    let refused = archive.run(&["audit", "report", "--fonds", "F3"]).expect_code(1);
    assert!(refused.stderr.contains("F1, F2"), "{}", refused.stderr);
}
