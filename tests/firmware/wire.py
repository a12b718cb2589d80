# SPDX-License-Identifier: MIT
# Bit protocols on a pin: machine.bitstream() and neopixel, dht, onewire and ds18x20 on a bus of devices that are written here.
import machine
import sys
import time


# ---- bitstream: the time is that of the bits, and the clock has gone on meanwhile ----
def stream(pixels):
    """(how long it took in microseconds by the cycle counter, by the clock)"""
    clock, cycles = time.ticks_us(), time.ticks_cpu()
    pixels.write()
    return time.ticks_diff(time.ticks_cpu(), cycles) / 480, time.ticks_diff(time.ticks_us(), clock)


from neopixel import NeoPixel
pin = machine.Pin("P9", machine.Pin.OUT, value=1)
pixels = NeoPixel(pin, 4)
pixels[0] = (1, 2, 3)
pixels[-1] = (255, 0, 128)
check("neopixel: green goes first", bytes(pixels.buf), b"\x02\x01\x03\0\0\0\0\0\0\x00\xff\x80")
check("neopixel: a pixel read back", (len(pixels), pixels[0], pixels[3]), (4, (1, 2, 3), (255, 0, 128)))
raises("neopixel: no such pixel", IndexError, "4 pixels", lambda: pixels[4])
pixels.fill((7, 8, 9))
check("neopixel: fill", bytes(pixels.buf), b"\x08\x07\x09" * 4)
rgbw = NeoPixel(pin, 1, bpp=4)
rgbw[0] = (1, 2, 3, 4)
check("neopixel: four colours", bytes(rgbw.buf), b"\x02\x01\x03\x04")
took, clock = stream(pixels)
check("bitstream: 96 bits of 1.25 us", 120 <= took < 140)
check("bitstream: the pin is low afterwards", pin.value(), 0)
took, clock = stream(NeoPixel(pin, 200))
check("bitstream: 4800 bits of 1.25 us", 6000 <= took < 6060)
check("bitstream: the clock missed none of them", abs(took - clock) < 20)
took, clock = stream(NeoPixel(pin, 4, timing=0))
check("bitstream: 96 bits of 2.5 us", 240 <= took < 260)
raises("bitstream: four times", ValueError, "", lambda: machine.bitstream(pin, 0, (1, 2, 3), b"x"))
raises("bitstream: encoding", ValueError, "encoding", lambda: machine.bitstream(pin, 1, (1, 2, 3, 4), b"x"))

# ---- dht ----
import dht
sensor = dht.DHT22(machine.Pin("P8"))
raises("dht: nobody answers", OSError, "ETIMEDOUT", sensor.measure)
sensor.buf[:] = b"\x02\x8c\x80\x65\x73"
check("DHT22: 65.2 %, -10.1 degrees", (round(sensor.humidity(), 1), round(sensor.temperature(), 1)), (65.2, -10.1))
sensor = dht.DHT11(machine.Pin("P8"))
sensor.buf[:] = b"\x37\x00\x18\x00\x4f"
check("DHT11: 55 %, 24 degrees", (sensor.humidity(), sensor.temperature()), (55, 24))


# ---- onewire: what the C module does, with devices instead of a pin ----
import _onewire


def device(code, scratch):
    """[ROM code, scratchpad], each with its CRC."""
    return [code + bytes([_onewire.crc8(code)]), scratch + bytes([_onewire.crc8(scratch)])]


class Bus:
    devices = []

    def reset(self, pin):
        self.listening = list(self.devices)
        self.bits, self.phase, self.out = [], "rom", []
        return bool(self.listening)

    def crc8(self, data):
        return _onewire.crc8(data)

    def readbit(self, pin):
        if self.phase == "search":
            value = all(self.bit(d) ^ (self.step & 1) for d in self.listening)  # open drain: the lowest wins
            self.step += 1
            return int(value)
        return self.out.pop(0) if self.out else 1

    def bit(self, d):
        n = self.step >> 2
        return d[0][n >> 3] >> (n & 7) & 1

    def writebit(self, pin, value):
        if self.phase == "search":
            self.listening = [d for d in self.listening if self.bit(d) == bool(value)]
            self.step = (self.step | 3) + 1
            return
        self.bits.append(int(bool(value)))
        if len(self.bits) % 8 == 0:
            self.byte(bytes(sum(self.bits[i + k] << k for k in range(8)) for i in range(0, len(self.bits), 8)))

    def byte(self, got):
        if self.phase == "rom":
            self.phase = {0xF0: "search", 0x55: "match", 0xCC: "command"}[got[-1]]
            self.bits, self.step = [], 0
        elif self.phase == "match" and len(got) == 8:
            self.listening = [d for d in self.listening if d[0] == got]
            self.bits, self.phase = [], "command"
        elif self.phase == "command" and got[0] == 0xBE:
            for d in self.listening:
                self.out = [byte >> k & 1 for byte in d[1] for k in range(8)]
        elif self.phase == "command" and got[0] == 0x4E and len(got) == 4:
            for d in self.listening:
                d[:] = device(d[0][:7], d[1][:2] + got[1:] + d[1][5:8])

    def readbyte(self, pin):
        return sum(self.readbit(pin) << k for k in range(8))

    def writebyte(self, pin, value):
        for k in range(8):
            self.writebit(pin, value >> k & 1)


bus = Bus()
sys.modules["_onewire"] = bus
import ds18x20
import onewire
ow = onewire.OneWire(machine.Pin("P7"))
check("onewire: nobody", (ow.reset(), ow.scan()), (False, []))
raises("onewire: reset(True)", onewire.OneWireError, "no device", lambda: ow.reset(True))
bus.devices = [device(b"\x28\x01\x02\x03\x04\x05\x06", b"\x91\x01\x4b\x46\x7f\xff\x0c\x10")]
check("onewire: one device", ow.scan(), [bus.devices[0][0]])
bus.devices += [device(b"\x28\x01\x02\x03\x04\x05\x07", b"\x5e\xff\x4b\x46\x7f\xff\x02\x10"),
                device(b"\x10\xff\xff\xff\xff\xff\xff", b"\x32\x00\x4b\x46\xff\xff\x0c\x10"),
                device(b"\x01\x00\x00\x00\x00\x00\x00", b"\x00" * 8), device(b"\x28\x00\x00\x00\x00\x00\x80", b"\xd0\x07\x4b\x46\x7f\xff\x00\x10")]
check("onewire: five devices, each once", sorted(bytes(rom) for rom in ow.scan()), sorted(d[0] for d in bus.devices))
thermometers = ds18x20.DS18X20(ow)
check("ds18x20: the thermometers among them", sorted(bytes(rom) for rom in thermometers.scan()), sorted(d[0] for d in bus.devices if d[0][0] != 1))
thermometers.convert_temp()
check("ds18x20: examples of the data sheets", [thermometers.read_temp(bus.devices[i][0]) for i in (0, 1, 2, 4)], [25.0625, -10.125, 25.0, 125.0])
rom = bus.devices[0][0]
thermometers.resolution(rom, 9)
check("ds18x20: resolution", [thermometers.resolution(d[0]) for d in bus.devices[:2]], [9, 12])
bus.devices[0][1] = bytes(9)[:8] + b"\x01"
raises("ds18x20: a damaged scratchpad", Exception, "CRC", lambda: thermometers.read_temp(rom))
