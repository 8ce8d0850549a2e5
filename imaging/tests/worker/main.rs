//! Worker processes that crash, hang, run out of memory or talk nonsense cost one call each.

use std::{
    fs, num::NonZeroUsize, os::unix::process::ExitStatusExt as _, path::Path, process, time::Duration,
};

use hrisov_imaging::{
    Limits, RenditionRequest,
    worker::{Ending, Reply, Request, SourcePath, WorkerCommand, WorkerError, WorkerPool},
};
use serde_json::{Value, json};

fn program() -> WorkerCommand {
    WorkerCommand::new(env!("CARGO_BIN_EXE_imaging-test-worker"), [] as [&str; 0])
}

fn limits() -> Limits {
    Limits {
        memory_bytes: 512 << 20,
        ..Limits::default()
    }
}

fn pool_under(limits: Limits) -> WorkerPool {
    WorkerPool::start(program(), NonZeroUsize::MIN, limits)
}

async fn ask(pool: &WorkerPool, request: Value) -> Result<Value, WorkerError> {
    pool.call(&request).await.map(|answer| answer.reply)
}

async fn process_id(pool: &WorkerPool) -> u64 {
    let answer = ask(pool, json!("process_id"))
        .await
        .expect("a healthy worker answers");
    answer.as_u64().expect("a process id is a number")
}

#[tokio::test]
async fn each_way_to_fail_is_told_apart_and_the_next_call_works() {
    let quick = Limits {
        page_time: Duration::from_millis(300),
        ..limits()
    };
    type Check = fn(&WorkerError) -> bool;
    let rows: [(&str, Value, Limits, Check); 9] = [
        ("abort", json!("abort"), limits(), |error| {
            matches!(
                error,
                WorkerError::Crashed {
                    ending: Ending::Signal(libc::SIGABRT)
                }
            )
        }),
        ("segfault", json!("segfault"), limits(), |error| {
            matches!(
                error,
                WorkerError::Crashed {
                    ending: Ending::Signal(libc::SIGSEGV)
                }
            )
        }),
        ("exit", json!({"exit": {"code": 7}}), limits(), |error| {
            matches!(
                error,
                WorkerError::Crashed {
                    ending: Ending::Exit(7)
                }
            )
        }),
        ("panic", json!("panic"), limits(), |error| {
            let told = error.to_string();
            told.contains("program.rs") && !told.contains("1234567890123")
        }),
        ("sleep", json!("sleep"), quick.clone(), |error| {
            matches!(error, WorkerError::TimedOut { .. })
        }),
        ("spin", json!("spin"), quick, |error| {
            matches!(error, WorkerError::TimedOut { .. })
        }),
        (
            "memory",
            json!({"allocate": {"megabytes": 600}}),
            limits(),
            |error| matches!(error, WorkerError::OutOfMemory { limit_bytes } if *limit_bytes == 512 << 20),
        ),
        ("oversized answer", json!("oversized"), limits(), |error| {
            matches!(
                error,
                WorkerError::Crashed {
                    ending: Ending::Exit(1)
                }
            )
        }),
        ("no request", json!({"unknown": 1}), limits(), |error| {
            matches!(
                error,
                WorkerError::Crashed {
                    ending: Ending::Exit(1)
                }
            )
        }),
    ];
    for (what, request, limits, expected) in rows {
        let pool = pool_under(limits);
        let before = process_id(&pool).await;
        let error = ask(&pool, request).await.expect_err(what);
        assert!(expected(&error), "{what}: {error:?}");
        assert!(error.blames_page(), "{what}");
        assert!(
            !Path::new(&format!("/proc/{before}")).exists(),
            "{what}: the process is reaped"
        );
        assert_ne!(process_id(&pool).await, before, "{what}: another process answers");
        assert_eq!(pool.counts().failed, 1, "{what}");
    }
}

#[tokio::test]
async fn a_page_that_waits_for_the_processor_keeps_its_time() {
    let limits = Limits {
        page_time: Duration::from_millis(300),
        ..limits()
    };
    let started = std::time::Instant::now();
    let done = ask(
        &pool_under(limits.clone()),
        json!({"amble": {"milliseconds": 200}}),
    )
    .await;
    assert_eq!(done.unwrap(), json!(200));
    assert!(
        started.elapsed() > 3 * limits.page_time,
        "it ran past its first deadlines"
    );
    let error = ask(&pool_under(limits), json!({"amble": {"milliseconds": 2000}})).await;
    assert!(matches!(error, Err(WorkerError::TimedOut { .. })), "{error:?}");
}

