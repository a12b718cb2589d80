# SPDX-License-Identifier: MIT
# Random expressions by the arrays of modules/ndarray and by NumPy: what differs is printed. What README.md there documents as different is NumPy's result
# in the documented type: the table of types below is this test's own.
#   compare.py [--seed N] [--count N] [--only CASE] COMMAND ...     COMMAND SCRIPT runs a script of MicroPython and prints what it prints
import argparse
import ast
import os
import re
import subprocess
import sys
import warnings

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = {"?": np.bool_, "B": np.uint8, "b": np.int8, "H": np.uint16, "h": np.int16, "f": np.float32}
RANGE = {"B": (0, 255), "b": (-128, 127), "H": (0, 65535), "h": (-32768, 32767)}
COMMON = {"?": "?BbHhf", "B": "BBhHhf", "b": "bhbfhf", "H": "HHfHff", "h": "hhhfhf", "f": "ffffff"}  # columns as TYPES
ORDER = "?BbHhf"
np.seterr(all="ignore")
warnings.simplefilter("ignore")


def code_of(a):
    return {np.dtype(t): c for c, t in TYPES.items()}[np.asarray(a).dtype]


def common(a, b):
    return COMMON[a][ORDER.index(b)]


def scalar_type(value, other):
    """The type that a Python number takes beside an array of type `other`."""
    if isinstance(value, bool):
        return "?"
    if isinstance(value, float) or other == "f":
        return "f"
    for t in ([other] if other != "?" else []) + list("BbHh"):
        if RANGE[t][0] <= value <= RANGE[t][1]:
            return t
    return "f"


class Case:
    """operands: name -> array or number; code: statements, then an expression; want(operands): what it gives; exact: to the bit."""

    def __init__(self, operands, code, want, tolerance=0.0):
        self.operands, self.code, self.want, self.tolerance = operands, code, want, tolerance


# ---- Random operands ----

class Maker:
    def __init__(self, seed):
        self.r = np.random.default_rng(seed)

    def pick(self, items):
        return items[int(self.r.integers(len(items)))]

    def shape(self, ndim=None, low=0):
        return tuple(int(self.r.integers(low, 6)) for _ in range(ndim or int(self.r.integers(1, 5))))

    def array(self, shape, kinds=ORDER, positive=False):
        t = self.pick(kinds)
        n = int(np.prod(shape))
        if t == "f":
            a = self.r.normal(0, 10 ** float(self.r.integers(-1, 4)), n)
            special = self.r.random(n) < (0.05 if self.r.random() < 0.3 else 0)
            a = np.where(special, self.r.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30], n), a)
            a = np.where(self.r.random(n) < 0.1, np.round(a), a)
        elif t == "?":
            a = self.r.integers(0, 2, n)
        else:
            low, high = RANGE[t] if self.r.random() < 0.6 else (max(RANGE[t][0], -5), 5)
            a = self.r.integers(low, high + 1, n)
        if positive:
            a = np.abs(a)
        return a.astype(TYPES[t]).reshape(shape)

    def broadcastable(self, shape):
        s = [1 if self.r.random() < 0.25 else n for n in shape][int(self.r.integers(len(shape))):]
        return tuple(s) if self.r.random() < 0.95 else self.shape()

    def number(self):
        if self.r.random() < 0.3:
            return float(np.round(self.r.normal(0, 20) * 8) / 8)
        if self.r.random() < 0.1:
            return bool(self.r.integers(2))
        return int(self.pick([0, 1, 2, 3, 7, -1, -3, 100, 200, 255, 256, 300, -128, -129, 32767, 40000, 65535, 70000, -32769]))

    def slice(self):
        bound = lambda: "" if self.r.random() < 0.4 else str(int(self.r.integers(-7, 8)))
        step = self.pick(["", "", ":", ":1", ":2", ":-1", ":-2", ":3", ":-7"])
        return bound() + ":" + bound() + step

    def index(self, shape):
        parts = []
        for n in shape[:int(self.r.integers(1, len(shape) + 1))]:
            parts.append(self.slice() if self.r.random() < 0.65 or n == 0 else str(int(self.r.integers(-n - (self.r.random() < 0.05), n))))
        if self.r.random() < 0.15:
            parts.insert(int(self.r.integers(len(parts) + 1)), "...")
        if self.r.random() < 0.1:
            parts.insert(int(self.r.integers(len(parts) + 1)), "None")
        return ", ".join(parts)

    def view(self, shape):
        """Now and then something that has gaps or runs backwards."""
        return "" if self.r.random() < 0.5 else "[" + ", ".join(self.pick([":", "::-1", "::2", ":"]) for _ in shape) + "]" + self.pick(["", ".T"])


