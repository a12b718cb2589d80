# SPDX-License-Identifier: MIT
# What comes beside the base SDK: the emulator's core, the peers, the third-party sources in the checkout. Sourced by sdk.sh.

QEMU_MB=650 # room that building the emulator's core takes, at most
PEERS_MB=500 # room that unpacking the peers takes, at most

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

# make sdk-peers. A Python of its own (peers/bin/python3) finds numpy and scipy; clang gets explicit folders, because it
# would look for them beside the loader.
peers_stamp() { rows peers pictures | sha256sum | cut -c1-16; }
peers_missing() { [ "$(cat "$SDK_DIR/peers/sdk.stamp" 2>/dev/null)" != "$(peers_stamp)" ]; }

peers_install() {
	if peers_missing; then
		sdk_enter
		! peers_missing || peers_build
	fi
	say "The peers are in place: $SDK_DIR/peers"
}

peers_build() {
	rows peers pictures >"$PART/rows"
	space_check "$SDK_DIR" $PEERS_MB "the peers"
	fetch "$PART/rows"
	new=$PART/peers
	step unpack "peers"
	unpack peers
	mkdir -p "$new/bin"
	pictures_extract pictures "$new/pictures" skimage/data motorcycle_left.png coffee.png README.txt
	lib=usr/lib/x86_64-linux-gnu
	for l in blas lapack; do ln -s $l/lib$l.so.3 "$new/$lib/lib$l.so.3"; done
	WRAP_LIBS=peers/$lib
	wrapper "$new/bin/python3" ../../host/usr/bin/.elf/python3.13 "$PART" '$d/../../host/usr/bin/python3' \
		'export PYTHONPATH="$d/../usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}"'
	wrapper "$new/bin/clang" ../usr/lib/llvm-19/bin/clang "$PART" '' \
		'u=$d/../usr h=$d/../../host
case ${1:-} in -cc1*) ;; *)	set -- -no-canonical-prefixes -resource-dir "$u/lib/llvm-19/lib/clang/19" \
	--sysroot="$h" --gcc-install-dir="$u/lib/gcc/x86_64-linux-gnu/14" "$@" ;; esac'
	WRAP_LIBS=
	peers_stamp >"$new/sdk.stamp"
	[ ! -e "$SDK_DIR/peers" ] || mv "$SDK_DIR/peers" "$PART/old.peers"
	mv "$new" "$SDK_DIR/peers"
	step done "$(du -sm "$SDK_DIR/peers" | cut -f1) MB in $SDK_DIR/peers"
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
