//! Loads that break: whatever fails and whenever, repeating the command ends in the state of an undisturbed load.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::json;

use super::{
    program::{Archive, write_scan},
    seaweed::Seaweed,
    stacks::write_stack,
    state::{check_same, state},
};

const WORDS: &[&str] = &["dosar", "pagina"];

/// A box with something of every kind: two dossiers, a single file, a duplicate, an ignored and a damaged file.
pub fn mixed_box(archive: &Archive) -> PathBuf {
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "1/c.png", "2/a.png", "cerere.png"]) {
        write_scan(&folder.join(file), seed);
    }
    fs::copy(folder.join("1/a.png"), folder.join("1/d.png")).unwrap();
    let whole = fs::read(folder.join("2/a.png")).unwrap();
    fs::write(folder.join("2/rupt.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.join("2/Thumbs.db"), "x").unwrap();
    folder
}

fn undisturbed() -> Vec<String> {
    let archive = Archive::scripted();
    archive.ingest(3, &mixed_box(&archive));
    state(&archive, WORDS)
}

#[test]
fn two_undisturbed_loads_are_in_the_same_state() {
    check_same(&undisturbed(), &undisturbed(), "nothing happened");
}

/// Every call that a load makes to the store, as failed and as failed but done, passing and for good.
#[test]
fn every_fault_of_the_store_is_made_good_by_a_repeat() {
    let expected = undisturbed();
    let next = AtomicU64::new(0);
    let broken = AtomicU64::new(0);
    let check = |call: u64| {
        let mut has_broken = false;
        for effect in ["lost", "persisted"] {
            for after in ["works", "dead"] {
                let fault = format!("{call}:{effect}:{after}");
                let mut archive = Archive::scripted();
                archive.configure("retry_pause_ms", 1);
                let folder = mixed_box(&archive);
                archive.set("HRISOV_TEST_FAULT", &fault);
                let run = archive.run(&["ingest", folder.to_str().unwrap()]);
                archive.unset("HRISOV_TEST_FAULT");
                let signed = archive.path().join("signed");
                fs::write(&signed, archive.checkpoint()).unwrap();
                match run.code {
                    3 => {}
                    1 => {
                        assert!(run.stderr.contains("injected"), "{fault}: {}", run.stderr);
                        has_broken = true;
                        broken.fetch_add(1, Ordering::Relaxed);
                    }
                    other => panic!("{fault}: ended with {other}: {}", run.stderr),
                }
                archive.ingest(3, &folder);
                check_same(&state(&archive, WORDS), &expected, &fault);
                // What was signed by then is never taken back.
                let since = archive.json(0, &["audit", "--since", signed.to_str().unwrap()]);
                assert_eq!(since["ok"], true, "{fault}: {since}");
            }
        }
        has_broken
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| while check(next.fetch_add(1, Ordering::Relaxed)) {});
        }
    });
    let calls = next.load(Ordering::Relaxed);
    eprintln!("{calls} calls, {} broken loads", broken.load(Ordering::Relaxed));
    assert!(calls > 40, "a load makes more calls than {calls}");
}

/// Runs a command with a fault at calls that it makes to the store, and repeats it: the end must be the same. Every
/// third call, and each one where `HRISOV_FAULT_STEP` is 1.
pub fn every_fault(
    prepare: impl Fn(&mut Archive) + Sync,
    command: impl Fn(&Archive) -> Vec<String> + Sync,
    code: i32,
) {
    let step = number("HRISOV_FAULT_STEP").unwrap_or(3);
    let prepared = || {
        let mut archive = Archive::scripted();
        archive.configure("retry_pause_ms", 1);
        prepare(&mut archive);
        archive
    };
    let expected = {
        let archive = prepared();
        archive.json(code, &words(&command(&archive)));
        state(&archive, WORDS)
    };
    let next = AtomicU64::new(0);
    let check = |call: u64| {
        let mut has_broken = false;
        for effect in ["lost", "persisted"] {
            let fault = format!("{call}:{effect}:dead");
            let mut archive = prepared();
            archive.set("HRISOV_TEST_FAULT", &fault);
            let command = command(&archive);
            let run = archive.run(&words(&command));
            archive.unset("HRISOV_TEST_FAULT");
            has_broken |= run.code == 1;
            if run.code != code {
                assert_eq!(run.code, 1, "{fault}: {}", run.stderr);
                assert!(run.stderr.contains("injected"), "{fault}: {}", run.stderr);
            }
            archive.json(code, &words(&command));
            check_same(&state(&archive, WORDS), &expected, &fault);
        }
        has_broken
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| while check(next.fetch_add(step, Ordering::Relaxed)) {});
        }
    });
    let calls = next.load(Ordering::Relaxed);
    eprintln!("{calls} calls, every {step} of them");
    assert!(calls > 12, "more calls are made than {calls}");
}

fn words(command: &[String]) -> Vec<&str> {
    command.iter().map(String::as_str).collect()
}

