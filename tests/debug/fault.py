# Reads where no memory is: a bus error in the C function behind this line.
import machine


def crash():
    machine.mem32[0x60000000 - 4]


crash()
