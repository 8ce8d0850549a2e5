"""The questions of `make bench-search` asked of SQLite's FTS5 and of PostgreSQL, over the same pages.

usage: bench_search.py FOLDER [--only sqlite|postgres] [--each 50]

FOLDER has `pages.tsv` and `questions.tsv` as the bench of the index leaves them; the databases are made in it and deleted
afterwards. Both get what an experienced person would give them: FTS5 with marks removed, over a table of pages, its
b-trees merged; PostgreSQL with Romanian stems after unaccent, a GIN index, a table of all words with trigrams for what
is misread, all in memory. Asked is the same as of Hrisov as far as they can: the ten best dossiers (those that have all
words on one page; in SQL nothing finds them spread over several) with their five best pages each and the words around the
hits, and the counts of five facets over all dossiers found. Neither knows where a word stands on the scan. PostgreSQL runs on
loopback with a data folder of its own and is ended by its process.
"""
import argparse
import collections
import csv
import glob
import os
import pathlib
import pwd
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unicodedata

FACETS = ("year", "department", "kind", "fonds", "box")
COLUMNS = "number, dossier, year, department, kind, fonds, box, text"
TIMEOUT_S = 60

Question = collections.namedtuple("Question", "kind text first last of_kind sort")


def questions(folder, each):
    asked = collections.defaultdict(list)
    with open(folder / "questions.tsv", newline="", encoding="utf8") as rows:
        for row in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            question = Question(*row)
            asked[question.kind] += [question] if len(asked[question.kind]) < each else []
    return asked


def pages(folder):
    with open(folder / "pages.tsv", encoding="utf8") as rows:
        for row in rows:
            yield row.rstrip("\n").split("\t", 7)


def parts(text):
    return re.findall(r"\w+", text)


def size(path):
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


class Sqlite:
    name = "SQLite FTS5 " + sqlite3.sqlite_version
    tolerates = False

    def __init__(self, folder):
        self.path = folder / "pages.sqlite"
        self.path.unlink(missing_ok=True)
        self.base = sqlite3.connect(self.path, isolation_level=None)
        self.base.executescript("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -2000000;"
                                "pragma mmap_size = 30000000000; pragma temp_store = memory;")

    def fill(self, folder):
        self.base.executescript("""
            create table pages (number integer primary key, dossier text, year integer, department text, kind text,
                                fonds text, box text, text text);
            create virtual table words using fts5 (text, content = 'pages', content_rowid = 'number',
                                                   tokenize = "unicode61 remove_diacritics 2")""")
        self.base.execute("begin")
        for row in pages(folder):
            self.base.execute("insert into pages values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self.base.execute("insert into words (rowid, text) values (?, ?)", (row[0], row[7]))
        for statement in ("commit", "insert into words (words) values ('optimize')", "analyze"):
            self.base.execute(statement)

    def match(self, question):
        if question.text.startswith('"'):
            return '"' + " ".join(parts(question.text)) + '"'
        runs = [parts(word) for word in question.text.split()]
        return " ".join('"' + " ".join(run) + '"' for run in runs if run and run != ["nr"])

    def ask(self, question):
        begin = time.monotonic()
        late = lambda: time.monotonic() - begin > TIMEOUT_S
        self.base.set_progress_handler(late, 100_000)
        self.base.executescript("drop table if exists temp.hits")
        self.base.execute(
            "create temp table hits as select w.rowid as number, p.dossier, p.year, p.department, p.kind, p.fonds, p.box,"
            " bm25(words) as rank from words w join pages p on p.number = w.rowid where words match ?"
            " and p.year between ? and ? and (? = '' or lower(p.kind) = ?)",
            (self.match(question), question.first, question.last, question.of_kind, question.of_kind))
        order = "max(year) desc" if question.sort == "Newest" else "min(rank)"
        best = self.base.execute(f"select dossier from hits group by dossier order by {order} limit 10").fetchall()
        shown = []
        for dossier, in best:
            numbers = self.base.execute("select number from hits where dossier = ? order by rank limit 5", (dossier,))
            for number, in numbers.fetchall():
                shown += self.base.execute("select snippet(words, 0, '[', ']', '…', 20) from words where words match ?"
                                           " and rowid = ?", (self.match(question), number)).fetchall()
        for facet in FACETS:
            self.base.execute(f"select {facet}, count(distinct dossier) from hits group by {facet}").fetchall()
        return len(shown)

    def size(self):
        return size(self.path)

    def close(self):
        self.base.close()
        self.path.unlink()


class Postgres:
    tolerates = True

    def __init__(self, folder):
        import psycopg2
        self.programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.name = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True).stdout.split()
        self.name = "PostgreSQL " + self.name[2]
        self.data = folder / "postgres"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        account = pwd.getpwnam("postgres")
        os.chown(self.data, account.pw_uid, account.pw_gid)
        # The server refuses to run as root.
        self.user = {"user": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}
        subprocess.run([self.programs / "initdb", "-D", self.data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
                       check=True, stdout=subprocess.DEVNULL, **self.user)
        settings = {"listen_addresses": "127.0.0.1", "port": "54329", "unix_socket_directories": "", "fsync": "off",
                    "shared_buffers": "3GB", "work_mem": "256MB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB",
                    "max_parallel_workers_per_gather": "2", "random_page_cost": "1.1", "effective_cache_size": "12GB"}
        self.server = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data] + [f"--{key}={value}" for key, value in settings.items()],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **self.user)
        for _ in range(300):
            try:
                self.base = psycopg2.connect(host="127.0.0.1", port=54329, user="postgres", dbname="postgres")
                break
            except psycopg2.OperationalError:
                time.sleep(0.1)
        else:
            sys.exit("PostgreSQL does not start")
        self.base.autocommit = True
        self.cursor = self.base.cursor()

    def fill(self, folder):
        run = self.cursor.execute
        run("create extension unaccent")
        run("create extension pg_trgm")
        run("create text search configuration ro (copy = romanian)")
        run("alter text search configuration ro alter mapping for hword, hword_part, word with unaccent, romanian_stem")
        run("create unlogged table pages (number integer primary key, dossier text, year integer, department text,"
            " kind text, fonds text, box text, text text, terms tsvector)")
        run(f"create unlogged table loaded ({COLUMNS.replace(',', ' text,')} text)")
        with open(folder / "pages.tsv", encoding="utf8") as rows:
            self.cursor.copy_expert("copy loaded from stdin", rows)
        run(f"insert into pages select number::integer, dossier, year::integer, department, kind, fonds, box, text,"
            f" to_tsvector('ro', text) from loaded")
        run("drop table loaded")
        run("create index on pages using gin (terms)")
        run("create index on pages (dossier)")
        run("analyze pages")

    def fill_words(self):
        """What likeness needs: every different word, with trigrams."""
        run = self.cursor.execute
        run("create unlogged table vocabulary as select word, count(*) as pages from"
            " (select distinct number, unnest(tsvector_to_array(terms)) as word from pages) as w group by word")
        run("create index on vocabulary using gin (word gin_trgm_ops)")
        run("analyze vocabulary")

    def terms(self, question):
        """A condition on `terms`, and its values."""
        if question.text.startswith('"'):
            return "phraseto_tsquery('ro', %s)", [question.text.strip('"')]
        if question.kind == "misread name":
            word = unicodedata.normalize("NFKD", question.text).encode("ascii", "ignore").decode()
            self.cursor.execute("select word from vocabulary where word %% %s order by similarity(word, %s) desc limit 24",
                                (word, word))
            alike = [word for word, in self.cursor.fetchall()] or [word]
            return "to_tsquery('simple', %s)", [" | ".join(f"'{word}'" for word in alike if "'" not in word)]
        return "plainto_tsquery('ro', %s)", [re.sub(r"^nr\. |^\w\. ", "", question.text)]

    def ask(self, question):
        run = self.cursor.execute
        run(f"set statement_timeout = {TIMEOUT_S * 1000}")
        condition, values = self.terms(question)
        run("drop table if exists hits")
        run(f"create temp table hits as select number, dossier, year, department, kind, fonds, box,"
            f" ts_rank(terms, {condition}) as rank from pages where terms @@ {condition} and year between %s and %s"
            f" and (%s = '' or lower(kind) = %s)",
            values * 2 + [question.first, question.last, question.of_kind, question.of_kind])
        order = "max(year) desc" if question.sort == "Newest" else "max(rank) desc"
        run(f"select dossier from hits group by dossier order by {order} limit 10")
        best = [dossier for dossier, in self.cursor.fetchall()]
        run(f"select ts_headline('ro', text, {condition}) from pages where number in (select number from"
            " (select number, row_number() over (partition by dossier order by rank desc) as place from hits"
            "  where dossier = any(%s)) as placed where place <= 5)", values + [best])
        shown = self.cursor.fetchall()
        for facet in FACETS:
            run(f"select {facet}, count(distinct dossier) from hits group by {facet}")
            self.cursor.fetchall()
        return len(shown)

    def size(self):
        self.cursor.execute("select pg_database_size('postgres')")
        return self.cursor.fetchone()[0]

    def close(self):
        self.base.close()
        self.server.send_signal(signal.SIGINT)
        self.server.wait()
        shutil.rmtree(self.data)