/// Random kills of the main process or of a worker, again and again until the load gets through; `HRISOV_KILLS`
/// says how many in all, `HRISOV_SEED` which.
#[test]
fn killed_loads_end_like_an_undisturbed_one() {
    let wanted = number("HRISOV_KILLS").unwrap_or(60);
    let seed = number("HRISOV_SEED").unwrap_or(1);
    let expected = {
        let archive = Archive::scripted();
        archive.ingest(3, &larger_box(&archive));
        state(&archive, WORDS)
    };
    let kills = AtomicU64::new(0);
    let next = AtomicU64::new(seed << 32);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while kills.load(Ordering::SeqCst) < wanted {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let times = kill_again_and_again(number, &expected);
                    kills.fetch_add(times, Ordering::SeqCst);
                }
            });
        }
    });
    eprintln!("{} kills, seed {seed}", kills.load(Ordering::SeqCst));
}

/// Loads one box with up to three kills; how many there were.
fn kill_again_and_again(number: u64, expected: &[String]) -> u64 {
    let marks = tempfile::tempdir().unwrap();
    let mut archive = Archive::scripted();
    archive.configure("retry_pause_ms", 1);
    archive.set("HRISOV_TEST_ENGINE_MARKS", marks.path().to_str().unwrap());
    let folder = larger_box(&archive);
    let mut random = number;
    let mut kills = 0;
    let mut staged = BTreeSet::new();
    let read = || fs::read_to_string(marks.path().join("recognised")).unwrap_or_default();
    let mut lines_before = 0;
    for _ in 0..3 {
        let mut child = archive.start(&["ingest", folder.to_str().unwrap()]);
        // The moment is the subject: whichever it hits, the end must be the same.
        thread::sleep(Duration::from_millis(20 + next_random(&mut random) % 400));
        let whom = if next_random(&mut random).is_multiple_of(3) {
            a_child_of(child.id()).unwrap_or(child.id())
        } else {
            child.id()
        };
        if child.try_wait().unwrap().is_none() {
            kills += 1;
            let killed = Command::new("kill").args(["-9", &whom.to_string()]).status();
            // It may have ended by itself a moment ago.
            assert!(killed.is_ok(), "there is no program kill");
        }
        child.wait().unwrap();
        check_not_read_again(&read(), lines_before, &staged, number);
        lines_before = read().lines().count();
        staged = staged_pages(&archive);
    }
    archive.ingest(3, &folder);
    check_not_read_again(&read(), lines_before, &staged, number);
    check_same(
        &state(&archive, WORDS),
        expected,
        &format!("kills of number {number}"),
    );
    kills
}

/// No page whose result was staged when the process died is read by the next one.
#[track_caller]
fn check_not_read_again(read: &str, lines_before: usize, staged: &BTreeSet<String>, number: u64) {
    for line in read.lines().skip(lines_before) {
        assert!(
            !staged.contains(line),
            "kills of number {number}: read again though staged: {line}"
        );
    }
}

/// Digest and page of every staged result.
fn staged_pages(archive: &Archive) -> BTreeSet<String> {
    let staging = archive.path().join("store/staging/pages");
    let objects = archive.objects();
    let below = objects.iter().filter_map(|path| path.strip_prefix(&staging).ok());
    below
        .map(|path| {
            let digest = path.components().nth(1).unwrap().as_os_str().to_string_lossy();
            format!("{digest} {}", path.file_stem().unwrap().to_string_lossy())
        })
        .collect()
}

/// A box of some dossiers more, one of them a stack, so that there is something to hit.
pub fn larger_box(archive: &Archive) -> PathBuf {
    let folder = mixed_box(archive);
    write_stack(&folder.join("teanc"), 5);
    for dossier in 10..14 {
        for page in 0..5 {
            let seed = dossier * 100 + page;
            write_scan(&folder.join(format!("{dossier}/{page:03}.png")), seed);
        }
    }
    folder
}

/// A process that another one started.
fn a_child_of(process: u32) -> Option<u32> {
    let children = fs::read_dir(format!("/proc/{process}/task"))
        .ok()?
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
    children
        .flat_map(|ids| ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .find_map(|id| id.parse().ok())
}

/// The next of a sequence of numbers (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
pub fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().expect("a number"))
}

