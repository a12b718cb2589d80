# SPDX-License-Identifier: MIT
# MicroPython's tests of the interactive prompt (tests/cmdline/repl_*.py) on a serial port. run-tests.py runs them with the Unix program only:
# it types a file's lines and compares what is seen with the .exp file, where \.\+ stands for anything.
import re
import time

import serial

# Left out: repl_inspect and repl_micropyinspect (options of the Unix program), repl_words_move (ROM level "everything").
NAMES = "autocomplete autocomplete_underscore autoindent basic cont emacs_keys paste sys_ps1_ps2".split()
QUIET = 0.1     # seconds without a character: a line has been dealt with, when a prompt is the last thing to be seen
PROMPT = re.compile(rb"(^|\n)(>>> |\.\.\. |=== |PS[12])[^\n]*$")


def read(port):
    """What is said until there is a prompt and nothing more comes."""
    text = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        more = port.read(1024)
        text += more
        if not more and PROMPT.search(text):
            return text
    raise TimeoutError("no prompt after %r" % text[-100:])


def keys(line):
    """What is typed for a line: {\\x03} is Ctrl-C. The newline after Ctrl-D is none: a terminal that changes its mode then loses it."""
    return re.sub(rb"\{\\x(\d\d)\}", lambda m: bytes([int(m.group(1), 16)]), line).replace(b"\x04\n", b"\x04").replace(b"\n", b"\r")


def type_lines(port, lines):
    """What is seen while they are typed at a fresh prompt."""
    port.write(b"\r\x03\x02\x04")  # whatever runs ends, the friendly prompt, soft reset
    text = read(port)
    while b"soft reboot" not in text or not text.endswith(b"\n>>> "):
        text += read(port)
    seen = b">>> "
    for line in lines:
        port.write(keys(line))
        seen += read(port)
    return seen.replace(b"\r\n", b"\n")


def pattern(line):
    """A line of an .exp file as a regular expression: what follows a backslash means something, nothing else does."""
    return b"".join(m[1:] if m[:1] == b"\\" else re.escape(m) for m in re.findall(rb"\\.|[^\\]", line, re.S))


def check(tty, path):
    with serial.Serial(tty, 115200, timeout=QUIET) as port, open(path, "rb") as script, open(path + ".exp", "rb") as exp:
        seen = type_lines(port, script).split(b"\n")
        expected = exp.read().split(b"\n")[2:]  # without the banner
        for n in range(max(len(seen), len(expected))):
            want, got = (b"".join(lines[n:n + 1]) for lines in (expected, seen))
            if not re.fullmatch(pattern(want), got):
                raise AssertionError("line %d: expected %r, got %r" % (n + 1, want, got))


def repl_tests(tty, upstream):
    return [("cmdline/repl_%s.py" % name, lambda name=name: check(tty, "%s/cmdline/repl_%s.py" % (upstream, name))) for name in NAMES]
