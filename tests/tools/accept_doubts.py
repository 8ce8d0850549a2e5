"""Generated boxes with planted defects, loaded by the program: what it finds against what was planted.

usage: accept_doubts.py HRISOV FIXTURES [--only NAME]... [--large] [--keep FOLDER]

HRISOV and FIXTURES are the two programs. The boxes are made by seeds that had no part in choosing thresholds. Told of
each kind: how often it is in the truth (`truth/defects.csv`: what was planted, and what a box has by nature, such as
blank backs; `low_confidence`: pages without other faults of which a quarter of the words is wrong, of those that stand on
them and those that were read together; with a seventh to a quarter they may be told or not), how many of these
were found, and how many findings were right. Findings are those of `ingest
--inventory` (dossiers), `status --files` (files) and `status --doubtful` (pages). `--large` makes the box of 2,000
pages with 25 defects as well. Ends with 1 where recall is below 0.95 or precision below 0.9 for a kind, over all boxes.
"""
import argparse
import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unicodedata

BOXES = {
    # Name: pages, seed, defects, sides that were scanned, more arguments.
    "150 dpi": (330, 10911, 165, "simplex", ["--dpi", "150"]),
    "150 dpi, on their sides": (330, 10912, 165, "duplex", ["--dpi", "150", "--sideways"]),
    "150 to 600 dpi": (240, 10913, 120, "simplex", []),
}
LARGE = {"large": (2000, 11015, 25, "simplex", ["--dpi", "150"])}
# A page of which a quarter of the words is wrong is read with little confidence, whatever the reason; one of which less than
# a seventh is, is not.
MISREAD = slice(0.15, 0.25)
# What is planted on a page and leaves nothing to read.
ILLEGIBLE = ("too_dark", "too_faint")
OF_DOSSIERS = {"missing": "missing_dossier", "unexpected": "extra_dossier", "leaves_differ": "leaf_count"}
OF_FILES = {"duplicate": "duplicate_file", "quarantined": "unreadable_file"}
LEAST_RECALL, LEAST_PRECISION = 0.95, 0.9


def run(program, *args, codes=(0,)):
    done = subprocess.run([program, *map(str, args)], capture_output=True, text=True)
    if done.returncode not in codes:
        sys.exit(f"{args}: {done.returncode}: {done.stderr}")
    return done.stdout


def truth(folder):
    """Kinds with the places that have them: a dossier, a file, or a file and its page. And those where a kind may be
    told or not: how a page lies that was made too dark or too faint to be read."""
    found, open_to_doubt = collections.defaultdict(set), collections.defaultdict(set)
    with open(folder / "truth/defects.csv", newline="") as rows:
        for row in csv.DictReader(rows):
            place = (row["file"], int(row["page_index"])) if row["page_index"] else row["file"] or row["dossier"]
            illegible = row["detail"].removeprefix("planted as ") in ILLEGIBLE
            (open_to_doubt if illegible else found)[row["defect"]].add(place)
    return found, open_to_doubt


def misread(program, archive, folder, faulty):
    """The share of wrong words of each page without any other fault: of those that stand on it and those that were read, those
    that are nowhere in the other ones."""
    found = {}
    with open(folder / "truth/pages.jsonl") as lines:
        for page in map(json.loads, lines):
            place = (page["file"], page["page_index"])
            if page["blank"] or place in faulty:
                continue
            true = words((folder / "truth" / page["text"]).read_text())
            told = [program, "--archive", archive, "text", page["dossier"], str(page["page"])]
            done = subprocess.run(told, capture_output=True, text=True)
            if done.returncode != 0:
                continue  # nothing was recognised, which is another doubt
            read = words(done.stdout)
            wrong = sum((true - read).values()) + sum((read - true).values())
            found[place] = wrong / max(1, sum(true.values()) + sum(read.values()))
    return found


def words(text):
    composed = unicodedata.normalize("NFC", text).translate(str.maketrans("şţŞŢ", "șțȘȚ"))
    return collections.Counter(re.findall(r"\w+", composed.lower()))


