#!/bin/sh
# SPDX-License-Identifier: MIT
# Golden tests: what boards/ says, and what omv -n prints, against the specification. One line a check, see tests/run.sh.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/test/golden
cc="${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror"
mkdir -p "$out" && cd "$top" || exit 1

$cc -o "$out/boardc" tools/boardc/*.c || exit 1
"$out/boardc" --out "$out" --all boards || { echo 'FAIL boards: boardc refuses a description, rerun: sh tests/golden/run.sh'; exit 1; }
$cc -I "$out" -o "$out/spec_tables" tests/golden/spec_tables.c "$out/boards.c" || exit 1
status=0
"$out/spec_tables" tests/golden/spec_tables.txt || status=1
${MAKE:-make} -s --no-print-directory host > /dev/null || { echo 'FAIL omv: it cannot be built, rerun: make host'; exit 1; }
sh tests/golden/spec_commands.sh "$top/build/host/omv" tests/golden/spec_commands.txt || status=1
exit $status
