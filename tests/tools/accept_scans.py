"""Real scans, read by Hrisov in one load and by `tesseract`, one process a page, against their true text.

usage: accept_scans.py PROGRAM SCANS [--languages ron+eng]

SCANS holds `manifest.tsv` (columns path, gt_path) and the pages. Every page is a dossier of one box, loaded at once.
Pages without a true text are loaded and not judged. A table per folder: pages, true words, words missed and spurious (counted without order: the fair measure
for forms), median character error (after NFC, cedilla to comma, plain quotes and dashes, one space), each for both
programs. Ends with 1 where a page is neither recognised nor blank, or where a folder with Romanian, office or
typewritten pages misses more words than `tesseract`.
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import unicodedata

from rapidfuzz.distance import Levenshtein

JUDGED = re.compile(r"ro_|tesseract_test$|en_office$|it_typewritten$")
PLAIN = str.maketrans({"ş": "ș", "ţ": "ț", "Ş": "Ș", "Ţ": "Ț", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"',
                       "—": "-", "–": "-", "\u00ad": None})


def plain(text):
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(PLAIN)).strip()


def judge(truth, text):
    """True words, missed words, spurious words, character error rate."""
    truth, text = plain(truth), plain(text)
    true, read = collections.Counter(truth.split()), collections.Counter(text.split())
    common = sum((true & read).values())
    error = Levenshtein.distance(truth, text) / max(1, len(truth))
    return sum(true.values()), sum(true.values()) - common, sum(read.values()) - common, error


def ours(program, pages, languages):
    """Text of each page; the account of the load."""
    with tempfile.TemporaryDirectory() as folder:
        archive, box = pathlib.Path(folder) / "arhiva", pathlib.Path(folder) / "scans"
        for number, page in enumerate(pages):
            (box / f"{number:04}").mkdir(parents=True)
            shutil.copy(page, box / f"{number:04}" / page.name)
        run = lambda *args: subprocess.run([program, "--archive", archive, *args], capture_output=True, text=True)
        subprocess.run([program, "init", archive], check=True, stdout=subprocess.DEVNULL)
        loaded = run("ingest", box, "--languages", languages, "--json")
        if loaded.returncode not in (0, 3):
            sys.exit(loaded.stderr)
        texts = [run("text", f"{number:04}", "1") for number in range(len(pages))]
        return [text.stdout for text in texts], json.loads(loaded.stdout)


def tesseract(pages, languages):
    environment = dict(os.environ, OMP_THREAD_LIMIT="1")

    def read(page):
        return subprocess.run(["tesseract", page, "-", "-l", languages], env=environment, capture_output=True,
                              text=True, check=False).stdout

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(read, pages))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("scans", type=pathlib.Path)
    parser.add_argument("--languages", default="ron+eng")
    args = parser.parse_args()
    with open(args.scans / "manifest.tsv", encoding="utf8", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    pages = [args.scans / row["path"] for row in rows]
    truths = [(args.scans / row["gt_path"]).read_text(encoding="utf8") if row["gt_path"] else None for row in rows]
    mine, account = ours(args.program, pages, args.languages)
    stock = tesseract(pages, args.languages)
    counts = {name: account[name] for name in ("received", "stored", "quarantined", "pages", "pages_recognised",
                                               "pages_blank", "pages_unreadable")}
    print("one load: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    folders = collections.defaultdict(list)
    for row, truth, text, other in zip(rows, truths, mine, stock):
        if truth is not None:
            folders[row["path"].split("/")[0]].append((judge(truth, text), judge(truth, other)))
    print(f"{'':18}{'':>6}{'true':>7}  {'missed':>15}  {'spurious':>15}  {'median CER':>17}")
    print(f"{'folder':18}{'pages':>6}{'words':>7}" + f"  {'hrisov':>7} {'stock':>7}" * 2 + f"  {'hrisov':>8} {'stock':>8}")
    worse = []
    for folder, judged in sorted(folders.items()):
        total = lambda program, field: sum(page[program][field] for page in judged)
        error = [statistics.median(page[program][3] for page in judged) for program in (0, 1)]
        print(f"{folder:18}{len(judged):6}{total(0, 0):7}  {total(0, 1):7} {total(1, 1):7}  {total(0, 2):7} "
              f"{total(1, 2):7}  {error[0]:8.4f} {error[1]:8.4f}")
        if JUDGED.match(folder) and total(0, 1) > total(1, 1):
            worse.append(folder)
    if worse:
        sys.exit("more words missed than by tesseract: " + ", ".join(worse))
    if counts["pages_unreadable"] or counts["quarantined"] or counts["pages"] != len(pages):
        sys.exit("not every page was recognised or blank")


if __name__ == "__main__":
    main()