def findings(program, archive, folder, sides):
    """The same as the program tells it."""
    found = collections.defaultdict(set)
    box = folder / "box"
    at = ["--archive", archive, "--json"]
    loaded = json.loads(run(program, *at, "ingest", box, "--inventory", box / "inventar.csv", "--sides", sides,
                            codes=(0, 3)))
    of_line = rows(box)
    for finding in loaded["inventory"]["findings"]:
        if finding["kind"] in OF_DOSSIERS:
            names = finding["folders"] or [of_line[line] for line in finding["lines"]]
            found[OF_DOSSIERS[finding["kind"]]].update(names)
    for file in json.loads(run(program, *at, "status", loaded["batch"], "--files"))["files"]:
        if file["state"] in OF_FILES:
            found[OF_FILES[file["state"]]].add(file["source_path"])
    for listed in json.loads(run(program, *at, "status", "--doubtful"))["boxes"]:
        for page in listed["pages"]:
            file = str(pathlib.Path(page["file"]).relative_to(box.resolve()))
            for doubted in page["doubts"]:
                found[doubted["doubt"]].add((file, page["index"]))
    return found, loaded


def rows(box):
    """The dossier's folder by the line of the inventory: its remark names it, where it is no sheet of other columns."""
    with open(box / "inventar.csv", newline="") as lines:
        read = csv.reader(lines)
        return {read.line_num: row[-1].removeprefix("dosar: ") for row in read if row}


def table(scores):
    print("| finding | in truth | found | wrong | recall | precision |\n|---|--:|--:|--:|--:|--:|")
    short = []
    for kind in sorted(scores, key=lambda kind: (scores[kind][0] + scores[kind][1] == 0, kind)):
        right, missed, wrong = scores[kind]
        share = lambda of: f"{right / (right + of):.3f}" if right + of else "-"
        print(f"| {kind} | {right + missed} | {right} | {wrong} | {share(missed)} | {share(wrong)} |")
        if right + missed and right < LEAST_RECALL * (right + missed):
            short.append(f"{kind}: recall")
        if right + missed and right < LEAST_PRECISION * (right + wrong):
            short.append(f"{kind}: precision")
    return short


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hrisov")
    parser.add_argument("fixtures")
    parser.add_argument("--only", action="append")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    boxes = {**BOXES, **(LARGE if options.large else {})}
    boxes = {name: boxes[name] for name in options.only or boxes}
    scores = collections.defaultdict(lambda: [0, 0, 0])
    with tempfile.TemporaryDirectory() as scratch:
        kept = pathlib.Path(options.keep or scratch)
        for name, (pages, seed, defects, sides, more) in boxes.items():
            folder, archive = kept / f"box-{seed}", kept / f"arhiva-{seed}"
            made = ["generate", folder, "--pages", pages, "--seed", seed, "--defects", defects, "--sides", sides,
                    *more]
            if not folder.exists():
                run(options.fixtures, *made)
            if not archive.exists():
                run(options.hrisov, "init", archive)
            started = time.monotonic()
            found, loaded = findings(options.hrisov, archive, folder, sides)
            print(f"{name}: hrisov-fixtures {' '.join(map(str, made[:1] + made[2:]))}: {loaded['pages']} pages, "
                  f"{time.monotonic() - started:.0f} s")
            true, open_to_doubt = truth(folder)
            shares = misread(options.hrisov, archive, folder, set().union(*true.values()))
            true["low_confidence"] = {place for place, share in shares.items() if share >= MISREAD.stop}
            # Where the picture gives a reason it is told in the place of what reading says.
            told = set().union(*found.values())
            found["low_confidence"] |= true["low_confidence"] & told
            open_to_doubt["low_confidence"] = {place for place, share in shares.items() if share >= MISREAD.start}
            open_to_doubt["low_confidence"] |= set().union(*true.values())
            for kind in set(true) | set(found):
                found[kind] -= open_to_doubt[kind] - true[kind]
                right = true[kind] & found[kind]
                missed, wrong = true[kind] - right, found[kind] - right
                for at, count in enumerate((len(right), len(missed), len(wrong))):
                    scores[kind][at] += count
                for what, places in (("missed", missed), ("wrong", wrong)):
                    for place in sorted(map(str, places)) if os.environ.get("VERBOSE") else []:
                        print(f"  {kind} {what}: {place}")
    print()
    short = table(scores)
    if short:
        sys.exit(f"below {LEAST_RECALL} recall or {LEAST_PRECISION} precision: {', '.join(short)}")


if __name__ == "__main__":
    main()
