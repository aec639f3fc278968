#!/usr/bin/env bash
# Measures the file integrity baseline of a folder beside Debian's AIDE and a bare
# walk that hashes, in one run and with a warm cache, so that ratios hold on any
# machine. AIDE is fetched with apt-get download into the cache; where that cannot
# be had, its part is skipped and said so.
# Usage: bench/fim.sh BIN CACHE [FOLDER]
set -euo pipefail
mkdir -p "$2"
bin=$(cd "$1" && pwd) cache=$(cd "$2" && pwd) folder=${3:-/usr}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "$cache/fim.XXXXXX")
watch=
trap 'test -z "$watch" || kill "$watch" 2>/dev/null || true; rm -rf "$work"' EXIT

# timed NAME COMMAND...: wall and CPU seconds of a command, into $wall and $cpu.
timed() {
  local name=$1; shift
  local TIMEFORMAT='%R %U %S' times
  times=$({ time "$@" >"$work/out" 2>"$work/err" || test "$name" = check; } 2>&1)
  read -r wall user system <<<"$times"
  cpu=$(bc <<<"$user + $system")
}
ratio() { bc <<<"scale=2; $1 / $2" | sed 's/^\./0./'; }
memory() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$watch/status"; }

# start NAME STATE PATH: a watch until it is ready, into $watch, $wall and $cpu.
start() {
  local began ended tick
  : >"$work/ready"
  began=$(date +%s.%N)
  "$bin/tocsin-agent" watch --state "$2" "$3" >"$work/events" 2>"$work/ready" & watch=$!
  until grep -q '^ready$' "$work/ready"; do
    kill -0 "$watch" || { cat "$work/ready"; exit 1; }
    sleep 0.01
  done
  ended=$(date +%s.%N)
  wall=$(bc <<<"$ended - $began")
  tick=$(getconf CLK_TCK)
  cpu=$(awk -v tick="$tick" '{ print ($14 + $15) / tick }' "/proc/$watch/stat")
}
stop() { kill "$watch"; wait "$watch"; watch=; }

(cd "$here" && go build -o "$work/walk" ./walk)
"$work/walk" "$folder" >"$work/warm"
echo "$folder: $(cat "$work/warm")"
printf '%-34s %8s %8s %10s\n' '' 'wall s' 'CPU s' 'RSS KiB'

timed walk "$work/walk" "$folder"
walk=$wall walkcpu=$cpu
printf '%-34s %8.2f %8.2f\n' 'bare walk and SHA-256, 2 workers' "$wall" "$cpu"

start baseline "$work/state" "$folder"
base=$wall basecpu=$cpu
printf '%-34s %8.2f %8.2f %10s  peak %s\n' 'tocsin-agent watch: baseline' "$wall" "$cpu" "$(memory VmRSS)" "$(memory VmHWM)"
stop
start recheck "$work/state" "$folder"
recheck=$wall
printf '%-34s %8.2f %8.2f %10s  peak %s\n' 'tocsin-agent watch: recheck' "$wall" "$cpu" "$(memory VmRSS)" "$(memory VmHWM)"
stop
echo "baseline / bare walk: $(ratio "$base" "$walk") wall, $(ratio "$basecpu" "$walkcpu") CPU"

mkdir -p "$work/many" "$work/one"
(cd "$work/many" && seq -f 'folder-number-%06g' 20000 | xargs mkdir)
start one "$work/state-one" "$work/one"; one=$(memory RssAnon); stop
start many "$work/state-many" "$work/many"; many=$(memory RssAnon); stop
echo "user memory a watch, of 20000: $(bc <<<"($many - $one) * 1024 / 20000") B"

aide=$(command -v aide || true)
if [ -z "$aide" ] && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
  if [ ! -x "$cache/aide/usr/bin/aide" ]; then
    mkdir -p "$cache/aide" && (cd "$cache/aide" && apt-get download aide libmhash2 libaudit1 libcap2 libacl1 libattr1 libext2fs2 libpcre2-8-0 libselinux1 >/dev/null 2>&1 &&
      for deb in ./*.deb; do dpkg-deb -x "$deb" .; done) || true
  fi
  aide=$cache/aide/usr/bin/aide
  export LD_LIBRARY_PATH=$cache/aide/usr/lib/x86_64-linux-gnu:$cache/aide/lib/x86_64-linux-gnu:$cache/aide/usr/lib/aarch64-linux-gnu:$cache/aide/lib/aarch64-linux-gnu
fi
if [ -z "$aide" ] || ! "$aide" --version >/dev/null 2>&1; then
  echo "AIDE: SKIPPED: it is not installed and could not be fetched"
  exit 0
fi
cat >"$work/aide.conf" <<EOF
database_in=file:$work/aide.db
database_out=file:$work/aide.db
report_url=file:$work/aide.report
$folder ftype+p+u+g+i+n+s+m+c+l+sha256+caps
EOF
timed init "$aide" --config "$work/aide.conf" --init
init=$wall
printf '%-34s %8.2f %8.2f\n' "aide --init ($("$aide" --version 2>&1 | head -1))" "$wall" "$cpu"
timed check "$aide" --config "$work/aide.conf" --check
printf '%-34s %8.2f %8.2f\n' 'aide --check' "$wall" "$cpu"
echo "baseline / aide --init: $(ratio "$base" "$init"); recheck / aide --check: $(ratio "$recheck" "$wall")"
