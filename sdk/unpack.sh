# SPDX-License-Identifier: MIT
# Turns packages into a tree that needs nothing of the machine it runs on. Sourced by sdk.sh.

# No documentation, no translations, nothing that only an installed system uses.
PRUNE_ALL='./usr/share/doc ./usr/share/man ./usr/share/locale ./usr/share/info ./usr/share/lintian ./usr/share/bug
	./usr/share/doc-base ./usr/share/bash-completion ./usr/share/zsh ./usr/share/vim ./usr/share/applications
	./usr/share/pixmaps ./usr/share/icons ./usr/share/gtk-doc ./usr/share/aclocal ./etc ./var ./usr/lib/systemd ./usr/lib/udev
	./usr/lib/x86_64-linux-gnu/gconv/IBM* ./usr/lib/x86_64-linux-gnu/audit ./usr/lib/python3.13/test
	./usr/lib/python3.13/lib-dynload/_sqlite3* ./usr/lib/python3.13/lib-dynload/_dbm* ./usr/lib/python3.13/sitecustomize.py
	./usr/bin/gdb ./usr/bin/gdbtui ./usr/bin/gcore ./usr/bin/gi-* ./usr/bin/gdb-add-index'

# Of the compiler: C only, hard float only, and the cores of our chips (M0+, M4 and single-precision M7, M7, M55).
PRUNE_GCC='*/thumb/nofp */thumb/v7 */thumb/v7+* */thumb/v7-* */thumb/v7ve* */thumb/v7e-m */thumb/v8-a* */thumb/v8-m.base
	*/thumb/v8-m.main */thumb/v8-m.main+fp */thumb/v8.1-m* */thumb/*/softfp ./usr/*/arm/v5te
	*/plugin */install-tools */cc1plus *-lto-dump *-g++ *-c++ *-gcov* *-gprof* *-dwp *-elfedit
	*/libsupc++.a */libstdc++* */libcaf_*'

# Of the peers: no 32-bit and no other sanitizers' libraries, no tests, no tools that would shadow.
PRUNE_PEERS='./usr/bin/f2py* ./usr/lib/python3/dist-packages/scipy/*/tests ./usr/lib/clang ./usr/lib/llvm-19/bin/clang-?*
	*/libclang_rt.*i386* */libclang_rt.[!af]* */cc1plus'

# Of the Linux guest: the kernel with a network card, USB host, disk and FAT; of the emulator what starts a PC.
PRUNE_LINUX='./boot/[!v]* ./usr/bin/qemu-system-i386 */qemu-system-x86_64-microvm ./usr/sbin/usbipd ./usr/share/qemu/[!klm]*
	./usr/share/qemu/keymaps ./usr/share/qemu/linux-* ./usr/share/seabios/v* ./usr/share/metainfo */libndctl */kernel/[!bcdfl]*
	*/kernel/fs/[!fn]* */kernel/fs/n[!l]* */kernel/fs/f[!a]* */kernel/lib/*/* */kernel/lib/test_* */kernel/drivers/[!nsu]*
	*/kernel/drivers/n[!e]* */kernel/drivers/s[!c]* */kernel/drivers/u[!s]* */kernel/drivers/net/[!e]* */kernel/drivers/net/ethernet/[!i]*
	*/ethernet/intel/[!e]* */ethernet/intel/e1000e */drivers/scsi/*/* */drivers/scsi/[!s]* */drivers/usb/[!cmsu]* */drivers/usb/serial'

# deb_extract COMPONENT DEB: the data of one .deb, below $PART/COMPONENT. The first that fails says so, and ends the others
# (255 stops xargs); it does without writing a file, as the disk may be full.
deb_extract() {
	deb=$SDK_CACHE/$2 into=$PART/$1
	set -f
	case $1 in
	gcc) set -- --strip-components=2 $(excludes $PRUNE_ALL $PRUNE_GCC) ;;
	peers) set -- $(excludes $PRUNE_ALL $PRUNE_PEERS) ;;
	linux) set -- $(excludes $PRUNE_ALL $PRUNE_LINUX) ;;
	*) set -- $(excludes $PRUNE_ALL) ;;
	esac
	err=$({ ar p "$deb" data.tar.xz | tar -xJ -C "$into" --no-same-owner --wildcards "$@"; } 2>&1) && [ -z "$err" ] && return
	rmdir "$PART/no-failure" 2>/dev/null || exit 255
	(die "can't unpack ${deb##*/}: $(echo "$err" | head -n 1)" "Free disk space in $into: $(free_mb "$into") MB.") || exit 255
}
excludes() { for x; do echo "--exclude=$x"; done; }

# unpack COMPONENT...: all packages of $PART/rows that belong to these, each component below $PART/COMPONENT.
unpack() {
	for c; do mkdir -p "$PART/$c"; done
	mkdir "$PART/no-failure"
	awk -v want=" $* " 'index(want, " " $1 " ") { sub(".*/", "", $7); print $6, $1, $7 }' "$PART/rows" | sort -rn | cut -d' ' -f2- >"$PART/debs"
	parallel 2 deb_extract "$PART/debs"
	parallel_wait || exit 3
	rmdir "$PART/no-failure"
}

# The programs of this platform below the given folders.
elf_programs() {
	find "$@" -type f -perm -100 ! -name '*.so' ! -name '*.so.*' -exec grep -la "^$(printf '\177ELF')" {} +
}

# up FOLDER ROOT: the way from FOLDER to ROOT, as ../..
up() { echo "${1#"$2"/}" | sed 's|[^/][^/]*|..|g'; }

# The first line of every wrapper: $p is the wrapper itself, $d its folder, also when called through a link.
WRAPPER='#!/bin/sh
p=$0; [ ! -L "$p" ] || p=$(readlink -f "$p"); d=${p%/*}'

# wrapper FILE TARGET ROOT [ARGV0 [SETTINGS [OPTIONS]]]: a script FILE that runs the ELF TARGET (as seen from FILE's folder)
# with ROOT's own loader and libraries (and those in WRAP_LIBS, a folder below ROOT), wherever ROOT is moved.
wrapper() {
	h='$d'/$(up "${1%/*}" "$3")/host/usr
	libs=$h/lib/x86_64-linux-gnu${WRAP_LIBS:+:\$d/$(up "${1%/*}" "$3")/$WRAP_LIBS}
	echo "$WRAPPER
${5:+$5
}exec \"$h/lib64/ld-linux-x86-64.so.2\" --inhibit-cache --library-path \"$libs\" --argv0 \"${4:-\$p}\" \"\$d/$2\"${6:+ $6} \"\$@\"" >"$1"
	chmod 755 "$1"
}

# wrap_tree ROOT FOLDER...: every ELF program moves to .elf/NAME beside it, and a wrapper takes its place; links to
# programs become wrappers too, so that none costs a readlink.
wrap_tree() {
	root=$1
	shift
	elf_programs "$@" | while read -r f; do
		mkdir -p "${f%/*}/.elf"
		mv "$f" "${f%/*}/.elf/${f##*/}"
		wrapper "$f" ".elf/${f##*/}" "$root"
	done
	find "$@" -type l | while read -r f; do
		target=$(readlink -f "$f") || continue
		elf=${target%/*}/.elf/${target##*/}
		[ -f "$elf" ] || continue
		rm "$f"
		wrapper "$f" "$(up "${f%/*}" "$root")/${elf#"$root"/}" "$root"
	done
}
