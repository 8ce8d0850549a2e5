#!/usr/bin/env bash
# Makes built/*.js from *.ts, one file each: build.sh [FOLDER for the built files]
# esbuild of Debian 12 (0.17.0), so that everybody's are the same bytes; a test compares them.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/built}
cd "$here"
esbuild search.ts viewer.ts fingerprint.ts --outdir="$out" --target=es2020 --format=esm --charset=utf8 \
    --legal-comments=none --minify-whitespace --minify-syntax --log-level=warning
