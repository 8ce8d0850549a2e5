"""Reading: Hrisov in one load a folder, `tesseract` one process a page, OCRmyPDF one run a folder; against true text.

usage: bench_ocr.py PROGRAM FIXTURES SCANS [--pages 40] [--seed 4104] [--folders REGEX] [--without-ocrmypdf]

SCANS holds `manifest.tsv` (path, gt_path, tess_lang) and the pages; FIXTURES is the program that makes boxes: one clean
and one degraded box of PAGES upright pages with another seed each time, and one of pages that lie anyhow, which only
Hrisov reads, for its turns. All three programs read the same pages in the same languages: tesseract with stock
settings, OCRmyPDF (beside this Python) with its defaults and a job a core, each on one thread a page.

A line a folder: missed and spurious words (without order: the fair measure for forms), median character error (after
NFC, cedilla to comma, plain quotes and dashes, one space), CPU seconds a page of all processes together. Then the pages
that lost words against tesseract, how sure Hrisov was beside how right, where its time goes and what reading again costs. Ends with 1 where a target is
missed, and names it.
"""
import argparse
import collections
import concurrent.futures
import csv
import ctypes
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

from PIL import Image
from rapidfuzz.distance import Levenshtein

from bench import PR_SET_CHILD_SUBREAPER, machine, reap_orphans, spent

PLAIN = str.maketrans({"ş": "ș", "ţ": "ț", "Ş": "Ș", "Ţ": "Ț", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"',
                       "—": "-", "–": "-", "\u00ad": None})
PROGRAMS = ("hrisov", "tesseract", "ocrmypdf")
ONE_THREAD = dict(os.environ, OMP_THREAD_LIMIT="1")
# Folders whose pages are ordinary pages at 300 dpi; folders whose pages have one reading order.
ORDINARY = re.compile(r"ro_rastolita$|it_print$|es_print19$|generated-clean$")
ORDERED = re.compile(r"(?!en_office|en_receipts|ro_forms)")

# Metadata of one dot per inch, which some boxes have, end OCRmyPDF's run: its pages are told without.
LEAST_DPI = 30

Page = collections.namedtuple("Page", "path index truth languages")
Read = collections.namedtuple("Read", "true missed spurious error")


def plain(text):
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(PLAIN)).strip()


def judge(truth, text):
    truth, text = plain(truth), plain(text)
    true, read = collections.Counter(truth.split()), collections.Counter(text.split())
    common = sum((true & read).values())
    error = Levenshtein.distance(truth, text) / max(1, len(truth))
    return Read(sum(true.values()), sum(true.values()) - common, sum(read.values()) - common, error)


def scans(folder):
    """Pages with a true text, by folder and languages."""
    with open(folder / "manifest.tsv", encoding="utf8", newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest, delimiter="\t") if row["gt_path"]]
    folders = collections.defaultdict(list)
    for row in rows:
        truth = (folder / row["gt_path"]).read_text(encoding="utf8")
        folders[row["path"].split("/")[0]].append(Page(folder / row["path"], 0, truth, row["tess_lang"]))
    return folders


def generated(program, folder, pages, seed, *options):
    """Pages of a made box, each a file of its own, so that every program reads exactly the same."""
    run([program, "generate", folder, "--pages", str(pages), "--seed", str(seed), "--formats", "tiff-lzw,jpeg,png",
         *options])
    entries = [json.loads(line) for line in (folder / "truth" / "pages.jsonl").read_text(encoding="utf8").splitlines()]
    made = []
    for number, entry in enumerate(entry for entry in entries if not entry["blank"]):
        path = folder / "box" / entry["file"]
        if entry["side"] and path.suffix in (".tif", ".tiff"):
            with Image.open(path) as picture:
                picture.seek(entry["page_index"])
                dpi = picture.info.get("dpi")
                path = folder / f"{number:04}.png"
                picture.save(path, **({"dpi": dpi} if dpi else {}))
        truth = (folder / "truth" / entry["text"]).read_text(encoding="utf8")
        made.append((Page(path, 0, truth, "ron+eng"), entry))
    return made


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout


