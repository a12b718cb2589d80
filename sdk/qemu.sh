#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds QEMU once for the SDK: qemu.sh TARBALL PREFIX SYSROOT TOOLS
#
# TARBALL   QEMU's source (qemu_10.0.*.orig.tar.xz)
# PREFIX    PREFIX/qemu/ is what this makes, whole or not at all; PREFIX/qemu.build/ and qemu.new/ are used meanwhile
# SYSROOT   libc, glib, pcre2, zlib and fdt with their -dev files and static archives ("/" = this machine's own)
#           (trixie: libc6-dev linux-libc-dev libgio-2.0-dev libglib2.0-0t64 libsysprof-capture-4-dev libpcre2-dev zlib1g-dev libfdt-dev)
# TOOLS     folder with python3 (that can import mesonbuild), ninja and pkgconf or pkg-config
#
# Nothing is installed that runs as it is: the result is what emulator/emulator.mk links with our devices, which register
# themselves by constructors. So changing a device costs seconds and never runs meson:
#   qemu/include/ ...    the headers a device needs
#   qemu/cflags.rsp      how to compile a device        cd PREFIX/qemu && gcc @cflags.rsp -c DEVICE.c -o DEVICE.o
#   qemu/qemu.o          all of QEMU's own objects, in one
#   qemu/link.rsp        how to link the emulator       cd PREFIX/qemu && gcc -o OUT DEVICE.o... @link.rsp
# Paths inside are relative to PREFIX/qemu, if SYSROOT lies below PREFIX; so the whole can be moved.
set -eu

[ $# -eq 4 ] || { echo "usage: qemu.sh TARBALL PREFIX SYSROOT TOOLS" >&2; exit 2; }
self=$(cd "$(dirname "$0")" && pwd)
tarball=$1 prefix=$2 sysroot=$3 tools=$4
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
sysroot=$(cd "$sysroot" && pwd)
tools=$(cd "$tools" && pwd)
jobs=${JOBS:-2}

PATH=$tools:$PATH
export PATH
work=$prefix/qemu.build
src=$work/src
bld=$work/bld
out=$prefix/qemu.new
log=$work/log

fail()
{
    echo "qemu.sh: $1; the log is $log" >&2
    [ ! -f "$log" ] || tail -n 20 "$log" >&2
    exit 1
}

unpack()
{
    rm -rf "$work" "$out"
    mkdir -p "$src" "$bld" "$out"
    : > "$log"
    tar -xJf "$tarball" -C "$src" --strip-components=1 >> "$log" 2>&1 || fail "cannot unpack $tarball"
    (cd "$src" && patch -p1) < "$self/qemu.patch" >> "$log" 2>&1 || fail "qemu.patch does not apply"
    cat > "$src/configs/devices/arm-softmmu/openmv.mak" <<MAK
# The cameras' own machines live outside; these are the cores for bare benchmarks (M0, M3/M4/M7/M33/M55) and what our devices use.
CONFIG_MICROBIT=y
CONFIG_MPS2=y
CONFIG_MPS3R=n
CONFIG_ARM_V7M=y
CONFIG_I2C=y
CONFIG_SSI=y
CONFIG_SD=y
CONFIG_PL031=y
CONFIG_UNIMP=y
CONFIG_OR_IRQ=y
CONFIG_SPLIT_IRQ=y
CONFIG_CPU_CLUSTER=y
MAK
}

# Meson directly, without configure: no Python virtual environment, no pip.
configure_build()
{
    python=$(command -v python3) || fail "no python3"
    pkgconf=$(command -v pkgconf || command -v pkg-config) || fail "no pkgconf"
    NINJA=$(command -v ninja) || fail "no ninja"
    # The Python that runs meson starts itself again by its own name, without the wrapper's help.
    PYTHONPATH=$("$python" -c 'import mesonbuild; print(mesonbuild.__path__[0] + "/..")') || fail "python3 has no meson"
    export NINJA PYTHONPATH
    cat > "$bld/config-host.mak" <<MAK
SRC_PATH=$src
TARGET_DIRS=arm-softmmu
GENISOIMAGE=
MAK
    if [ "$sysroot" = / ]; then
        cc="'gcc'"
    else
        # -B: gcc prefers the start files and libraries beside itself to the sysroot's.
        cc="'gcc', '--sysroot=$sysroot', '-B$sysroot/usr/lib/x86_64-linux-gnu'"
        PKG_CONFIG_LIBDIR=$sysroot/usr/lib/x86_64-linux-gnu/pkgconfig:$sysroot/usr/share/pkgconfig
        PKG_CONFIG_SYSROOT_DIR=$sysroot
        export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
    fi
    cat > "$bld/machine.ini" <<INI
[properties]
arm-softmmu = 'openmv'
[binaries]
c = [$cc]
pkg-config = ['$pkgconf']
pkgconfig = ['$pkgconf']
INI
    (cd "$bld" && "$python" -m mesonbuild.mesonmain setup --native-file machine.ini --wrap-mode=nodownload \
        -Doptimization=2 -Ddebug=false -Dwerror=false -Dauto_features=disabled -Dprefer_static=true -Ddefault_devices=false \
        -Ddocs=disabled -Dtools=disabled -Dguest_agent=disabled -Dplugins=false -Dinstall_blobs=false -Dfdt=system \
        -Db_pie=false -Dtrace_backends=log \
        "-Dc_args=-ffile-prefix-map=$work=." . "$src") >> "$log" 2>&1 || fail "meson setup failed"
}

compile()
{
    (cd "$bld" && ninja -j"$jobs" -d keeprsp qemu-system-arm) >> "$log" 2>&1 || fail "the compilation failed"
}

# PATH as seen from PREFIX/qemu: relative when it lies below PREFIX.
seen()
{
    case $1 in
    "$prefix"/*) echo "../${1#"$prefix"/}" ;;
    *) echo "$1" ;;
    esac
}

headers()
{
    for d in include host/include linux-headers target/arm; do
        (cd "$src" && find "$d" -name '*.h' -o -name '*.h.inc') | tar -C "$src" -cf - -T - | tar -C "$out" -xf -
    done
    (cd "$bld" && find . -name '*.h' ! -path './meson-*') | tar -C "$bld" -cf - -T - | tar -C "$out/include" -xf -
    cp "$src/COPYING" "$out/"
}

# One object of all objects; the rest of ninja's link line as it was, with our paths. The devices go between the two.
link_rule()
{
    rsp=$bld/qemu-system-arm.rsp
    (cd "$bld" && ld -r -o "$out/qemu.o" $(tr ' ' '\n' < "$rsp" | grep '\.o$')) >> "$log" 2>&1 || fail "ld -r failed"
    strip --strip-unneeded "$out/qemu.o"
    rm -f "$out/libqemuutil.a"
    (cd "$bld" && ar rcD "$out/libqemuutil.a" $(ar t libqemuutil.a)) >> "$log" 2>&1 || fail "ar failed"
    strip --strip-unneeded "$out/libqemuutil.a"
    {
        echo qemu.o
        tr ' ' '\n' < "$rsp" | grep -v -e '\.o$' -e '^$' -e '^-o$' -e '^qemu-system-arm$' -e '^@' \
            | sed -e "s|.*/libatomic\.a$|-latomic|" -e "s|$sysroot/|$(seen "$sysroot")/|" -e "s|$sysroot\$|$(seen "$sysroot")|"
        [ "$sysroot" = / ] || printf '%s\n' "--sysroot=$(seen "$sysroot")" "-B$(seen "$sysroot")/usr/lib/x86_64-linux-gnu"
    } > "$out/link.rsp"
}

