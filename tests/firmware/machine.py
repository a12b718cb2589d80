# SPDX-License-Identifier: MIT
# The machine module and its relatives.
import crc
import machine
import omv
import os
import sys
import time
import umalloc

check("freq", machine.freq(), 480000000)
check("unique_id", len(machine.unique_id()), 12)
check("board", (omv.board_type(), omv.arch()[:4]), ("H7", "OMV4"))
check("version", omv.version_string(), "%d.%d.%d" % (omv.version_major, omv.version_minor, omv.version_patch))
check("uname", os.uname().sysname == sys.platform)

led = machine.LED("LED_RED")
led.on()
check("LED pin is active low", machine.Pin("PC0").value(), 0)
led.off()
check("LED off", machine.Pin("PC0").value(), 1)
pin = machine.Pin("P7", machine.Pin.OUT, value=1)
check("output", (pin.value(), pin(0), pin.value()), (1, None, 0))
check("pull-up", machine.Pin("P8", machine.Pin.IN, machine.Pin.PULL_UP).value(), 1)
raises("no such pin", ValueError, "", lambda: machine.Pin("P99"))

ticks = []
timer = machine.Timer(2, freq=100, callback=lambda t: ticks.append(time.ticks_ms()))
time.sleep_ms(105)
timer.deinit()
check("timer", 9 <= len(ticks) <= 11)
soft = []
timer = machine.Timer(-1, period=10, mode=machine.Timer.PERIODIC, callback=lambda t: soft.append(1))
time.sleep_ms(55)
timer.deinit()
check("software timer", 4 <= len(soft) <= 6)

rtc = machine.RTC()
rtc.datetime((2026, 11, 22, 6, 12, 30, 45, 0))
time.sleep_ms(1100)
check("rtc", rtc.datetime()[:3] + rtc.datetime()[4:6], (2026, 11, 22, 12, 30))
check("localtime", time.localtime()[:3], (2026, 11, 22))
check("localtime before 1970", time.localtime(-1072915199)[:6], (1966, 1, 1, 0, 0, 1))
check("mktime before 1970", time.mktime((1966, 1, 1, 0, 0, 1, 0, 0)), -1072915199)

i2c = machine.I2C(1, freq=100000)
check("the sensor is on I2C1", 0x21 in i2c.scan() or i2c.scan() == [])
raises("nobody there", OSError, "", lambda: machine.I2C(2).writeto(0x50, b"x"))
spi = machine.SPI(2, baudrate=1000000)
buffer = bytearray(4)
spi.readinto(buffer)
check("nobody on SPI2", buffer, b"\xff\xff\xff\xff")

check("crc16", crc.crc16(b"123456789"), 0xE541)
check("crc32", crc.crc32(b"123456789"), 0x41B403D3)
check("umalloc", len(umalloc.stats()), 7)
clock = time.clock()
clock.tick()
time.sleep_ms(20)
check("clock.avg", 15 < clock.avg() < 40)
start = time.ticks_us()
time.sleep_us(500)
check("sleep_us", 480 <= time.ticks_diff(time.ticks_us(), start) < 700)
check("random", len({os.urandom(4) for i in range(8)}), 8)
import asyncio


async def job(n):
    await asyncio.sleep_ms(5)
    return n


check("asyncio", asyncio.run(job(3)), 3)
