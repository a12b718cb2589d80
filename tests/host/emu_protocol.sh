#!/bin/sh
# SPDX-License-Identifier: MIT
# omv and the protocol against the real firmware in the emulator. Skipped when either is not built.
. "$(dirname "$0")/lib.sh"
if [ ! -x "$top/build/emulator/qemu-system-arm" ] || [ ! -f "$top/build/OPENMV4/bin/firmware.bin" ]; then
    echo 'SKIP the protocol on the emulated camera: firmware or emulator are not built'
    exit 0
fi
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}
talk=$top/build/test/talk
mkdir -p "$top/build/test"
${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -I"$top" -o "$talk" "$top/tests/host/talk.c" "$top/host/link.c" \
    "$top/protocol/packet.c" "$top/protocol/client.c" || exit 1
cd "$work" || exit 1

# Its own flash, so that nothing of the user's is touched.
me=test-$$
trap 'finish; rm -f "$top/build/emu/OPENMV4/$me".*' EXIT
"$omv" emu OPENMV4 --headless --fresh --name "$me" --scene "$sdk/share/scenes/flower.jpg" > emu.out 2> emu.err &
emulator=$!
pids="$pids $emulator"
until_true has emu.out ready
says 'the camera becomes ready' emu.out ready
socket=$XDG_RUNTIME_DIR/openmv/$me.console

# Scripts
printf 'import omv\nprint("on", omv.board_type(), omv.debug_mode())\n' > hello.py
check 'run' 0 "$omv" run hello.py --name "$me"
is 'what it prints' 'on H7 True' "$(cat out)"
printf 'print("a")\nraise ValueError("wrong")\n' > bad.py
check 'an exception' 1 "$omv" run bad.py --name "$me"
says 'the traceback' out 'ValueError: wrong'
printf 'def f(:\n' > syntax.py
check 'a syntax error' 1 "$omv" run syntax.py --name "$me"
printf 'import sys\nprint(1)\nsys.exit(3)\n' > exit.py
check 'sys.exit()' 0 "$omv" run exit.py --name "$me"
i=0
while [ $i -lt 400 ]; do echo "print('line $i of many')"; i=$((i + 1)); done > long.py
check 'a long script' 0 "$omv" run long.py --name "$me"
is 'all its output' "$(sed "s/^print('//; s/')$//" long.py | cksum)" "$(cksum < out)"
printf 'while True:\n    print("flood flood flood flood")\n' > flood.py
check 'a script that floods is stopped' 6 "$omv" run flood.py --timeout 2 --name "$me"
printf 'try:\n    while True: pass\nexcept KeyboardInterrupt:\n    print("caught")\nwhile True:\n    try:\n        while True: pass\n    except: pass\n' > stubborn.py
check 'a script that catches everything is stopped' 6 "$omv" run stubborn.py --timeout 2 --name "$me"
check 'the camera is well afterwards' 0 "$omv" run hello.py --name "$me"

# A host that dies in the middle, and one that does not read: the script goes on, the next host gets in.
timeout -s KILL 2 "$omv" run flood.py --name "$me" > /dev/null 2>&1
check 'after a host that was killed' 0 "$omv" run hello.py --name "$me"

# Frames
cat > frames.py <<'END'
import csi
c = csi.CSI(); c.reset(); c.pixformat(csi.RGB565); c.framesize(csi.QVGA)
while True: c.snapshot()
END
check 'frames' 0 "$omv" run frames.py --save pictures --frames 3 --timeout 40 --name "$me"
is 'three pictures' 3 "$(ls pictures | wc -l)"
"$talk" "$socket" ioctl stream 2 =160 =120 ioctl stream 1 =1 ioctl stream 0 =1 script frames.py frame ioctl stream 1 =0 frame frame \
    ioctl stream 3 =1 ioctl stream 0 ioctl stdin 1 > out 2> err
says 'a raw frame is made smaller to fit' out 'frame 140x105 0c030002 bytes 2 offset 32 length 29432'
says 'a JPEG frame' out 'frame 320x240 06060000'
says 'a second sensor is refused' out 'refused: it failed'
says 'an ioctl without its argument is refused' out 'refused: the request is not valid'

# What the camera tells, and channels of a script
"$talk" "$socket" info version memory list > out 2> err
says 'SYS_INFO has the USB id' out '37c51204'
says 'PROTO_VERSION is 1.0.2, firmware 5.0.0' out 'version 01020001 00050300'
says 'channels' out 'channel 3 stream 19'
cat > channel.py <<'END'
import protocol, time
class Backend:
    def __init__(self): self.data = b"initial"
    def size(self): return len(self.data)
    def shape(self): return (len(self.data), 1)
    def read(self, offset, size): return self.data[offset:offset + size]
    def write(self, offset, data): self.data = bytes(data)
    def ioctl(self, request, length, argument):
        print("ioctl", request, length)
        if request == 9: raise ValueError("nine")
channel = protocol.register("mine", protocol.CHANNEL_FLAG_READ | protocol.CHANNEL_FLAG_WRITE, Backend())
print("told", channel.send_event(7))
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 3000: pass
END
"$talk" "$socket" script channel.py $(for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo event 200; done) list size mine shape mine read mine 100 write mine 'something else' read mine 100 \
    ioctl mine 5 =1 ioctl mine 9 print until > out 2> err
says 'a channel of the script is listed' out 'channel 5 mine 23'
says 'its size' out 'size 7'
says 'its shape' out 'shape 7 1'
says 'read' out 'read initial'
says 'write' out 'read something else'
says 'ioctl' out 'ioctl 5 4'
says 'an exception in a channel is a refusal' out 'ValueError: nine'
says 'its event' out 'event 5 0007'

# A link that loses, damages and cuts packets
printf 'for i in range(200): print("line", i)\n' > lines.py
"$talk" "$socket" lossy 2 1 script lines.py until print > out 2> err
is 'all lines over a bad link' "$(i=0; while [ $i -lt 200 ]; do printf 'line %d\r\n' $i; i=$((i + 1)); done | cksum)" "$(cksum < out)"

# The REPL comes back 3 s after the last host
{ printf '6*7\r' && until_true has out 42; } | "$omv" shell --name "$me" > out 2> err
is 'shell' 0 $?
says 'the REPL answers' out '42'
check 'reset' 0 "$omv" reset --name "$me"
sleep 1
check 'after a reset' 0 "$omv" run hello.py --name "$me"
check 'power cut' 0 "$omv" power cut --name "$me"
sleep 1
check 'after a power cut' 0 "$omv" run hello.py --name "$me"
check 'another scene' 0 "$omv" scene "$sdk/share/scenes/china.jpg" --name "$me"
check 'frames of it' 0 "$omv" run frames.py --frames 2 --timeout 40 --name "$me"
echo 'no picture' > text.png
check 'a scene that is no picture' 9 "$omv" scene text.png --name "$me"
kill "$emulator"
wait "$emulator" 2> /dev/null