def as_float(result):
    return np.asarray(result, dtype=np.float32) if isinstance(result, np.ndarray) else np.float32(result)


# ---- Kinds of cases ----

BINARY = "+ - * / // % ** & | ^ << >> < <= > >= == !=".split()
COMPARE = "< <= > >= == !=".split()


def do_binary(op, a, b):
    """a op b in the documented types."""
    ta = code_of(a) if isinstance(a, np.ndarray) else scalar_type(a, code_of(b))
    tb = code_of(b) if isinstance(b, np.ndarray) else scalar_type(b, ta)
    t = common(ta, tb)
    x, y = np.asarray(a), np.asarray(b)
    if op in COMPARE:
        wide = np.float32 if "f" in (ta, tb) else np.int64
        return eval("x %s y" % op, {"x": x.astype(wide), "y": y.astype(wide)})
    if op in ("&", "|", "^", "<<", ">>"):
        if t == "f":
            raise TypeError
        x, y = x.astype(TYPES[t]).astype(np.int64), y.astype(TYPES[t]).astype(np.int64)
        if op == "<<":
            r = np.where((y < 32) & (y >= 0), x << np.clip(y, 0, 31), 0)
        elif op == ">>":
            r = x >> np.where((y < 0) | (y > 31), 31, y)
        else:
            r = eval("x %s y" % op, {"x": x, "y": y})
        return (r != 0 if t == "?" else r).astype(TYPES[t])
    t = "f" if op == "/" else "B" if t == "?" else t
    if t == "f":
        x, y = x.astype(np.float32), y.astype(np.float32)
        if op == "**":
            return np.power(x.astype(np.float64), y.astype(np.float64)).astype(np.float32)
        return eval("x %s y" % op, {"x": x, "y": y})
    x, y = x.astype(np.int64), y.astype(np.int64)
    if op in ("//", "%") and np.broadcast(x, y).size and not np.all(np.broadcast_arrays(x, y)[1]):
        raise ZeroDivisionError
    if op == "**":
        if np.broadcast(x, y).size and np.any(np.broadcast_arrays(x, y)[1] < 0):
            raise ValueError
        np.broadcast(x, y)
        return np.vectorize(lambda p, q: pow(int(p), int(q), 65536), otypes=[np.int64])(x, y).astype(TYPES[t]) if np.broadcast(x, y).size else (x * y).astype(TYPES[t])
    return eval("x %s y" % op, {"x": x, "y": y}).astype(TYPES[t])


def binary(m):
    shape, op = m.shape(), m.pick(BINARY)
    a, view = m.array(shape), m.view(shape)
    x = eval("a" + view, {"a": a})
    b = m.number() if m.r.random() < 0.35 else m.array(m.broadcastable(x.shape))
    if op in ("**", "//", "%") and m.r.random() < 0.7:
        b = abs(b) if not isinstance(b, np.ndarray) else np.where(b == 0, 1, np.abs(b)).astype(b.dtype)
    if op == "**":      # so that floats stay within what two libraries agree on
        a = a if a.dtype != np.float32 else (a % 8).astype(np.float32)
        b = (b % 5) if isinstance(b, np.ndarray) and b.dtype == np.float32 else b
    if not isinstance(b, np.ndarray) and m.r.random() < 0.4 and op not in COMPARE:
        return Case({"a": a, "b": b}, "b %s a%s" % (op, view), lambda a, b: do_binary(op, b + 0, eval("a" + view, {"a": a})), 4e-6 if op == "**" else 0)
    return Case({"a": a, "b": b}, "a%s %s b" % (view, op), lambda a, b: do_binary(op, eval("a" + view, {"a": a}), b), 4e-6 if op == "**" else 0)


