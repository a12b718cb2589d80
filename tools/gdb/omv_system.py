# SPDX-License-Identifier: MIT
# Pools, faults, contexts of execution, DFU.
import gdb

from omv_core import evaluate, integer, variable, where, word

# ---- Memory pools (runtime/pool.c) ----

FREE, PERSIST, STATE = 1, 2, 3
PROPERTIES = ("fast", "itcm", "dtcm", "dma-d1", "dma-d2", "dma-d3", "transient")


def blocks(control):
    """Address, size and state of each block."""
    header = gdb.lookup_type("struct block")
    block, end = integer(control["first"]), integer(control["end"])
    while block < end:
        value = gdb.Value(block).cast(header.pointer()).dereference()
        size = integer(value["size"])
        if size & ~STATE == 0 or block + (size & ~STATE) > end:
            raise gdb.GdbError("the block at 0x%08X has a size of %d: something wrote over it" % (block, size & ~STATE))
        yield block, size & ~STATE, size & STATE, integer(value["requested"])
        block += size & ~STATE


def pools(arguments):
    """omv pools [-v]: use of each memory pool; -v: every block."""
    if arguments not in ([], ["-v"]):
        raise gdb.GdbError("omv pools [-v]")
    regions, controls = variable("runtime/pool.c", "regions"), variable("runtime/pool.c", "controls")
    count = int(variable("runtime/pool.c", "count"))
    if not count:
        print("The pools have not been made yet.")
    for i in range(count):
        region, control = regions[i], controls[i].dereference()
        found = list(blocks(control))
        free = [size for _, size, state, _ in found if state & FREE]
        used = [size for _, size, state, _ in found if not state & FREE]
        flags = [name for bit, name in enumerate(PROPERTIES) if integer(region["flags"]) >> bit & 1]
        print("%d  0x%08X  %7d bytes%s: used %d in %d blocks, free %d (largest %d), peak %d" %
              (i, integer(region["base"]), integer(region["size"]), " (%s)" % ",".join(flags) if flags else "", sum(used), len(used), sum(free),
               max(free, default=0), integer(control["peak"])))
        if arguments:
            for address, size, state, requested in found:
                kind = "free" if state & FREE else "persistent" if state & PERSIST else "used"
                print("     0x%08X  %7d  %s%s" % (address + 16, size, kind, "" if state & FREE else ", asked for %d" % requested))


# ---- Faults (Armv7-M ARM B3.2.15 to B3.2.18) ----

CFSR, HFSR, DFSR, MMFAR, BFAR = 0xE000ED28, 0xE000ED2C, 0xE000ED30, 0xE000ED34, 0xE000ED38
CFSR_BITS = (
    (0, "IACCVIOL", "instruction fetched from where that is forbidden"), (1, "DACCVIOL", "data access that is forbidden (a null pointer?)"),
    (3, "MUNSTKERR", "forbidden access while returning from an exception"),
    (4, "MSTKERR", "forbidden access while entering an exception (stack overflow?)"), (5, "MLSPERR", "forbidden access while saving the FPU"),
    (8, "IBUSERR", "bus error of an instruction fetch"), (9, "PRECISERR", "bus error of the access at the faulting line"),
    (10, "IMPRECISERR", "bus error of an earlier write: the faulting line is a little behind it"),
    (11, "UNSTKERR", "bus error while returning from an exception"), (12, "STKERR", "bus error while entering an exception"),
    (13, "LSPERR", "bus error while saving the FPU"), (16, "UNDEFINSTR", "an instruction that doesn't exist"),
    (17, "INVSTATE", "a jump to an even address, or a broken PSR"), (18, "INVPC", "a broken return from an exception"),
    (19, "NOCP", "the FPU, or a coprocessor, is off"), (24, "UNALIGNED", "an unaligned access"), (25, "DIVBYZERO", "a division by zero"),
)
HFSR_BITS = ((1, "VECTTBL", "the vector could not be read"), (30, "FORCED", "another fault, which had no handler of its own"),
             (31, "DEBUGEVT", "a breakpoint instruction without a debugger"))
EXCEPTIONS = {1: "Reset", 2: "NMI", 3: "HardFault", 4: "MemManage", 5: "BusFault", 6: "UsageFault", 11: "SVCall", 12: "DebugMonitor",
              14: "PendSV", 15: "SysTick"}


def register(name):
    return integer(gdb.newest_frame().read_register(name))


def is_exception_return(value):
    return value >> 24 == 0xFF and value & 0xF >= 1


def stacked_frame():
    """Address of the eight words that the core put on the stack when it entered the handler; None: there is none."""
    frame = gdb.newest_frame()
    while frame:
        if frame.name() == "fault_report":
            try:
                return integer(frame.read_var("frame"))
            except (ValueError, gdb.error):
                break
        try:
            frame = frame.older()
        except gdb.error:
            break
    link = register("lr")
    if register("xpsr") & 0x1FF and is_exception_return(link):
        return register("psp") if link & 4 else register("msp")
    return None


def interrupted_pc():
    """Where the program was when the handler was entered, by gdb's own unwinding."""
    frame = gdb.newest_frame()
    while frame:
        try:
            if frame.type() == gdb.SIGTRAMP_FRAME and frame.older():
                return frame.older().pc()
            frame = frame.older()
        except gdb.error:
            return None
    return None


