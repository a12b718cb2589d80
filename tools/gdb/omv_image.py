# SPDX-License-Identifier: MIT
# Images: one line in `print`, a preview in the terminal, a PNG file (written with zlib alone).
import os
import struct
import zlib

import gdb

from omv_core import evaluate, integer, memory, variable

BINARY, GRAY, RGB565 = 0x08010000, 0x08020001, 0x0C030002
BAYER = {0x05040001: "BGGR", 0x05040101: "GBRG", 0x05040201: "GRBG", 0x05040301: "RGGB"}
YUV422, YVU422 = 0x14050002, 0x14050102
JPEG, PNG = 0x06060000, 0x06070000
FILES = {JPEG: ".jpg", PNG: ".png"}
NAMES = {BINARY: "binary", GRAY: "grayscale", RGB565: "RGB565", YUV422: "YUV422", YVU422: "YVU422", JPEG: "JPEG", PNG: "PNG"}
MOST_SIDE = 32767
MOST_FILE = 64 << 20
SHADES = " .:-=+*#%@"
PREVIEW = 64


def name_of(code):
    return "Bayer " + BAYER[code] if code in BAYER else NAMES.get(code, "unknown format 0x%08X" % code)


class Picture:
    """A struct image, looked at: what it claims is checked before anything is read."""

    def __init__(self, value):
        self.width, self.height = int(value["width"]), int(value["height"])
        self.code = integer(value["format"])
        self.size, self.data = integer(value["size"]), integer(value["data"])

    def row_bytes(self):
        if self.code == BINARY:
            return (self.width + 31) // 32 * 4
        return self.width * (1 if self.code == GRAY or self.code in BAYER else 2)

    def wrong(self):
        """Why it is no image; None: it is one."""
        if not (0 < self.width <= MOST_SIDE and 0 < self.height <= MOST_SIDE):
            return "its sides are %d x %d" % (self.width, self.height)
        if self.code not in NAMES and self.code not in BAYER:
            return "its format is 0x%08X" % self.code
        if self.code in FILES and not 0 < self.size <= MOST_FILE:
            return "its file has %d bytes" % self.size
        if not self.data:
            return "it has no data"
        return None

    def __str__(self):
        if self.wrong():
            return "no image: %s" % self.wrong()
        size = self.size if self.code in FILES else self.row_bytes() * self.height
        return "%dx%d %s, %d bytes at 0x%08X" % (self.width, self.height, name_of(self.code), size, self.data)

    def rgb(self):
        """Pixels, three bytes each, of a raw image."""
        row = self.row_bytes()
        data = memory(self.data, row * self.height)
        lines = [data[y * row:(y + 1) * row] for y in range(self.height)]
        if self.code == GRAY:
            return b"".join(bytes([v]) * 3 for v in data)
        if self.code == BINARY:
            return b"".join((b"\xff\xff\xff" if line[x >> 3] >> (x & 7) & 1 else b"\0\0\0") for line in lines for x in range(self.width))
        if self.code == RGB565:
            table = {}
            out = []
            for (pixel,) in struct.iter_unpack("<H", data):
                if pixel not in table:
                    r, g, b = pixel >> 11, pixel >> 5 & 63, pixel & 31
                    table[pixel] = bytes((r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2))
                out.append(table[pixel])
            return b"".join(out)
        if self.code in BAYER:
            return self.bayer(lines)
        return self.yuv(lines)

    def bayer(self, lines):
        """Each pixel's missing colours from its 2x2 cell: enough to look at."""
        order = BAYER[self.code]
        out = bytearray()
        for y in range(self.height):
            for x in range(self.width):
                colour = {}
                for dy in (0, 1):
                    for dx in (0, 1):
                        cy, cx = min((y & ~1) + dy, self.height - 1), min((x & ~1) + dx, self.width - 1)
                        colour.setdefault(order[(cy & 1) * 2 + (cx & 1)], []).append(lines[cy][cx])
                out += bytes(sum(colour[c]) // len(colour[c]) if c in colour else 0 for c in "RGB")
        return bytes(out)

    def yuv(self, lines):
        out = bytearray()
        for line in lines:
            for x in range(self.width):
                pair = x & ~1
                first = line[2 * pair + 1]
                second = line[2 * pair + 3] if 2 * pair + 3 < len(line) else 128
                u, v = (first, second) if self.code == YUV422 else (second, first)
                luma, u, v = line[2 * x], u - 128, v - 128
                for value in (luma + 1.402 * v, luma - 0.344 * u - 0.714 * v, luma + 1.772 * u):
                    out.append(max(0, min(255, int(value + 0.5))))
        return bytes(out)

    def file(self):
        """Bytes of a file, and its ending."""
        if self.code in FILES:
            return memory(self.data, self.size), FILES[self.code]
        rgb, row = self.rgb(), self.width * 3
        raw = b"".join(b"\0" + rgb[y * row:(y + 1) * row] for y in range(self.height))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)) + \
            chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b""), ".png"

    def preview(self):
        """Lines of characters; a character is about twice as high as it is wide."""
        if self.code in FILES:
            return []
        rgb = self.rgb()
        columns = min(PREVIEW, self.width)
        rows = max(1, self.height * columns // self.width // 2)
        lines = []
        for y in range(rows):
            text = ""
            for x in range(columns):
                at = ((y * self.height // rows) * self.width + x * self.width // columns) * 3
                light = (rgb[at] * 77 + rgb[at + 1] * 151 + rgb[at + 2] * 28) >> 8
                text += SHADES[light * len(SHADES) // 256]
            lines.append(text.rstrip())
        return lines


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def as_image(value):
    """The struct image that a value is, points to, or carries (a Python Image object)."""
    value_type = value.type.strip_typedefs()
    if value_type.code == gdb.TYPE_CODE_PTR:
        target = value_type.target().strip_typedefs()
        if target.code == gdb.TYPE_CODE_VOID:
            value = value.cast(gdb.lookup_type("struct py_image").pointer())
        value = value.dereference()
        value_type = value.type.strip_typedefs()
    tag = value_type.tag
    if tag == "py_image":
        return value["image"]
    if tag != "image":
        raise gdb.GdbError("this is a %s, not a struct image, a pointer to one, or an Image object" % value_type)
    return value


def show(picture, file):
    wrong = picture.wrong()
    if wrong:
        raise gdb.GdbError("this is no image: %s" % wrong)
    if not file:
        print(picture)
        for line in picture.preview():
            print(line)
        return
    data, ending = picture.file()
    path = os.path.expanduser(file)
    if os.path.splitext(path)[1].lower() != ending:
        path += ending
    try:
        with open(path, "wb") as out:
            out.write(data)
    except OSError as error:
        raise gdb.GdbError("%s cannot be written: %s" % (path, error.strerror))
    print("%s: %s" % (path, picture))


def is_file(word):
    """An expression may have spaces, so the last word says by itself that it is a file."""
    return word.lower().endswith((".png", ".jpg", ".jpeg")) or word.startswith(("/", "./", "../", "~"))


def image(arguments):
    """omv image EXPRESSION [FILE]: an image as a preview, or as a file (.png; a JPEG image as it is)."""
    file = arguments.pop() if len(arguments) > 1 and is_file(arguments[-1]) else None
    if not arguments:
        raise gdb.GdbError("omv image EXPRESSION [FILE]; a FILE ends with .png or .jpg, or begins with a folder")
    show(Picture(as_image(evaluate(" ".join(arguments)))), file)


def framebuffer(arguments):
    """omv framebuffer [FILE]: the frame that scripts and the host see, as a preview or as a file."""
    if len(arguments) > 1:
        raise gdb.GdbError("omv framebuffer [FILE]")
    value = variable("runtime/framebuffer.c", "frame")["image"]
    if int(value["width"]) == 0:
        raise gdb.GdbError("there is no frame yet: no picture has been taken")
    show(Picture(value), arguments[0] if arguments else None)


class ImagePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return "{%s}" % Picture(self.value)


def printer(value):
    value_type = value.type.strip_typedefs()
    if value_type.code == gdb.TYPE_CODE_STRUCT and value_type.tag == "image" and \
            [field.name for field in value_type.fields()][:2] == ["width", "height"]:
        return ImagePrinter(value)
    return None


COMMANDS = (("image", image, gdb.COMPLETE_SYMBOL), ("framebuffer", framebuffer, gdb.COMPLETE_FILENAME))
