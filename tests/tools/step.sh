#!/usr/bin/env bash
# Says what is done, does it, and says how long it took: step.sh WHAT COMMAND [ARGUMENT...]
set -euo pipefail

what=$1
shift
echo "==> $what"
SECONDS=0
if "$@"; then
    echo "    $what: done in $SECONDS s"
else
    status=$?
    echo "    $what: failed after $SECONDS s (exit $status)" >&2
    exit "$status"
fi
