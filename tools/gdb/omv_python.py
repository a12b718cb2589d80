# SPDX-License-Identifier: MIT
# The MicroPython script behind the C functions: one line for each Python function that is being executed.
import gdb

from omv_core import integer, memory, variable

VM = "mp_execute_bytecode"
MOST_CODE = 1 << 20


def qstr(number):
    """The text of an interned string."""
    pool = variable("py/qstr.c", "mp_state_ctx")["vm"]["last_pool"]
    while number < int(pool["total_prev_len"]):
        pool = pool["prev"]
    index = number - int(pool["total_prev_len"])
    if index >= int(pool["len"]):
        return "<string %d?>" % number
    return pool["qstrs"][index].string("utf-8", "replace")


class Code:
    """Bytecode of one function: its prelude (py/bc.h), read byte by byte."""

    def __init__(self, address):
        self.address = address
        self.bytes = b""

    def byte(self, offset):
        while offset >= len(self.bytes):
            if offset > MOST_CODE:
                raise gdb.GdbError("the bytecode at 0x%08X makes no sense" % self.address)
            self.bytes += memory(self.address + len(self.bytes), 32)
        return self.bytes[offset]

    def number(self, offset):
        """A number in groups of seven bits: value, offset behind it."""
        value = 0
        while True:
            byte = self.byte(offset)
            offset += 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value, offset

    def prelude(self):
        """Index of the function's name; where line numbers begin and end, and where instructions begin."""
        offset, positional, keyword = 1, self.byte(0) & 3, 0
        byte, shift = self.byte(0), 0
        while byte & 0x80:
            byte = self.byte(offset)
            offset += 1
            positional |= (byte & 4) << shift
            keyword |= (byte >> 3 & 1) << shift
            shift += 1
        info = cells = shift = 0
        while True:
            byte = self.byte(offset)
            offset += 1
            cells |= (byte & 1) << shift
            info |= (byte >> 1 & 0x3F) << (6 * shift)
            shift += 1
            if not byte & 0x80:
                break
        top = offset + info
        name, offset = self.number(offset)
        for _ in range(positional + keyword):
            _, offset = self.number(offset)
        return name, offset, top, top + cells

    def line(self, offset, top, distance):
        """The source line `distance` bytes behind the first instruction."""
        line = 1
        while offset < top:
            byte = self.byte(offset)
            if byte & 0x80:
                step, lines = byte & 15, (byte << 4 & 0x700) | self.byte(offset + 1)
                offset += 2
            else:
                step, lines = byte & 31, byte >> 5
                offset += 1
            if distance < step:
                break
            distance -= step
            line += lines
        return line


def describe(state):
    """File, line and function of an mp_code_state_t."""
    function = state["fun_bc"]
    constants = function["context"]["constants"]
    code = Code(integer(function["bytecode"]))
    name, offset, top, start = code.prelude()
    line = code.line(offset, top, integer(state["ip"]) - code.address - start)
    fields = [field.name for field in constants.type.fields()]
    if "qstr_table" in fields:
        table = constants["qstr_table"]
        return qstr(int(table[0])), line, qstr(int(table[name]))
    return qstr(int(constants["source_file"])), line, qstr(name)


def states():
    """The code states on the C stack, innermost first; None where the compiler has not kept it."""
    frame = gdb.newest_frame()
    while frame:
        if frame.name() == VM and frame.type() != gdb.INLINE_FRAME:
            try:
                value = frame.read_var("code_state")
                yield None if value.is_optimized_out else value
            except (ValueError, gdb.error):
                yield None
        try:
            frame = frame.older()
        except gdb.error:
            return


def backtrace(arguments):
    """omv pybt: the running Python functions, innermost first: file, line, name."""
    if arguments:
        raise gdb.GdbError("omv pybt takes no arguments")
    count = 0
    for state in states():
        if state is None:
            print("#%d  (its state is not in the debugging information: build with DEBUG=1)" % count)
        else:
            print("#%d  File \"%s\", line %d, in %s" % ((count,) + describe(state)))
        count += 1
    if not count:
        print("No Python function is being executed.")


COMMANDS = (("pybt", backtrace),)