def in_place(m):
    shape, op = m.shape(), m.pick("+ - * / & | ^".split())
    a = m.array(shape)
    b = m.number() if m.r.random() < 0.4 else m.array(m.broadcastable(shape))

    def want(a, b):
        r = do_binary(op, a, b)
        if code_of(a) == "?" and op in "+-*" and code_of(r) != "f":     # whether the number itself isn't 0, not what a type would leave of it
            r = eval("x %s y" % op, {"x": a.astype(np.int64), "y": np.asarray(b).astype(np.int64)})
        if r.shape != a.shape or getattr(b, "ndim", 0) > a.ndim:
            raise ValueError
        if r.dtype.kind == "f" and code_of(a) != "f":
            raise TypeError
        return (r != 0 if code_of(a) == "?" else r).astype(a.dtype)
    return Case({"a": a, "b": b}, "a %s= b; a" % op, want)


def overlapping(m):
    a = m.array(m.shape(int(m.r.integers(1, 3)), 2))
    code = m.pick(["a[1:] = a[:-1]", "a[:-1] = a[1:]", "a[::-1] = a", "a[...] = a[::-1]", "a[1:] += a[:-1]", "a[0] = a[-1]", "a[:, 1:] = a[:, :-1]"])

    def want(a):
        code_ = re.sub(r"(\+?=) (.*)", r"\1 (\2).copy()", code)
        if "+=" in code and code_of(a) == "?":
            r = a.copy()
            r[1:] = (a[1:].astype(int) + a[:-1]) != 0
            return r
        names = {"a": a.copy()}
        exec(code_, names)
        return names["a"]
    return Case({"a": a}, code + "; a", want)


def indexing(m):
    shape = m.shape()
    a, index = m.array(shape), m.index(shape)
    if index.count("None") + len(shape) > 4:
        index = "..."
    return Case({"a": a}, "a[%s]" % index, lambda a: eval("a[%s]" % index, {"a": a}))


def assigning(m):
    shape = m.shape()
    a, index = m.array(shape), m.index(shape).replace("None", "...")
    index = index if index.count("...") < 2 else "..."
    try:
        part = np.asarray(eval("a[%s]" % index, {"a": a}))
    except Exception:
        part = np.zeros(3)
    b = m.number() if m.r.random() < 0.4 or part.ndim == 0 else m.array(m.broadcastable(part.shape), code_of(a) if m.r.random() < 0.5 else ORDER)
    b = b % 100 if code_of(a) != "f" and not isinstance(b, (np.ndarray, bool)) else b
    if isinstance(b, np.ndarray) and b.dtype == np.float32:
        b = np.clip(np.nan_to_num(b), -30000, 30000).astype(np.float32)

    def want(a, b):
        r = a.copy()
        if isinstance(b, int) and not isinstance(b, bool) and code_of(a) in RANGE and not RANGE[code_of(a)][0] <= b <= RANGE[code_of(a)][1]:
            raise OverflowError
        b = np.asarray(b)
        if b.dtype.kind == "f" and code_of(a) in RANGE:
            b = np.trunc(b).astype(np.int64)
        exec("a[%s] = b" % index, {"a": r, "b": b.astype(a.dtype)})
        return r
    return Case({"a": a, "b": b}, "a[%s] = b; a" % index, want)


def selecting(m):
    shape = m.shape(None, 1)
    a = m.array(shape)
    if m.r.random() < 0.6:
        k = m.r.random(shape[:int(m.r.integers(1, len(shape) + 1))]) < 0.5
    else:
        k = m.r.integers(-shape[0], shape[0] + (m.r.random() < 0.05), int(m.r.integers(0, 6))).astype(TYPES[m.pick("bh")])
    if m.r.random() < 0.5:
        return Case({"a": a, "k": k}, "a[k]", lambda a, k: a[k])
    value = int(m.r.integers(0, 2))

    def want(a, k):
        r = a.copy()
        r[k] = value
        return r
    return Case({"a": a, "k": k}, "a[k] = %d; a" % value, want)


REDUCE = "sum mean std var min max argmin argmax all any median".split()


