# SPDX-License-Identifier: MIT
# What comes beside the base SDK: the emulator's core, the peers, the third-party sources in the checkout. Sourced by sdk.sh.

QEMU_MB=650 # room that building the emulator's core takes, at most
EXTRAS_MB=500 # room that unpacking any of make sdk-peers' components takes, at most

# What the emulator's core was built from.
qemu_stamp() {
	{
		rows qemu
		cat "$HERE/qemu.sh" "$HERE/qemu.patch"
	} | sha256sum | cut -c1-16
}
qemu_missing() { [ "$(cat "$SDK_DIR/qemu/sdk.stamp" 2>/dev/null)" != "$(qemu_stamp)" ]; }

# QEMU's cores as objects that emulator/emulator.mk links: minutes, once. Its folders are qemu.sh's: qemu.build, qemu.new.
qemu_install() {
	rows qemu >"$PART/rows"
	space_check "$SDK_DIR" $QEMU_MB "building the emulator's core"
	fetch "$PART/rows"
	step qemu "building the emulator's core, once: some minutes"
	tarball=$SDK_CACHE/$(sed 's|.*/||' "$PART/rows")
	JOBS=$(nproc) setsid sh "$HERE/qemu.sh" "$tarball" "$SDK_DIR" "$SDK_DIR/host" "$SDK_DIR/bin" >"$PART/qemu.out" 2>&1 &
	SESSION=$!
	qemu_progress
	if ! parallel_wait; then
		cp "$SDK_DIR/qemu.build/log" "$SDK_CACHE/qemu.log" 2>/dev/null || :
		tail -n 20 "$PART/qemu.out" >&2
		die "the emulator's core doesn't build (free disk space: $(free_mb "$SDK_DIR") MB)." "The whole log is $SDK_CACHE/qemu.log; 'make sdk' tries again."
	fi
	qemu_stamp >"$SDK_DIR/qemu/sdk.stamp"
	step qemu "$(du -sm "$SDK_DIR/qemu" | cut -f1) MB in $SDK_DIR/qemu"
}

# The build's own count of its steps, a few seconds apart.
qemu_progress() {
	last=$(seconds)
	while kill -0 "$SESSION" 2>/dev/null; do
		nap
		[ $(($(seconds) - last)) -ge 15 ] || continue
		last=$(seconds)
		step qemu "$(tail -n 1 "$SDK_DIR/qemu.build/log" 2>/dev/null | grep -Eo '^\[[0-9]+/[0-9]+\]' || echo working)"
	done
}

# make sdk-peers: components of their own, each in its folder with the stamp of its pins. The Linux guest is one test's, OpenCV and
# the readers of files a test's and a benchmark's: they are done without when a file of them has left the mirror, because kernels do, and older ones stay.
peers_install() {
	extra_install peers
	extra_install clients
	TOLERATE="The Linux guest is left as it is; where there is none, tests/linux is skipped."
	extra_install linux
	GONE=
	TOLERATE="OpenCV is left as it is; where there is none, bench/host measures without it and tests/peers is skipped."
	extra_install opencv
	GONE=
	TOLERATE="giflib and lavfile are left as they are; where there are none, tests/peers reads no GIF and AVI files."
	extra_install readers
}

# The components of the lock that make up the folder $1.
extra_rows() { case $1 in peers) rows peers pictures ;; *) rows "$1" ;; esac; }
extra_stamp() { extra_rows "$1" | sha256sum | cut -c1-16; }
extra_missing() { [ "$(cat "$SDK_DIR/$1/sdk.stamp" 2>/dev/null)" != "$(extra_stamp "$1")" ]; }

extra_install() {
	if extra_missing "$1"; then
		sdk_enter
		! extra_missing "$1" || extra_unpack "$1"
	fi
	[ -n "$GONE" ] || say "In place: $SDK_DIR/$1"
}

