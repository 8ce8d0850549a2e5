#!/bin/sh
# Verifică un director al pachetului / checks one folder of the bundle: sh check.sh 1 /other/way/key.pem
set -eu
folder=${1:?care director / which folder: sh check.sh 1 key.pem}; key=${2:?care cheie / which key: sh check.sh 1 key.pem}
here=$(cd "$(dirname "$0")" && pwd); work=$(mktemp -d); trap 'rm -r "$work"' EXIT
fail() { echo "GREȘIT / WRONG: $1"; exit 1; }
sha256() { if command -v sha256sum > /dev/null; then sha256sum; else shasum -a 256; fi; }
digest() { sha256 | cut -d' ' -f1; }
base64d() { openssl base64 -d -A; }
hex() { base64d | od -An -v -tx1 | tr -d ' \n'; }
number() { case "$1" in '' | *[!0-9]* | 0?*) fail "nu este un număr / not a number: $1" ;; esac; }
bytes() { # hexadecimal digits as bytes
  case "$1" in *[!0-9a-f]*) fail "nu este hexazecimal / not hexadecimal: $1" ;; esac
  for pair in $(printf %s "$1" | sed 's/../& /g'); do printf "\\$(printf %03o "0x$pair")"; done
}
cd "$here/$folder"

# 1. The leaf speaks of these very bytes.
file=$(cat sha256)
for master in master.*; do
  [ ! -e "$master" ] || [ "$(digest < "$master")" = "$file" ] || fail "alt fișier / another file: $master"
done
commitment=$( (bytes "$(cat salt)"; bytes "$file") | digest)
grep -q "\"commitment\":\"$commitment\"" leaf.json || fail "alt fișier, altă sare sau altă intrare / another file, salt or leaf"

# 2. The leaf leads to the root (RFC 9162 section 2.1.3.2).
sed '1,/^$/d' page.tlog-proof > "$work/checkpoint"
size=$(sed -n 2p "$work/checkpoint"); root=$(sed -n 3p "$work/checkpoint" | hex)
place=$(sed -n 's/^index //p' page.tlog-proof | head -n 1)
number "$size"; number "$place"; last=$((size - 1))
[ "$place" -le "$last" ] || fail "registrul nu are atâtea intrări / the log has not so many leaves: $place"
hash=$( (printf '\0'; cat leaf.json) | digest)
for line in $(sed -n '/^index /,/^$/p' page.tlog-proof | sed '1d;$d'); do
  step=$(printf %s "$line" | hex)
  if [ $((place & 1)) = 1 ] || [ "$place" = "$last" ]; then
    hash=$( (printf '\1'; bytes "$step"; bytes "$hash") | digest)
    while [ $((place & 1)) = 0 ] && [ "$place" != 0 ]; do place=$((place >> 1)); last=$((last >> 1)); done
  else
    hash=$( (printf '\1'; bytes "$hash"; bytes "$step") | digest)
  fi
  place=$((place >> 1)); last=$((last >> 1))
done
[ "$last" = 0 ] && [ "$hash" = "$root" ] || fail "intrarea nu este la acest loc în registru / the leaf is not at this place of the log"

# 3. The root is signed by the key that you trust.
sed '/^$/,$d' "$work/checkpoint" > "$work/signed"
cd - > /dev/null
signed=no; origin=$(head -n 1 "$work/checkpoint")
while read -r dash name signature; do
  [ "$dash" = — ] && [ "$name" = "$origin" ] || continue
  printf %s "$signature" | base64d | tail -c 64 > "$work/signature"
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$work/signed" -sigfile "$work/signature" > /dev/null 2>&1 && signed=yes
done < "$work/checkpoint"
[ $signed = yes ] || fail "altă cheie sau alt registru / another key or checkpoint"
echo "BUN / GOOD: $file"
