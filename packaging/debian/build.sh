#!/bin/bash
# Makes a Debian package: build.sh PACKAGE.tgz [FOLDER]. The first is what `npm pack` made; the .deb is written to
# the second, or to the current folder. It needs dpkg-deb, node and npm, and no root.
#
#   /usr/share/ringkeeper            the package, with what it depends on
#   /usr/bin/ringkeeper              its command
#   /etc/ringkeeper/zoo.cfg          the configuration, kept when the package is upgraded
#   /lib/systemd/system              ringkeeper.service
#   /etc/logrotate.d/ringkeeper      for the log that zkServer.sh start writes
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: build.sh PACKAGE.tgz [FOLDER]" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tarball=$(realpath "$1")
into=$(realpath "${2:-.}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/npm"
echo '{"private":true}' >"$work/npm/package.json"
(cd "$work/npm" && npm install --omit=dev --prefer-offline --no-audit --no-fund \
  --no-package-lock --silent "$tarball")

root=$work/root
share=$root/usr/share/ringkeeper
mkdir -p "$share" "$root/usr/bin" "$root/etc/ringkeeper" "$root/etc/logrotate.d" \
  "$root/lib/systemd/system" "$root/DEBIAN"
cp -a "$work/npm/node_modules/ringkeeper/." "$share/"
rm -rf "$work/npm/node_modules/ringkeeper" "$work/npm/node_modules/.bin" \
  "$work/npm/node_modules/.package-lock.json"
mkdir -p "$share/node_modules"
cp -a "$work/npm/node_modules/." "$share/node_modules/"
chmod -R u=rwX,go=rX "$root/usr"
chmod 755 "$share/dist/bin/ringkeeper.js"
ln -s ../share/ringkeeper/dist/bin/ringkeeper.js "$root/usr/bin/ringkeeper"

sed 's|^dataDir=.*|dataDir=/var/lib/zookeeper|' "$share/config/zoo_sample.cfg" \
  >"$root/etc/ringkeeper/zoo.cfg"
sed -e 's|/opt/ringkeeper|/usr/share/ringkeeper|g' -e 's|/etc/zookeeper/conf|/etc/ringkeeper|g' \
  "$share/systemd/ringkeeper.service" | sed '/^# Install it as/,/^# in /d' \
  >"$root/lib/systemd/system/ringkeeper.service"
install -m 644 "$here/logrotate" "$root/etc/logrotate.d/ringkeeper"
install -m 755 "$here/postinst" "$here/prerm" "$root/DEBIAN/"
printf '/etc/ringkeeper/zoo.cfg\n/etc/logrotate.d/ringkeeper\n' >"$root/DEBIAN/conffiles"
version=$(node -p "require('$share/package.json').version")
size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" -e "s/@ARCH@/$(dpkg --print-architecture)/" \
  "$here/control" >"$root/DEBIAN/control"
dpkg-deb --root-owner-group -Zxz --build "$root" "$into/ringkeeper_${version}_$(dpkg --print-architecture).deb"
