# SPDX-License-Identifier: MIT
# check_png.py PICTURE.png RAW WIDTH HEIGHT: the PNG holds the RGB565 pixels of RAW. Exit status 1 and a line when not.
import struct
import sys
import zlib

png, raw = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
width, height = int(sys.argv[3]), int(sys.argv[4])
at, parts = 8, {}
while at < len(png):
    size, kind = struct.unpack(">I4s", png[at:at + 8])
    data = png[at + 8:at + 8 + size]
    if struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0] != zlib.crc32(kind + data):
        sys.exit("bad CRC in " + kind.decode())
    parts[kind] = parts.get(kind, b"") + data
    at += 12 + size
if struct.unpack(">IIBB", parts[b"IHDR"][:10]) != (width, height, 8, 2):
    sys.exit("it is %d x %d" % struct.unpack(">II", parts[b"IHDR"][:8]))
rows = zlib.decompress(parts[b"IDAT"])
different = 0
for y in range(height):
    row = rows[y * (3 * width + 1):(y + 1) * (3 * width + 1)]
    if row[0] != 0:
        sys.exit("row %d has filter %d" % (y, row[0]))
    for x in range(width):
        pixel = struct.unpack_from("<H", raw, 2 * (y * width + x))[0]
        wanted = (round((pixel >> 11) * 255 / 31), round((pixel >> 5 & 63) * 255 / 63), round((pixel & 31) * 255 / 31))
        different += any(abs(a - b) > 1 for a, b in zip(wanted, row[1 + 3 * x:4 + 3 * x]))
sys.exit("%d pixels differ" % different if different else 0)