def timed(engine, question):
    begin = time.monotonic()
    try:
        engine.ask(question)
    except Exception as error:  # a question that takes too long is told as such
        if "timeout" not in str(error) and "interrupted" not in str(error):
            raise
    return time.monotonic() - begin


def measure(engine, folder, asked):
    begin = time.monotonic()
    engine.fill(folder)
    took = time.monotonic() - begin
    count = sum(1 for _ in pages(folder))
    text = sum(len(row[7].encode()) for row in pages(folder))
    print(f"\n{engine.name}: {count} pages in {took:.1f} s: {count / took:.0f} pages/s; {engine.size() / 1e6:.0f} MB for "
          f"{text / 1e6:.0f} MB of text: {engine.size() / text:.2f} times its size", flush=True)
    if engine.tolerates:
        begin = time.monotonic()
        engine.fill_words()
        print(f"words for likeness: {time.monotonic() - begin:.1f} s more, {engine.size() / text:.2f} times its size")
    print(f"{'milliseconds':20} {'p50':>9} {'p99':>9}")
    for kind, of_kind in asked.items():
        if kind == "misread name" and not engine.tolerates:
            print(f"{kind:20} {'none':>9} {'none':>9}")
            continue
        begin, times = time.monotonic(), []
        for question in of_kind:
            timed(engine, question)
            times.append(1000 * timed(engine, question))
            if time.monotonic() - begin > 2 * TIMEOUT_S:
                break
        times.sort()
        print(f"{kind:20} {times[(len(times) - 1) // 2]:9.1f} {times[(len(times) - 1) * 99 // 100]:9.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--each", type=int, default=50)
    args = parser.parse_args()
    # Ended from outside, the server of the comparison ends as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = questions(args.folder, args.each)
    for name, engine in (("sqlite", Sqlite), ("postgres", Postgres)):
        if args.only in (None, name):
            engine = engine(args.folder)
            try:
                measure(engine, args.folder, asked)
            finally:
                engine.close()


if __name__ == "__main__":
    main()