def timed(command, accepted=(0,), stdout=subprocess.DEVNULL, **options):
    """CPU seconds of a command with all its descendants."""
    child = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accepted:
        sys.exit(f"{command[0]} ended with {child.returncode}")
    return spent(usage) + reap_orphans()


def hrisov(program, pages, folder):
    """Plain text, words, recipe and turn of each page; CPU seconds of the load, and what it says of its readings."""
    archive, box = folder / "arhiva", folder / "cutie"
    for number, page in enumerate(pages):
        (box / f"{number:04}").mkdir(parents=True)
        shutil.copy(page.path, box / f"{number:04}" / f"1{page.path.suffix}")
    run([program, "init", archive])
    load = [program, "--archive", archive, "--json", "ingest", box, "--languages", pages[0].languages]
    with open(folder / "load.json", "w+", encoding="utf8") as report:
        cpu = timed(load, accepted=(0, 3), stdout=report)
        report.seek(0)
        cost = collections.Counter(json.load(report)["reading"])
    read = []
    for number in range(len(pages)):
        command = [program, "--archive", archive, "text", f"{number:04}", "1", "--json"]
        text = subprocess.run(command, capture_output=True, check=False)
        read.append(json.loads(text.stdout) if text.returncode == 0 and text.stdout.strip() else None)
    return read, cpu, cost


def plain_text(page):
    """As `hrisov text` prints it."""
    if page is None:
        return ""
    return "\n\n".join("\n".join(" ".join(word["text"] for word in line["words"]) for line in block["lines"])
                       for block in page["blocks"])


