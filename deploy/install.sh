#!/usr/bin/env bash
# Installs or removes the binaries, the systemd units and the example
# configurations: install.sh install|uninstall BIN DESTDIR PREFIX [COMMAND...]
# An existing configuration is never touched; state is never removed.
set -euo pipefail

action=$1 bin=$2 destdir=$3 prefix=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
commands=("$@")
[ ${#commands[@]} -gt 0 ] || commands=(agent collector alerter)
units=$destdir/etc/systemd/system
etc=$destdir/etc/tocsin
sysusers=$destdir/usr/lib/sysusers.d

# live tells whether this is the running system, not an image or a package root.
live() { [ -z "$destdir" ] && command -v systemctl >/dev/null && [ -d /run/systemd/system ]; }

case $action in
install)
  for c in "${commands[@]}"; do
    install -D -m 0755 "$bin/tocsin-$c" "$destdir$prefix/bin/tocsin-$c"
    install -d -m 0755 "$units"
    sed "s|/usr/local/bin/|$prefix/bin/|" "$here/systemd/tocsin-$c.service" > "$units/tocsin-$c.service"
    chmod 0644 "$units/tocsin-$c.service"
    install -d -m 0755 "$sysusers"
    grep "tocsin-$c " "$here/systemd/tocsin.sysusers" > "$sysusers/tocsin-$c.conf"
    chmod 0644 "$sysusers/tocsin-$c.conf"
    if [ -e "$etc/$c.yaml" ]; then
      echo "kept $etc/$c.yaml"
    else
      install -D -m 0644 "$here/config/$c.yaml" "$etc/$c.yaml"
    fi
  done
  if live; then
    systemd-sysusers
    for c in "${commands[@]}"; do
      install -d -o "tocsin-$c" -g "tocsin-$c" -m 0700 "/var/lib/tocsin-$c"
    done
    systemctl daemon-reload
  fi
  echo "installed: ${commands[*]}; configuration in $etc"
  ;;
uninstall)
  for c in "${commands[@]}"; do
    if live; then systemctl disable --now "tocsin-$c" 2>/dev/null || true; fi
    rm -f "$units/tocsin-$c.service" "$sysusers/tocsin-$c.conf" "$destdir$prefix/bin/tocsin-$c"
  done
  if live; then systemctl daemon-reload; fi
  echo "removed: ${commands[*]}; left: $etc and $destdir/var/lib/tocsin-*"
  ;;
*)
  echo "usage: install.sh install|uninstall BIN DESTDIR PREFIX [COMMAND...]" >&2
  exit 2
  ;;
esac
