# SPDX-License-Identifier: MIT
# terminal.py SECONDS COMMAND... : runs a command in a terminal of its own. Lines of standard input drive it: "expect TEXT" waits for TEXT
# in what is printed from then on, "send TEXT" types a line, "key X" types Ctrl-X,
# "pause SECONDS" reads on. Its exit status, or 99 when time is over.
import os
import pty
import select
import sys
import time

limit, command = time.time() + float(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
seen = b""


def give_up(why):
    os.kill(pid, 15)
    sys.stdout.write("\nterminal: " + why + "\n")
    sys.exit(99)


def read(patience):
    global seen
    if not select.select([terminal], [], [], patience)[0]:
        return True
    try:
        data = os.read(terminal, 65536)
    except OSError:
        return False
    seen += data
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
    return bool(data)


for line in sys.stdin.read().splitlines():
    verb, _, text = line.partition(" ")
    if verb == "send":
        os.write(terminal, text.encode() + b"\r")
    elif verb == "key":
        os.write(terminal, bytes([ord(text) - 64]))
    elif verb == "pause":
        end = time.time() + float(text)
        while time.time() < end:
            read(0.1)
    elif verb == "expect":
        while text.encode() not in seen:
            if time.time() > limit:
                give_up("no '%s'" % text)
            if not read(0.2) and text.encode() not in seen:
                give_up("it ended before '%s'" % text)
        seen = seen[seen.index(text.encode()) + len(text):]
while read(0.2):
    if time.time() > limit:
        give_up("it does not end")
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