def do_reduce(name, a, axis, **keywords):
    t = code_of(a)
    if axis is not None and not -a.ndim <= axis < a.ndim:
        raise ValueError
    wide = a.astype(np.float64) if name in ("mean", "std", "var", "median") or (name == "sum" and t == "f") else a.astype(np.int64) if name == "sum" else a
    r = getattr(np, name)(wide, axis=axis, **keywords)
    if name == "std" and t == "f":      # the squares of the differences are floats of 32 bits
        r = np.where(np.square(r) > np.finfo(np.float32).max, np.inf, r)[()]
    if axis is not None and a.ndim > 1 or keywords.get("keepdims"):
        kind = "f" if name in ("sum", "mean", "std", "var", "median") else t if name in ("min", "max") else "H" if name.startswith("arg") else "?"
        return np.asarray(r).astype(TYPES[kind])
    return np.float32(r) if np.asarray(r).dtype.kind == "f" else r


def reducing(m):
    shape, name = m.shape(), m.pick(REDUCE)
    a, view = m.array(shape), m.view(shape)
    axis = None if m.r.random() < 0.4 else int(m.r.integers(-len(shape) - (m.r.random() < 0.05), len(shape)))
    keep = name != "median" and m.r.random() < 0.2
    what = lambda a: do_reduce(name, eval("a" + view, {"a": a}), axis, **({"keepdims": True} if keep else {}))
    return Case({"a": a}, "np.%s(a%s, axis=%r%s)" % (name, view, axis, ", keepdims=True" if keep else ""), what, 1e-5)


def ordering(m):
    shape, name = m.shape(), m.pick(["sort", "argsort", "cumsum"])
    a, view = m.array(shape), m.view(shape)
    if name == "cumsum" and a.dtype == np.float32:
        a = np.nan_to_num(a, posinf=1, neginf=-1).astype(np.float32)
        a[np.abs(a) > 1e9] = 5
    axis = None if m.r.random() < 0.2 else int(m.r.integers(-len(shape), len(shape)))

    def want(a):
        x = eval("a" + view, {"a": a})
        if name == "cumsum":
            return np.cumsum(x.astype(np.float64), axis=axis).astype(np.float32)
        return np.argsort(x, axis=axis, kind="stable").astype(np.uint16) if name == "argsort" else np.sort(x, axis=axis)
    return Case({"a": a}, "np.%s(a%s, axis=%r)" % (name, view, axis), want, 1e-5 if name == "cumsum" else 0)


FUNCTIONS = ("exp expm1 log log2 log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh floor ceil degrees radians isinf isfinite isnan").split()
NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}


def function(m):
    shape, name = m.shape(), m.pick(FUNCTIONS)
    a, view = m.array(shape), m.view(shape)
    if name in ("exp", "expm1", "sinh", "cosh", "sin", "cos", "tan") and a.dtype == np.float32:
        a = np.where(np.abs(a) > 50, a % 50, a).astype(np.float32)
    f = getattr(np, NAMES.get(name, name))

    def want(a):
        x = eval("a" + view, {"a": a}).astype(np.float32)
        return f(x) if name.startswith("is") else f(x.astype(np.float64)).astype(np.float32)
    return Case({"a": a}, "np.%s(a%s)" % (name, view), want, 4e-6)


def unary(m):
    a = m.array(m.shape())
    op = m.pick(["-a", "abs(a)", "~a", "+a", "a.flatten()", "a.copy()", "a.T", "np.flip(a)", "a[::-1]", "a.tolist()", "len(a)", "a.shape", "a.size", "a.ndim"])

    def want(a):
        if op == "-a":
            return -a if code_of(a) != "?" else (-a.astype(np.uint8))
        if op == "~a" and code_of(a) == "f":
            raise TypeError
        return np.array(a) if op == "+a" else eval(op, {"a": a, "np": np})
    return Case({"a": a}, op, want)


def choosing(m):
    shape = m.shape()
    a, b = m.array(shape), m.array(m.broadcastable(shape))
    kind = m.pick(["maximum", "minimum", "where", "clip", "arctan2", "around"])
    if kind in ("maximum", "minimum"):
        def want(a, b):
            t = TYPES[common(code_of(a), code_of(b))]
            return getattr(np, kind)(a.astype(t), b.astype(t))
        return Case({"a": a, "b": b}, "np.%s(a, b)" % kind, want)
    if kind == "where":
        c = m.array(m.broadcastable(shape))
        return Case({"a": a, "b": b, "c": c}, "np.where(c, a, b)", lambda a, b, c: np.where(c, a, b).astype(TYPES[common(code_of(a), code_of(b))]))
    if kind == "clip":
        low = int(m.r.integers(0, 10))
        return Case({"a": a}, "np.clip(a, %d, %d)" % (low, low + 60), lambda a: np.clip(a, low, low + 60).astype(a.dtype if code_of(a) != "?" else np.uint8))
    if kind == "arctan2":
        return Case({"a": a, "b": b}, "np.arctan2(a, b)", lambda a, b: np.arctan2(a.astype(np.float64), b.astype(np.float64)).astype(np.float32), 4e-6)
    return Case({"a": a}, "np.around(a, decimals=1)", lambda a: (np.rint(a.astype(np.float32) * np.float32(10)) / np.float32(10)).astype(np.float32), 1e-6)


