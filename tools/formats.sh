#!/bin/bash
# Fetches the sources that the tables of message formats are held against, from
# Debian: formats.sh FOLDER. They come to FOLDER/tree/PROGRAM/VERSION. apt is given a
# configuration of its own below FOLDER, so that /etc/apt stays as it is. What
# cannot be had is named and left out.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)

# Program, package, Debian's version.
sources=(
  "openssh openssh 1:8.4p1-5+deb11u3"
  "openssh openssh 1:9.2p1-2+deb12u10"
  "openssh openssh 1:10.0p1-7+deb13u4"
  "pam pam 1.4.0-9+deb11u1"
  "pam pam 1.5.2-6+deb12u2"
  "pam pam 1.7.0-5"
  "sudo sudo 1.9.5p2-3+deb11u1"
  "sudo sudo 1.9.13p3-1+deb12u4"
  "sudo sudo 1.9.16p2-3+deb13u5"
  "dovecot dovecot 1:2.3.19.1+dfsg1-2.1+deb12u6"
  "dovecot dovecot 1:2.4.1+dfsg1-6+deb13u7"
  "postfix postfix 3.7.11-0+deb12u1"
  "postfix postfix 3.10.13-0+deb13u1"
  "nginx nginx 1.18.0-6.1+deb11u3"
  "nginx nginx 1.22.1-9+deb12u9"
  "nginx nginx 1.26.3-3+deb13u10"
  "apache apache2 2.4.68-1~deb12u1"
)

# upstream is Debian's version without its epoch, revision and repacking.
upstream() {
  local v=${1#*:}
  v=${v%-*}
  echo "${v%+dfsg*}"
}

configure() {
  mkdir -p "$folder"/apt/{lists/partial,archives/partial} "$folder/download" "$folder/tree"
  : >"$folder/apt/status"
  local key=/usr/share/keyrings/debian-archive-keyring.gpg suite
  for suite in bullseye bookworm trixie; do
    echo "deb-src [signed-by=$key] http://deb.debian.org/debian $suite main"
  done >"$folder/apt/sources.list"
  cat >"$folder/apt/apt.conf" <<END
Dir::State "$folder/apt";
Dir::State::lists "lists";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt";
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "root";
END
  export APT_CONFIG=$folder/apt/apt.conf
}

# fetch brings one source to its place: with Debian's patches, or, where only the
# upstream part can be had, without.
fetch() {
  local program=$1 package=$2 version=$3
  local place
  place=$folder/tree/$program/$(upstream "$version")
  [ -e "$place" ] && return
  local work=$folder/download/$package-${version//[:~+]/_}
  rm -rf "$work" && mkdir -p "$work" "$folder/tree/$program"
  if (cd "$work" && timeout 300 apt-get source -qq "$package=$version" >log 2>&1); then
    mv "$(find "$work" -mindepth 1 -maxdepth 1 -type d)" "$place"
  elif (cd "$work" && timeout 300 apt-get source -qq --tar-only --download-only "$package=$version" >>log 2>&1); then
    echo "formats: $package $version: WITHOUT DEBIAN'S PATCHES: only the upstream source can be had"
    unpack "$work" "$place"
  else
    echo "formats: $package $version: SKIPPED: it cannot be had, see $work/log"
  fi
}

# unpack lays upstream's archives out as dpkg-source does: a component in a folder of
# its name.
unpack() {
  local archive component
  for archive in "$1"/*.orig.tar.* "$1"/*.orig-*.tar.*; do
    case $archive in *.asc | *'*'*) continue ;; esac
    component=${archive##*.orig}
    component=${component%%.tar.*}
    mkdir -p "$2.new/${component#-}"
    tar -xf "$archive" -C "$2.new/${component#-}" --strip-components=1
  done
  mv "$2.new" "$2"
}

if ! command -v apt-get >/dev/null; then
  echo "formats: SKIPPED: there is no apt-get; the tables are held against no source"
  exit 0
fi
if ! command -v dpkg-source >/dev/null; then
  echo "formats: there is no dpkg-source (package dpkg-dev): sources come without Debian's patches"
fi
configure
missing=no
for source in "${sources[@]}"; do
  read -r program _ version <<<"$source"
  [ -e "$folder/tree/$program/$(upstream "$version")" ] || missing=yes
done
if [ $missing = yes ] && ! timeout 300 apt-get update -qq >"$folder/apt/log" 2>&1; then
  echo "formats: Debian's lists of sources cannot be had, see $folder/apt/log"
fi
for source in "${sources[@]}"; do
  read -r program package version <<<"$source"
  fetch "$program" "$package" "$version"
done
