#!/bin/sh
# SPDX-License-Identifier: MIT
# Golden tests: what boards/ says against the specification's tables. One line a check, see tests/run.sh.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/test/golden
cc="${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror"
mkdir -p "$out" && cd "$top" || exit 1

$cc -o "$out/boardc" tools/boardc/*.c || exit 1
"$out/boardc" --out "$out" --all boards || { echo 'FAIL boards: boardc refuses a description, rerun: sh tests/golden/run.sh'; exit 1; }
$cc -I "$out" -o "$out/spec_tables" tests/golden/spec_tables.c "$out/boards.c" || exit 1
"$out/spec_tables" tests/golden/spec_tables.txt
