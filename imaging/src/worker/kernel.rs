//! What the kernel enforces on a worker process, set by the process on itself.

use std::{
    fs, io,
    os::fd::{AsFd as _, OwnedFd},
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::fcntl_dupfd_cloexec,
    process::{Resource, Rlimit, getrlimit, setrlimit},
    stdio,
    time::{ClockId, clock_gettime},
};

/// First descriptor after stdin, stdout and stderr.
const FIRST_PRIVATE_FD: i32 = 3;
/// Added to what the parent's deadline allows, so that the deadline is met first where both apply.
const CPU_GRACE_SECONDS: u64 = 2;
/// Of the range -1000 to 1000: under memory pressure the kernel ends workers before the program itself.
const OOM_SCORE_ADJUSTMENT: &str = "500";
/// The watching thread only sleeps in one system call.
const WATCHER_STACK_BYTES: usize = 64 << 10;

/// The private ends of the pipe.
pub(super) struct Pipes {
    pub(super) requests: OwnedFd,
    pub(super) answers: OwnedFd,
}

/// Moves the pipe away from stdin and stdout, reads stdin from `/dev/null` from now on and sends stdout
/// to stderr: native code that prints or reads cannot touch a frame.
pub(super) fn take_pipes() -> io::Result<Pipes> {
    let requests = fcntl_dupfd_cloexec(stdio::stdin(), FIRST_PRIVATE_FD)?;
    let answers = fcntl_dupfd_cloexec(stdio::stdout(), FIRST_PRIVATE_FD)?;
    stdio::dup2_stdin(fs::File::open("/dev/null")?)?;
    stdio::dup2_stdout(stdio::stderr())?;
    Ok(Pipes { requests, answers })
}

/// Ends this process as soon as nobody can send requests any more, even while native code hangs.
///
/// `PR_SET_PDEATHSIG` would not do: it fires when the *thread* that started the child ends, and threads
/// of an async runtime come and go. The pipe's hang-up is about the process.
pub(super) fn end_with_parent(pipes: &Pipes) -> io::Result<()> {
    let requests = fcntl_dupfd_cloexec(&pipes.requests, FIRST_PRIVATE_FD)?;
    thread::Builder::new()
        .name("parent-watch".to_owned())
        .stack_size(WATCHER_STACK_BYTES)
        .spawn(move || {
            loop {
                // No event asked for: only hang-up and error, which are always reported.
                let mut watched = [PollFd::from_borrowed_fd(requests.as_fd(), PollFlags::empty())];
                match poll(&mut watched, None) {
                    Err(rustix::io::Errno::INTR) => {}
                    _ => std::process::exit(0),
                }
            }
        })?;
    Ok(())
}

/// Bounds the address space, forbids core files (they would hold a document's content) and gains of
/// privilege.
pub(super) fn limit(memory_bytes: u64) -> io::Result<()> {
    set(Resource::As, memory_bytes, memory_bytes)?;
    set(Resource::Core, 0, 0)?;
    rustix::thread::set_no_new_privs(true)?;
    // Only a preference: absent in some containers.
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE_ADJUSTMENT);
    Ok(())
}

/// Allows as much more processor time as one request may take. Only the soft limit moves, since a hard
/// one could never be raised again; the kernel answers an overrun with `SIGXCPU`.
pub(super) fn allow_cpu_time(request: Duration) -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used_seconds = u64::try_from(used.tv_sec).unwrap_or(0);
    let allowed = used_seconds
        .saturating_add(request.as_secs())
        .saturating_add(CPU_GRACE_SECONDS);
    setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(allowed),
            maximum: getrlimit(Resource::Cpu).maximum,
        },
    )?;
    Ok(())
}

fn set(resource: Resource, current: u64, maximum: u64) -> io::Result<()> {
    // A limit that the surroundings already set lower stays.
    let lower =
        |wanted: u64, present: Option<u64>| Some(present.map_or(wanted, |present| present.min(wanted)));
    let present = getrlimit(resource);
    setrlimit(
        resource,
        Rlimit {
            current: lower(current, present.maximum),
            maximum: lower(maximum, present.maximum),
        },
    )?;
    Ok(())
}