def tesseract(pages, folder):
    def read(number):
        page = pages[number]
        child = subprocess.Popen(["tesseract", page.path, folder / f"{number}", "-l", page.languages], env=ONE_THREAD,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        return spent(usage)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        cpu = sum(pool.map(read, range(len(pages))))
    return [(folder / f"{number}.txt").read_text(encoding="utf8") for number in range(len(pages))], cpu


def ocrmypdf(pages, folder):
    """All pages as one PDF, so that it uses every core; its sidecar has the text, a form feed after each page."""
    import img2pdf
    pictures = []
    for number, page in enumerate(pages):
        with Image.open(page.path) as picture:
            colour = picture.mode if picture.mode in ("1", "L") else "RGB"
            pictures.append(folder / f"{number:04}.png")
            dpi = picture.info.get("dpi")
            picture.convert(colour).save(pictures[-1], **({"dpi": dpi} if dpi and min(dpi) >= LEAST_DPI else {}))
    source = folder / "source.pdf"
    source.write_bytes(img2pdf.convert([str(picture) for picture in pictures]))
    program = pathlib.Path(sys.executable).parent / "ocrmypdf"
    command = [program, "--jobs", str(os.cpu_count()), "-l", pages[0].languages, "--sidecar", folder / "text.txt",
               source, folder / "read.pdf"]
    path = f"{program.parent}:{os.environ['PATH']}"
    cpu = timed(command, env=dict(os.environ, PATH=path))
    texts = (folder / "text.txt").read_text(encoding="utf8").split("\f")
    return (texts + [""] * len(pages))[:len(pages)], cpu


def read_folder(args, pages):
    """What each program made of the pages, the CPU seconds that each needed, Hrisov's own records and what its readings
    cost."""
    read, cpu, records, cost = collections.defaultdict(list), collections.Counter(), [], collections.Counter()
    for languages in sorted({page.languages for page in pages}):
        chosen = [page for page in pages if page.languages == languages]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            texts = {}
            found, cpu_of, cost_of = hrisov(args.program, chosen, folder)
            cost.update(cost_of)
            texts["hrisov"], cpu["hrisov"] = [plain_text(page) for page in found], cpu["hrisov"] + cpu_of
            records += list(zip(chosen, found))
            texts["tesseract"], cpu_of = tesseract(chosen, folder)
            cpu["tesseract"] += cpu_of
            if not args.without_ocrmypdf:
                texts["ocrmypdf"], cpu_of = ocrmypdf(chosen, folder)
                cpu["ocrmypdf"] += cpu_of
        for name, of_pages in texts.items():
            read[name] += [judge(page.truth, text) for page, text in zip(chosen, of_pages)]
    return read, cpu, records, cost


def right_words(page, truth):
    """Each word's stated confidence and whether it stands in the true text (each true word once)."""
    left = collections.Counter(plain(truth).split())
    for word in (word for block in page["blocks"] for line in block["lines"] for word in line["words"]):
        text = plain(word["text"])
        right = left[text] > 0
        left[text] -= right
        yield word["confidence"], right


def calibration(records):
    """Prints stated confidence beside the share of right words; expected calibration error of words and of pages."""
    bins, pages = collections.defaultdict(list), []
    for page, found in records:
        if found is None:
            continue
        words = list(right_words(found, page.truth))
        for stated, right in words:
            bins[min(9, int(stated * 10))].append((stated, right))
        if len(words) >= 10:
            pages.append((statistics.mean(stated for stated, _ in words), statistics.mean(right for _, right in words)))
    total = sum(map(len, bins.values()))
    print(f"\n{'stated':12}{'words':>8}{'mean stated':>13}{'right':>8}")
    error = 0.0
    for at, words in sorted(bins.items()):
        stated, right = (statistics.mean(word[field] for word in words) for field in (0, 1))
        error += len(words) / total * abs(stated - right)
        print(f"{at / 10:.1f} to {(at + 1) / 10:.1f}  {len(words):8}{stated:13.3f}{right:8.3f}")
    groups = collections.defaultdict(list)
    for stated, right in pages:
        groups[min(9, int(stated * 10))].append((stated, right))
    mean = lambda group, field: statistics.mean(page[field] for page in group)
    of_pages = sum(len(group) / len(pages) * abs(mean(group, 0) - mean(group, 1)) for group in groups.values())
    print(f"expected calibration error: words {100 * error:.1f} points, pages {100 * of_pages:.1f} points")
    return max(error, of_pages)


def turns(args, made):
    """Share of pages with at least ten words whose turn is known to be right."""
    with tempfile.TemporaryDirectory() as folder:
        found, _, _ = hrisov(args.program, [page for page, _ in made], pathlib.Path(folder))
    right = total = 0
    for (page, entry), read in zip(made, found):
        if len(page.truth.split()) < 10:
            continue
        total += 1
        right += read is not None and int(read["processing"]["rotation"]) == (360 - entry["rotation"]) % 360
    print(f"\nturn of pages with at least 10 words: {right} of {total} right")
    return right / max(1, total)


def print_cost(cost):
    """Where the processor's time of the workers goes, and how many pages were read more than once."""
    parts = {"decode": "decoding", "look": "looking at pictures", "first": "first readings", "again": "reading again"}
    total = sum(cost[part] for part in parts)
    print(f"{cost['pages']} pages, {cost['pages_again']} of them read more than once, in whole or in part; CPU: "
          + ", ".join(f"{name} {100 * cost[part] / total:.1f} %" for part, name in parts.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("fixtures")
    parser.add_argument("scans", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=4104)
    parser.add_argument("--folders", type=re.compile, default=re.compile(""))
    parser.add_argument("--without-ocrmypdf", action="store_true")
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    machine()
    used = PROGRAMS[:2] if args.without_ocrmypdf else PROGRAMS
    if not args.without_ocrmypdf:
        program = pathlib.Path(sys.executable).parent / "ocrmypdf"
        print(f"ocrmypdf {run([program, '--version']).strip()}; generated pages: seeds {args.seed} to {args.seed + 2}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folders = scans(args.scans) if args.scans.is_dir() else {}
        for number, kind in enumerate(("clean", "degraded")):
            made = generated(args.fixtures, folder / kind, args.pages, args.seed + number,
                             "--difficulty", kind, "--upright")
            folders[f"generated-{kind}"] = [page for page, _ in made]
        anyhow = generated(args.fixtures, folder / "turned", args.pages, args.seed + 2)
        folders = {name: pages for name, pages in folders.items() if args.folders.search(name)}
        wrong = report(args, used, folders)
        if turns(args, anyhow) < 0.99:
            wrong.append("turn of generated pages: less than 99 % right")
    if wrong:
        print("\nmissed targets:\n" + "\n".join(f"  {line}" for line in wrong))
        sys.exit(1)


def report(args, used, folders):
    """Prints all tables; gives the targets that were missed."""
    groups = ("missed words", "spurious words", "median character error", "CPU s a page")
    print(f"\n{'':20}{'':12}" + "".join(f"{group:>{10 * len(used) + 2}}" for group in groups))
    print(f"{'folder':20}{'pages':>5}{'words':>7}" + ("  " + "".join(f"{name:>10}" for name in used)) * len(groups))
    wrong, lost, records, pooled, ratios, cost = [], [], [], collections.Counter(), [], collections.Counter()
    for name, pages in sorted(folders.items()):
        read, cpu, found, cost_of = read_folder(args, pages)
        records += found
        cost.update(cost_of)
        sums = {field: [sum(getattr(page, field) for page in read[program]) for program in used]
                for field in ("true", "missed", "spurious")}
        error = [statistics.median(page.error for page in read[program]) for program in used]
        seconds = [cpu[program] / len(pages) for program in used]
        print(f"{name:20}{len(pages):5}{sums['true'][0]:7}"
              + "".join("  " + "".join(f"{value:10}" for value in sums[field]) for field in ("missed", "spurious"))
              + "  " + "".join(f"{value:10.4f}" for value in error)
              + "  " + "".join(f"{value:10.2f}" for value in seconds), flush=True)
        kind = "made" if name.startswith("generated") else "scans"
        pooled.update({(kind, program): missed for program, missed in zip(used, sums["missed"])})
        if sums["spurious"][0] > sums["spurious"][1]:
            wrong.append(f"{name}: {sums['spurious'][0]} spurious words, tesseract {sums['spurious'][1]}")
        if name.startswith("generated") and 2 * sums["missed"][0] > sums["missed"][1]:
            wrong.append(f"{name}: missed words {sums['missed'][0]}, more than half of tesseract's {sums['missed'][1]}")
        if ORDERED.match(name):
            if error[0] > error[1]:
                wrong.append(f"{name}: median character error {error[0]:.4f}, tesseract {error[1]:.4f}")
            if error[1] and not name.startswith("generated"):
                ratios.append(error[0] / error[1])
        if ORDINARY.match(name):
            for at, most in ((1, 0.95), (2, 0.5)):
                if at < len(used) and seconds[0] > most * seconds[at]:
                    wrong.append(f"{name}: CPU {seconds[0] / seconds[at]:.2f} of {used[at]}'s, not {most}")
        for (page, _), ours, theirs in zip(found, read["hrisov"], read["tesseract"]):
            if ours.missed > theirs.missed + max(0.02 * ours.true, 3):
                lost.append(f"{name}/{page.path.name}: {ours.missed} of {ours.true} words missed, "
                            f"tesseract {theirs.missed}")
    if ratios and statistics.mean(ratios) > 0.6:
        wrong.append(f"median character error over the folders {statistics.mean(ratios):.2f} of tesseract's, not 0.6")
    for kind in ("scans", "made"):
        missed = [pooled[kind, program] for program in used]
        print(f"missed words, all {'generated pages' if kind == 'made' else 'scans'}: "
              + ", ".join(f"{program} {count}" for program, count in zip(used, missed)))
        if kind == "scans" and 2 * missed[0] > missed[1]:
            wrong.append(f"scans: missed words {missed[0] / max(1, missed[1]):.2f} of tesseract's, not 0.5")
    print("\npages that lost more than 2 % of their words and 3 words against tesseract: " + ("none" if not lost else ""))
    print("".join(f"  {line}\n" for line in lost), end="")
    wrong += lost
    print_cost(cost)
    if calibration(records) > 0.05:
        wrong.append("expected calibration error above 5 points")
    return wrong


if __name__ == "__main__":
    main()
