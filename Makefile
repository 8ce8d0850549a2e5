# Hrisov: what a person runs. Each target says what it does and repeats quickly.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps test-deps test

TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
STEP := tests/tools/step.sh

# Compilers for the C parts (SQLite, zstd, TLS), Tesseract to link and its language data to run.
BUILD_PACKAGES := build-essential pkg-config libtesseract-dev libleptonica-dev \
	tesseract-ocr tesseract-ocr-ron tesseract-ocr-eng tesseract-ocr-osd tesseract-ocr-script-latn
# Go's own log packages check ours. xmllint validates ALTO and PREMIS; Python runs the outside validators.
# Chromium plays the people, esbuild makes their scripts again, pdftotext reads what they take home.
TEST_PACKAGES := strace e2fsprogs openssl libxml2-utils python3 python3-venv golang-go golang-golang-x-mod-dev chromium \
	esbuild poppler-utils
# The faces of generated scans, as `hrisov-fixtures fonts` lists them.
FONT_PACKAGES := fonts-courier-prime fonts-freefont-ttf fonts-gnutypewriter fonts-liberation fonts-oldstandard \
	fonts-urw-base35

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# --- Set-up ------------------------------------------------------------------------------------------

deps: ## Install the Debian packages needed to build and run (asks for sudo unless root)
	@bash tests/tools/debian-packages.sh "to build and run" $(BUILD_PACKAGES)
	@command -v cargo >/dev/null || { echo "no cargo: install Rust 1.95 or later, see https://rustup.rs" >&2; exit 1; }

test-deps: ## Install what only the tests need: packages, a Python environment, validators
	@bash tests/tools/debian-packages.sh "for the tests" $(TEST_PACKAGES) $(FONT_PACKAGES)
	@bash tests/tools/test-programs.sh "$(TARGET)"

# --- Checks ------------------------------------------------------------------------------------------

# With HRISOV_REQUIRE_TOOLS=1 a test whose outside program is missing fails instead of being skipped.
test: export HRISOV_VENV := $(TARGET)/venv
test: export HRISOV_WEED := $(TARGET)/venv/bin/weed
test: export HRISOV_ROCFL := $(TARGET)/tools/bin/rocfl
test: export HRISOV_REQUIRE_TOOLS := 1
test: ## Everything that CI checks: format, lints, all tests
	@bash $(STEP) "system packages" $(MAKE) --no-print-directory deps
	@bash $(STEP) "programs for the tests" $(MAKE) --no-print-directory test-deps
	@bash $(STEP) "format" cargo fmt --all --check
	@bash $(STEP) "lints" cargo clippy --locked --workspace --all-targets -- -D warnings
	@bash $(STEP) "tests" cargo nextest run --locked --workspace

# --- Trying it out -----------------------------------------------------------------------------------

.PHONY: demo build

ARCHIVE := $(or $(DEMO_ARCHIVE),$(CURDIR)/demo)
HRISOV := $(TARGET)/release/hrisov

build: deps ## The program in release
	@bash $(STEP) "release build (about ten minutes the first time)" cargo build --locked --release -p hrisov-cli

demo: build ## Load the sample box, search, verify, serve (DEMO_SERVE=0 ends before serving)
	@bash tests/tools/demo.sh "$(HRISOV)" "$(ARCHIVE)" fixtures/sample/box

.PHONY: sample

sample: ## Make fixtures/sample again, as it was made
	cargo run --locked --release -p hrisov-fixtures -- generate fixtures/sample --pages 32 --seed 2 --light

# --- Measuring ---------------------------------------------------------------------------------------

.PHONY: bench bench-ocr bench-ledger bench-search accept accept-doubts accept-search soak

# Pages of a generated box (made once) beside the sample's; other people's scans where they lie beside the repository.
BENCH_PAGES := 60
BENCH_BOX := $(TARGET)/bench/generated-$(BENCH_PAGES)
SCANS := $(or $(SCANS),../shared/scans)

$(BENCH_BOX):
	cargo build --locked --release -p hrisov-fixtures
	$(TARGET)/release/hrisov-fixtures generate $@.part --pages $(BENCH_PAGES) --seed 11
	mv $@.part/box $@ && rm -r $@.part

bench: build $(BENCH_BOX) ## CPU and wall seconds a page beside tesseract's own program (BOX=folder for other pages)
	@python3 tests/tools/bench.py "$(HRISOV)" $(or $(BOX),fixtures/sample/box "$(BENCH_BOX)" $(wildcard $(SCANS)/ro_*)) \
		| tee docs/bench.txt
	@python3 tests/tools/bench_deposit.py "$(HRISOV)" "$(TARGET)/bench/deposit" | tee docs/bench-deposit.txt

