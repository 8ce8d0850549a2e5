"""Damaged, odd and malicious files through the whole program, beside what reference readers (Pillow, PDFium) show.

usage: accept_hostile.py PROGRAM SCANS

SCANS/hostile/manifest.tsv names the files. Each is loaded as a dossier of its own, with a scripted engine: reading is not
the subject. Printed are the states, the peak memory of any process, and of the files that the reference reader opens how
many show the same: as many pages, each of the same shape and, made small and grey, with nearly the same picture.
"""
import argparse
import collections
import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import warnings

import pypdfium2
from PIL import Image, ImageChops, ImageOps, ImageStat

SMALL = 96
# Of 255, on a picture of 96 pixels: scaling and colour conversion differ by less than 3, another picture by 20 and more.
PICTURE_MAX_DIFFERENCE = 8.0
SHAPE_MAX_DIFFERENCE = 0.02
PAGES_COMPARED = 5
PDF_DPI = 72
ORIENTATION = 274
SAMPLE_FORMAT, SIGNED = 339, 2


def peak_mib(root):
    """Peak memory so far of each process below one, by command."""
    found = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            if descends(int(status.parent.name), root):
                found[status.parent.name] = int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1024
        except (FileNotFoundError, ProcessLookupError, TypeError):
            continue
    return found


def descends(pid, root):
    while pid > 1:
        if pid == root:
            return True
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rsplit(")", 1)[1].split()[1])
    return False


def load(program, archive, box):
    """The report of the load, its wall time and the largest process."""
    child = subprocess.Popen([program, "--archive", archive, "--json", "ingest", box], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=dict(os.environ, HRISOV_TEST_ENGINE=""))
    started, largest = time.monotonic(), 0.0
    output = []
    reader = threading.Thread(target=lambda: output.append(child.stdout.read()))
    reader.start()
    while child.poll() is None:
        largest = max([largest, *peak_mib(child.pid).values()])
        time.sleep(0.05)
    reader.join()
    if child.returncode != 3:
        sys.exit(f"the load ended with {child.returncode}")
    return json.loads(output[0]), time.monotonic() - started, largest


