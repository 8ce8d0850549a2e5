#!/usr/bin/env bash
# Installs the Debian packages that are missing: debian-packages.sh PURPOSE PACKAGE...
set -euo pipefail

purpose=$1
shift
missing=()
for package in "$@"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "Debian packages $purpose: all $# are installed"
    exit 0
fi

echo "Debian packages $purpose: installing ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "not root and no sudo: install them as root with apt-get install" >&2; exit 1; }
    as_root=(sudo)
fi
apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2)
"${apt_get[@]}" update
"${apt_get[@]}" install --yes --no-install-recommends "${missing[@]}"
