#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds QEMU once for the SDK: qemu.sh TARBALL PREFIX SYSROOT TOOLS
#
# TARBALL   QEMU's source (qemu_10.0.*.orig.tar.xz)
# PREFIX    PREFIX/qemu/ is what this makes; PREFIX/qemu.build/ is used meanwhile
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
out=$work/out
log=$work/log

fail()
{
    echo "qemu.sh: $1; the log is $log" >&2
    [ ! -f "$log" ] || tail -n 20 "$log" >&2
    exit 1
}

unpack()
{
    rm -rf "$work"
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
        cc="'gcc', '--sysroot=$sysroot'"
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
    (cd "$bld" && ninja -j"$jobs" qemu-system-arm) >> "$log" 2>&1 || fail "the compilation failed"
}
unpack
configure_build
compile
