#!/bin/sh
# SPDX-License-Identifier: MIT
# gdb on the emulated camera that runs a script: breakpoints, steps, watchpoints, and what gdb knows of a camera.
. "$(dirname "$0")/lib.sh"
call=$(line_of modules/image/py_blob.c 'int count = blob_find(')
raw=$work/raw

set --
for i in 1 2 3 4 5 6 7 8 9; do set -- "$@" --ex "hbreak *(0x08041000 + 16 * $i)"; done
limited 240 "$omv" debug OPENMV4 --emu --fast --name gdb --scene "$scene" --batch \
    --ex 'echo @function\n' --ex 'break blob_find' --ex continue --ex 'bt 3' --ex 'omv pybt' \
    --ex 'echo @image\n' --ex 'print *img' --ex 'omv image img' --ex "omv image img $work/a.png" --ex "omv framebuffer $work/frame" \
    --ex "dump binary memory $raw img->data img->data+320*240*2" --ex 'omv image 5' --ex 'omv image (struct image *) 0x10000000' --ex 'omv image (struct image *) img' --ex 'omv image options' \
    --ex 'echo @pools\n' --ex 'omv pools' --ex 'omv threads' --ex 'omv fault' --ex 'omv dfu' \
    --ex 'echo @finish\n' --ex 'finish' --ex 'delete' \
    --ex 'echo @line\n' --ex "break py_blob.c:$call" --ex 'continue' --ex 'info source' \
    --ex 'echo @step\n' --ex 'step' --ex 'echo @next\n' --ex 'next' --ex 'echo @stepi\n' --ex 'stepi' --ex 'nexti' --ex 'info registers pc' --ex 'delete' \
    --ex 'echo @watch\n' --ex "watch -l 'runtime/pool.c'::controls[0]->persist" --ex 'continue' --ex 'bt 3' --ex 'delete' \
    --ex 'echo @rwatch\n' --ex "rwatch 'runtime/pool.c'::count" --ex 'continue' --ex 'delete' \
    --ex 'echo @awatch\n' --ex "awatch -l 'runtime/pool.c'::controls[0]->persist" --ex 'continue' --ex 'delete' \
    --ex 'echo @many\n' --ex 'watch *(int*)0x20000000' --ex 'watch *(int*)0x20000004' --ex 'watch *(int*)0x20000008' \
    --ex 'watch *(int*)0x2000000c' --ex 'watch *(int*)0x20000010' --ex 'continue' --ex 'delete' \
    --ex 'echo @wide\n' --ex 'watch *(char(*)[12])0x20000000' --ex 'continue' --ex 'delete' \
    --ex 'echo @ninth\n' "$@" --ex 'x/2xw 0xE0002000' --ex 'continue' --ex 'delete 22' --ex 'delete' \
    --ex 'echo @ram\n' --ex 'break *0x24070000' --ex 'break *0x24070010' --ex 'break *0x24070020' --ex 'break *0x24070030' \
    --ex 'break *0x24070040' --ex 'break *0x24070050' --ex 'break *0x24070060' --ex 'break *0x24070070' --ex 'break *0x24070080' \
    --ex 'tbreak blob_find' --ex 'continue' \
    --ex 'echo @memory\n' --ex 'print/x *(unsigned*)0xE000ED00' --ex 'x/2xw 0x58024400' --ex 'x/4xb img->data' \
    --ex 'echo @end\n' "$top/tests/debug/loop.py" > "$work/out" 2> "$work/err" < /dev/null
is "debug: gdb ends well" 0 $?

# part NAME: what gdb said behind this mark, in a file of that name.
for part in function image pools finish line step next stepi watch rwatch awatch many wide ninth ram memory; do
    awk -v p="@$part" '$0 == p { on = 1; next } /^@/ { on = 0 } on' "$work/out" > "$work/$part"
done
matches 'break at a function' function '^Breakpoint [0-9]+, blob_find \(img='
matches 'backtrace in C' function '^#1 .* py_image_find_blobs .*py_blob\.c:[0-9]+'
matches 'backtrace in Python: innermost' function "^#0  File \"<stdin>\", line $(line_of tests/debug/loop.py 'return img.find_blobs'), in look\$"
matches 'backtrace in Python: caller' function "^#1  File \"<stdin>\", line $(line_of tests/debug/loop.py 'blobs = look'), in turn\$"
matches 'backtrace in Python: module' function "^#2  File \"<stdin>\", line $(line_of tests/debug/loop.py '    turn(n)'), in <module>\$"
matches 'an image prints as one line' image '^\$[0-9]+ = \{320x240 RGB565, 153600 bytes at 0x2'
matches 'an image has a preview' image '[#*%]{3}.*[:.]'
if "$sdk/bin/python3" "$top/tests/debug/check_png.py" "$work/a.png" "$raw" 320 240 > "$work/png" 2>&1; then
    echo 'PASS an image as PNG has the pixels of the memory'
else
    echo "FAIL an image as PNG: $(cat "$work/png"); rerun: sh tests/debug/$script"
fi
is 'the frame buffer as PNG is a file' yes "$([ -s "$work/frame.png" ] && echo yes)"
says 'an expression with spaces' image '320x240 RGB565'
matches 'a pointer to nowhere: said so' err '^(Cannot access memory|memory .* cannot be read|this is no image)'
is 'no Python trace' '' "$(grep 'Python Exception' "$work/err")"
says 'no image: said so' err 'this is a int, not a struct image'
says 'another struct: said so' err 'not a struct image'
matches 'pools' pools '^0  0x24000000 +[0-9]+ bytes: used [1-9][0-9]* in [1-9]'
matches 'threads: the main program and its stack' pools '^stack: [0-9]+ of 65536 bytes used'
says 'fault: none recorded' pools 'no fault is recorded'
says 'dfu: not in this program' err 'has no DFU device'
matches 'finish gives the result' finish '^Value returned is \$[0-9]+ = [1-9][0-9]*$'
matches 'break at file:line' line "^Breakpoint [0-9]+, py_image_find_blobs .*py_blob\.c:$call"
matches 'the source is found' line '^Located in .*/modules/image/py_blob\.c$'
matches 'step goes into the function' step '^blob_find \(img='
matches 'next stays in it' next '^5[0-9][0-9]	'
matches 'stepi' stepi '^pc +0x80[0-9a-f]+'
matches 'watch: who wrote it' watch '^#[0-3] .*(pool_|release|take|alloc).*pool\.c:[0-9]+'
matches 'watch: old and new value' watch '^New value = [0-9]+'
matches 'rwatch: who read it' rwatch '^Value = 2$'
matches 'awatch: who touched it' awatch '^Value = [0-9]+$|^New value = [0-9]+$'
says 'the fifth watchpoint is refused by gdb' err 'Could not insert hardware watchpoint'
says 'and the emulator says why' err 'all 4 comparators of the Cortex-M7 are in use'
says 'a watchpoint of 12 bytes is no comparator' err 'a comparator covers 1, 2, 4'
says 'the ninth breakpoint is refused by gdb' err 'Cannot insert hardware breakpoint'
says 'and the emulator says why, too' err 'all 8 comparators of the Cortex-M7 are in use'
matches 'breakpoints in RAM are not limited' ram '^Temporary breakpoint [0-9]+, blob_find'
matches 'memory: the core identifies itself' memory '= 0x411fc27'
matches 'memory: registers of a peripheral (RCC)' memory '^0x58024400:.*0x[0-9a-f]*[1-9a-f]'