#[test]
fn a_full_disk_is_a_clear_error_and_a_larger_one_goes_on() {
    let expected = undisturbed();
    // From a disk that holds next to nothing to one where only the end does not fit.
    let mut full = 0;
    for kib in [300, 420, 560, 700, 900, 1200, 1600, 2400] {
        let archive = Archive::folder_only(&[("HRISOV_TEST_ENGINE", "")]);
        let Some(disk) = SmallDisk::mount(&archive.path(), kib) else {
            assert!(
                std::env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
                "cannot mount a small disk: run the tests as root"
            );
            eprintln!("PASSED OVER: only root can mount a small disk");
            return;
        };
        let folder = mixed_box(&archive);
        let at = archive.path();
        let mut runs = vec![archive.run(&["init", at.to_str().unwrap()])];
        if runs[0].code == 0 {
            archive.configure("retry_pause_ms", 1);
            runs.push(archive.run(&["ingest", folder.to_str().unwrap()]));
        }
        for run in runs.iter().filter(|run| ![0, 3].contains(&run.code)) {
            full += 1;
            assert_eq!(run.code, 1, "{kib} KiB: {}", run.stderr);
            let words = ["space", "disk is full"];
            assert!(
                words.iter().any(|word| run.stderr.contains(word)),
                "{kib} KiB: {}",
                run.stderr
            );
        }
        disk.grow();
        archive.run(&["init", at.to_str().unwrap()]);
        archive.ingest(3, &folder);
        check_same(
            &state(&archive, WORDS),
            &expected,
            &format!("a disk of {kib} KiB"),
        );
    }
    assert!(full > 2, "the disks were too large to be full");
}

/// A file system of some kibibytes in memory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, kib: u32) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"])
            .arg(at)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self(at.to_owned()))
    }

    fn grow(&self) {
        let grown = Command::new("mount")
            .args(["-o", "remount,size=200m"])
            .arg(&self.0)
            .status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(unmounted.unwrap().success());
    }
}

#[test]
fn a_bucket_that_stops_and_comes_back_loses_nothing() {
    let Some(server) = Seaweed::start() else { return };
    let endpoint = server.endpoint();
    for (cut_after_bytes, seen) in [
        (2_000, "503"),
        (12_000, "silence"),
        (25_000, "503"),
        (40_000, "silence"),
    ] {
        let (_, server_port) = endpoint.rsplit_once(':').unwrap();
        let gate = Gate::before(server_port.parse().unwrap());
        let url = server.store_url(&format!("arhiva/{cut_after_bytes}"));
        let url = url.replace(&endpoint, &format!("http://127.0.0.1:{}", gate.port));
        let archive = Archive::with(&[("HRISOV_TEST_ENGINE", "")], &["--store", &url]);
        archive.configure("retry_pause_ms", 1);
        let folder = mixed_box(&archive);
        gate.cut_after(cut_after_bytes, if seen == "503" { BUSY } else { SILENT });
        let broken = archive.run(&["ingest", folder.to_str().unwrap()]).expect_code(1);
        assert!(
            broken.stderr.contains("object store"),
            "{seen}: {}",
            broken.stderr
        );
        gate.cut_after(i64::MAX, BUSY);
        let report = archive.ingest(3, &folder);
        for (name, value) in [
            ("received", 8),
            ("stored", 5),
            ("duplicate", 1),
            ("ignored", 1),
            ("quarantined", 1),
            ("pages_recognised", 5),
        ] {
            assert_eq!(
                report[name], value,
                "{name} after {cut_after_bytes} bytes: {report:#}"
            );
        }
        assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    }
}

/// What a closed gate says to a request.
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
/// Nothing: the connection just ends.
const SILENT: &str = "";

/// A relay before a server, which cuts every connection after some bytes and lets nobody in from then on.
struct Gate {
    port: u16,
    state: Arc<GateState>,
}

struct GateState {
    bytes_left: AtomicI64,
    says: Mutex<&'static str>,
}

impl Gate {
    fn before(server_port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(GateState {
            bytes_left: AtomicI64::new(i64::MAX),
            says: Mutex::new(BUSY),
        });
        let shared = Arc::clone(&state);
        // Ends with the test's process: nobody else knows the port.
        thread::spawn(move || {
            for client in listener.incoming() {
                let state = Arc::clone(&shared);
                thread::spawn(move || state.relay(client.unwrap(), server_port));
            }
        });
        Self { port, state }
    }

    fn cut_after(&self, bytes: i64, says: &'static str) {
        *self.state.says.lock().unwrap() = says;
        self.state.bytes_left.store(bytes, Ordering::SeqCst);
    }
}

impl GateState {
    fn is_closed(&self) -> bool {
        self.bytes_left.load(Ordering::SeqCst) <= 0
    }

    fn relay(self: Arc<Self>, mut client: TcpStream, server_port: u16) {
        if self.is_closed() {
            let mut request = [0; 4096];
            // Whatever the client does with the answer is its affair.
            let _ = client.read(&mut request);
            let _ = client.write_all(self.says.lock().unwrap().as_bytes());
            return;
        }
        let server = TcpStream::connect(("127.0.0.1", server_port)).unwrap();
        let (from_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let answering = Arc::clone(&self);
        let answers = thread::spawn(move || answering.pass(from_server, to_client));
        self.pass(client, server);
        answers.join().unwrap();
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            self.bytes_left.fetch_sub(length as i64, Ordering::SeqCst);
            if self.is_closed() || to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        for side in [from, to] {
            let _ = side.shutdown(Shutdown::Both);
        }
    }
}
