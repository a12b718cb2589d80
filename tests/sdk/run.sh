#!/bin/sh
# SPDX-License-Identifier: MIT
# The SDK installer under everything that goes wrong, with tiny packages from a mirror in a folder: no network, some seconds.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 1
work=$PWD/build/test/sdk.work
rm -rf "$work" && mkdir -p "$work" || exit 1
mirror=$work/mirror
sdk=$work/home/openmv-sdk-9.9.9
lock=$work/top/sdk/sdk.lock
log=$work/out

pass() { echo "PASS $1"; }
fail() { echo "FAIL $1: $2; got: $(tail -n 4 "$log" | tr '\n' ' ') [rerun: tests/run.sh sdk]"; }

# ---- The mirror: one package of each kind, just what the installer expects of it -----------------------------------
# deb NAME FILE...: a package of these files below $work/tree
deb() {
	name=$1
	shift
	echo 2.0 >"$work/debian-binary"
	(cd "$work/tree" && tar -cJf ../data.tar.xz "$@") && tar -cJf "$work/control.tar.xz" -T /dev/null
	(cd "$work" && ar rc "$mirror/pool/$name" debian-binary control.tar.xz data.tar.xz)
}

# row COMPONENT PACKAGE FILE: the lock's row of a file in the pool
row() {
	echo "$1 tiny $2 1.0-1 $(sha256sum <"$mirror/pool/$3" | cut -c1-64) $(stat -c %s "$mirror/pool/$3") pool/$3"
}