def shaping(m):
    shape = m.shape()
    a = m.array(shape)
    axis = int(m.r.integers(-len(shape), len(shape)))
    shift = int(m.r.integers(-9, 10))
    b = m.array(tuple(n if d != axis % len(shape) else int(m.r.integers(0, 5)) for d, n in enumerate(shape)))
    order = tuple(int(v) for v in m.r.permutation(len(shape)))
    code = m.pick(["np.roll(a, %d, axis=%d)" % (shift, axis), "np.roll(a, %d)" % shift, "np.flip(a, axis=%d)" % axis, "a.reshape(-1)", "a.T.reshape((1, -1))",
                   "np.transpose(a, %r)" % (order,), "np.concatenate((a, b), axis=%d)" % axis, "np.diff(a, axis=%d)" % axis, "np.diff(a, n=2, axis=%d)" % axis,
                   "a.reshape((2, -1, 3))", "a[..., None].shape"])

    def want(a, b):
        if "concatenate" in code:
            t = TYPES[common(code_of(a), code_of(b))]
            return np.concatenate((a.astype(t), b.astype(t)), axis=axis)
        if a.ndim == 4 and "None" in code:
            raise ValueError
        if "diff" in code and code_of(a) == "?":
            return eval(code, {"a": a.astype(np.uint8), "np": np})
        return eval(code, {"a": a, "np": np})
    return Case({"a": a, "b": b}, code, want)


def linear(m):
    rows, inner, columns = (int(v) for v in m.r.integers(0, 9, 3))
    kind = m.pick(["dot", "dot", "@", "inv", "det", "norm"])
    if kind in ("dot", "@"):
        a, b = m.array((rows, inner) if m.r.random() < 0.7 else (inner,), "Bbh"), m.array((inner, columns) if m.r.random() < 0.7 else (inner,), "Bb")
        code = "np.dot(a, b)" if kind == "dot" else "a @ b"

        def want(a, b):
            r = np.dot(a.astype(np.float64), b.astype(np.float64))
            return as_float(r) if np.ndim(r) else np.float32(r)
        return Case({"a": a, "b": b}, code, want, 1e-6)
    if kind == "norm":
        a = m.array(m.shape(), "Bbh")
        return Case({"a": a}, "np.linalg.norm(a)", lambda a: np.float32(np.sqrt(np.sum(a.astype(np.float64) ** 2))), 1e-5)
    n = max(1, rows)
    a = (m.r.normal(0, 1, (n, n)) + np.eye(n) * 6).astype(np.float32)
    if kind == "det":
        return Case({"a": a}, "np.linalg.det(a)", lambda a: np.float32(np.linalg.det(a.astype(np.float64))), 1e-4)
    return Case({"a": a}, "np.linalg.inv(a)", lambda a: np.linalg.inv(a.astype(np.float64)).astype(np.float32), 1e-4)


