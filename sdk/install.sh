# SPDX-License-Identifier: MIT
# The components: base SDK, emulator, peers, and the third-party sources in the checkout. Sourced by sdk.sh.

INSTALLED_MB=800 # room that unpacking takes, at most
QEMU_MB=1200     # room that building the emulator's core takes, at most

# What a complete SDK was installed from; compared to know whether it is this one.
pins() { rows gcc host src scene | sha256sum | cut -c1-16; }

# sdk_state: prints nothing when SDK_DIR is complete, intact and installed from these pins; otherwise what is wrong.
sdk_state() {
	if [ ! -e "$SDK_DIR" ]; then
		echo "not installed"
	elif [ ! -f "$SDK_DIR/sdk.version" ] || [ ! -f "$SDK_DIR/sdk.files" ]; then
		echo "only half installed"
	elif [ "$(cat "$SDK_DIR/sdk.version")" != "$SDK_VERSION" ]; then
		echo "version $(cat "$SDK_DIR/sdk.version"), not $SDK_VERSION"
	elif [ "$(cat "$SDK_DIR/sdk.pins")" != "$(pins)" ]; then
		echo "installed from other pins than sdk/sdk.lock's"
	else
		(cd "$SDK_DIR" && files_list) | awk '
			NR == FNR { is[$2] = $1; next }
			!($2 in is) { print "damaged: " $2 " is missing"; exit }
			is[$2] != $1 { print "damaged: " $2 " has " is[$2] " bytes, not " $1; exit }' - "$SDK_DIR/sdk.files"
	fi
}

# Size and path of every file below the current folder.
files_list() { find . -name __pycache__ -prune -o -type f -printf '%s %p\n'; }

sdk_check() {
	state=$(sdk_state)
	[ -z "$state" ] || die "the SDK in $SDK_DIR is $state." "Run 'make sdk' to install it."
}

sdk_install() {
	state=$(sdk_state)
	if [ -n "$state" ]; then
		sdk_enter
		state=$(sdk_state) # another make may have installed it while we waited
	fi
	if [ -n "$state" ]; then
		say "SDK $SDK_VERSION in $SDK_DIR: $state. Installing."
		base_install
	fi
	if qemu_missing; then
		sdk_enter
		! qemu_missing || qemu_install
	fi
	submodules_unpack
	say "SDK $SDK_VERSION is in place: $SDK_DIR"
}

base_install() {
	rows gcc host src scene >"$PART/rows"
	space_check "$(dirname "$SDK_DIR")" $INSTALLED_MB "the SDK"
	fetch "$PART/rows"
	new=$PART/sdk
	mkdir -p "$new/bin" "$new/src" "$new/host/usr"
	step unpack "packages"
	grep '^gcc ' "$PART/rows" | unpack_rows "$new/gcc" 2 "$PRUNE_GCC" &
	UNPACK_PID=$!
	ln -s usr/lib usr/lib64 usr/bin "$new/host/" # a merged /usr, as the packages expect
	grep '^host ' "$PART/rows" | unpack_rows "$new/host" 0
	wait $UNPACK_PID
	UNPACK_PID=
	base_trim "$new"
	step wrap "programs"
	wrap_tree "$new" "$new/gcc" "$new/host/usr/bin"
	base_programs "$new"
	awk '$1 == "src" { print $7 }' "$PART/rows" | while read -r f; do cp "$SDK_CACHE/${f##*/}" "$new/src/"; done
	scenes_extract "$new"
	step strip "target libraries"
	find "$new/gcc" -name '*.a' -print0 | xargs -0 -n 16 -P 2 "$new/gcc/bin/arm-none-eabi-strip" -g
	pins >"$new/sdk.pins"
	(cd "$new" && files_list) >"$PART/files"
	mv "$PART/files" "$new/sdk.files"
	echo "$SDK_VERSION" >"$new/sdk.version"
	replace "$new" "$SDK_DIR"
	step done "$(du -sm "$SDK_DIR" | cut -f1) MB in $SDK_DIR"
}

# replace NEW OLD: NEW takes OLD's place; components that are installed by themselves move over.
replace() {
	for part in qemu peers; do
		[ ! -d "$2/$part" ] || mv "$2/$part" "$1/$part"
	done
	[ ! -e "$2" ] || mv "$2" "$PART/old"
	mv "$1" "$2"
}

