#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes tests/sdk/signed/: a mirror with one package and a signed index, for tests that must not need gpg. Its key is thrown away.
set -eu
cd "$(dirname "$0")"
rm -rf signed && mkdir -p signed/pool signed/dists/tiny/main/binary-amd64 signed/dists/tiny/main/source
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/data/usr/lib"
echo newer >"$work/data/usr/lib/tiny"
echo 2.0 >"$work/debian-binary"
tar -cJf "$work/data.tar.xz" --owner=0 --group=0 --mtime=@0 -C "$work/data" ./usr
tar -cJf "$work/control.tar.xz" -T /dev/null
(cd "$work" && ar rcD libtiny.deb debian-binary control.tar.xz data.tar.xz)
cp "$work/libtiny.deb" signed/pool/libtiny_1.0-2_all.deb

sha256() { sha256sum <"$1" | cut -c1-64; }
size() { stat -c %s "$1"; }
cd signed
cat >dists/tiny/main/binary-amd64/Packages <<EOF
Package: libtiny
Version: 1.0-2
Architecture: all
Maintainer: none <none@example.org>
Description: nothing
Filename: pool/libtiny_1.0-2_all.deb
Size: $(size pool/libtiny_1.0-2_all.deb)
SHA256: $(sha256 pool/libtiny_1.0-2_all.deb)
EOF
cat >dists/tiny/main/source/Sources <<EOF
Package: tiny
Version: 1.0-2
Directory: pool
EOF
{
	printf 'Origin: tests\nSuite: tiny\nCodename: tiny\nArchitectures: amd64\nComponents: main\nDate: %s\nSHA256:\n' "$(LC_ALL=C date -Ru -d @1700000000 | sed 's/+0000/UTC/')"
	for f in main/binary-amd64/Packages main/source/Sources; do
		echo " $(sha256 dists/tiny/$f) $(size dists/tiny/$f) $f"
	done
} >"$work/Release"
mkdir -m 700 "$work/gpg"
export GNUPGHOME="$work/gpg"
gpg() { command gpg -q --batch --faked-system-time 20240101T000000! "$@"; } # valid under any clock
gpg --passphrase '' --quick-generate-key 'tests of the SDK installer' ed25519 sign never
gpg --clearsign --digest-algo SHA512 -o dists/tiny/InRelease "$work/Release"
gpg --export >keyring.gpg
gpgconf --kill all
