# SPDX-License-Identifier: MIT
# On the camera: as much of unittest as MicroPython's tests ask for (its own is in micropython-lib, which the SDK hasn't). The summary is
# what run-tests.py looks for.
import sys


class SkipTest(Exception):
    pass


class Raises:
    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            raise AssertionError("%r not raised" % self.kind)
        self.exception = value
        return issubclass(kind, self.kind)


class TestCase:
    def setUp(self):
        pass

    def tearDown(self):
        pass

    def skipTest(self, reason):
        raise SkipTest(reason)

    def fail(self, message=""):
        raise AssertionError(message)

    def assertTrue(self, value, message=None):
        if not value:
            raise AssertionError(message or "%r is not true" % (value,))

    def assertFalse(self, value, message=None):
        self.assertTrue(not value, message or "%r is not false" % (value,))

    def assertEqual(self, a, b, message=None):
        self.assertTrue(a == b, message or "%r != %r" % (a, b))

    def assertIn(self, a, b, message=None):
        self.assertTrue(a in b, message or "%r not in %r" % (a, b))

    def assertIsInstance(self, a, kind, message=None):
        self.assertTrue(isinstance(a, kind), message or "%r is no %r" % (a, kind))

    def assertRaises(self, kind, function=None, *args, **kwargs):
        if function is None:
            return Raises(kind)
        with Raises(kind):
            function(*args, **kwargs)


def skip(reason):
    def decorate(function):
        def skipped(self):
            raise SkipTest(reason)
        return skipped
    return decorate


def skipIf(condition, reason):
    return skip(reason) if condition else lambda function: function


def skipUnless(condition, reason):
    return skipIf(not condition, reason)


def main():
    counts = {"ran": 0, "skipped": 0, "failures": 0, "errors": 0}
    script = __import__("__main__")
    for name in dir(script):
        case = getattr(script, name)
        if isinstance(case, type) and issubclass(case, TestCase):
            run_case(case, counts)
    print("-" * 70)
    print("Ran %d tests\n" % counts["ran"])
    if counts["failures"] or counts["errors"]:
        print("FAILED (failures=%d, errors=%d)" % (counts["failures"], counts["errors"]))
    else:
        print("OK (skipped=%d)" % counts["skipped"] if counts["skipped"] else "OK")


def run_case(case, counts):
    getattr(case, "setUpClass", lambda: None)()
    instance = case()
    for name in dir(instance):
        if not name.startswith("test"):
            continue
        counts["ran"] += 1
        result = "ok"
        try:
            instance.setUp()
            try:
                getattr(instance, name)()
            finally:
                instance.tearDown()
        except SkipTest as why:
            counts["skipped"] += 1
            result = "skipped: %s" % why
        except Exception as error:
            counts["failures" if isinstance(error, AssertionError) else "errors"] += 1
            result = "FAIL"
            sys.print_exception(error)
        print("%s (%s) ... %s" % (name, case.__name__, result))
    getattr(case, "tearDownClass", lambda: None)()