make_mirror() {
	mkdir -p "$mirror/pool" "$work/tree" "$work/top/sdk" "$work/home"
	cp "$here"/signed/pool/* "$mirror/pool/"
	cp -r "$here/signed/dists" "$mirror/"
	cp sdk/*.sh sdk/*.mk sdk/qemu.patch "$work/top/sdk/"
	printf 'mkdir -p "$2/qemu"; echo built >>"%s/qemu.count"\n' "$work" >"$work/top/sdk/qemu.sh"
	cd "$work/tree" || exit 1
	images=usr/lib/python3/dist-packages/sklearn/datasets/images
	mkdir -p usr/bin usr/src/tinyusb usr/lib/big $images m/mpy-cross
	printf '#!/bin/sh\n' >usr/bin/arm-none-eabi-gcc
	cp usr/bin/arm-none-eabi-gcc usr/bin/arm-none-eabi-strip && chmod 755 usr/bin/*
	echo tool >usr/bin/tool
	head -c 300000 /dev/zero >usr/lib/big/file
	echo tiny >usr/src/tinyusb/tusb.c
	echo all: >m/mpy-cross/Makefile
	for f in flower.jpg china.jpg README.txt; do echo $f >$images/$f; done
	lib=usr/lib/x86_64-linux-gnu pictures=usr/lib/python3/dist-packages/skimage/data
	mkdir -p $lib $pictures boot usr/share/qemu usr/share/doc
	for f in motorcycle_left.png coffee.png README.txt; do echo $f >$pictures/$f; done
	for f in $lib/libpeer.so boot/vmlinuz-1 boot/config-1 usr/share/qemu/linuxboot_dma.bin usr/share/doc/x usr/src/serial.py; do echo tiny >$f; done
	cd ../../../..
	deb gcc.deb ./usr/bin/arm-none-eabi-gcc ./usr/bin/arm-none-eabi-strip
	deb host.deb ./usr/bin/tool ./usr/lib/big
	deb tinyusb.deb ./usr/src
	deb scene.deb ./$images
	deb peer.deb ./$lib ./usr/share/doc
	deb pictures.deb ./$pictures
	deb serial.deb ./usr/src/serial.py
	deb kernel.deb ./boot
	deb pc.deb ./usr/share/qemu
	tar -cJf "$mirror/pool/micropython.tar.xz" -C "$work/tree" m
	head -c 1000 /dev/zero | xz >"$mirror/pool/qemu.tar.xz"
	{
		row gcc gcc-arm-none-eabi gcc.deb
		row host libhost host.deb
		row src src:micropython=1 micropython.tar.xz
		row src tinyusb-source=0 tinyusb.deb
		row qemu src:qemu=1 qemu.tar.xz
		row scene python3-sklearn scene.deb
		row peers libpeer peer.deb
		row pictures python3-skimage pictures.deb
		row clients python3-serial serial.deb
		row linux linux-image-1 kernel.deb
		row linux qemu-system-x86 pc.deb
	} >"$lock"
	cp "$lock" "$work/sdk.lock"
}

install() { installer install "$@"; }
installer() { # GOAL [VARIABLE=VALUE...]
	goal=$1
	shift
	env SDK_DIR="$sdk" SDK_VERSION=9.9.9 TOP="$work/top" SDK_CACHE="$work/cache" SDK_MIRROR="file://$mirror" SDK_KEYRING="$here/signed/keyring.gpg" \
		"$@" sh "$work/top/sdk/sdk.sh" "$goal" >"$log" 2>&1
}

# A clean start: nothing installed, nothing cached, the first lock.
fresh() {
	rm -rf "$work/home" "$work/cache" "$work/top/lib" "$work/qemu.count"
	mkdir -p "$work/home"
	cp "$work/sdk.lock" "$lock"
}

# complete NAME: the SDK is whole and nothing else lies beside it.
complete() {
	if [ "$(cat "$sdk/sdk.version" 2>&1)" = 9.9.9 ] && [ -f "$sdk/host/usr/lib/big/file" ] && [ -d "$sdk/qemu" ] &&
		[ -f "$work/top/lib/micropython/mpy-cross/GNUmakefile" ] && [ -f "$work/top/lib/tinyusb/tusb.c" ] && [ "$(ls "$work/home")" = openmv-sdk-9.9.9 ]; then
		pass "$1"
	else
		fail "$1" "expected a complete SDK and nothing else in $work/home"
	fi
}

# refused NAME MESSAGE STATUS: the last install failed with one error that says so, and left nothing behind.
refused() {
	if [ "$3" = 0 ] || ! grep -q "error: .*$2" "$log" || [ "$(grep -c 'error:' "$log")" != 1 ] || [ -n "$(ls "$work/home")" ]; then
		fail "$1" "expected the error '$2', a status that isn't 0 and nothing installed (status $3, $work/home: $(ls "$work/home" | tr '\n' ' '))"
	else
		pass "$1"
	fi
}

# ---- The checks ------------------------------------------------------------------------------------------------------
make_mirror

fresh
install && complete 'install' || fail 'install' 'expected success'
ls -la --time-style=full-iso "$sdk" >"$work/before"
install SDK_MIRROR="file:///nowhere" && ls -la --time-style=full-iso "$sdk" | cmp -s - "$work/before" &&
	pass 'a second run does nothing' || fail 'a second run does nothing' 'expected an unchanged SDK'
rm -rf "$sdk" "$work/top/lib"
install SDK_MIRROR="file:///nowhere" && complete 'install from the cache, offline' || fail 'install from the cache, offline' 'expected success'

: >"$sdk/host/usr/lib/big/file"
env SDK_DIR="$sdk" SDK_VERSION=9.9.9 TOP="$work/top" sh "$work/top/sdk/sdk.sh" check >"$log" 2>&1 && fail 'a damaged SDK is found' 'expected an error' ||
	{ grep -q "damaged: ./host/usr/lib/big/file has 0 bytes.*" "$log" && grep -q "Run 'make sdk'" "$log" && pass 'a damaged SDK is found' || fail 'a damaged SDK is found' 'expected the file'; }
install && complete 'a damaged SDK is repaired' || fail 'a damaged SDK is repaired' 'expected success'
rm "$sdk/gcc/bin/arm-none-eabi-gcc"
install && complete 'an SDK with a file missing is repaired' || fail 'an SDK with a file missing is repaired' 'expected success'
rm "$sdk/sdk.version"
install && complete 'a half-installed SDK is completed' || fail 'a half-installed SDK is completed' 'expected success'
[ "$(wc -l <"$work/qemu.count")" = 2 ] && pass "a repair keeps the emulator's core" || fail "a repair keeps the emulator's core" "expected 2 builds, got $(wc -l <"$work/qemu.count")"
sed -i 's/^echo tiny/echo tiny/; s/mkdir/mkdir  /' "$work/top/sdk/qemu.sh"
install && [ "$(wc -l <"$work/qemu.count")" = 3 ] && pass "another recipe builds the emulator's core anew" || fail "another recipe builds the emulator's core anew" 'expected 3 builds'

fresh
mkdir -p "$sdk" && echo mine >"$sdk/thesis.tex"
install && fail "somebody else's folder stays" 'expected an error' ||
	{ [ -f "$sdk/thesis.tex" ] && grep -q "isn't an SDK" "$log" && pass "somebody else's folder stays" || fail "somebody else's folder stays" 'expected it untouched'; }

fresh
sed -i "s/^\(host .* 1.0-1 \)...../\1abcde/" "$lock"
install; refused 'a wrong hash' "libhost: SHA-256 of host.deb isn't the pinned one" $?

fresh
mkdir -p "$work/cache" && echo truncated >"$work/cache/host.deb" && head -c 100 "$mirror/pool/gcc.deb" >"$work/cache/gcc.deb.part"
install && complete 'a damaged cache is refreshed' || fail 'a damaged cache is refreshed' 'expected success'

fresh
install SDK_MIRROR="http://127.0.0.1:9/debian"; refused 'no network' 'no download of' $?
grep -q 'Check the network' "$log" && pass 'no network: the next step' || fail 'no network: the next step' "expected 'Check the network'"

fresh
(ulimit -f 200; install); refused 'the disk fills while unpacking' "can't unpack host.deb" $?
fresh
mkdir -p "$work/bin" && printf '#!/bin/sh\nprintf "F 1 2 3 4 5\\nx 9 9 9000 9%% /\\n"\n' >"$work/bin/df" && chmod 755 "$work/bin/df"
install PATH="$work/bin:$PATH"; refused 'too little room is said before' 'not enough disk space.*MB are needed, 8 MB are free' $?

fresh
sed -i "s/host.deb$/other.deb/" "$lock"
install SDK_MIRROR="file://$mirror"; refused 'a package that no suite has' 'libhost 1.0-1 has left the mirror, and tiny has no newer revision of it (there: no such package)' $?
grep -q 'make sdk-lock' "$log" && pass 'a package gone: the next step' || fail 'a package gone: the next step' "expected 'make sdk-lock'"

fresh
echo "host tiny libtiny 1.0-1 $(echo | sha256sum | cut -c1-64) 100 pool/libtiny_1.0-1_all.deb" >>"$lock"
install && complete 'a newer revision is taken' || fail 'a newer revision is taken' 'expected success'
grep -q 'WARNING: libtiny: taking 1.0-2 instead of the pinned 1.0-1' "$log" && pass 'a newer revision: the warning' || fail 'a newer revision: the warning' 'expected a warning'
install && [ "$(grep -c WARNING "$log")" = 0 ] && pass 'a newer revision: no second install' || fail 'a newer revision: no second install' 'expected nothing to do'

fresh
echo "host tiny libtiny 0.9-1 $(echo | sha256sum | cut -c1-64) 100 pool/libtiny_0.9-1_all.deb" >>"$lock"
install; refused 'another upstream version is not taken' 'libtiny 0.9-1 has left the mirror, and tiny has no newer revision of it (there: 1.0-2)' $?

fresh
echo "host tiny libtiny 1.0-1 $(echo | sha256sum | cut -c1-64) 100 pool/libtiny_1.0-1_all.deb" >>"$lock"
sed -i 's/^Maintainer: none/Maintainer: evil/' "$mirror/dists/tiny/main/binary-amd64/Packages"
install; refused 'an index that was tampered with' 'index of tiny' $?
cp -r "$here/signed/dists" "$mirror/"
install SDK_KEYRING="$work/sdk.lock"; refused 'an index signed by nobody we know' 'index of tiny' $?

# The optional components of sdk-peers: a Linux kernel that has left the mirror spoils neither the others nor the guest that is there.
extras() { (cd "$sdk" && ls -d peers/usr/lib/x86_64-linux-gnu/libpeer.so clients/usr/src/serial.py linux/vmlinuz linux/boot/* */usr/share/doc 2>/dev/null | tr '\n' ' '); }
fresh
installer peers && [ "$(extras)" = 'clients/usr/src/serial.py linux/vmlinuz peers/usr/lib/x86_64-linux-gnu/libpeer.so ' ] &&
	complete 'sdk-peers' || fail 'sdk-peers' "expected three components and nothing else, not $(extras)"
