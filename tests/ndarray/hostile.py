# SPDX-License-Identifier: MIT
# Bad input, memory that goes while it is used, and every allocation failing in turn: an exception with a clear text or the right result, never more.
from ulab import numpy as np

try:
    import host
except ImportError:  # on the camera, which has a collector instead
    import gc
    import io

    host = None
    gc.threshold(512)


def same(a, b):
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


a = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.uint8)

# ---- What it says ----

raises("no such dtype", ValueError, "dtype", lambda: np.zeros(3, dtype="d"))
raises("nor this", ValueError, "dtype", lambda: np.zeros(3, dtype=3.5))
raises("too large", ValueError, "large", lambda: np.zeros((65536, 65536)))
raises("too large by far", ValueError, "large", lambda: np.ones((2**30, 2**30, 2**30, 2**30), dtype=np.uint8))
check("nothing, with long sides", np.zeros((0, 2**20, 2**8)).size, 0)
raises("negative", ValueError, "negative", lambda: np.zeros(-1))
raises("five dimensions", ValueError, "4", lambda: np.zeros((1, 1, 1, 1, 1)))
raises("none", ValueError, "4", lambda: np.zeros(()))
raises("five levels", ValueError, "4", lambda: np.array([[[[[1]]]]]))
raises("rows of several lengths", ValueError, "length", lambda: np.array([[1, 2], [3]]))
raises("rows that are numbers", Exception, "", lambda: np.array([[1, 2], 3]))
raises("text", TypeError, "", lambda: np.array("abc"))
raises("a list of text", TypeError, "", lambda: np.array(["abc"]))
raises("a number", TypeError, "", lambda: np.array(5))
raises("nothing", TypeError, "", lambda: np.array(None))
raises("300", OverflowError, "300 is no uint8", lambda: np.array([300], dtype=np.uint8))
raises("300 in place", OverflowError, "300", lambda: a.__setitem__((0, 0), 300) if hasattr(a, "__setitem__") else exec("a[0, 0] = 300", {"a": a}))
raises("shapes", ValueError, "(2, 3), (2)", lambda: a + np.zeros(2))
raises("in place", ValueError, "(3), (2, 3)", lambda: exec("b += a", {"a": a, "b": np.zeros(3)}))
raises("floats in place", TypeError, "a = a", lambda: exec("a += 0.5", {"a": a.copy()}))
raises("by 0", ZeroDivisionError, "zero", lambda: a // 0)
raises("modulo 0", ZeroDivisionError, "zero", lambda: a % np.zeros(3, dtype=np.uint8))
raises("negative powers", ValueError, "negative", lambda: a ** -1)
raises("bits of floats", TypeError, "dtype", lambda: np.zeros(3) & 1)
raises("not of floats", TypeError, "dtype", lambda: ~np.zeros(3))
raises("text in an operator", TypeError, "", lambda: a + "x")
raises("index", IndexError, "axis 0 has 2", lambda: a[2])
raises("index below", IndexError, "axis 1 has 3", lambda: a[0, -4])
raises("too many", IndexError, "2 dimensions", lambda: a[0, 0, 0])
raises("a float index", TypeError, "index", lambda: a[1.5])
raises("step 0", ValueError, "zero", lambda: a[::0])
raises("delete", TypeError, "", lambda: exec("del a[0]", {"a": a}))
raises("another mask", IndexError, "shape", lambda: a[np.ones((3, 2), dtype=np.bool)])
raises("floats as positions", IndexError, "", lambda: a[np.zeros(2)])
raises("positions outside", IndexError, "range", lambda: a[np.array([5], dtype=np.uint8)])
raises("no axis", ValueError, "no axis 2", lambda: np.sum(a, axis=2))
raises("smallest of none", ValueError, "empty", lambda: np.min(np.zeros(0)))
raises("position of none", ValueError, "empty", lambda: np.argmax(np.zeros((2, 0)), axis=1))
late = np.zeros(70000, dtype=np.bool)
late[-1] = True
raises("a position that no uint16 holds", ValueError, "large", lambda: np.argmax(late, keepdims=True))
check("nothing, a million times", len(str(np.zeros((10**6, 0)))) < 100)
raises("truth of several", ValueError, "any()", lambda: bool(a))
raises("reshaped", ValueError, "shapes", lambda: a.reshape((4, 2)))
raises("reshaped into two unknowns", ValueError, "", lambda: a.reshape((-1, -1)))
raises("reshaped into nothing", ValueError, "", lambda: a.reshape((0, -1)))
raises("axes twice", ValueError, "once", lambda: np.transpose(a, (0, 0)))
raises("endless", ValueError, "end", lambda: np.arange(0, 1, 0))
raises("no number of numbers", ValueError, "", lambda: np.arange(0, np.nan))
raises("too many numbers", ValueError, "", lambda: np.arange(1e30))
raises("singular", ValueError, "singular", lambda: np.linalg.inv(np.ones((2, 2))))
raises("not square", ValueError, "square", lambda: np.linalg.det(a))
raises("not a matrix", ValueError, "", lambda: np.dot(np.zeros((2, 2, 2)), a))
raises("inner lengths", ValueError, "shapes", lambda: np.dot(a, a))
raises("one x, a line", ValueError, "singular", lambda: np.polyfit(np.ones(5), np.ones(5), 1))
raises("points that are no numbers", ValueError, "singular", lambda: np.polyfit(np.full(5, np.nan), np.ones(5), 1))
raises("a high degree", ValueError, "9", lambda: np.polyfit(np.arange(50), np.ones(50), 10))
raises("points of two lengths", ValueError, "shapes", lambda: np.polyfit(np.arange(5), np.ones(4), 1))
raises("no points", ValueError, "empty", lambda: np.interp(1, np.zeros(0), np.zeros(0)))
raises("points in a plane", ValueError, "dimension", lambda: np.interp(1, a, a))
check("between points that don't grow", len(np.interp(np.linspace(-5, 5, 30), np.array([3, np.nan, -2, 1]), np.arange(4))), 30)
raises("nothing to concatenate", ValueError, "nothing", lambda: np.concatenate(()))
raises("concatenate numbers", TypeError, "ndarray", lambda: np.concatenate((1, 2)))
raises("concatenate shapes", ValueError, "shapes", lambda: np.concatenate((a, np.zeros((2, 2))), axis=0))
raises("a buffer's odd end", ValueError, "whole", lambda: np.frombuffer(bytearray(5), dtype=np.int16))
raises("behind a buffer", ValueError, "outside", lambda: np.frombuffer(bytearray(5), dtype=np.uint8, offset=6))
raises("more than a buffer", ValueError, "smaller", lambda: np.frombuffer(bytearray(5), dtype=np.uint8, count=6))
raises("no buffer", TypeError, "", lambda: np.frombuffer([1, 2]))
raises("gaps", ValueError, "copy()", lambda: memoryview(a[:, ::2]))
raises("a shape can't be set", AttributeError, "", lambda: setattr(a, "shape", (6,)))
check("huge steps", (a[:: 2**29].tolist(), a[:: -(2**29)].tolist()), ([[1, 2, 3]], [[4, 5, 6]]))

loop = []
loop.append(loop)
raises("as an array", ValueError, "4", lambda: np.array(loop))
check("comparing with other things", (a == None, a != "x", a in [1, 2] if False else None), (False, True, None))

# ---- Memory that goes ----

block = bytearray(range(8))
view = np.frombuffer(block, dtype=np.uint8)
part = view[2:]
block.extend(bytes(1000))
for name, call in (("read", lambda: view[0]), ("written", lambda: exec("v[0] = 1", {"v": view})), ("added", lambda: part + 1), ("printed", lambda: str(part)),
                   ("iterated", lambda: list(part)), ("as a buffer", lambda: bytes(part)), ("reduced", lambda: np.sum(part)), ("reshaped", lambda: part.reshape((2, 3)) + 1)):
    raises("a buffer that was resized, " + name, RuntimeError, "resized", call)


class Resizer:
    def __float__(self):
        shrinking.extend(bytes(100))
        return 1.0


shrinking = bytearray(16)
held = np.frombuffer(shrinking, dtype=np.float)
raises("a number that resizes it", RuntimeError, "resized", lambda: exec("h[0:2] = [1, r]", {"h": held, "r": Resizer()}))


class Growing:
    """A number that resizes the buffer of an array whenever it is asked for its value."""

    def __init__(self):
        self.block = bytearray(64)
        self.array = np.frombuffer(self.block, dtype=np.float)

    def __int__(self):
        self.block.extend(bytes(1000))  # which moves it, or not
        self.block[8:] = b""
        return 0

    def __float__(self):
        return float(self.__int__())


for name, call in (("maximum", lambda g: np.maximum(g.array, [g] * 16)), ("where", lambda g: np.where(g.array, g.array, [g] * 16)),
                   ("clip", lambda g: np.clip(g.array, g.array, [g] * 16)), ("dot", lambda g: np.dot(g.array, [g] * 16)),
                   ("interp", lambda g: np.interp(0, g.array, [g] * 16)), ("polyval", lambda g: np.polyval(g.array, [g] * 16)),
                   ("polyfit", lambda g: np.polyfit(g.array, [g] * 16, 1)), ("read", lambda g: g.array[[g, 1]]), ("a slice", lambda g: g.array[g:]),
                   ("written", lambda g: exec("a[[g] + [1] * 15] = g.array", {"a": np.zeros(16), "g": g})),
                   ("written to a slice", lambda g: exec("a[g:] = g.array", {"a": np.zeros(16), "g": g}))):
    raises("an operand that resizes the other: " + name, RuntimeError, "resized", lambda: call(Growing()))
for name, call in (("sort in place", lambda g: g.array.sort(axis=g)), ("sort", lambda g: np.sort(g.array, axis=g)), ("roll", lambda g: np.roll(g.array, 1, axis=g)),
                   ("sum", lambda g: np.sum(g.array.reshape((4, 4)), axis=g)), ("concatenate", lambda g: np.concatenate([g.array] * 9, axis=g)),
                   ("zeros", lambda g: np.zeros([g, 1, 1])), ("transpose", lambda g: np.transpose(g.array, [g]))):
    raises("an axis or length that is no number: " + name, TypeError, "whole number", lambda: call(Growing()))

if not host:

    class Printer(io.IOBase):
        def write(self, text):
            return len(text) + int(growing)

    growing = Growing()
    raises("printed to what resizes it", RuntimeError, "resized", lambda: print(growing.array, file=Printer()))


class Shortener:
    def __float__(self):
        items.clear()
        return 1.0


items = [1, Shortener(), 3]
raises("a number that empties its list", ValueError, "length", lambda: np.array(items))
chain = np.zeros(4, dtype=np.uint8)
for i in range(2000):
    chain = np.frombuffer(chain, dtype=np.uint8)
check("a long chain of buffers", chain.tolist(), [0, 0, 0, 0])
constant = np.frombuffer(b"abcd", dtype=np.uint8)
constant[0] = 120
check("bytes are copied", (constant.tobytes(), b"abcd"), (b"xbcd", b"abcd"))
odd = np.frombuffer(bytearray(range(9)), dtype=np.float, offset=1)
mask = np.frombuffer(bytearray([2, 0, 3]), dtype=np.bool)
check("bytes as booleans", (np.nonzero(mask)[0].tolist(), np.arange(3)[mask].tolist(), (mask == True).tolist(), (~mask).tolist(), np.sum(mask)),
      ([0, 2], [0, 2], [True, False, True], [False, True, False], 2))
check("elements that aren't aligned", same(odd + 0, odd.copy()))

# ---- What nothing but C holds, while the collector works ----

TEMPORARY = (
    (lambda: np.diff([1, 4, 9, 16, 25], n=2), [2, 2, 2]), (lambda: np.roll([1, 2, 3, 4, 5], 2), [4, 5, 1, 2, 3]), (lambda: np.median([[3, 1], [2, 9]], axis=1), [2, 5.5]),
    (lambda: np.where([1, 0, 1], [1, 2, 3], [7, 8, 9]), [1, 8, 3]), (lambda: np.dot([[1, 2], [3, 4]], [[1, 0], [0, 1]]), [[1, 2], [3, 4]]),
    (lambda: a[[1, 0]][[True, False]], [[4, 5, 6]]), (lambda: np.clip([1, 5, 9], [2, 2, 2], 8), [2, 5, 8]), (lambda: np.nonzero([0, 1, 0, 1])[0], [1, 3]),
    (lambda: np.flip([[1, 2], [3, 4]]), [[4, 3], [2, 1]]), (lambda: np.reshape([[1, 2], [3, 4]], (4,)), [1, 2, 3, 4]), (lambda: np.transpose([[1, 2], [3, 4]]), [[1, 3], [2, 4]]),
    (lambda: np.interp([1.5], [1, 2], [10, 20]), [15]), (lambda: np.sort([[3, 1], [2, 0]], axis=0), [[2, 0], [3, 1]]), (lambda: np.array(range(10))[::-1][2:5], [7, 6, 5]),
    (lambda: np.concatenate([row for row in np.array([[1, 2], [3, 4]])]), [1, 2, 3, 4]), (lambda: np.sum([[1, 2], [3, 4]], axis=0, keepdims=True), [[4, 6]]),
)
check("temporary arrays", [i for i, (call, want) in enumerate(TEMPORARY * 20) if call().tolist() != want], [])

# ---- Every allocation fails in turn ----

OPERATIONS = (
    lambda: np.array([[1, 2], [3, 4]]), lambda: a + 1, lambda: a * a.T.copy().T, lambda: a[a > 2], lambda: a[:, ::-1].copy(), lambda: np.sort(a.T, axis=0),
    lambda: np.argsort(a), lambda: np.median(a, axis=1), lambda: np.concatenate((a, a)), lambda: np.dot(a, a.T), lambda: np.linalg.inv(np.eye(3)),
    lambda: np.where(a > 3, a, 0), lambda: np.clip(a, 2, 3.5), lambda: np.around(a, decimals=1), lambda: np.roll(a.T, 1), lambda: np.diff(a, n=2),
    lambda: np.std(a, axis=0), lambda: np.sum(a, keepdims=True), lambda: a.tolist(), lambda: a.T.reshape(-1), lambda: repr(a), lambda: np.linspace(0, 1, 5),
    lambda: np.arange(9), lambda: np.nonzero(a), lambda: np.interp([1, 2.5], [1, 2, 3], [3, 4, 5]), lambda: np.polyval([1, 2], a), lambda: np.polyfit(range(5), range(5), 2), lambda: np.exp(a), lambda: np.linalg.norm(a, axis=1), lambda: np.cumsum(a.T), lambda: np.array(range(5)), lambda: a.tobytes(),
    lambda: [row for row in a], lambda: np.full((2, 2), 7), lambda: np.eye(3, 4, k=1), lambda: a.astype(np.float), lambda: exec("b[1:] = b[:-1]", {"b": a.copy()}),
)


def failing(call):
    """Every allocation of the call fails once: MemoryError, and at last what it gives when none does."""
    n = 0
    while True:
        n += 1
        host.fail_after(n)
        try:
            result = call()
        except MemoryError:
            result = None
        if host.fail_after(0):
            return n, result


if host:
    wrong = [i for i, call in enumerate(OPERATIONS) if str(failing(call)[1]) != str(call())]
    check("%d operations survive any allocation that fails" % len(OPERATIONS), wrong, [])
check("and the array is what it was", a.tolist(), [[1, 2, 3], [4, 5, 6]])
