# SPDX-License-Identifier: MIT
# A row of WS2812 lights. A pixel is (red, green, blue) or, with bpp=4, (red, green, blue, white); write() shows them.
from machine import Pin, bitstream


class NeoPixel:
    ORDER = (1, 0, 2, 3)  # where red, green, blue, white are sent
    TIMINGS = ((800, 1700, 1600, 900), (400, 850, 800, 450))  # 400 kHz, 800 kHz: high and low of a 0, of a 1 in ns

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.timing = self.TIMINGS[1 if timing else 0] if isinstance(timing, int) else timing
        pin.init(Pin.OUT)

    def __len__(self):
        return self.n

    def _offset(self, i):
        if not -self.n <= i < self.n:
            raise IndexError("there are %d pixels" % self.n)
        return i % self.n * self.bpp

    def __setitem__(self, i, colour):
        start = self._offset(i)
        for c in range(self.bpp):
            self.buf[start + self.ORDER[c]] = colour[c]

    def __getitem__(self, i):
        start = self._offset(i)
        return tuple(self.buf[start + self.ORDER[c]] for c in range(self.bpp))

    def fill(self, colour):
        for i in range(self.n):
            self[i] = colour

    def write(self):
        bitstream(self.pin, 0, self.timing, self.buf)
