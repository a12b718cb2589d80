# SPDX-License-Identifier: MIT
# Thermometers DS18B20 and DS18S20 on a 1-Wire bus: convert_temp(), wait 750 ms, read_temp(rom) in degrees Celsius.

CONVERT = 0x44
READ_SCRATCH = 0xBE
WRITE_SCRATCH = 0x4E


class DS18X20:
    def __init__(self, onewire):
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self):
        return [rom for rom in self.ow.scan() if rom[0] in (0x10, 0x22, 0x28)]

    def convert_temp(self):
        """All of them begin to measure."""
        self.ow.reset(True)
        self.ow.writebyte(self.ow.SKIP_ROM)
        self.ow.writebyte(CONVERT)

    def _command(self, rom, command):
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(command)

    def read_scratch(self, rom):
        self._command(rom, READ_SCRATCH)
        self.ow.readinto(self.buf)
        if self.ow.crc8(self.buf):
            raise Exception("CRC error")
        return self.buf

    def write_scratch(self, rom, buf):
        """Alarm high, alarm low, configuration."""
        self._command(rom, WRITE_SCRATCH)
        self.ow.write(buf)

    def resolution(self, rom, bits=None):
        """Of a DS18B20: 9 to 12 bits."""
        if bits is None:
            return (self.read_scratch(rom)[4] >> 5 & 3) + 9
        if not 9 <= bits <= 12:
            raise ValueError("resolution must be 9 ... 12")
        scratch = self.read_scratch(rom)
        self.write_scratch(rom, bytes((scratch[2], scratch[3], bits - 9 << 5 | 0x1F)))

    def read_temp(self, rom):
        buf = self.read_scratch(rom)
        raw = buf[1] << 8 | buf[0]
        if raw & 0x8000:
            raw -= 0x10000
        if rom[0] != 0x10:
            return raw / 16
        # DS18S20: halves of a degree; the remainder counts down within one ("Measuring temperature" of its data sheet).
        if not buf[7]:
            return raw / 2
        return (raw >> 1) - 0.25 + (buf[7] - buf[6]) / buf[7]