def curve(m):
    kind = m.pick(["interp", "polyval", "polyfit", "nonzero"])
    if kind == "nonzero":
        a = m.array(m.shape(), "?Bf")
        axis = int(m.r.integers(a.ndim))
        return Case({"a": a}, "np.nonzero(a)[%d]" % axis, lambda a: np.nonzero(a)[axis].astype(np.uint16))
    n = int(m.r.integers(1, 9))
    x = m.r.integers(-80, 80, m.shape()).astype(TYPES[m.pick("bhf")]) if m.r.random() < 0.8 else float(m.r.integers(-9, 9))
    if kind == "interp":
        xp, fp = np.sort(m.r.choice(np.arange(-60, 60), n, False)).astype(np.float32), m.r.integers(-50, 50, n).astype(np.float32)
        return Case({"x": x, "p": xp, "q": fp}, "np.interp(x, p, q)", lambda x, p, q: np.float32(np.interp(x, p, q)), 1e-5)
    p = m.r.integers(-5, 6, n % 5 + 1).astype(np.float32)
    if kind == "polyval":
        x = x / 16 if isinstance(x, np.ndarray) and x.dtype == np.float32 else x
        return Case({"p": p, "x": x}, "np.polyval(p, x)", lambda p, x: np.float32(np.polyval(p.astype(np.float64), np.asarray(x, np.float64))), 1e-5)
    x = m.r.choice(np.arange(-50, 50), 20, False).astype(np.float32) / 8
    y = (np.polyval(p.astype(np.float64), x) + m.r.normal(0, 0.5, 20)).astype(np.float32)
    return Case({"x": x, "y": y}, "np.polyfit(x, y, %d)" % (len(p) - 1), lambda x, y: np.polyfit(x.astype(np.float64), y.astype(np.float64), len(p) - 1).astype(np.float32), 1e-4)