class Served:
    def __init__(self, program, archive):
        self.child = subprocess.Popen([program, "--archive", archive, "serve", "--listen", "127.0.0.1:0"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.child.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.address = found[0]
                break
        threading.Thread(target=self.child.stdout.read, daemon=True).start()

    def get(self, path):
        with urllib.request.urlopen(self.address + path) as answer:
            return answer.read()

    def close(self):
        self.child.terminate()
        self.child.wait()


def reference_pages(path, kind):
    """Shape and small grey picture of the first pages as the reference reader shows them; how many there are."""
    if kind == "pdfium":
        document = pypdfium2.PdfDocument(path)
        pages = [document[i].render(scale=PDF_DPI / 72).to_pil() for i in range(min(len(document), PAGES_COMPARED))]
        return len(document), [seen(page) for page in pages]
    picture = Image.open(path)
    frames = getattr(picture, "n_frames", 1)
    pages = []
    for frame in range(min(frames, PAGES_COMPARED)):
        picture.seek(frame)
        kinds = getattr(picture, "tag_v2", {}).get(SAMPLE_FORMAT, ())
        pages.append(seen(upright(picture.copy()), brightest=(1 << 15) - 1 if SIGNED in kinds else (1 << 16) - 1))
    return frames, pages


def upright(picture):
    try:
        # TIFF 6.0 wants readers to take a number of any unsigned type; Pillow leaves one stored as a byte alone.
        orientation = picture.getexif().get(ORIENTATION)
        if isinstance(orientation, bytes) and len(orientation) == 1:
            picture.getexif()[ORIENTATION] = orientation[0]
        return ImageOps.exif_transpose(picture)
    except Exception:  # a damaged orientation is none
        return picture


def seen(picture, brightest=(1 << 16) - 1):
    size = picture.size
    if picture.mode.startswith("I"):
        # Pillow gives wide samples as stored, and cuts off what does not fit a byte.
        picture = picture.convert("I").point(lambda value: value * 255 / brightest).convert("L")
    if picture.mode == "F":
        # Samples in floating point reach from 0 to 1.
        picture = picture.point(lambda value: value * 255).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return size, picture.convert("L").resize((SMALL, SMALL), Image.Resampling.BOX)


def shown_pages(served, dossier):
    """The pages of a dossier, those of the dossiers that it was divided into among them; how many sheets lay between."""
    described = json.loads(served.get(f"/api/v1/dossiers/{dossier}"))
    apart = described.get("apart", [])
    parts = sorted({page["dossier"] for page in apart if page["apart"] == "part"})
    shown = described["pages"] + [page for part in parts for page in shown_pages(served, part)[0]]
    return shown, sum(page["apart"] != "part" for page in apart)


def compare(served, dossier, path, kind):
    """Why a file shows something else than the reference reader shows; None where it shows the same."""
    shown, sheets = shown_pages(served, dossier)
    try:
        count, pages = reference_pages(path, kind)
    except Exception as error:  # whatever the reference reader says today
        return f"the reference reader: {error}"
    if len(shown) + sheets != count:
        return f"{len(shown) + sheets} of {count} pages"
    for ours in shown:
        number = ours["index"] + 1
        if number > len(pages):
            continue
        size, picture = pages[number - 1]
        if ours["state"] == "unreadable":
            return f"page {number} is unreadable: {ours.get('reason')}"
        width, height = ours["width_px"], ours["height_px"]
        if kind == "pillow" and (width, height) != size:
            return f"page {number} has {width} x {height} pixels, not {size[0]} x {size[1]}"
        if abs(width / height * size[1] / size[0] - 1) > SHAPE_MAX_DIFFERENCE and min(size) > 20:
            return f"page {number} has the shape {width} x {height}, not {size[0]} x {size[1]}"
        image = served.get(f"/api/v1/pages/{ours['id']}/image?width={min(width, 1600)}")
        _, own = seen(Image.open(io.BytesIO(image)))
        difference = ImageStat.Stat(ImageChops.difference(own, picture)).mean[0]
        if difference > PICTURE_MAX_DIFFERENCE:
            return f"page {number} looks different ({difference:.0f} of 255)"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("scans", type=pathlib.Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    hostile = args.scans / "hostile"
    with open(hostile / "manifest.tsv", newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    with tempfile.TemporaryDirectory() as folder:
        box, archive = pathlib.Path(folder) / "cutie", pathlib.Path(folder) / "arhiva"
        box.mkdir()
        for number, row in enumerate(rows):
            path = hostile / row["path"]
            (box / f"{number:04}").mkdir()
            shutil.copy(path, box / f"{number:04}")
        subprocess.run([args.program, "init", archive], check=True, stdout=subprocess.DEVNULL)
        report, wall, largest = load(args.program, archive, box)
        print(f"{len(rows)} files in {wall:.0f} s, largest process {largest:.0f} MiB: "
              + ", ".join(f"{report[name]} {name}" for name in
                          ("received", "stored", "duplicate", "ignored", "quarantined", "pages", "pages_unreadable")))
        served = Served(args.program, archive)
        try:
            summarise(rows, hostile, served)
        finally:
            served.close()


def summarise(rows, hostile, served):
    totals, same, different = collections.Counter(), collections.Counter(), []
    for number, row in enumerate(rows):
        kind, _, result = row["reference_result"].partition(" ")
        if not result.startswith("ok"):
            continue
        suffix = pathlib.Path(row["path"]).suffix.lower()
        group = "PDF" if kind == "pdfium" else "picture" if suffix in {".tif", ".tiff", ".jpg", ".jpeg", ".png"} else "other"
        totals[group] += 1
        why = compare(served, urllib.parse.quote(f"cutie/{number:04}", safe=""), hostile / row["path"], kind)
        if why is None:
            same[group] += 1
        else:
            different.append((group, row["path"], why))
    for group in sorted(totals):
        print(f"{group:8} {same[group]:4} of {totals[group]:4} that the reference reader opens are shown alike "
              f"({100 * same[group] / totals[group]:.1f} %)")
    for group, path, why in different:
        print(f"  {group:8} {path}: {why}")


if __name__ == "__main__":
    main()
