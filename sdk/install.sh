# SPDX-License-Identifier: MIT
# The base SDK: what is complete, what is missing, and how it is put together. Sourced by sdk.sh.

INSTALLED_MB=500 # room that unpacking takes, at most

LAYOUT=3 # counts the changes of what is made of the same packages

# What a complete SDK was installed from; compared to know whether it is this one.
pins() { { echo $LAYOUT; rows gcc host src scene; } | sha256sum | cut -c1-16; }

# sdk_state: prints nothing when SDK_DIR is complete and intact; otherwise what is wrong.
sdk_state() {
	if [ ! -e "$SDK_DIR" ]; then
		echo "not installed"
	elif [ ! -f "$SDK_DIR/sdk.version" ] || [ ! -f "$SDK_DIR/sdk.files" ]; then
		echo "only half installed"
	elif [ "$(cat "$SDK_DIR/sdk.version")" != "$SDK_VERSION" ]; then
		echo "version $(cat "$SDK_DIR/sdk.version"), not $SDK_VERSION"
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

# Like sdk_state; also, the SDK must be made from these very pins.
install_state() {
	state=$(sdk_state)
	[ -n "$state" ] || [ "$(cat "$SDK_DIR/sdk.pins" 2>/dev/null)" = "$(pins)" ] || state="installed from other pins than sdk/sdk.lock's"
	echo "$state"
}

sdk_install() {
	state=$(install_state)
	if [ -n "$state" ]; then
		sdk_enter
		state=$(install_state) # another make may have installed it while we waited
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
	mkdir -p "$new/bin" "$new/src" "$PART/host/usr"
	step unpack "packages"
	ln -s usr/lib usr/lib64 usr/bin "$PART/host/" # a merged /usr, as the packages expect
	unpack gcc host
	mv "$PART/gcc" "$PART/host" "$new/"
	base_trim "$new"
	step wrap "programs"
	wrap_tree "$new" "$new/gcc" "$new/host/usr/bin"
	base_programs "$new"
	for f in $(awk '$1 == "src" { sub(".*/", "", $7); print $7 }' "$PART/rows"); do cp "$SDK_CACHE/$f" "$new/src/"; done
	pictures_extract scene "$new/share/scenes" sklearn/datasets/images flower.jpg china.jpg README.txt
	mv "$new/share/scenes/README.txt" "$new/share/scenes/LICENCE"
	step strip "target libraries"
	find "$new/gcc" -name '*.a' -print0 | xargs -0 -r -n 16 -P 2 "$new/gcc/bin/arm-none-eabi-strip" -g
	pins >"$new/sdk.pins"
	(cd "$new" && files_list) >"$PART/files"
	mv "$PART/files" "$new/sdk.files"
	echo "$SDK_VERSION" >"$new/sdk.version"
	replace "$new" "$SDK_DIR"
	step done "$(du -sm "$SDK_DIR" | cut -f1) MB in $SDK_DIR"
}

# replace NEW OLD: NEW takes OLD's place; components that are installed by themselves move over.
replace() {
	for part in qemu peers clients linux opencv; do
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
	# The linker asks /proc/self/exe for its name, which is the loader's; made to miss, it takes the one it was called by.
	find "$1/gcc/bin" -name 'arm-none-eabi-ld*' -type f -exec sed -i 's|/proc/self/exe|/proc/self/nil|' {} +
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

# pictures_extract COMPONENT FOLDER PATH NAME...: these files below PATH of the component's one package.
pictures_extract() {
	deb=$SDK_CACHE/$(rows "$1" | awk '{ sub(".*/", "", $7); print $7 }')
	into=$2 path=$3
	shift 3
	mkdir -p "$into"
	for f; do
		ar p "$deb" data.tar.xz | tar -xJO "./usr/lib/python3/dist-packages/$path/$f" >"$into/$f" 2>/dev/null && [ -s "$into/$f" ] ||
			die "${deb##*/} doesn't hold $path/$f."
	done
}
