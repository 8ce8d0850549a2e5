"""Processor and wall time a page: Hrisov's whole pipeline beside `tesseract`, one process a page.

usage: bench.py PROGRAM BOX [--languages ron+eng] [--rounds 2]

Both work on the same pages: the single-page images of BOX (tesseract's own program reads no PDF). Each round runs
both, one after the other; the medians and their ratio are printed. CPU seconds are those of all descendants, as the
kernel counts them. The main process of Hrisov is sampled apart: what it spends is everything outside decoding and
recognition.
"""
import argparse
import concurrent.futures
import ctypes
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

IMAGES = {".tif", ".tiff", ".png", ".jpg", ".jpeg"}
PR_SET_CHILD_SUBREAPER = 36


def spent(usage):
    return usage.ru_utime + usage.ru_stime


def reap_orphans():
    """CPU seconds of orphaned descendants, which the kernel hands to us as their subreaper."""
    total = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
            total += spent(usage)
        except ChildProcessError:
            return total


def sample(pid, seen):
    """Processor seconds and peak memory (MiB) of one process so far."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        seen["cpu"] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                seen["peak_mib"] = int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError, IndexError):
        pass


def hrisov(program, box, languages):
    with tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(folder) / "arhiva"
        subprocess.run([program, "init", archive], check=True, stdout=subprocess.DEVNULL)
        started = time.monotonic()
        child = subprocess.Popen(
            [program, "--archive", archive, "ingest", box, "--languages", languages, "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        main = {"cpu": 0.0, "peak_mib": 0.0}
        cpu = 0.0
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                cpu += spent(usage)
                break
            sample(child.pid, main)
            time.sleep(0.02)
        wall = time.monotonic() - started
        cpu += reap_orphans()
        if os.waitstatus_to_exitcode(status) not in (0, 3):
            sys.exit(f"ingest ended with {os.waitstatus_to_exitcode(status)}")
        return cpu, wall, main


def tesseract(pages, languages):
    environment = dict(os.environ, OMP_THREAD_LIMIT="1")

    def read(page):
        child = subprocess.Popen(["tesseract", page, "-", "-l", languages], env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        return spent(usage)

    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        cpu = sum(pool.map(read, pages))
    return cpu, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("box", type=pathlib.Path)
    parser.add_argument("--languages", default="ron+eng")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        pages = []
        for number, path in enumerate(sorted(p for p in args.box.rglob("*") if p.suffix.lower() in IMAGES)):
            copy = pathlib.Path(folder) / "1" / f"{number:04}{path.suffix.lower()}"
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(path, copy)
            pages.append(copy)
        if not pages:
            sys.exit(f"no single-page images in {args.box}")
        ours, theirs, apart, peaks = [], [], [], []
        for _ in range(args.rounds):
            cpu, wall, process = hrisov(args.program, folder, args.languages)
            ours.append((cpu, wall))
            apart.append(process["cpu"])
            peaks.append(process["peak_mib"])
            theirs.append(tesseract(pages, args.languages))
    count = len(pages)
    row = lambda name, runs: (name, *(statistics.median(run[i] for run in runs) / count for i in (0, 1)))
    print(f"{count} pages, {args.rounds} rounds, {os.cpu_count()} cores, {args.languages}")
    print(f"{'':34}{'CPU s/page':>12}{'wall s/page':>13}")
    for name, cpu, wall in (row("hrisov ingest, everything", ours), row("tesseract, one process a page", theirs)):
        print(f"{name:34}{cpu:12.3f}{wall:13.3f}")
    ratio = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs))
    share = statistics.median(a / run[0] for a, run in zip(apart, ours))
    print(f"CPU ratio hrisov / tesseract: {ratio:.3f}")
    print(f"main process (everything outside decoding and recognition): {100 * share:.1f} % of the CPU, "
          f"peak {max(peaks):.0f} MiB")


if __name__ == "__main__":
    main()
