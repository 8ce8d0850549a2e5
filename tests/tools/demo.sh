#!/usr/bin/env bash
# The demo: demo.sh PROGRAM ARCHIVE BOX. Repeatable: the archive stays, a repeated load finds nothing new.
set -euo pipefail

program=$1 archive=$2 box=$3
say() { printf '\n==> %s\n' "$*"; }
run() { printf '$ hrisov --archive %s %s\n' "$archive" "$*"; "$program" --archive "$archive" "$@"; }

if [ ! -f "$archive/hrisov.toml" ]; then
    say "an archive in $archive"
    "$program" init "$archive"
fi
say "the sample box: masters first, then reading"
# Exit code 3 only says that some files are quarantined: the demo goes on.
run ingest "$box" || [ $? -eq 3 ]
say "a search"
run search "anchetă socială"
say "a verification: every file re-hashed, store, catalog and index against each other"
run verify
if [ "${DEMO_SERVE:-1}" != 0 ]; then
    say "the archive on http://127.0.0.1:8080/ (Ctrl+C ends it)"
    run serve
fi
