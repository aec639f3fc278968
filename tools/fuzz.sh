#!/usr/bin/env bash
# Runs every fuzz target of every module for the given time, one after another.
set -euo pipefail
time=${1:-60s}
cd "$(dirname "$0")/.."
failed=0
for module in proto shell agent collector alerter; do
  while IFS=: read -r file target; do
    package=./$(dirname "$file")
    echo "== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" || failed=1
  done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' "$module" | sed 's/:func /:/' | sort)
done
exit $failed