def fault(arguments):
    """omv fault: the fault status registers in words, and the line that caused it."""
    if arguments:
        raise gdb.GdbError("omv fault takes no arguments")
    cfsr, hfsr, number = word(CFSR), word(HFSR), register("xpsr") & 0x1FF
    print("CFSR 0x%08X  HFSR 0x%08X  DFSR 0x%08X" % (cfsr, hfsr, word(DFSR)))
    for value, bits in ((cfsr, CFSR_BITS), (hfsr, HFSR_BITS)):
        for bit, name, text in bits:
            if value >> bit & 1:
                print("  %-11s %s" % (name, text))
    if cfsr >> 7 & 1:
        print("  MMFAR       the address was 0x%08X" % word(MMFAR))
    if cfsr >> 15 & 1:
        print("  BFAR        the address was 0x%08X" % word(BFAR))
    if not cfsr and not hfsr:
        print("  no fault is recorded")
    print("Now in %s" % (context_name(number) if number else "the main program"))
    frame = stacked_frame()
    if frame is not None and not cfsr & (1 << 4 | 1 << 12):
        names = ("R0", "R1", "R2", "R3", "R12", "LR", "PC", "PSR")
        words = [word(frame + 4 * i) for i in range(8)]
        print("  " + "  ".join("%s=%08X" % pair for pair in zip(names, words)))
        print("It happened at %s" % where(words[6]))
        print("  called from %s" % where(words[5]))
    elif interrupted_pc() is not None:
        print("It happened at %s" % where(interrupted_pc()))


# ---- What executes (there is no RTOS: one program, and the exceptions that interrupt it) ----

VTOR, SHCSR, ICSR = 0xE000ED08, 0xE000ED24, 0xE000ED04
SYSTEM_ACTIVE = {0: 4, 1: 5, 3: 6, 7: 11, 8: 12, 10: 14, 11: 15}


def symbol_at(address):
    block = gdb.block_for_pc(address & ~1)
    while block and not block.function:
        block = block.superblock
    return str(block.function) if block else None


def context_name(number):
    handler = symbol_at(word(word(VTOR) + 4 * number))
    name = EXCEPTIONS.get(number, "interrupt %d" % (number - 16))
    return "%s (%s)" % (name, handler) if handler else name


def threads(arguments):
    """omv threads: the main program and the exception handlers: which run, wait, or were interrupted; use of the stack."""
    if arguments:
        raise gdb.GdbError("omv threads takes no arguments")
    running = register("xpsr") & 0x1FF
    active = [number for bit, number in SYSTEM_ACTIVE.items() if word(SHCSR) >> bit & 1]
    pending = []
    for i in range(8):
        bits_active, bits_pending, enabled = word(0xE000E300 + 4 * i), word(0xE000E200 + 4 * i), word(0xE000E100 + 4 * i)
        for bit in range(32):
            number = 16 + 32 * i + bit
            if bits_active >> bit & 1:
                active.append(number)
            if (bits_pending & enabled) >> bit & 1:
                pending.append(number)
    icsr = word(ICSR)
    pending += [number for bit, number in ((28, 14), (26, 15), (31, 2)) if icsr >> bit & 1]
    masks = [name for name in ("primask", "faultmask", "basepri") if register(name)]
    print("main program: %s%s" % ("interrupted" if running else "running", ", interrupts masked by " + ", ".join(masks) if masks else ""))
    for number in sorted(active):
        print("%s: %s" % (context_name(number), "running" if number == running else "interrupted"))
    if running and running not in active:
        print("%s: running" % context_name(running))
    for number in sorted(pending):
        print("%s: pending" % context_name(number))
    try:
        start, end = integer(evaluate("&_stack_start")), integer(evaluate("&_stack_end"))
    except gdb.GdbError:
        return
    pointer = register("sp")
    if start <= pointer <= end:
        print("stack: %d of %d bytes used now, 0x%08X to 0x%08X" % (end - pointer, end - start, pointer, end))
    else:
        print("stack: the stack pointer 0x%08X is outside of 0x%08X to 0x%08X" % (pointer, start, end))


# ---- DFU (boot/dfu.h) ----

def find_dfu(arguments):
    if arguments:
        value = evaluate(arguments[0])
        return value.dereference() if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR else value
    for line in gdb.execute("info variables -q -t dfu", to_string=True).splitlines() + \
            gdb.execute("info variables -q -t boot", to_string=True).splitlines():
        words = line.replace(";", "").split()
        if len(words) >= 3 and words[-3] == "struct" and words[-2] in ("dfu", "boot") and not words[-1].startswith("*"):
            value = evaluate(words[-1])
            return value["dfu"] if words[-2] == "boot" else value
    raise gdb.GdbError("this program has no DFU device: debug bootloader.elf (omv debug --elf build/TARGET/bin/bootloader.elf), or give the "
                       "variable: omv dfu EXPRESSION")


def member_name(enum, number):
    for field in gdb.lookup_type("enum " + enum).fields():
        if field.enumval == number:
            return field.name
    return "%d?" % number


def dfu(arguments):
    """omv dfu [EXPRESSION]: the state of the bootloader's DFU device."""
    value = find_dfu(arguments)
    print("state %s, status %s, alternate setting %d" %
          (member_name("dfu_state", int(value["state"])), member_name("dfu_status", int(value["status"])), int(value["alternate"])))
    download = value["download"]
    if int(download["open"]):
        print("download: %d bytes have come, flash erased up to offset %d of %d" %
              (integer(download["next"]), integer(download["erased"]), integer(download["limit"])))
    else:
        print("no download under way")
    for name in ("detach", "transferring", "touched"):
        if int(value[name]):
            print("flag: %s" % name)


COMMANDS = (("pools", pools), ("fault", fault), ("threads", threads), ("dfu", dfu))