# The command of a board's file, without its file names, its dependency options and its warnings (those are ours to choose).
# All of QEMU's headers are system headers: -MMD leaves them out and they warn of nothing.
compile_rule()
{
    (cd "$bld" && ninja -t commands qemu-system-arm) | grep ' -c .*/hw/arm/armv7m\.c$' | tr ' ' '\n' \
        | sed -n -e '/^--sysroot=/p' -e '/^-std=/p' -e '/^-O/p' -e '/^-f/p' -e '/^-m/p' -e '/^-D/p' -e "/^'-D/p" -e '/^-pthread$/p' \
            -e "s|^-I\($sysroot/.*\)|-isystem\1|p" -e 's|^-I\(/usr/.*\)|-isystem\1|p' \
        | sed -e '/^-fdiagnostics/d' -e '/^-ffile-prefix-map/d' -e '/usr\/include$/d' -e "s|$sysroot/|$(seen "$sysroot")/|" \
            -e "s|=$sysroot\$|=$(seen "$sysroot")|" \
        > "$out/cflags.rsp"
    for d in . include include/qapi include/trace target/arm include/target/arm host/include/x86_64 host/include/generic linux-headers; do
        echo "-isystem$d"
    done >> "$out/cflags.rsp"
}

# What was made must make something: an emulator without our devices that knows its machines.
check()
{
    (cd "$out" && gcc -o "$work/try" @link.rsp) >> "$log" 2>&1 || fail "the installed objects do not link"
    run=
    [ ! -x "$tools/run" ] || run=$tools/run # the sysroot's libc is newer than the machine's
    for machine in microbit mps2-an386 mps2-an500 mps3-an547; do
        echo quit | $run "$work/try" -M $machine -S -display none -monitor stdio >> "$log" 2>&1 || fail "the linked emulator does not run as $machine"
    done
    printf '#include "qemu/osdep.h"\n#include "hw/boards.h"\n#include "target/arm/cpu.h"\n' > "$work/try.c"
    (cd "$out" && gcc @cflags.rsp -c "$work/try.c" -o "$work/try.o") >> "$log" 2>&1 || fail "the installed headers do not compile"
}

unpack
configure_build
compile
headers
link_rule
compile_rule
check
rm -rf "$prefix/qemu"
mv "$out" "$prefix/qemu"
rm -rf "$work"
