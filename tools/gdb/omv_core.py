# SPDX-License-Identifier: MIT
# What all commands share: reading memory, errors, and turning a function into a command.
import struct

import gdb


def memory(address, size):
    """Bytes of the camera's memory."""
    try:
        return bytes(gdb.selected_inferior().read_memory(int(address), int(size)))
    except gdb.MemoryError:
        raise gdb.GdbError("memory 0x%08X to 0x%08X cannot be read" % (int(address), int(address) + int(size) - 1))


def word(address):
    return struct.unpack("<I", memory(address, 4))[0]


def evaluate(expression):
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError("%s: %s" % (expression, error))


def variable(file, name):
    """A static variable of a source file."""
    try:
        return gdb.parse_and_eval("'%s'::%s" % (file, name))
    except gdb.error:
        pass
    try:
        return gdb.parse_and_eval(name)
    except gdb.error:
        raise gdb.GdbError("this program has no %s of %s: is it the firmware's ELF file, with symbols?" % (name, file))


def where(address):
    """The source line of an address, as text."""
    address = int(address) & ~1
    block = gdb.block_for_pc(address)
    while block and not block.function:
        block = block.superblock
    line = gdb.find_pc_line(address)
    text = "0x%08X" % address
    if block:
        text += " in %s ()" % block.function
    if line.symtab:
        text += " at %s:%d" % (line.symtab.filename, line.line)
    return text


def integer(value):
    return int(value) & 0xFFFFFFFF


class Command(gdb.Command):
    def __init__(self, name, function, completion):
        self.__doc__ = function.__doc__
        super().__init__("omv " + name, gdb.COMMAND_DATA, completion)
        self.function = function

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        try:
            self.function(gdb.string_to_argv(argument))
        except gdb.error as error:      # what is read lazily can fail late: one line, not a Python trace
            raise gdb.GdbError(str(error))


def register(name, function, completion=gdb.COMPLETE_NONE):
    Command(name, function, completion)
