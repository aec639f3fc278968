#!/usr/bin/env bash
# The demo proves something only if it can fail: it must pass as it is, and exit
# non-zero and name the row when mail is refused, when a rule is gone, and when an attack nobody
# expected is played.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
go build -o "$root/bin/demo" .

expect() { # fault, what the demo must say
  local out=$root/.cache/demo-$1.out
  mkdir -p "$root/.cache"
  if "$root/bin/demo" -bin "$root/bin" -dir "$root/.cache/demo-$1" -config ../config -fault "$1" >"$out" 2>&1; then
    cat "$out"
    echo "demo-negative: the demo passed in spite of fault $1" >&2
    exit 1
  fi
  if ! grep -q -- "$2" "$out"; then
    cat "$out"
    echo "demo-negative: fault $1 was not named: no line matches '$2'" >&2
    exit 1
  fi
  echo "demo-negative: fault $1: $(grep -m 1 -- "$2" "$out")"
}

# A demo that fails without a fault would fail with each, for a reason of its own.
out=$root/.cache/demo-none.out
mkdir -p "$root/.cache"
if ! "$root/bin/demo" -bin "$root/bin" -dir "$root/.cache/demo-none" -config ../config >"$out" 2>&1; then
  cat "$out"
  echo "demo-negative: the demo does not pass without a fault" >&2
  exit 1
fi
echo "demo-negative: without a fault: the demo passes"

expect auth 'ssh brute force: .*an alert, but no mail'
expect rule 'path traversal: .*no alert'
expect extra 'unexpected alert'
