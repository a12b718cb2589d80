#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the pinned SDK. Run it through make: sdk, sdk-peers, sdk-lock, submodules (sdk/README.md).
#
# usage: sdk.sh install|peers|submodules|lock|check
# Environment: SDK_DIR, SDK_VERSION, TOP (checkout), SDK_CACHE, SDK_MIRROR, SDK_KEYRING, SDK_JOBS, SDK_LOCK.
set -eu
umask 022
LC_ALL=C
export LC_ALL

HERE=$(cd "$(dirname "$0")" && pwd)
TOP=${TOP:-$(dirname "$HERE")}
SDK_VERSION=${SDK_VERSION:-$(cat "$TOP/SDK_VERSION")}
SDK_DIR=${SDK_DIR:-$HOME/openmv-sdk-$SDK_VERSION}
SDK_LOCK=${SDK_LOCK:-$HERE/sdk.lock}
SDK_CACHE=${SDK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/openmv-sdk}
SDK_KEYRING=${SDK_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
SDK_JOBS=${SDK_JOBS:-4}
case $SDK_DIR in /*) ;; *) SDK_DIR=$PWD/$SDK_DIR ;; esac
case $SDK_CACHE in /*) ;; *) SDK_CACHE=$PWD/$SDK_CACHE ;; esac
PART=$SDK_DIR.part # everything unfinished lives here, on the same file system as SDK_DIR
START=$(date +%s)

. "$HERE/common.sh"
. "$HERE/fetch.sh"
. "$HERE/index.sh"
. "$HERE/unpack.sh"
. "$HERE/install.sh"
. "$HERE/parts.sh"

case ${1:-} in
install) sdk_install ;;
peers) sdk_install && peers_install ;;
submodules) submodules_unpack ;;
lock) sdk_enter && lock_write ;;
check) sdk_check ;;
*) die "usage: sdk.sh install|peers|submodules|lock|check" ;;
esac
