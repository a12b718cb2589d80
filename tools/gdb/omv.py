# SPDX-License-Identifier: MIT
# gdb's knowledge of cameras: `omv` commands and how an image prints. `omv debug` loads it; by hand: source tools/gdb/omv.py
# Only gdb's own Python and its standard library. Everything is read from memory by the ELF's types; nothing runs on the camera.
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import omv_core  # noqa: E402
import omv_image  # noqa: E402
import omv_python  # noqa: E402
import omv_system  # noqa: E402


class Omv(gdb.Command):
    """What gdb knows of a camera.

omv image EXPRESSION [FILE]   an image: size and a preview; or as a file (.png; a compressed one as it is)
omv framebuffer [FILE]        the same for the frame that scripts and the host see
omv pools [-v]                memory pools; -v: every block
omv pybt                      backtrace of the running Python script, file and line
omv fault                     what fault status registers say, and the line that caused it
omv threads                   main program and exception handlers: which run, are pending, or were interrupted
omv dfu [EXPRESSION]          state of the bootloader's DFU device"""

    def __init__(self):
        super().__init__("omv", gdb.COMMAND_USER, gdb.COMPLETE_NONE, True)


Omv()
for module in (omv_image, omv_python, omv_system):
    for command in module.COMMANDS:
        omv_core.register(*command)
gdb.pretty_printers.append(omv_image.printer)
