"""How fast `hrisov verify` hashes beside `openssl dgst -sha256`, on the same masters, in turns.

usage: bench_verify.py PROGRAM FOLDER [--gigabytes 2] [--rounds 7]

FOLDER is made anew: random masters of 5 MB in dossiers of ten, deposited once. Every round hashes the stored masters with
one openssl, with one openssl a core, and with `verify`, which also reads inventories, catalog and log. Told last: the
rate of `verify` over that of one openssl times the cores used, and over that of as many at once, which cores that
share their clock and their memory do not reach; ends with 1 where the first is below 0.9.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

MASTER_BYTES = 5_000_000


def prepared(program, folder, gigabytes):
    """The archive's folder and the paths of its stored masters."""
    shutil.rmtree(folder, ignore_errors=True)
    box, archive = folder / "cutie", folder / "arhiva"
    for number in range(int(gigabytes * 1e9 / MASTER_BYTES)):
        dossier = box / str(number // 10)
        dossier.mkdir(parents=True, exist_ok=True)
        (dossier / f"{number % 10}.tif").write_bytes(os.urandom(MASTER_BYTES))
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([program, "init", archive], **quiet)
    subprocess.run([program, "--archive", archive, "ingest", "--deposit-only", box], **quiet)
    shutil.rmtree(box)
    masters = [path for path in archive.rglob("*.tif") if "/content/masters/" in str(path)]
    return archive, masters


def seconds(command, **options):
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    program, cores = args.program.resolve(), len(os.sched_getaffinity(0))
    archive, masters = prepared(program, args.folder.resolve(), args.gigabytes)
    names = "\0".join(map(str, masters)).encode()
    total = sum(path.stat().st_size for path in masters) / 1e9
    hashing = ["openssl", "dgst", "-sha256"]
    rows = {"openssl, one process": [], f"openssl, {cores} processes": [], "hrisov verify": []}
    one, many, ours = rows.values()
    for round_ in range(args.rounds + 1):
        taken = (
            seconds(["xargs", "-0", *hashing], input=names),
            seconds(["xargs", "-0", "-n", "20", "-P", str(cores), *hashing], input=names),
            seconds([program, "--archive", archive, "verify"]),
        )
        # The first round only brings the files into memory.
        if round_:
            for row, time_ in zip((one, many, ours), taken):
                row.append(time_)
    print(f"{len(masters)} masters, {total:.2f} GB, {cores} cores, median of {args.rounds} rounds")
    for name, times in rows.items():
        print(f"{name:24} {statistics.median(times):7.2f} s {total / statistics.median(times):7.2f} GB/s")
    ratio = statistics.median(one) / statistics.median(ours) / cores
    print(f"verify over one openssl times {cores} cores: {ratio:.2f} (at least 0.9)")
    print(f"verify over {cores} openssl at once: {statistics.median(many) / statistics.median(ours):.2f}")
    shutil.rmtree(args.folder)
    sys.exit(ratio < 0.9)


if __name__ == "__main__":
    main()