def creating(m):
    t = m.pick("BbHhf")
    low, high, step = int(m.r.integers(-20, 20)), int(m.r.integers(-20, 40)), int(m.pick([1, 2, 3, -1, -4]))
    n, cut = int(m.r.integers(0, 9)), int(m.r.integers(-4, 5))
    shape = m.shape()
    cases = [
        ("np.arange(%d, %d, %d)" % (low, high, step), lambda: np.arange(low, high, step).astype(np.int16)),
        ("np.arange(%d, %d, %d, dtype=np.float)" % (low, high, step), lambda: np.arange(low, high, step).astype(np.float32)),
        ("np.arange(%d) * 0.5" % n, lambda: (np.arange(n) * 0.5).astype(np.float32)),
        ("np.linspace(%d, %d, %d)" % (low, high, n), lambda: np.linspace(low, high, n).astype(np.float32)),
        ("np.linspace(%d, %d, num=%d, endpoint=False)" % (low, high, n), lambda: np.linspace(low, high, n, endpoint=False).astype(np.float32)),
        ("np.eye(%d, %d, k=%d, dtype=%r)" % (n, n // 2, cut, t), lambda: np.eye(n, n // 2, cut).astype(TYPES[t])),
        ("np.zeros(%r, dtype=%r)" % (shape, t), lambda: np.zeros(shape, TYPES[t])),
        ("np.ones(%r, dtype=%r)" % (shape, t), lambda: np.ones(shape, TYPES[t])),
        ("np.full(%r, 7, dtype=%r)" % (shape, t), lambda: np.full(shape, 7, TYPES[t])),
        ("np.array([[1, 2, 3], [4, 5, 6]], dtype=%r)" % t, lambda: np.array([[1, 2, 3], [4, 5, 6]], TYPES[t])),
        ("np.array(range(%d), dtype=%r)" % (n, t), lambda: np.array(range(n), TYPES[t])),
        ("np.array([np.ones(3), np.zeros(3)])", lambda: np.array([np.ones(3), np.zeros(3)], np.float32)),
        ("np.array([[1, 2], [3]])", lambda: np.array([[1, 2], [3]])),
        ("np.array([300], dtype=np.uint8)", lambda: np.array([300], np.uint8)),
        ("np.frombuffer(bytearray(range(%d)), dtype=%r)" % (n, t), lambda: np.frombuffer(bytes(range(n)), TYPES[t])),
        ("np.frombuffer(b'0123456789', dtype='h', count=2, offset=3)", lambda: np.frombuffer(b"0123456789", np.int16, 2, 3)),
    ]
    code, want = m.pick(cases)
    return Case({}, code, want)


KINDS = [binary, binary, binary, in_place, overlapping, indexing, indexing, assigning, assigning, selecting, reducing, reducing, ordering, function, unary,
         choosing, shaping, linear, curve, creating]


# ---- Both sides ----

def spec(value):
    return (code_of(value), value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


def expected(case):
    try:
        return case.want(**{k: v.copy() if isinstance(v, np.ndarray) else v for k, v in case.operands.items()})
    except Exception as e:
        return e


def parse(text):
    kind, _, rest = text.partition(" ")
    if kind == "A":
        code, shape, data = re.match(r"(.) (\(.*\)) ?(.*)", rest).groups()
        return np.frombuffer(bytes.fromhex(data.replace("b''", "")), TYPES[code]).reshape(ast.literal_eval(shape))
    if kind == "F":
        return np.frombuffer(bytes.fromhex(rest), np.float32)[0]
    if kind == "I":
        return int(rest)
    if kind == "B":
        return bool(int(rest))
    return ast.literal_eval(re.sub(r"-?\b(nan|inf)\b", r"'\g<0>'", rest)) if kind == "S" else Exception(rest)


def same(got, want, tolerance):
    if isinstance(want, Exception) or isinstance(got, Exception):
        kinds = [k for k in (ZeroDivisionError, OverflowError, IndexError, ValueError, TypeError) if isinstance(want, k)]
        return isinstance(got, Exception) and any(str(got).startswith(k.__name__) for k in kinds)
    if isinstance(want, np.ndarray) and want.ndim == 0:
        want = want[()]
    if isinstance(want, (list, tuple)):
        w, g = np.array(want, dtype=np.float32), np.array(got, dtype=np.float32)    # as printed: to seven digits
        return w.shape == g.shape and np.allclose(w, g, rtol=2e-6, atol=0, equal_nan=True)
    if isinstance(want, np.ndarray) != isinstance(got, np.ndarray):
        return False
    if isinstance(want, np.ndarray):
        if want.shape != got.shape or want.dtype != got.dtype:
            return False
    elif (np.asarray(want).dtype.kind in "iu") != isinstance(got, int) and np.asarray(want).dtype.kind != "b":
        return False
    w, g = np.asarray(want, dtype=np.float64), np.asarray(got, dtype=np.float64)
    largest = np.abs(w[np.isfinite(w)]).max(initial=0) if tolerance >= 1e-5 else 0      # of sums: what cancels out leaves its error behind
    near = np.abs(w - g) <= tolerance * np.maximum(np.abs(w), largest) + (tolerance and 1e-37)
    return bool(np.all((w == g) | near | (np.isnan(w) & np.isnan(g))))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=4000)
    options.add_argument("--only", type=int)
    options.add_argument("--name", default="host", help="of what runs COMMAND")
    options.add_argument("--script", default="build/test/ndarray/cases.py")
    options.add_argument("command", nargs=argparse.REMAINDER)
    o = options.parse_args()
    cases, tried, failed = {}, {}, 0
    for number in range(o.count) if o.only is None else [o.only]:
        m = Maker((o.seed, number))
        make = m.pick(KINDS)
        cases[number] = (make, make(m))
    with open(o.script, "w") as f:
        f.write(open(os.path.join(HERE, "device.py")).read())
        for number, (_, case) in cases.items():
            f.write("case(%d, %r, %r)\n" % (number, {k: spec(v) for k, v in case.operands.items()}, case.code))
    run = subprocess.run(o.command + [o.script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    answers = {}
    for line in run.stdout.splitlines():
        if line.startswith("CASE "):
            _, number, text = line.split(" ", 2)
            answers[int(number)] = text
    for number, (make, case) in cases.items():
        want, text = expected(case), answers.get(number)
        right = text is not None and same(parse(text), want, case.tolerance)
        tried[make.__name__] = tried.get(make.__name__, 0) + 1
        if not right:
            failed += 1
            if failed <= 20:
                print("FAIL %s %s: %s with %s: expected %s, got %s [rerun: tests/ndarray/run.sh --seed %d --only %d]" % (
                    o.name, make.__name__, case.code, {k: (code_of(v), v.shape, v.tolist()) if isinstance(v, np.ndarray) else v for k, v in case.operands.items()},
                    repr(want).replace("\n", ""), text and repr(parse(text)).replace("\n", ""), o.seed, number))
    if run.returncode or len(answers) != len(cases):
        failed += 1
        print("FAIL %s: %d of %d cases were answered, status %d: %s [rerun: tests/ndarray/run.sh --seed %d --count %d]" % (
            o.name, len(answers), len(cases), run.returncode, run.stdout[-3000:], o.seed, o.count))
    elif not failed:
        for name, n in sorted(tried.items()):
            print("PASS %s %s: %d expressions as NumPy" % (o.name, name, n))
    sys.exit(1 if failed else 0)


main()
