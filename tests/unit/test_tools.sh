#!/bin/sh
# SPDX-License-Identifier: MIT
# mkromfs, mkdfu, and the files that boardc derives: Make takes them, they are JSON, they compile. Rerun: sh tests/unit/test_tools.sh
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$top/build/test/tools
rm -rf "$work" && mkdir -p "$work/top/sub" "$work/files" && cd "$work" || exit 1
sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all'
compile="${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror"
for tool in mkromfs mkdfu; do $compile $sanitize -o $tool "$top/tools/$tool.c" || exit 1; done
for tool in read_romfs check_json; do $compile $sanitize -o $tool "$top/tests/unit/$tool.c" || exit 1; done
$compile $sanitize -o boardc "$top"/tools/boardc/*.c || exit 1

failed=0
pass() { echo "PASS tools: $1"; }
fail() { failed=1; printf 'FAIL tools: %s, rerun: sh tests/unit/test_tools.sh\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"; }
# same NAME EXPECTED GOT
same() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "$2" "$3"; fi; }

# --- mkromfs: the image read back by a reader of its own
printf 'hello' > top/a.txt
head -c 4097 /dev/zero | tr '\0' 'x' > top/sub/big.bin
: > top/sub/empty
printf '\034\0\0\0TFL3network' > top/sub/net.tflite
printf 'cat\ndog\n' > top/sub/net.txt
printf 'cascade' > top/face.cascade
i=0; while [ $i -lt 40 ]; do printf '%s' "$i" > "top/sub/n$i.py"; i=$((i + 1)); done
cat > list <<'END'
# a comment

data   a.txt
data   sub/big.bin  align:32
data   sub/empty    align:1
tflite sub/net.tflite align:16
haar   face.cascade align:4096
data   a.txt        name:other.txt align:8   # the same file again
data   sub/n*.py
END
./mkromfs -o image --size 65536 --top top --depend image.d list > table || exit 1
./read_romfs image files > index || fail 'the image' 'readable' 'refused'
same 'header' 'd2 cd 31' "$(head -c 3 image | od -An -tx1 | sed 's/^ *//')"
same 'number of files' 47 "$(wc -l < index | tr -d ' ')"
for pair in a.txt:a.txt sub/big.bin:big.bin sub/empty:empty sub/net.tflite:net.tflite sub/net.txt:net.txt face.cascade:face.cascade a.txt:other.txt sub/n39.py:n39.py; do
    cmp -s "top/${pair%%:*}" "files/${pair##*:}" && pass "contents of ${pair##*:}" || fail "contents of ${pair##*:}" "those of top/${pair%%:*}" "$(head -c 80 "files/${pair##*:}")"
done
for pair in big.bin:32 net.tflite:16 face.cascade:4096 other.txt:8 n7.py:4; do
    offset=$(awk -v f="${pair%%:*}" '$3 == f { print $1 }' index)
    same "${pair%%:*} begins at a multiple of ${pair##*:}" 0 $((offset % ${pair##*:}))
done
same 'labels follow their network' 'net.tflite net.txt' "$(awk '{ print $3 }' index | grep net | tr '\n' ' ' | sed 's/ $//')"
same 'a pattern in byte order' 'n0.py n1.py n10.py' "$(awk '{ print $3 }' index | grep '^n[0-9]' | head -n 3 | tr '\n' ' ' | sed 's/ $//')"
grep -q '/rom/big.bin' table && pass 'the table of what is used' || fail 'the table' '/rom/big.bin in it' "$(cat table)"
./mkromfs -o again --size 65536 --top ./top list > /dev/null && cmp -s image again && pass 'twice the same bytes' || fail 'twice the same bytes' 'equal' 'different'
grep -q 'top/sub/n3.py' image.d && grep -q ' top/sub ' image.d && pass 'dependencies' || fail 'dependencies' 'files and folders' "$(head -n 5 image.d)"
i=1; while [ $i -le 300 ]; do # every file length around the steps of the lengths' encoding
    head -c $i /dev/zero > top/one; echo "data one align:$((1 << i % 8))" > one
    ./mkromfs -o one.img --size 4096 --top top one > /dev/null && ./read_romfs one.img files > one.index && cmp -s top/one files/one \
        && [ $(($(cut -d' ' -f1 one.index) % (1 << i % 8))) -eq 0 ] || { fail "a file of $i bytes" 'read back' 'different'; break; }
    i=$((i + 1))
done
[ $i -gt 300 ] && pass 'files of 1 to 300 bytes, alignments 1 to 128'

# refuse NAME LIST-TEXT MESSAGE
refuse() {
    printf '%s\n' "$2" > bad
    got=$(./mkromfs -o bad.img --size "${size:-65536}" --top top bad 2>&1); status=$?
    [ $status -eq 1 ] && [ ! -e bad.img ] || got="status $status: $got"
    same "mkromfs refuses $1" "$3" "$got"
}
refuse 'a missing file' 'data none' 'bad:1: top/none: No such file or directory'
refuse 'a folder' 'data sub' 'bad:1: top/sub: not a file'
refuse 'an unknown type' 'blob a.txt' "bad:1: unknown type 'blob' (data, haar, tflite)"
refuse 'half a line' 'data' 'bad:1: expected TYPE PATH [align:N] [name:NAME]'
refuse 'an odd alignment' 'data a.txt align:3' "bad:1: 'align:3': an alignment is a power of two up to 4096"
refuse 'a huge alignment' 'data a.txt align:8192' "bad:1: 'align:8192': an alignment is a power of two up to 4096"
refuse 'an unknown option' 'data a.txt fast' "bad:1: 'fast' is neither align:N nor name:NAME"
refuse 'too many words' 'data a.txt align:4 name:b c' 'bad:1: too many words: TYPE PATH [align:N] [name:NAME]'
refuse 'a path out of the folder' 'data ../top/a.txt' 'bad:1: ../top/a.txt: a path is relative to the top folder and stays in it'
refuse 'an absolute path' 'data /etc/passwd' 'bad:1: /etc/passwd: a path is relative to the top folder and stays in it'
refuse 'the same name twice' 'data a.txt
data a.txt' 'bad:2: a.txt is in the image twice (first in line 1)'
refuse 'a pattern without a match' 'data sub/*.zip' 'bad:1: top/sub/*.zip matches nothing'
refuse 'a pattern in a folder name' 'data s*/big.bin' 'bad:1: s*/big.bin: a * stands in the last part of the path, and without name:'
touch top/face.xml
refuse 'a cascade in XML' 'haar face.xml' "bad:1: top/face.xml: a cascade in XML can't be converted yet; list a .cascade file"
refuse 'what is no network' 'tflite a.txt' 'bad:1: top/a.txt: not a TensorFlow Lite model'
size=4000 refuse 'what does not fit' 'data sub/big.bin' 'mkromfs: bad needs 4132 bytes, the partition has 4000: 132 too many'
got=$(./mkromfs -o none/x --size 65536 --top top list 2>&1); same 'a folder that is not there' 'mkromfs: none/x.new: No such file or directory' "$got"

# --- mkdfu
bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }
printf 'firmware!' > fw.bin
./mkdfu -o fw.dfu --usb 37C5:9204 fw.bin && ./mkdfu -o rom.dfu --usb 0483:DF11 --address 0x08000000 --alt 1 --name ROM fw.bin || failed=1
same 'plain: image, then the suffix' '6669726d7761726521ffff0492c5370001554644109c1b205d' "$(bytes fw.dfu 0 99)"
same 'DfuSe: prefix' "44667553650146616c7365" "$(bytes rom.dfu 0 5)01$(printf 'False' | od -An -tx1 | tr -d ' \n')"
same 'DfuSe: total length' 2e010000 "$(bytes rom.dfu 6 4)"
same 'DfuSe: target' "01$(printf Target | od -An -tx1 | tr -d ' \n')0101000000524f4d00" "$(bytes rom.dfu 10 16)"
same 'DfuSe: element' '11000000010000000000000809000000' "$(bytes rom.dfu 277 16)"
same 'DfuSe: suffix ids' ffff11df83041a01554644 "$(bytes rom.dfu 302 11)"
suffix=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}/bin/dfu-suffix
if [ -x "$suffix" ]; then
    for f in fw rom; do "$suffix" -c $f.dfu > suffix.log 2>&1 && pass "dfu-suffix accepts $f.dfu" || fail "dfu-suffix -c $f.dfu" accepted "$(tail -n 3 suffix.log)"; done
else
    echo 'SKIP tools: dfu-suffix (not in the SDK)'
fi
: > nothing.bin
got=$(./mkdfu -o x --usb 37C5:9204 nothing.bin 2>&1); same 'mkdfu refuses an empty image' 'mkdfu: nothing.bin: empty' "$got"
got=$(./mkdfu -o x --usb 37C5-9204 fw.bin 2>&1); same 'mkdfu refuses a bad id' 'mkdfu: 37C5-9204: not VID:PID (such as 37C5:9204)' "$got"
got=$(./mkdfu -o x --usb 37C5:9204 --address zero fw.bin 2>&1); same 'mkdfu refuses a bad address' 'mkdfu: zero: not an address' "$got"
got=$(./mkdfu -o x --usb 37C5:9204 none.bin 2>&1); same 'mkdfu refuses a missing file' 'mkdfu: none.bin: No such file or directory' "$got"

# --- what boardc derives, for every board
mkdir -p all
./boardc --out all --all "$top/boards" || { fail 'boards' accepted refused; exit 1; }
$compile -I all -c -o all/boards.o all/boards.c && pass 'boards.c compiles' || failed=1
for config in "$top"/boards/*/board_config.mk; do
    target=$(basename "$(dirname "$config")")
    mkdir -p "$target"
    ./boardc --out "$target" --sdk '${env:HOME}/sdk' "$config" || { fail "$target" accepted refused; continue; }
    ./check_json "$target/launch.json" && ./check_json "$target/tasks.json" && pass "$target: launch.json, tasks.json" || failed=1
    { echo '#include "board.h"'; echo '#include "dfu_alternates.h"'; echo '#include "emu_board.h"'; echo 'int unused;'; } > all/one.c
    $compile -I "$target" -c -o all/one.o all/one.c && pass "$target: headers compile" || failed=1
    got=$(printf 'include %s\ninclude %s/board.mk\nshow: ; @echo "$(NAME)|$(BOARD_NAME)|$(words $(PARTITION))"\n' "$config" "$work/$target" | ${MAKE:-make} --no-print-directory -R -r -f - show 2>&1)
    rows=$(grep '^PARTITION' "$config" | cut -d= -f2 | wc -w | tr -d ' ')
    name=$(sed -n 's/^NAME *= *//p' "$config")
    same "$target: Make reads the description as it is" "$name|$name|$rows" "$got"
done
cp -r all again_all && ./boardc --out again_all --all "$top/boards" && diff -r all/boards.c again_all/boards.c > /dev/null && pass 'twice the same boards.c' || failed=1
got=$(./boardc --keys) && readme=$(sed -n '/^| Key /,/^$/p' "$top/boards/README.md") && same 'boards/README.md has the table of boardc --keys' "$got" "$readme"
[ $failed -eq 0 ]
