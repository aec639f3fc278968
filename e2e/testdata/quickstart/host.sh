#!/usr/bin/env bash
# Runs as the first process of fresh mount, network, process and UTS namespaces,
# and makes of them the two hosts of docs/quickstart.md: each with its own layer
# over /etc, /usr and /var, so that nothing outside changes.
#
#   host.sh WORK REPOSITORY     then, a line on stdin each: HOST SCRIPT LOG
#   host.sh become NAME …       (of itself) the layers of one host
#
# It says "ready" on stdout, then the exit code of each script. What goes wrong
# before "ready" is on stderr.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
option=
[ -z "${ROOTLESS:-}" ] || option=,userxattr

# layer puts a writable layer of a host over a folder: layer HOST FOLDER TARGET
layer() {
  local at=$WORK/layers/$1/${3#/}
  mkdir -p "$at/upper" "$at/work" "$3"
  # What the page changes becomes ours beforehand: in a namespace of one user,
  # what is root's outside is nobody's.
  case $3 in
  /etc)
    mkdir -p "$at/upper"/{systemd/system,ssl/certs}
    cp /etc/passwd /etc/group "$at/upper/"
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$at/upper/ssl/certs/"
    ;;
  /usr) mkdir -p "$at/upper"/{lib/sysusers.d,local/bin} ;;
  /var) mkdir -p "$at/upper"/{lib,log} ;;
  esac
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$at/upper,workdir=$at/work$option" "$3"
}

# journal starts journald, where there is one.
journal() {
  [ -x /usr/lib/systemd/systemd-journald ] && [ -x /usr/bin/journalctl ] && [ -x /usr/bin/logger ] || return 1
  mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /var/log/journal
  printf '[Journal]\nReadKMsg=no\nAudit=no\n' > /run/systemd/journald.conf.d/quickstart.conf
  touch /run/systemd/journal/flushed
  [ -s /etc/machine-id ] || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
  /usr/lib/systemd/systemd-journald > "$WORK/journald.log" 2>&1 < /dev/null &
  local tries=0
  until [ -S /run/systemd/journal/dev-log ] && [ -n "$(journalctl --quiet --lines=1)" ]; do
    [ $((tries += 1)) -lt 200 ] || return 1
    sleep 0.05
  done
}

become() {
  local name=$1
  hostname "$name"
  for folder in /etc /usr /var; do layer "$name" $folder $folder; done
  mount -t tmpfs run /run
  mkdir -p /run/systemd/system /run/quickstart "$WORK/$name"
  local shims=$WORK/shims:$here/shims
  [ -z "${ROOTLESS:-}" ] || shims=$here/rootless:$shims
  echo "$shims" > /run/quickstart/path
  rm -rf /etc/hostname /etc/hosts /var/log/auth.log /var/log/journal
  echo "$name" > /etc/hostname
  # One host keeps its logs in the journal, as Debian 12 does; the other in files.
  if [ "$name" != tocsin ] || ! journal; then install -m 0640 /dev/null /var/log/auth.log; fi
  cat > /etc/hosts <<< '127.0.0.1 localhost tocsin tocsin.example.com smtp.example.com web1'
  cat "$WORK/ca.pem" >> /etc/ssl/certs/ca-certificates.crt
  # As DefaultEnvironment= of systemd's own configuration would: so that the test
  # need not wait for company of an alert, and because both hosts share loopback.
  echo TOCSIN_GROUP_WAIT=1s > /run/quickstart/environment
  [ "$name" = tocsin ] || echo TOCSIN_HTTP=127.0.0.1:9474 >> /run/quickstart/environment
}

if [ "$1" = become ]; then
  become "$2"
  echo became
  exec sleep infinity
fi

export WORK=$1
repository=$2
mkdir -p "$WORK/layers" "$WORK/mails"
mount -t tmpfs layers "$WORK/layers"
ip link set lo up 2>/dev/null || perl -e 'socket(my $s, 2, 2, 0) and ioctl($s, 0x8914, pack("a16s", "lo", 0x49)) or die "lo: $!"'

"$WORK/shims/smtpsink" -listen 127.0.0.1:587 -name smtp.example.com -folder "$WORK/mails" -ca-file "$WORK/ca.pem" \
  -username alerts@example.com -password 'abcd efgh ijkl mnop' > "$WORK/smtpsink.log" 2>&1 &
until [ -s "$WORK/smtpsink.log" ]; do sleep 0.05; done
grep -qx 587 "$WORK/smtpsink.log" || { cat "$WORK/smtpsink.log" >&2; exit 1; }

coproc second { exec unshare --mount --uts "$0" become web1; }
web1=$second_PID
read -r answer <&"${second[0]}"
[ "$answer" = became ]

become tocsin
layer tocsin "$repository" "$WORK/tocsin/checkout"
echo ready

while read -r host script log; do
  enter=() folder=$WORK/tocsin/checkout
  if [ "$host" = web1 ]; then enter=(nsenter --target "$web1" --mount --uts) folder=$WORK/web1; fi
  code=0
  "${enter[@]}" env --chdir="$folder" HOME="$WORK/$host" PATH="$(cat /run/quickstart/path):$PATH" \
    bash -euo pipefail "$script" > "$log" 2>&1 < /dev/null || code=$?
  echo "$code"
done
