#!/usr/bin/env bash
# Runs every fuzz target of every module for the given time, one after another.
# Go's fuzzer now and then ends a run with nothing but "context deadline
# exceeded", when its time is up in the middle of a step; that is no finding, and
# such a target runs once more.
set -euo pipefail
time=${1:-60s}
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fuzz() { # package, target
  go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" 2>&1 | tee "$log" | grep -v '^fuzz: elapsed'
}

failed=()
clean=0
for module in proto shell agent collector alerter; do
  while IFS=: read -r file target; do
    package=./$(dirname "$file")
    echo "== $package $target"
    if fuzz "$package" "$target" ||
      { ! grep -q 'Failing input' "$log" && grep -q 'context deadline exceeded' "$log" && fuzz "$package" "$target"; }; then
      clean=$((clean + 1))
    else
      failed+=("$package $target")
    fi
  done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' "$module" | sed 's/:func /:/' | sort)
done
echo "fuzz: $clean targets clean for $time each, ${#failed[@]} failed"
for f in "${failed[@]}"; do echo "failed: $f"; done
[ ${#failed[@]} -eq 0 ]
