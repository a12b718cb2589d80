# SPDX-License-Identifier: MIT
# Put before a list of cases by compare.py: evaluates each with the arrays under test and prints exactly what came out.
from ulab import numpy as np

try:
    import gc

    gc.threshold(512)  # collects all the time: what the collector doesn't see is soon gone
except ImportError:
    pass


def build(spec):
    if not isinstance(spec, tuple):
        return spec
    kind, shape, data = spec
    return np.frombuffer(bytearray(data), dtype=kind).copy().reshape(shape)


def show(value):
    if isinstance(value, np.ndarray):
        return "A %s %r %s" % (chr(value.dtype()), value.shape, value.tobytes().hex())
    if isinstance(value, bool):
        return "B %d" % value
    if isinstance(value, int):
        return "I %d" % value
    if isinstance(value, float):
        return "F %s" % np.array([value]).tobytes().hex()
    return "S %r" % (value,)


def case(number, operands, code):
    names = {"np": np}
    for name, spec in operands.items():
        names[name] = build(spec)
    try:
        lines = code.split("; ")
        for line in lines[:-1]:
            exec(line, names)
        result = show(eval(lines[-1], names))
    except Exception as e:
        result = "E %s: %s" % (type(e).__name__, e)
    print("CASE", number, result)