#[tokio::test]
async fn what_a_program_prints_reaches_no_frame_and_stdin_is_empty() {
    let pool = pool_under(limits());
    for _ in 0..3 {
        let printed = ask(&pool, json!({"print": {"lines": 5000}})).await.unwrap();
        assert_eq!(printed, json!(5000));
    }
    assert_eq!(ask(&pool, json!("read_stdin")).await.unwrap(), json!(""));
    assert_eq!(pool.counts().started, 1);
    // The drain runs beside the calls: what is left to read is less than a pipe holds (64 KiB).
    let printed: u64 = 3
        * (0..5000)
            .map(|line| format!("Detected {line} diacritics\n").len() as u64)
            .sum::<u64>();
    let counted = pool.counts().noise_bytes;
    assert!(
        counted <= printed && printed - counted <= 64 << 10,
        "{counted} of {printed}"
    );
}

#[tokio::test]
async fn the_kernel_holds_the_limits() {
    let pool = pool_under(limits());
    let listing = ask(&pool, json!("limits")).await.unwrap();
    let row = |name: &str| -> Vec<String> {
        let line = listing
            .as_str()
            .unwrap()
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap();
        line[26..].split_whitespace().take(2).map(str::to_owned).collect()
    };
    assert_eq!(row("Max address space"), ["536870912", "536870912"]);
    assert_eq!(row("Max core file size"), ["0", "0"]);
    let cpu_seconds: u64 = row("Max cpu time")[0].parse().unwrap();
    assert!((60..=70).contains(&cpu_seconds), "{cpu_seconds}");
}

#[tokio::test]
async fn a_call_that_fails_once_is_tried_in_a_fresh_process_and_no_more_than_twice() {
    let pool = pool_under(limits());
    let result = pool.call_twice::<_, Value>(&json!("abort")).await;
    assert!(matches!(result, Err(WorkerError::Crashed { .. })));
    assert_eq!((pool.counts().started, pool.counts().failed), (2, 2));

    let absent = WorkerPool::start(
        WorkerCommand::new("/nonexistent/hrisov", ["page-worker"]),
        NonZeroUsize::MIN,
        limits(),
    );
    let error = absent
        .call_twice::<_, Value>(&json!("process_id"))
        .await
        .unwrap_err();
    assert!(matches!(error, WorkerError::NotStarted { .. }) && !error.blames_page());
    assert!(error.to_string().contains("/nonexistent/hrisov"), "{error}");
    assert_eq!(
        absent.counts().failed,
        1,
        "no second try where the page is not to blame"
    );
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_told_apart() {
    for (program, args) in [("/bin/echo", ["Usage: hrisov [OPTIONS]"]), ("/bin/true", [""])] {
        let command = WorkerCommand::new(program, args);
        let pool = WorkerPool::start(command, NonZeroUsize::MIN, limits());
        let error = ask(&pool, json!("process_id")).await.unwrap_err();
        let expected = matches!(
            error,
            WorkerError::Protocol { .. }
                | WorkerError::Crashed {
                    ending: Ending::Exit(0)
                }
        );
        assert!(expected, "{program}: {error:?}");
    }
}

#[tokio::test]
async fn processes_are_shared_by_calls_leased_for_rows_of_calls_and_no_more_than_the_size() {
    let pool = WorkerPool::start(program(), NonZeroUsize::new(2).unwrap(), limits());
    let calls = (0..20).map(|_| process_id(&pool));
    let mut seen: Vec<u64> = futures::future::join_all(calls).await;
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() <= 2, "{seen:?}");
    assert!(pool.counts().started <= 2);

    let mut lease = pool.lease().await;
    let mut leased = Vec::new();
    for _ in 0..3 {
        let answer = lease.call::<_, u64>(&json!("process_id")).await.unwrap();
        leased.push(answer.reply);
        process_id(&pool).await;
    }
    assert!(leased.iter().all(|id| *id == leased[0]), "{leased:?}");
}

