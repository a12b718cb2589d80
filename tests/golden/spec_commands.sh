#!/bin/sh
# SPDX-License-Identifier: MIT
# Golden test: omv -n prints the specification's commands, each case of spec_commands.txt in a folder where no file is.
# Usage: spec_commands.sh OMV [FILE]
set -u
omv=$1
file=${2:-$(dirname "$0")/spec_commands.txt}
work=$(mktemp -d "${TMPDIR:-/tmp}/omv-golden.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
export OMV_TOP="$work" XDG_RUNTIME_DIR="$work"
awk -v dir="$work" '
    /^\$ omv / { n++; print substr($0, 7) > (dir "/" n ".args"); out = dir "/" n ".expected"; printf "" > out; next }
    /^$/ { out = ""; next }
    out != "" { print > out }
    END { print n > (dir "/count") }' "$file"
count=$(cat "$work/count")
status=0 n=0
cd "$work" || exit 1
while [ "$n" -lt "$count" ]; do
    n=$((n + 1))
    args=$(cat $n.args)
    # shellcheck disable=SC2086
    "$omv" $args > $n.got 2>&1
    if cmp -s $n.expected $n.got; then
        echo "PASS omv $args"
    else
        echo "FAIL omv $args: expected '$(tr '\n' '|' < $n.expected)', got '$(tr '\n' '|' < $n.got)'; rerun: sh tests/golden/run.sh"
        status=1
    fi
done
[ "$count" -gt 0 ] || { echo 'FAIL spec_commands.txt: it has no cases [rerun: sh tests/golden/run.sh]'; status=1; }
exit $status