extra_unpack() {
	extra_rows "$1" >"$PART/rows"
	space_check "$SDK_DIR" $EXTRAS_MB "$1"
	fetch "$PART/rows"
	[ -z "$GONE" ] || return 0
	new=$PART/$1
	step unpack "$1"
	unpack "$1"
	mkdir -p "$new/bin"
	"$1_programs"
	extra_stamp "$1" >"$new/sdk.stamp"
	rm -rf "$PART/old.$1"
	[ ! -e "$SDK_DIR/$1" ] || mv "$SDK_DIR/$1" "$PART/old.$1"
	mv "$new" "$SDK_DIR/$1"
	step done "$(du -sm "$SDK_DIR/$1" | cut -f1) MB in $SDK_DIR/$1"
}

# extra_python COMPONENT: a Python of its own that finds what the component brings for it.
extra_python() {
	wrapper "$new/bin/python3" ../../host/usr/bin/.elf/python3.13 "$PART" '$d/../../host/usr/bin/python3' \
		'export PYTHONPATH="$d/../usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}"'
}

# Oracles and clang, which gets explicit folders because it would look for them beside the loader.
peers_programs() {
	pictures_extract pictures "$new/pictures" skimage/data motorcycle_left.png coffee.png README.txt
	lib=usr/lib/x86_64-linux-gnu
	for l in blas lapack; do ln -s $l/lib$l.so.3 "$new/$lib/lib$l.so.3"; done
	WRAP_LIBS=peers/$lib
	extra_python
	wrapper "$new/bin/clang" ../usr/lib/llvm-19/bin/clang "$PART" '' \
		'u=$d/../usr h=$d/../../host
case ${1:-} in -cc1*) ;; *)	set -- -no-canonical-prefixes -resource-dir "$u/lib/llvm-19/lib/clang/19" \
	--sysroot="$h" --gcc-install-dir="$u/lib/gcc/x86_64-linux-gnu/14" "$@" ;; esac'
	WRAP_LIBS=
}

# What other people's programs for a camera need: lib/micropython/tools/mpremote runs with clients/bin/python3.
clients_programs() { extra_python; }

# Libraries and headers only.
opencv_programs() { :; }
readers_programs() { :; }

# An emulated PC and what its initial RAM disk is made of: kernel, modules, busybox, usbip.
linux_programs() {
	mv "$new"/boot/vmlinuz-* "$new/vmlinuz"
	WRAP_LIBS=linux/usr/lib/x86_64-linux-gnu
	wrapper "$new/bin/qemu-system-x86_64" ../usr/bin/qemu-system-x86_64 "$PART" '' '' '-L "$d/../usr/share/seabios" -L "$d/../usr/share/qemu"'
	WRAP_LIBS=
}

# The third-party sources in the checkout: lib/micropython and lib/tinyusb, whole or not at all, again when the pins changed.
submodules_unpack() {
	sdk_check
	source_unpack src:micropython micropython 1
	source_unpack tinyusb-source tinyusb 4
}

# source_unpack PACKAGE NAME STRIP: $SDK_DIR/src's file of PACKAGE becomes lib/NAME.
source_unpack() {
	set -- $(awk -v p="$1" '$1 == "src" && index($3 "=", p "=") == 1 { print $5, $7 }' "$SDK_LOCK") "$2" "$3"
	to=$TOP/lib/$3 from=$SDK_DIR/src/${2##*/}
	stamp="$1 $(cksum <"$HERE/mpy-cross.mk")"
	[ "$(cat "$to/.sdk-source" 2>/dev/null)" != "$stamp" ] || return 0
	step unpack "lib/$3"
	mkdir -p "$TOP/lib"
	rm -rf "$to.part"
	mkdir "$to.part"
	case $from in
	*.deb) ar p "$from" data.tar.xz | tar -xJ -C "$to.part" --strip-components="$4" --no-same-owner ./usr/src ;;
	*) tar -xJf "$from" -C "$to.part" --strip-components="$4" --no-same-owner ;;
	esac || die "can't unpack ${from##*/} into $to."
	[ "$3" != micropython ] || cp "$HERE/mpy-cross.mk" "$to.part/mpy-cross/GNUmakefile"
	echo "$stamp" >"$to.part/.sdk-source"
	rm -rf "$to"
	mv "$to.part" "$to"
}
