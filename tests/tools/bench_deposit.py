"""Making originals safe: Hrisov's deposit beside `cp`, `sha256sum` and `sync` of each of the same files.

usage: bench_deposit.py PROGRAM FOLDER [--files 2000] [--kilobytes 200] [--rounds 3] [--pages 5000] [--survey 200000]
                        [--flat 100000]

FOLDER is on the disk that is measured, and emptied at the end. Each round runs both, one after the other; the medians
and their ratio are printed. Then a long load with a scripted engine: the time a page of its last tenth beside that of its
first. Last, a box of very many files, and one with very many files in one folder, for the memory of the main process. A
number of 0 leaves a part out.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys
import time
import zlib


def png(side=64):
    """A small grey picture: a page as cheap to decode as pages get."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(30 if (x // 4 + y // 4) % 2 else 220 for x in range(side)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def make_box(folder, files, size, per_dossier):
    for number in range(files):
        path = folder / f"{number // per_dossier + 1:04}" / f"{number % per_dossier + 1:04}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(number.to_bytes(8, "big") + os.urandom(size - 8))
    os.sync()


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


def ours(program, box, folder):
    archive = folder / "arhiva"
    run(program, "init", archive)
    os.sync()
    started = time.monotonic()
    run(program, "--archive", archive, "ingest", "--deposit-only", box, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - started
    shutil.rmtree(archive)
    return wall


def theirs(box, folder):
    copies = folder / "copii"
    os.sync()
    started = time.monotonic()
    for path in sorted(box.rglob("*.bin")):
        copy = copies / path.relative_to(box)
        copy.parent.mkdir(parents=True, exist_ok=True)
        run("cp", path, copy)
        run("sha256sum", copy)
        run("sync", copy)
    wall = time.monotonic() - started
    shutil.rmtree(copies)
    return wall


def deposit(program, folder, files, kilobytes, rounds):
    box = folder / "cutie"
    make_box(box, files, kilobytes * 1000, 50)
    runs = [(ours(program, box, folder), theirs(box, folder)) for _ in range(rounds)]
    shutil.rmtree(box)
    print(f"{files} files of {kilobytes} kB in dossiers of 50, {rounds} rounds, wall seconds")
    for name, at in (("hrisov ingest --deposit-only", 0), ("cp, sha256sum, sync of each file", 1)):
        print(f"{name:34}{statistics.median(run[at] for run in runs):10.2f}")
    ratio = statistics.median(run[0] / run[1] for run in runs)
    print(f"ratio: {ratio:.2f}", flush=True)


def long_load(program, folder, pages):
    """Pages are read by the scripted engine, which notes each; what is timed is everything around recognition."""
    box, archive, marks = folder / "cutie", folder / "arhiva", folder / "urme"
    marks.mkdir()
    page = png()
    for number in range(pages):
        path = box / f"{number // 100 + 1:04}" / f"{number % 100 + 1:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Every page has bytes of its own: what follows the end of a PNG is not looked at.
        path.write_bytes(page + number.to_bytes(4, "big"))
    run(program, "init", archive)
    environment = dict(os.environ, HRISOV_TEST_ENGINE="", HRISOV_TEST_ENGINE_MARKS=str(marks))
    run(program, "--archive", archive, "ingest", "--deposit-only", box, env=environment, stderr=subprocess.DEVNULL)
    child = subprocess.Popen([program, "--archive", archive, "ingest", box], env=environment,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    read, times = marks / "recognised", {}
    tenth = pages // 10
    while child.poll() is None:
        done = read.read_bytes().count(b"\n") if read.exists() else 0
        for mark in (1, tenth, pages - tenth, pages):
            if done >= mark:
                times.setdefault(mark, (time.monotonic(), done))
        time.sleep(0.01)
    if child.returncode != 0 or len(times) < 4:
        sys.exit(f"the long load ended with {child.returncode}, {sorted(times)}")

    def rate(a, b):
        return 1000 * (times[b][0] - times[a][0]) / (times[b][1] - times[a][1])
    first, last = rate(1, tenth), rate(pages - tenth, pages)
    print(f"\n{pages} small pages, scripted engine: {first:.2f} ms a page in the first tenth, {last:.2f} in the last, "
          f"ratio {last / first:.2f}", flush=True)
    for path in (box, archive, marks):
        shutil.rmtree(path)


def survey(program, folder, files, per_dossier=1000):
    box, archive = folder / "cutie", folder / "arhiva"
    for number in range(files):
        path = box / f"{number // per_dossier + 1:04}" / f"{number % per_dossier + 1:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    run(program, "init", archive)
    started = time.monotonic()
    child = subprocess.Popen([program, "--archive", archive, "ingest", "--deposit-only", box],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.2)
    peak = usage.ru_maxrss / 1024
    wall = time.monotonic() - started
    print(f"\n{files} files in {-(-files // per_dossier)} dossiers deposited in {wall:.0f} s "
          f"({1000 * wall / files:.2f} ms a file): peak memory {peak:.0f} MiB, "
          f"ended with {os.waitstatus_to_exitcode(status)}", flush=True)
    for path in (box, archive):
        shutil.rmtree(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--kilobytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--survey", type=int, default=200_000)
    parser.add_argument("--flat", type=int, default=100_000)
    args = parser.parse_args()
    shutil.rmtree(args.folder, ignore_errors=True)
    args.folder.mkdir(parents=True)
    if args.files:
        deposit(args.program.resolve(), args.folder.resolve(), args.files, args.kilobytes, args.rounds)
    if args.pages:
        long_load(args.program.resolve(), args.folder.resolve(), args.pages)
    if args.survey:
        survey(args.program.resolve(), args.folder.resolve(), args.survey)
    if args.flat:
        survey(args.program.resolve(), args.folder.resolve(), args.flat, args.flat)
    shutil.rmtree(args.folder)


if __name__ == "__main__":
    main()
