# SPDX-License-Identifier: MIT
# Runs MicroPython's tests/run-tests.py, as it is, against an emulated camera, and says PASS or FAIL for each of its tests. What may fail or
# skip itself is in exceptions.txt. Usage: run.sh.
import fnmatch
import itertools
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = TOP + "/tests/micropython"
UPSTREAM = TOP + "/lib/micropython/tests"
WORK = TOP + "/build/test/micropython"
sys.path += [TOP + "/tests/firmware", TOP + "/lib/micropython/tools"]
import pyboard
from emulated import SDK, Emulated, run
from repl import repl_tests

FOLDERS = "basics extmod float inlineasm/thumb micropython misc stress".split()
WITH_FILES = "import io unicode".split()  # not as .mpy: run-tests.py brings that as a file system, where these find no other file
ALL = os.environ.get("OMV_TEST_ALL", "0") not in ("", "0")


class Exceptions:
    """The rows of exceptions.txt, and which of them were needed."""

    def __init__(self):
        rows = [line.split(None, 2) for line in open(HERE + "/exceptions.txt") if line.strip() and line[0] != "#"]
        self.rows = [(kind, glob, reason.strip()) for kind, glob, reason in rows]
        self.used = set()

    def excluded(self, kinds):
        """What run-tests.py shall leave out, as its options; says so."""
        options = []
        for kind, glob, reason in self.rows:
            if kind in kinds:
                found = os.path.exists(UPSTREAM + "/" + glob)
                options += ["--exclude", "^%s$" % re.escape(glob)]
                print("# %s: not run: %s" % (glob, reason) if found else "FAIL exceptions.txt: there is no %s" % glob)
        return options

    def may_skip(self, test, label):
        kinds = ("skips", "native") if "native" in label else ("skips",)
        rows = [row for row in self.rows if row[0] in kinds and fnmatch.fnmatch(test, row[1])]
        self.used.update(rows)
        return bool(rows)

    def unused(self):
        return [row[1] for row in self.rows if row[0] == "skips" and row not in self.used]


def difference(results, test):
    """The first line that isn't as expected."""
    def lines(end):
        try:
            return open("%s/%s.%s" % (results, test.replace("/", "_"), end), errors="replace").read().splitlines()
        except OSError:
            return []
    expected, got = lines("exp"), lines("out")
    if not expected:
        return "it printed %r" % " ".join(got[-3:])
    n = next((i for i in range(min(len(expected), len(got))) if expected[i] != got[i]), min(len(expected), len(got)))
    return "line %d: expected %r, got %r" % (n + 1, *("".join(text[n:n + 1]) for text in (expected, got)))


def fail(test, label, text):
    print("FAIL %s%s: %s [rerun: tests/micropython/run.sh %s]" % (test, label, text, test), flush=True)


def upstream(label, tty, exceptions, options, tests, folders=FOLDERS):
    """One run of run-tests.py."""
    results = WORK + "/results" + label.replace(" ", "_")
    os.makedirs(results, exist_ok=True)
    # MICROPY_TEST_TIMEOUT: seconds of this machine without a sign of life, when others have the machine.
    env = dict(os.environ, MICROPY_CPYTHON3=SDK + "/bin/python3", MICROPY_TEST_TIMEOUT="120", PYTHONUNBUFFERED="1")
    process = subprocess.Popen([sys.executable, "run-tests.py", "-t", tty, "-r", results, *options,
                                *(tests or ["--test-dirs", *folders])],
                               cwd=UPSTREAM, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    skipped, said, failed = [], "", None
    for line in itertools.chain(process.stdout, [""]):
        said += line
        if failed:  # what it printed is there when run-tests.py goes on
            fail(failed, label, difference(results, failed))
        failed = None
        match = re.match(r"(pass|FAIL|skip|lrge)  (\S+\.py)", line)
        if not match:
            continue
        result, test = match.groups()
        if result == "pass":
            print("PASS %s%s" % (test, label), flush=True)
        elif result == "FAIL":
            failed = test
        elif result == "lrge":
            fail(test, label, "it is too large for the camera")
        else:
            skipped.append(test)
            if not exceptions.may_skip(test, label):
                fail(test, label, "it skipped itself, and exceptions.txt knows no reason")
    process.wait()
    if not re.search(r"^\d+ tests passed$", said, re.M):
        print("FAIL run-tests.py%s: it ended early, status %d: %s" % (label, process.returncode, " ".join(said.splitlines()[-3:])))
    if skipped:
        print("#%s %d tests found by themselves that they don't apply: %s" % (label, len(skipped), " ".join(skipped)))


def install(tty):
    """What the tests find on the camera when they import and open: the files beside them, unittest."""
    camera = pyboard.Pyboard(tty)
    camera.enter_raw_repl()

    def copy(source, target):
        if os.path.isdir(source):
            if target != "/flash":
                camera.fs_mkdir(target)
            for name in sorted(os.listdir(source)):
                copy(source + "/" + name, target + "/" + name)
        elif not source.endswith(".exp"):
            with open(source, "rb") as f:
                camera.fs_writefile(target, f.read())
    copy(UPSTREAM + "/import", "/flash")
    copy(UPSTREAM + "/io/data", "/flash/data")
    for name in sorted(os.listdir(UPSTREAM + "/unicode/data")):
        copy(UPSTREAM + "/unicode/data/" + name, "/flash/data/" + name)
    copy(HERE + "/unittest.py", "/flash/unittest.py")
    camera.close()


def main():
    tests = sys.argv[1:]
    exceptions = Exceptions()
    options = [] if tests else exceptions.excluded(("excluded",) if ALL else ("excluded", "slow"))
    camera = Emulated("micropython", ["--fast"])
    tty = camera.path("tty")
    install(tty)
    prompts = [(name, test) for name, test in repl_tests(tty, UPSTREAM) if not tests or name in tests]
    tests = [name for name in tests if name not in dict(prompts)]
    run(prompts, "tests/micropython/run.sh cmdline/repl_NAME.py")
    if sys.argv[1:] and not tests:
        return
    upstream("", tty, exceptions, options, tests, FOLDERS + WITH_FILES)
    if not tests:
        for glob in exceptions.unused():
            print("FAIL exceptions.txt: %s: nothing that it matches skips itself" % glob)
    without_files = [test for test in tests if test.split("/")[0] not in WITH_FILES]
    if ALL and (without_files or not tests):
        upstream(" as .mpy", tty, exceptions, [*options, "--via-mpy"], without_files)
        upstream(" as native code", tty, exceptions, [*options, "--via-mpy", "--emit", "native"], without_files)


main()