cp -r "$sdk/linux" "$work/linux.before"
sed -i 's/kernel.deb$/gone.deb/' "$lock" && rm "$work/cache/kernel.deb"
installer peers && grep -q 'WARNING: linux-image-1 1.0-1 has left the mirror.*The Linux guest is left as it is' "$log" && ! grep -q 'error:' "$log" && diff -r "$sdk/linux" "$work/linux.before" >>"$log" &&
	complete 'a kernel gone: the old guest stays, with a warning' || fail 'a kernel gone: the old guest stays, with a warning' 'expected success'
fresh
sed -i 's/kernel.deb$/gone.deb/' "$lock"
installer peers && [ "$(extras)" = 'clients/usr/src/serial.py peers/usr/lib/x86_64-linux-gnu/libpeer.so ' ] &&
	complete 'a kernel gone: the others are installed' || fail 'a kernel gone: the others are installed' "expected two components, not $(extras)"
fresh
sed -i 's/serial.deb$/gone.deb/' "$lock"
installer peers && fail 'another component gone is an error' 'expected an error' ||
	{ grep -q 'error: python3-serial 1.0-1 has left the mirror' "$log" && pass 'another component gone is an error' || fail 'another component gone is an error' 'expected python3-serial'; }
fresh
installer peers && : >"$sdk/host/usr/lib/big/file" && install && [ "$(extras | wc -w)" = 3 ] &&
	complete 'a repair keeps the optional components' || fail 'a repair keeps the optional components' "expected all three, not $(extras)"

