"""Queries drawn from the truth of generated boxes, asked of what was recognised as it comes: is the right page found?

usage: accept_search.py HRISOV FIXTURES FOLDER [--pages 250] [--seed 501] [--misses]

FOLDER keeps the two boxes (one of clean pages, one of degraded ones, PAGES each) and the archive, so that the long part,
reading them, is done once; where they are there, only the index is made again. Of every page with writing are asked: its
names, personal numbers, registration numbers, dates, streets with house numbers, and a phrase of three words in quotes;
names as a person types them, in small letters without marks, and with the given name first every other time. Dossiers
that lack one word stand behind the others, as people see them. What is
asked of a page is right on every page whose true text has it. A query finds its page where that page is among the first
ten of the answer, or, where more than ten pages are right, where one of these is: once counted page by page (`found`), once
as people see the answer, ten dossiers with their six best pages each (`as shown`). Precision is the share of right pages
among the first ten: of those that have every word as it was read, then with those found by likeness and those of dossiers
that lack a word (`with all`). Ends with 1 where less than 98 % on clean pages or 93 % on degraded ones are found.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import unicodedata
import urllib.parse
import urllib.request

TARGETS = {"clean": 0.98, "degraded": 0.93}
FIRST = 10
# Best pages of a dossier on a page of results.
SHOWN = 6
LETTERS = str.maketrans({"ş": "ș", "ţ": "ț", "Ş": "Ș", "Ţ": "Ț"})

Query = collections.namedtuple("Query", "kind text box page right")


def run(program, *args, codes=(0,)):
    done = subprocess.run([program, *map(str, args)], capture_output=True, text=True)
    if done.returncode not in codes:
        sys.exit(f"{args}: {done.returncode}: {done.stderr}")
    return done.stdout


def load(args, folder):
    """The archive with both boxes in it."""
    archive = folder / "archive"
    for difficulty in TARGETS:
        made = folder / f"gen-{difficulty}"
        if not (made / "truth/pages.jsonl").exists():
            run(args.fixtures, "generate", made, "--pages", args.pages, "--difficulty", difficulty, "--seed", args.seed)
    if archive.exists():
        shutil.rmtree(archive / "index", ignore_errors=True)
        run(args.program, "--archive", archive, "rebuild")
        return archive
    run(args.program, "init", archive)
    for difficulty in TARGETS:
        box = folder / f"gen-{difficulty}/box"
        run(args.program, "--archive", archive, "ingest", box, "--box", difficulty, codes=(0, 3))
    return archive


def truth(folder):
    """Places of pages with their true text and what is known to stand on them."""
    pages = {}
    for difficulty in TARGETS:
        made = folder / f"gen-{difficulty}/truth"
        for line in (made / "pages.jsonl").read_text(encoding="utf8").splitlines():
            entry = json.loads(line)
            if not entry["blank"]:
                facts = json.loads((made / entry["words"]).read_text(encoding="utf8"))
                text = (made / entry["text"]).read_text(encoding="utf8")
                pages[difficulty, entry["dossier"], entry["page"]] = plain(text), text, facts
    return pages


def plain(text):
    """Small letters without marks, words apart by one space; old spelling as new."""
    text = unicodedata.normalize("NFKD", text.translate(LETTERS).lower())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", text))


def name_words(text):
    return [word for word in plain(text).split() if len(word) > 1]


def asked(page, number):
    """Kind, text and words of what is asked of a page."""
    _, text, facts = page
    for name in facts["names"]:
        words = re.sub(r"\b\w\.\s*", "", name).replace("-", " ").split()
        if len(words) >= 2:
            turned = words[1:] + words[:1] if number % 2 else words
            yield "names", plain(" ".join(turned)), set(name_words(" ".join(words)))
    for digits in facts["cnps"]:
        yield "personal numbers", digits, {digits}
    for registration in facts["numbers"]:
        yield "registration numbers", registration, plain(registration)
    for day in facts["dates"]:
        yield "dates", day, plain(day)
    for street in re.findall(r"\b(?:str\.|strada) ((?:\w+ ){1,3}?)(?:nr\. ?)?(\d+)\b", text, re.I):
        yield "streets", f"strada {' '.join(street)}", house(plain(street[0]), street[1])
    lines = [re.findall(r"[^\W\d]{4,}(?: [^\W\d]{4,}){2}", line) for line in text.splitlines()]
    phrases = [phrase for line in lines for phrase in line]
    if phrases:
        phrase = phrases[random.Random(number).randrange(len(phrases))]
        yield "phrases", f'"{phrase}"', plain(phrase)


def queries(pages):
    """What is asked of each page, with all the pages for which it is right."""
    made = []
    for number, (place, page) in enumerate(sorted(pages.items(), key=lambda item: tuple(map(str, item[0])))):
        for kind, text, wanted in asked(page, number):
            right = {other for other, (true, _, _) in pages.items() if other[0] == place[0] and holds(true, wanted)}
            right.add(place)
            made.append(Query(kind, " ".join(text.split()), place[0], place, frozenset(right)))
    return list(dict.fromkeys(made))


def house(street, number):
    return re.compile(rf"\b{re.escape(street)} (?:nr )?{number}\b")


def holds(true, wanted):
    if isinstance(wanted, set):
        return wanted <= set(true.split())
    if isinstance(wanted, re.Pattern):
        return bool(wanted.search(true))
    return f" {wanted} " in f" {true} "


def found(address, query):
    """Per dossier its pages in the order in which they are shown, and whether each is found by likeness or lacks a word."""
    asked = urllib.parse.urlencode({"q": query.text, "box": query.box, "limit": FIRST, "pages": FIRST})
    with urllib.request.urlopen(f"{address}/api/v1/search?{asked}") as answer:
        answer = json.load(answer)
    hits = answer["hits"] + answer.get("partial", [])
    return [[((query.box, hit["reference"], page["page"]), bool(page.get("near") or hit.get("missing")))
             for page in hit["pages"]] for hit in hits]


def is_found(query, places):
    return query.page in places if len(query.right) <= FIRST else not query.right.isdisjoint(places)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("fixtures")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=250)
    parser.add_argument("--seed", type=int, default=501)
    parser.add_argument("--misses", action="store_true", help="list the queries that miss their page")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    archive = load(args, args.folder)
    pages = truth(args.folder)
    served = subprocess.Popen([args.program, "--archive", archive, "serve", "--listen", "127.0.0.1:0"],
                              stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://\S+?(?=/?$)", served.stderr.readline().strip())[0]
        failed = judge(address, pages, args.misses)
    finally:
        served.terminate()
        served.wait()
    sys.exit(int(failed))


def judge(address, pages, tells_misses):
    counts = collections.defaultdict(collections.Counter)
    for query in queries(pages):
        dossiers = found(address, query)
        answer = [page for pages in dossiers for page in pages][:FIRST]
        places = [place for place, _ in answer]
        hit = is_found(query, places)
        seen = is_found(query, [place for pages in dossiers for place, _ in pages[:SHOWN]])
        sure = [place for place, is_near in answer if not is_near]
        for key in ((query.box, query.kind), (query.box, "all")):
            counts[key].update(asked=1, found=hit, seen=seen, shown=len(places), right=sum(p in query.right for p in places),
                               sure=len(sure), sure_right=sum(p in query.right for p in sure))
        if tells_misses and not hit:
            print(f"missed: {query.box}\t{query.kind}\t{query.text}\t{query.page[1]}/{query.page[2]}\t{len(query.right)}")
    print(f"{'box':10}{'asked of pages':24}{'queries':>8}{'found':>9}{'as shown':>10}{'precision':>11}{'with all':>15}")
    failed = False
    for (box, kind), of in sorted(counts.items()):
        found_share = of["found"] / of["asked"]
        print(f"{box:10}{kind:24}{of['asked']:8}{100 * found_share:8.1f}%{share(of['seen'], of['asked']):>10}"
              f"{share(of['sure_right'], of['sure']):>11}{share(of['right'], of['shown']):>15}")
        failed |= kind == "all" and found_share < TARGETS[box]
    return failed


def share(part, whole):
    return f"{100 * part / whole:.1f}%" if whole else "-"


if __name__ == "__main__":
    main()