#[tokio::test]
async fn an_old_process_is_replaced_and_an_idle_one_that_was_ended_is_not_asked() {
    let pool = pool_under(limits());
    let first = process_id(&pool).await;
    for _ in 1..500 {
        assert_eq!(process_id(&pool).await, first);
    }
    let second = process_id(&pool).await;
    assert_ne!(second, first, "after 500 answers");

    let pid = rustix::process::Pid::from_raw(i32::try_from(second).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    wait_until_gone(second);
    assert_ne!(process_id(&pool).await, second);
    assert_eq!(pool.counts().failed, 0);
}

#[tokio::test]
async fn a_cancelled_call_leaves_no_late_answer_behind() {
    let pool = pool_under(limits());
    let before = process_id(&pool).await;
    let hanging = tokio::time::timeout(Duration::from_millis(50), ask(&pool, json!("sleep"))).await;
    assert!(hanging.is_err());
    assert_ne!(process_id(&pool).await, before);
}

/// Until the process has ended: no thread of it is left, though nobody may have reaped it yet.
fn wait_until_gone(id: u64) {
    let is_zombie = |stat: String| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
    };
    let threads = || fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count);
    while threads() > 1 || fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !is_zombie(stat)) {
        std::thread::yield_now();
    }
}

#[test]
fn children_end_with_the_pool() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let id = runtime.block_on(async {
        let pool = pool_under(limits());
        process_id(&pool).await
    });
    wait_until_gone(id);
}

/// Run by the next test in a process of its own, which then dies without any clean-up.
#[tokio::test]
async fn parent_that_is_killed() {
    let Ok(report) = std::env::var("HRISOV_REPORT_CHILD_TO") else {
        return;
    };
    let pool = pool_under(limits());
    fs::write(report, process_id(&pool).await.to_string()).unwrap();
    // The child hangs in a request when its parent is killed.
    let _ = tokio::time::timeout(Duration::from_millis(50), async {
        let hanging = ask(&pool, json!("spin"));
        tokio::pin!(hanging);
        let _ = futures::poll!(&mut hanging);
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
        hanging.await
    })
    .await;
}

#[test]
fn children_end_with_a_parent_that_is_killed_even_while_they_hang() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("child");
    let status = process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_that_is_killed"])
        .env("HRISOV_REPORT_CHILD_TO", &report)
        .stdout(process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.signal(), Some(libc::SIGKILL));
    let child = fs::read_to_string(report).unwrap().parse().unwrap();
    wait_until_gone(child);
}

#[tokio::test]
async fn pictures_are_probed_rendered_and_refused_across_the_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("p\u{103}gina.png");
    let pixels: Vec<u8> = (0..60_u32 * 40).map(|at| (at % 251) as u8).collect();
    image::save_buffer(&picture, &pixels, 60, 40, image::ExtendedColorType::L8).unwrap();
    let text = folder.path().join("text.tif");
    fs::write(&text, "Dosar nr. 17").unwrap();

    let pool = pool_under(limits());
    let probe = |path: &Path| Request::Probe {
        path: SourcePath::new(path),
    };
    let Reply::Probed(info) = pool.call(&probe(&picture)).await.unwrap().reply else {
        panic!("not probed");
    };
    let page = info.pages[0].as_ref().unwrap();
    assert_eq!((info.pages.len(), page.width_px, page.height_px), (1, 60, 40));

    let render = Request::Render {
        path: SourcePath::new(&picture),
        page: 0,
        rendition: RenditionRequest::jpeg_within(60, 60, 80),
    };
    let answer = pool.call::<_, Reply>(&render).await.unwrap();
    assert_eq!(answer.reply, Reply::Rendered);
    let jpeg = image::load_from_memory(&answer.binary).unwrap();
    assert_eq!((jpeg.width(), jpeg.height()), (60, 40));

    let Reply::Refused(refusal) = pool.call(&probe(&text)).await.unwrap().reply else {
        panic!("not refused");
    };
    assert_eq!(refusal.quarantine, hrisov_model::QuarantineReason::UnknownFormat);

    // Other bytes at the same path are other bytes, although the file is still open in the worker.
    let grown: Vec<u8> = vec![200; 30 * 10];
    image::save_buffer(&picture, &grown, 30, 10, image::ExtendedColorType::L8).unwrap();
    let Reply::Probed(info) = pool.call(&probe(&picture)).await.unwrap().reply else {
        panic!("not probed");
    };
    assert_eq!(info.pages[0].as_ref().unwrap().width_px, 30);
    assert_eq!(pool.counts().started, 1);
}