# Ended by a signal at many instants, and once for good: the run after that finishes the job. The instants are parts of what an install takes on
# this machine now; the first of them again until three have come before its end.
fresh
start=$(date +%s%N)
install
took=$((($(date +%s%N) - start) / 1000000))
rm -rf "$sdk"
left= killed=0 tries=0
until [ $tries -ge 8 ] && { [ $killed -gt 2 ] || [ $tries -ge 40 ]; }; do
	ms=$((took * (tries % 8 + 1) / 10))
	tries=$((tries + 1))
	install & pid=$!
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
	children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
	kill -TERM $children 2>/dev/null
	wait $pid || killed=$((killed + 1))
	[ -f "$sdk/sdk.version" ] || [ -z "$(ls "$work/home")" ] || left="$left after $ms ms: $(ls "$work/home")"
	rm -rf "$sdk"
done
[ -z "$left" ] && [ $killed -gt 2 ] && pass 'interrupted: nothing half-installed stays' || fail 'interrupted: nothing half-installed stays' "$killed runs ended early;$left"
mkdir -p "$sdk.part/sdk" "$sdk/qemu.build" && echo 9.9.9 >"$sdk/sdk.pins" && : >"$sdk.lock"
install && complete 'what a killed run left is cleared away' || fail 'what a killed run left is cleared away' 'expected success'

# A fourth one has the lock until all three wait for it.
fresh
exec 8>"$sdk.lock" && flock 8
for i in 1 2 3; do
	: >"$work/out.$i"
	(exec 8>&-; log=$work/out.$i; install || echo "run $i: $?" >>"$work/parallel") &
done
n=0
until [ "$(grep -l 'waiting for it' "$work"/out.[123] | wc -l)" = 3 ] || [ $n -gt 1200 ]; do n=$((n + 1)) && sleep 0.1; done
exec 8>&-
wait
cp "$work/out.1" "$log"
[ ! -e "$work/parallel" ] && [ "$(wc -l <"$work/qemu.count")" = 1 ] && [ "$(grep -l 'waiting for it' "$work"/out.[123] | wc -l)" = 3 ] && complete 'three at once: one installs, the others wait' ||
	fail 'three at once: one installs, the others wait' "expected one build ($(cat "$work/parallel" "$work/qemu.count" 2>&1 | tr '\n' ' '))"

fresh
sed -i 's/^gcc tiny gcc-arm-none-eabi .*/gcc tiny libtiny=1.0/; /^[^g]/d' "$lock"
env SDK_DIR="$sdk" SDK_VERSION=9.9.9 TOP="$work/top" SDK_CACHE="$work/cache" SDK_MIRROR="file://$mirror" SDK_KEYRING="$here/signed/keyring.gpg" \
	sh "$work/top/sdk/sdk.sh" lock >"$log" 2>&1
[ "$(cat "$lock")" = "gcc tiny libtiny=1.0 1.0-2 $(sha256sum <"$mirror/pool/libtiny_1.0-2_all.deb" | cut -c1-64) 496 pool/libtiny_1.0-2_all.deb" ] &&
	pass 'sdk-lock pins what the index has' || fail 'sdk-lock pins what the index has' "$(cat "$lock")"

grep -riE '(https?|ftp)://[a-z0-9.-]+' sdk --include=* | grep -vE '127\.0\.0\.1|http://\.\.\.' >"$log" &&
	fail 'no host name in sdk/' 'expected none' || pass 'no host name in sdk/'