bench-ledger: build ## Appending a million leaves to the log, tiles, proofs, time and memory (LEAVES=number); verify beside openssl
	rm -rf "$(TARGET)/bench/ledger"
	cargo build --locked --release -p hrisov-ledger --example ledger_bench
	@$(TARGET)/release/examples/ledger_bench "$(TARGET)/bench/ledger" $(or $(LEAVES),1000000) | tee docs/bench-ledger.txt
	@python3 tests/tools/bench_verify.py "$(HRISOV)" "$(TARGET)/bench/verify" | tee -a docs/bench-ledger.txt

# Real texts and names, where they lie beside the repository; PostgreSQL and its Python client for the comparison.
TEXTS := $(or $(TEXTS),../shared/text)
SEARCH_PACKAGES := postgresql python3-psycopg2

bench-search: deps ## An index of a million pages: pages/s, size, memory, 12 kinds of question (PAGES=number, COMPARE=0 to leave out SQLite and PostgreSQL)
	@bash tests/tools/debian-packages.sh "for the bench" $(SEARCH_PACKAGES)
	cargo build --locked --release -p hrisov-index --example search_bench
	rm -rf "$(TARGET)/bench/search" && mkdir -p "$(TARGET)/bench/search"
	@SEARCH_BENCH_DUMP=1 "$(TARGET)/release/examples/search_bench" "$(TARGET)/bench/search" $(or $(PAGES),1000000) "$(TEXTS)" \
		| tee docs/bench-search.txt
	@[ "$(COMPARE)" = 0 ] || /usr/bin/python3 tests/tools/bench_search.py "$(TARGET)/bench/search" | tee -a docs/bench-search.txt
	rm -rf "$(TARGET)/bench/search"

accept: build test-deps accept-doubts accept-search ## Real scans beside the repository (SCANS=folder): text, hostile files; planted defects
	@"$(TARGET)/venv/bin/python" tests/tools/accept_hostile.py "$(HRISOV)" "$(SCANS)" | tee docs/accept-hostile.txt
	@$(MAKE) --no-print-directory bench-ocr

# OCRmyPDF needs these beside its Python packages; the others are the languages of the scans.
BENCH_PACKAGES := ghostscript qpdf tesseract-ocr-fra tesseract-ocr-ita tesseract-ocr-spa tesseract-ocr-deu tesseract-ocr-frk

bench-ocr: build test-deps ## Text against truth beside tesseract and OCRmyPDF: errors, words, CPU (SCANS=folder, SEED=number)
	@bash tests/tools/debian-packages.sh "for the bench" $(BENCH_PACKAGES)
	cargo build --locked --release -p hrisov-fixtures
	@"$(TARGET)/venv/bin/python" tests/tools/bench_ocr.py "$(HRISOV)" "$(TARGET)/release/hrisov-fixtures" "$(SCANS)" \
		$(if $(SEED),--seed $(SEED)) | tee docs/bench-ocr.txt

accept-doubts: build ## Planted defects in generated boxes against what is found (LARGE=1 for 2,000 pages as well)
	cargo build --locked --release -p hrisov-fixtures
	@python3 tests/tools/accept_doubts.py "$(HRISOV)" "$(TARGET)/release/hrisov-fixtures" $(if $(LARGE),--large) \
		| tee docs/accept-doubts.txt

accept-search: build ## Queries drawn from the truth of 500 generated pages, recognised as they come: is the right page found?
	cargo build --locked --release -p hrisov-fixtures
	@python3 tests/tools/accept_search.py "$(HRISOV)" "$(TARGET)/release/hrisov-fixtures" "$(TARGET)/bench/accept-search" \
		| tee docs/accept-search.txt

KILLS := $(or $(KILLS),1000)
POWER_CUTS := $(or $(POWER_CUTS),200)

soak: deps ## A thousand random kills of loads, 200 losses of power, a fault at every call to the store (KILLS, POWER_CUTS, HRISOV_SEED=number for others)
	@HRISOV_KILLS=$(KILLS) HRISOV_POWER_CUTS=$(POWER_CUTS) HRISOV_FAULT_STEP=1 \
		cargo nextest run --locked --workspace --no-capture \
		-E 'test(killed_loads) + test(power_lost) + test(every_fault)' 2>&1 \
		| grep -aE "kills, seed|power cuts|broken loads|calls, every|Summary|FAIL|panicked" | tee docs/soak.txt
