"""Processor and wall time a page: Hrisov's whole pipeline beside `tesseract`, one process a page.

usage: bench.py PROGRAM BOX... [--languages ron+eng] [--rounds 2] [--memory-pages 2000]

For each BOX both work on the same pages: its single-page images (tesseract's own program reads no PDF). Each round
runs both, one after the other; the medians and their ratio are printed. CPU seconds are those of all descendants, as
the kernel counts them. The main process of Hrisov is sampled apart: what it spends is everything outside decoding and
recognition. Last, a box of many pages is loaded with a scripted engine in Tesseract's place, for the peak memory of
the main process.
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


def hrisov(program, box, languages, engine=None):
    environment = dict(os.environ, **({} if engine is None else {"HRISOV_TEST_ENGINE": engine}))
    with tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(folder) / "arhiva"
        subprocess.run([program, "init", archive], check=True, stdout=subprocess.DEVNULL)
        started = time.monotonic()
        child = subprocess.Popen(
            [program, "--archive", archive, "ingest", box, "--languages", languages, "--json"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
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


def copy_pages(box, folder):
    """The single-page images of a box as one dossier, so that both programs read exactly the same."""
    pages = []
    for number, path in enumerate(sorted(p for p in box.rglob("*") if p.suffix.lower() in IMAGES)):
        copy = folder / "1" / f"{number:04}{path.suffix.lower()}"
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
        pages.append(copy)
    if not pages:
        sys.exit(f"no single-page images in {box}")
    return pages


def compare(program, box, languages, rounds):
    with tempfile.TemporaryDirectory() as folder:
        pages = copy_pages(box, pathlib.Path(folder))
        ours, theirs, apart, peaks = [], [], [], []
        for _ in range(rounds):
            cpu, wall, process = hrisov(program, folder, languages)
            ours.append((cpu, wall))
            apart.append(process["cpu"])
            peaks.append(process["peak_mib"])
            theirs.append(tesseract(pages, languages))
    print(f"\n{box.name}: {len(pages)} pages, {rounds} rounds, {languages}")
    print(f"{'':34}{'CPU s/page':>12}{'wall s/page':>13}")
    for name, runs in (("hrisov ingest, everything", ours), ("tesseract, one process a page", theirs)):
        cpu, wall = (statistics.median(run[i] for run in runs) / len(pages) for i in (0, 1))
        print(f"{name:34}{cpu:12.3f}{wall:13.3f}")
    ratio = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs))
    share = statistics.median(a / run[0] for a, run in zip(apart, ours))
    print(f"CPU ratio hrisov / tesseract: {ratio:.3f}")
    print(f"main process (everything outside decoding and recognition): {100 * share:.1f} % of the CPU, "
          f"peak {max(peaks):.0f} MiB", flush=True)


def memory(program, box, languages, count):
    """Peak memory of the main process over many pages: JPEGs of the box, each made unique by a comment."""
    jpegs = [p.read_bytes() for p in sorted(box.rglob("*")) if p.suffix.lower() in {".jpg", ".jpeg"}]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            page = jpegs[number % len(jpegs)]
            comment = f"{number:08}".encode()
            path = pathlib.Path(folder) / "cutia" / f"{number // 100 + 1}" / f"{number % 100 + 1:03}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + page[2:])
        _, wall, process = hrisov(program, pathlib.Path(folder) / "cutia", languages, engine="")
    print(f"\n{count} pages in {(count + 99) // 100} dossiers, scripted engine: peak of the main process "
          f"{process['peak_mib']:.0f} MiB, {wall:.0f} s")


def machine():
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    version = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
    print(f"{len(models)} x {models[0] if models else 'unknown processor'}; {version.splitlines()[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("boxes", type=pathlib.Path, nargs="+", metavar="BOX")
    parser.add_argument("--languages", default="ron+eng")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory-pages", type=int, default=2000)
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    machine()
    for box in args.boxes:
        compare(args.program, box, args.languages, args.rounds)
    if args.memory_pages:
        memory(args.program, args.boxes[0], args.languages, args.memory_pages)


if __name__ == "__main__":
    main()
