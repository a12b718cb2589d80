# SPDX-License-Identifier: MIT
# The 1-Wire bus. The search for devices: Maxim application note 187.
import _onewire


class OneWireError(Exception):
    pass


class OneWire:
    SEARCH_ROM = 0xF0
    MATCH_ROM = 0x55
    SKIP_ROM = 0xCC

    def __init__(self, pin):
        self.pin = pin
        pin.init(pin.OPEN_DRAIN, pin.PULL_UP)

    def reset(self, required=False):
        """True: at least one device answers."""
        present = _onewire.reset(self.pin)
        if required and not present:
            raise OneWireError("no device")
        return present

    def readbit(self):
        return _onewire.readbit(self.pin)

    def readbyte(self):
        return _onewire.readbyte(self.pin)

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = _onewire.readbyte(self.pin)

    def writebit(self, value):
        return _onewire.writebit(self.pin, value)

    def writebyte(self, value):
        return _onewire.writebyte(self.pin, value)

    def write(self, buf):
        for byte in buf:
            _onewire.writebyte(self.pin, byte)

    def select_rom(self, rom):
        """The device with these 8 bytes listens, the others don't until the next reset."""
        self.reset()
        self.writebyte(self.MATCH_ROM)
        self.write(rom)

    def crc8(self, data):
        """0: the last byte is the CRC of the others."""
        return _onewire.crc8(data)

    def scan(self):
        """The 8 bytes of every device."""
        found = []
        rom = bytearray(8)
        fork = 64
        while fork >= 0:
            fork = self._search(rom, fork)
            if fork is None:
                break
            if self.crc8(rom) == 0:
                found.append(bytearray(rom))
        return found

    def _search(self, rom, last):
        """One pass through the tree of ROM codes: to the left of the last pass before its last fork, to the right at it. The device that is
        left over is in rom. Returns the last fork where this pass went left, -1 for none; None: nobody answers."""
        if not self.reset():
            return None
        self.writebyte(self.SEARCH_ROM)
        fork = -1
        for i in range(64):
            byte, mask = i >> 3, 1 << (i & 7)
            zero, one = self.readbit(), self.readbit()  # low: a device has a 0 here; a device has a 1
            if zero and one:
                return None
            if zero != one:
                bit = zero
            elif i < last and last < 64:
                bit = (rom[byte] & mask) != 0
            else:
                bit = i == last
            if not (zero or one or bit):
                fork = i
            self.writebit(bit)
            rom[byte] = rom[byte] | mask if bit else rom[byte] & ~mask
        return fork