# What packages bring along that would mislead: ARM-state libraries, which gcc would silently fall back to for a core
# whose own it can't find; links that point out of the SDK; programs of no use here.
base_trim() {
	rm -rf "$1"/gcc/arm-none-eabi/lib/*.a "$1"/gcc/arm-none-eabi/lib/space "$1"/gcc/lib/gcc/arm-none-eabi/*/*.a "$1"/gcc/lib/gcc/arm-none-eabi/*/space
	rm -rf "$1/host/usr/sbin" "$1/host/usr/share/python3" "$1/host/usr/share/perl5"
	find "$1" -lname '/*' | while read -r f; do
		ln -sfn "$(up "${f%/*}" "$1/host")$(readlink "$f")" "$f"
	done
	ln -s python3.13 "$1/host/usr/bin/python3"
}

# bin/: the programs to be called, each with the settings that tie it to the SDK.
base_programs() {
	for f in dfu-util dfu-suffix dfu-prefix ninja; do
		wrapper "$1/bin/$f" "../host/usr/bin/.elf/$f" "$1"
	done
	wrapper "$1/bin/pkg-config" ../host/usr/bin/.elf/pkgconf "$1"
	wrapper "$1/bin/python3" ../host/usr/bin/.elf/python3.13 "$1" '$d/../host/usr/bin/python3'
	wrapper "$1/bin/openocd" ../host/usr/bin/.elf/openocd "$1" '' 'export OPENOCD_SCRIPTS="${OPENOCD_SCRIPTS:-$d/../host/usr/share/openocd/scripts}"'
	wrapper "$1/gcc/bin/arm-none-eabi-gdb" ../../host/usr/bin/.elf/gdb-multiarch "$1" '' \
		'h=$d/../../host/usr; export PYTHONHOME="$h" GCONV_PATH="$h/lib/x86_64-linux-gnu/gconv"' '--data-directory="$h/share/gdb"'
	echo "$WRAPPER
exec \"\$d/python3\" \"\$d/../host/usr/bin/meson\" \"\$@\"" >"$1/bin/meson"
	echo "$WRAPPER
# Runs a program that was linked against the SDK's host libraries: run PROGRAM ARGUMENT...
exec \"\$d/../host/usr/lib64/ld-linux-x86-64.so.2\" --inhibit-cache --library-path \"\$d/../host/usr/lib/x86_64-linux-gnu\" \"\$@\"" >"$1/bin/run"
	chmod 755 "$1/bin/meson" "$1/bin/run"
}

# The two photographs of the demo, with where they come from.
scenes_extract() {
	deb=$SDK_CACHE/$(awk '$1 == "scene" { sub(".*/", "", $7); print $7 }' "$PART/rows")
	mkdir -p "$1/share/scenes"
	ar p "$deb" data.tar.xz | tar -xJ -C "$1/share/scenes" --strip-components=8 --no-same-owner --wildcards '*/sklearn/datasets/images/*'
	mv "$1/share/scenes/README.txt" "$1/share/scenes/LICENCE"
	[ -s "$1/share/scenes/flower.jpg" ] && [ -s "$1/share/scenes/china.jpg" ] || die "${deb##*/} doesn't hold the photographs."
}

# What the emulator's core was built from.
qemu_stamp() {
	{
		rows src | awk '$3 ~ /^src:qemu=/ { print $5 }'
		cat "$HERE/qemu.sh" "$HERE/qemu.patch"
	} | sha256sum | cut -c1-16
}
qemu_missing() { [ "$(cat "$SDK_DIR/qemu/sdk.stamp" 2>/dev/null)" != "$(qemu_stamp)" ]; }

# QEMU's cores as objects that emulator/emulator.mk links: minutes, once.
qemu_install() {
	tarball=$SDK_DIR/src/$(rows src | awk '$3 ~ /^src:qemu=/ { sub(".*/", "", $7); print $7 }')
	space_check "$SDK_DIR" $QEMU_MB "building the emulator's core"
	step qemu "building the emulator's core, once: some minutes"
	sh "$HERE/qemu.sh" "$tarball" "$SDK_DIR" "$SDK_DIR/host" "$SDK_DIR/bin" >"$PART/qemu.out" 2>&1 9>&- &
	QEMU_PID=$!
	while kill -0 "$QEMU_PID" 2>/dev/null; do
		sleep 1
		[ $(($(seconds) % 15)) != 0 ] || step qemu "$(tail -n 1 "$SDK_DIR/qemu.build/log" 2>/dev/null | grep -Eo '^\[[0-9]+/[0-9]+\]')"
	done
	if ! wait "$QEMU_PID"; then
		QEMU_PID=
		cp "$SDK_DIR/qemu.build/log" "$SDK_CACHE/qemu.log" 2>/dev/null || :
		tail -n 20 "$PART/qemu.out" >&2
		die "the emulator's core doesn't build." "The whole log is $SDK_CACHE/qemu.log"
	fi
	QEMU_PID=
	qemu_stamp >"$SDK_DIR/qemu/sdk.stamp"
	step qemu "$(du -sm "$SDK_DIR/qemu" | cut -f1) MB in $SDK_DIR/qemu"
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
	stamp="$1 $(cksum <"$HERE/install.sh")"
	[ "$(cat "$to/.sdk-source" 2>/dev/null)" != "$stamp" ] || return 0
	step unpack "lib/$3"
	mkdir -p "$TOP/lib"
	rm -rf "$to.part"
	mkdir "$to.part"
	case $from in
	*.deb) ar p "$from" data.tar.xz | tar -xJ -C "$to.part" --strip-components="$4" --no-same-owner ./usr/src ;;
	*) tar -xJf "$from" -C "$to.part" --strip-components="$4" --no-same-owner ;;
	esac || die "can't unpack ${from##*/} into $to."
	[ "$3" != micropython ] || mpy_cross_makefile "$to.part/mpy-cross/GNUmakefile"
	echo "$stamp" >"$to.part/.sdk-source"
	rm -rf "$to"
	mv "$to.part" "$to"
}

# GNU make takes a GNUmakefile before a Makefile. This one lets MicroPython's build find the SDK's python3.
mpy_cross_makefile() {
	cat >"$1" <<-EOF
		# Written by 'make submodules': mpy-cross, built with the SDK's Python.
		SDK_DIR ?= \$(HOME)/openmv-sdk-$SDK_VERSION
		export PATH := \$(SDK_DIR)/bin:\$(PATH)
		include Makefile
	EOF
}
