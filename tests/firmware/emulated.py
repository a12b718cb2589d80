# SPDX-License-Identifier: MIT
# An emulated camera for a test: `omv emu` with a name of its own, its monitor, its sockets; and PASS and FAIL.
import atexit
import json
import os
import socket
import subprocess
import sys
import time
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SDK = os.environ.get("SDK_DIR") or os.path.expanduser("~/openmv-sdk-" + open(TOP + "/SDK_VERSION").read().strip())
SCENE = SDK + "/share/scenes/flower.jpg"


class Emulated:
    def __init__(self, name, options=()):
        self.name = "%s-%d" % (name, os.getpid())
        folder = os.environ.get("XDG_RUNTIME_DIR")
        self.folder = folder + "/openmv" if folder else "/tmp/openmv-%d" % os.getuid()
        self.process = subprocess.Popen([TOP + "/omv", "emu", "OPENMV4", "--headless", "--fresh", "--name", self.name, "--scene", SCENE, *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        atexit.register(self.stop)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.strip() == "ready":
                break
        else:
            raise RuntimeError("omv emu: " + self.said)
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.connect(self.path("qmp"))
        self.lines = self.monitor.makefile("rw")
        self.lines.readline()
        self.qmp("qmp_capabilities")

    def path(self, kind):
        return "%s/%s.%s" % (self.folder, self.name, kind)

    def qmp(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise RuntimeError("%s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]

    def set(self, name, value):
        self.qmp("qom-set", path="/machine", property=name, value=value)

    def get(self, name):
        return self.qmp("qom-get", path="/machine", property=name)

    def sleep(self, ms):
        """Milliseconds of the camera's own time, however slow this machine is."""
        end = self.get("time") + ms * 1000
        while self.get("time") < end:
            time.sleep(0.02)

    def wait(self, name, want, timeout=120):
        """Until the property is as wanted: a value, or a function of it."""
        end = time.monotonic() + timeout
        while True:
            value = self.get(name)
            if want(value) if callable(want) else value == want:
                return value
            if time.monotonic() > end:
                raise TimeoutError("%s is still %r" % (name, value))
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        for end in ("img", "log"):
            try:
                os.unlink("%s/build/emu/OPENMV4/%s.%s" % (TOP, self.name, end))
            except OSError:
                pass


def run(tests, rerun):
    """Runs (name, function) in order; a function says what is wrong by an exception. True: all passed."""
    good = True
    for name, function in tests:
        start = time.monotonic()
        try:
            function()
            print("PASS %s" % name, flush=True)
        except Exception as e:
            good = False
            where = traceback.extract_tb(sys.exc_info()[2])[-1]
            place = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "test_" in f.filename] or [where]
            print("FAIL %s: %s: %s (line %d, after %.1f s); rerun: %s" %
                  (name, type(e).__name__, " ".join(str(e).split())[:300], place[-1].lineno, time.monotonic() - start, rerun), flush=True)
    return good


def equal(got, expected):
    if got != expected:
        raise AssertionError("expected %r, got %r" % (expected, got))


def true(condition, text):
    if not condition:
        raise AssertionError(text)
