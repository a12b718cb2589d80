# SPDX-License-Identifier: MIT
# First Python of every session: mounts the disks; an empty internal disk is formatted and gets a main.py and a README.txt.
import errno
import machine
import os
import sys
import vfs

MAIN = """\
# main.py -- runs at power-on. Replace it with your own program.
import time
from machine import LED

led = LED("LED_BLUE")
for ms in (150, 100, 150, 600):  # the self-test: two blinks
    led.toggle()
    time.sleep_ms(ms)
"""

README = """\
This is the camera's internal disk (/flash).

main.py runs when the camera starts; boot.py, if there is one, runs before it.
A file named SKIPSD keeps the camera from using an SD card.
What is in lib/ can be imported.
"""


def mount_flash():
    device = machine.Flash()
    try:
        vfs.mount(vfs.VfsFat(device), "/flash")
    except OSError as e:
        if e.errno != errno.ENODEV:
            raise  # there is a disk, but not for us now: a USB host may be writing it
        vfs.VfsFat.mkfs(device)
        vfs.mount(vfs.VfsFat(device), "/flash")
        for name, text in (("main.py", MAIN), ("README.txt", README)):
            with open("/flash/" + name, "w") as f:
                f.write(text)
    os.chdir("/flash")
    sys.path.append("/flash")
    sys.path.append("/flash/lib")


def mount_rom():
    try:
        vfs.mount(vfs.VfsRom(machine.romfs()), "/rom")
    except OSError:
        return  # an erased partition, or no image in it
    sys.path.append("/rom")
    sys.path.append("/rom/lib")


def mark_disk():
    # The host recognises the camera's drive by this file.
    try:
        os.stat(".openmv_disk")
    except OSError:
        open(".openmv_disk", "w").close()


for last in (False, False, False, True):
    try:
        mount_flash()
        break
    except OSError as e:
        if last:
            print("/flash can't be mounted (eject the drive, then Ctrl-D):", e)
mount_rom()
try:
    mark_disk()
except OSError:
    pass  # a full disk
