#!/bin/sh
# SPDX-License-Identifier: MIT
# regc: the SVD file keeps to the schema, the derived headers agree with the description, and mistakes are found with their line.
set -u
cd "$(dirname "$0")/../.." || exit 1
python=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}/bin/python3
work=build/test/regs
rm -rf "$work" && mkdir -p "$work/chips" || exit 1
${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -g -fsanitize=address,undefined -Wall -Wextra -Werror -o "$work/regc" tools/regc/*.c || exit 1
export ASAN_OPTIONS=detect_leaks=0

is() {
    if [ "$2" = "$3" ]; then echo "PASS regc: $1"; else echo "FAIL regc: $1: expected '$2', got '$3' [rerun: tests/unit/test_regs.sh]"; fi
}

for regs in chips/*.regs; do
    chip=$(basename "$regs" .regs)
    is "$chip: no mistakes" '' "$("$work/regc" --out "$work" "$regs" 2>&1)"
    is "$chip: the SVD file keeps to the schema" '' "$("$python" tests/unit/check_svd.py "$work/$chip.svd" 2>&1)"
    printf '#include "%s_regs.h"\nint main(void) { return 0; }\n' "$chip" > "$work/one.c"
    is "$chip: the header compiles by itself" '' "$(${HOST_CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$work" -fsyntax-only "$work/one.c" 2>&1)"
    # Offsets, sizes, addresses, fields and interrupts in both headers are those of the SVD file.
    members=$(printf '%s' "$chip" | tr a-z A-Z)_INTERRUPTS
    {
        printf '#include "%s_regs.h"\nenum { %s };\n' "$chip" "$members"
        "$python" tests/unit/check_regs.py firmware "$work/$chip.svd" "$regs"
    } > "$work/firmware.c"
    { printf '#include <stdint.h>\n#include "%s_defs.h"\n' "$chip" && "$python" tests/unit/check_regs.py emulator "$work/$chip.svd" "$regs"; } > "$work/emulator.c"
    for who in firmware emulator; do
        is "$chip: the $who's header is as the SVD file has it" '' "$(${HOST_CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$work" -fsyntax-only "$work/$who.c" 2>&1 | head -n 3)"
        is "$chip: that was found out of the file, for the $who" yes "$([ "$(grep -c _Static_assert "$work/$who.c")" -gt 2000 ] && echo yes)"
        sed "0,/BASE == 0x/s//BASE == 0x1/; 0,/_Pos == 3/s//_Pos == 4/" "$work/$who.c" > "$work/wrong.c"
        is "$chip: a wrong header for the $who is found" 2 "$(${HOST_CC:-cc} -std=c11 -I"$work" -fsyntax-only "$work/wrong.c" 2>&1 | grep -c 'error: static assertion')"
    done
    is "$chip: addresses, offsets and fields are typed nowhere else" '' "$("$python" tests/unit/check_regs.py sources "$work/$chip.svd" "$regs" \
        ports/stm32/*.[ch] ports/stm32/tinyusb/*.h boot/*.[ch] emulator/stm32*.[ch] emulator/dwc2*.[ch] emulator/openmv4.c 2>&1)"
done
cat > "$work/again.c" << 'END'
#define BASE 0x58024400UL
#define RCC_CR 0x00
#define RCC_CR_HSEON BIT(16) /* 0x58024400 in a comment is none */
enum { CR1_UE = 1u << 0, CR2 = 0x04, OTHER = 0x04, ISR_ERRORS = 0x0f };
void f(void) { USART1->CR2 = 0x04; puts("0x58024400"); }
END
is 'a register that is typed again is found' '1: 2: 3: 4: 4:' "$(echo $("$python" tests/unit/check_regs.py sources "$work/stm32h743.svd" chips/stm32h743.regs "$work/again.c" | grep -o 'again.c:[0-9]*:' | cut -d: -f2- | tr -d '\n' | sed 's/:/: /g'))"

# A file of ours with each rule broken once is refused by the check itself.
svd=$work/stm32h743.svd
broken() { # NAME SED-SCRIPT
    sed "$2" "$svd" > "$work/broken.svd"
    is "the check of SVD files finds: $1" yes "$(cmp -s "$svd" "$work/broken.svd" && echo unchanged || { [ -n "$("$python" tests/unit/check_svd.py "$work/broken.svd")" ] && echo yes || echo no; })"
}
broken 'a wrong access' '0,/read-only/s//readonly/'
broken 'a name with a blank' '0,/<name>CR</s//<name>C R</'
broken 'a register twice' '0,/<name>CFGR</s//<name>CR</'
broken 'a field that overlaps' '0,/<bitOffset>2</s//<bitOffset>0</'
broken 'a missing reset value type' '0,/<resetValue>0x0000C025</s//<resetValue>C025h</'
broken 'a cluster without a description' '0,/<name>PLL\[%s\]<.name>/{/<name>PLL\[%s\]</{n;d}}'
broken 'an array that runs into what follows' '0,/<dim>3</s//<dim>9</'
broken 'an interrupt with two numbers' '0,/<value>24</s//<value>25</'
broken 'an empty description' '0,/<description>HSI on</s//<description></'
broken 'an unknown model' '0,/derivedFrom="USART1"/s//derivedFrom="USART99"/'

# Mistakes in a description.
mistake() { # NAME MESSAGE LINES
    printf 'chip T1 CM7 4 | x\n%b' "$3" > "$work/chips/t1.regs"
    message=$("$work/regc" --out "$work" "$work/chips/t1.regs" 2>&1)
    case $message in
    *"t1.regs:$2"*) echo "PASS regc: $1" ;;
    *) echo "FAIL regc: $1: expected '$2', got '$message' [rerun: sh tests/unit/test_regs.sh]" ;;
    esac
}
mistake 'overlapping fields' '5: B overlaps A' 'block X 0x10\nreg 0 CR\nfield 3:0 A\nfield 3 B\n'
mistake 'two registers in one place' '4: B lies where A is' 'block X 0x10\nreg 4 A\nreg 0 B count:2\n'
mistake 'a register twice' '4: A is there twice' 'block X 0x10\nreg 0 A\nreg 4 A\n'
mistake 'a register outside its block' '3: A does not lie' 'block X 0x10\nreg 0x10 A\n'
mistake 'bits that are rw and w1c' '3: bits 00000001' 'block X 0x10\nreg 0 A rw:1 w1c:1\n'
mistake 'an array outside its block' '3: A does not lie' 'block X 0x10\narray 0 A count:3 stride:8\n'
mistake 'members of two elements in one place' '5: C lies where B is' 'block X 0x20\narray 0 A count:2 stride:8\nreg 0 B\nreg 8 C\n'
mistake 'a model that is not there' '2: there is no block X' 'block Y 0x10 like:X\n'
mistake 'a register that the model has not' '5: B is not a register' 'block X 0x10\nreg 0 A\nblock Y 0x10 like:X\nreg - B rw:1\n'
mistake 'a register without a model' '5: A is not a register' 'block X 0x10\nreg 0 A\nblock Y 0x10\nwithout A\n'
mistake 'an offset typed again' '5: Y is like X' 'block X 0x10\nreg 0 A\nblock Y 0x10 like:X\nreg 0 A rw:1\n'
mistake 'a model for bits that comes later' '3: there is no register B' 'block X 0x10\nreg 0 A as:B\nreg 4 B\n'
mistake 'an interrupt that is not there' '4: there is no interrupt I' 'block X 0x10\nreg 0 A\nperipheral P X 0x40000000 irq:I\n'
mistake 'interrupts out of order' '3: I and J' 'irq 2 I\nirq 1 J\n'
mistake 'an unknown attribute' "3: 'rv:1' is not known" 'block X 0x10\nreg 0 A rv:1\n'
mistake 'a reset value of no register' '4: there is no register B' 'block X 0x10\nreg 0 A\nperipheral P X 0x40000000 reset:B=1\n'
mistake 'a peripheral of no block' '3: there is no block Y' 'block X 0x10\nperipheral P Y 0x40000000\n'
mistake 'two peripherals in one place' '5: Q overlaps P' 'block X 0x10\nreg 0 A\nperipheral P X 0x40000000\nperipheral Q X 0x4000000c\n'
mistake 'a number that is none' "3: 'zero' is not a number" 'block X 0x10\nreg zero A\n'
mistake 'an unknown line' "2: 'registers'" 'registers X\n'
