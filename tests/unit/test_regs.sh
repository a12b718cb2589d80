#!/bin/sh
# SPDX-License-Identifier: MIT
# regc: the SVD file keeps to the schema, the derived headers agree with the description, and mistakes are found with their line.
set -u
cd "$(dirname "$0")/../.." || exit 1
python=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}/bin/python3
work=build/test/regs
rm -rf "$work" && mkdir -p "$work/chips" || exit 1
${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -g -fsanitize=address,undefined -Wall -Wextra -Werror -o "$work/regc" tools/regc.c || exit 1
export ASAN_OPTIONS=detect_leaks=0

is() {
    if [ "$2" = "$3" ]; then echo "PASS regc: $1"; else echo "FAIL regc: $1: expected '$2', got '$3' [rerun: tests/unit/test_regs.sh]"; fi
}

for regs in chips/*.regs; do
    chip=$(basename "$regs" .regs)
    is "$chip: no mistakes" '' "$("$work/regc" --out "$work" "$regs" 2>&1)"
    is "$chip: the SVD file keeps to the schema" '' "$("$python" tests/unit/check_svd.py "$work/$chip.svd" 2>&1)"
    is "$chip: every field of the description is in the SVD file" "$(awk '$1 == "block" { b = $2 } $1 == "peripheral" { for (i = 5; i <= NF; i++) if ($i ~ /^reset:/) own[$2] = $3; if (!($2 in own)) model[$3] = 1 }
        $1 == "field" { n[b]++ } END { for (b in model) sum += n[b]; for (p in own) sum += n[own[p]]; print sum }' "$regs")" \
        "$(grep -c '<field>' "$work/$chip.svd")"
    printf '#include "%s_regs.h"\nint main(void) { return 0; }\n' "$chip" > "$work/one.c"
    is "$chip: the header compiles by itself" '' "$(${HOST_CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$work" -fsyntax-only "$work/one.c" 2>&1)"
done

# A file of ours with each rule broken once is refused by the check itself.
svd=$work/stm32h743.svd
broken() { # NAME SED-SCRIPT
    sed "$2" "$svd" > "$work/broken.svd"
    is "the check of SVD files finds: $1" yes "$(cmp -s "$svd" "$work/broken.svd" && echo unchanged || { "$python" tests/unit/check_svd.py "$work/broken.svd" | grep -q . && echo yes || echo no; })"
}
broken 'a wrong access' '0,/read-only/s//readonly/'
broken 'a name with a blank' '0,/<name>CR</s//<name>C R</'
broken 'a register twice' '0,/<name>CFGR</s//<name>CR</'
broken 'a field that overlaps' '0,/<bitOffset>2</s//<bitOffset>0</'
broken 'a missing reset value type' '0,/<resetValue>0x0000C025</s//<resetValue>C025h</'
broken 'an unknown model' '0,/derivedFrom="USART1"/s//derivedFrom="USART99"/'

# Mistakes in a description.
mistake() { # NAME MESSAGE LINES
    printf 'chip T1 CM7 4 | x\n%b' "$3" > "$work/chips/t1.regs"
    message=$("$work/regc" --out "$work" "$work/chips/t1.regs" 2>&1)
    case $message in
    *"t1.regs:$2"*) echo "PASS regc: $1" ;;
    *) echo "FAIL regc: $1: expected '$2', got '$message'" ;;
    esac
}
mistake 'overlapping fields' '5: B overlaps A' 'block X 0x10\nreg 0 CR\nfield 3:0 A\nfield 3 B\n'
mistake 'two registers in one place' '4: B lies where A is' 'block X 0x10\nreg 4 A\nreg 0 B count:2\n'
mistake 'a register twice' '4: A is there twice' 'block X 0x10\nreg 0 A\nreg 4 A\n'
mistake 'a register outside its block' '3: A does not lie' 'block X 0x10\nreg 0x10 A\n'
mistake 'bits that are rw and w1c' '3: bits 00000001' 'block X 0x10\nreg 0 A rw:1 w1c:1\n'
mistake 'an unknown attribute' "3: 'rv:1' is not known" 'block X 0x10\nreg 0 A rv:1\n'
mistake 'a peripheral of no block' '3: there is no block Y' 'block X 0x10\nperipheral P Y 0x40000000\n'
mistake 'two peripherals in one place' '5: Q overlaps P' 'block X 0x10\nreg 0 A\nperipheral P X 0x40000000\nperipheral Q X 0x4000000c\n'
mistake 'a number that is none' "3: 'zero' is not a number" 'block X 0x10\nreg zero A\n'
mistake 'an unknown line' "2: 'registers'" 'registers X\n'
