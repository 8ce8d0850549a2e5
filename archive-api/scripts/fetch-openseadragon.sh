#!/usr/bin/env bash
# Fetches OpenSeadragon from npm as its authors built it, with its licence (BSD-3-Clause), into openseadragon/.
# For a new version change both lines: the digest is the `dist.integrity` that npm tells of the version.
set -euo pipefail

version=6.1.1
integrity=sha512-g4iKe2q8B642SaBT3+x4ZF3/8b1TxPPydyjmtrOLgDrlYWMKd9ZXM+1Cb/xa9DVySkvs/7l6HR1nHKfD5F3Tsw==

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
npm pack --silent "openseadragon@$version" >/dev/null
found=sha512-$(openssl dgst -sha512 -binary "openseadragon-$version.tgz" | base64 --wrap=0)
[ "$found" = "$integrity" ] || { echo "openseadragon $version is not what was expected: $found" >&2; exit 1; }
tar xzf "openseadragon-$version.tgz" package/build/openseadragon/openseadragon.min.js package/LICENSE.txt
mkdir -p "$here/openseadragon"
# The reference to a source map that is not served would be a request in vain.
grep -v '^//# sourceMappingURL=' package/build/openseadragon/openseadragon.min.js >"$here/openseadragon/openseadragon.min.js"
cp package/LICENSE.txt "$here/openseadragon/LICENSE.txt"
echo "openseadragon $version is in $here/openseadragon"
