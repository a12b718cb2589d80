# SPDX-License-Identifier: MIT
# Put before each script of this folder by run.sh: one line a check.
RERUN = "tests/firmware/run.sh"  # run.sh says which script


def check(name, got, want=True):
    if got == want:
        print("PASS", name)
    else:
        print("FAIL %s: expected %r, got %r [rerun: %s]" % (name, want, got, RERUN))


def raises(name, exception, text, call):
    try:
        got = call()
    except exception as e:
        if text in str(e):
            print("PASS", name)
        else:
            print("FAIL %s: expected the text %r, got %r [rerun: %s]" % (name, text, str(e), RERUN))
    except Exception as e:
        print("FAIL %s: expected %s, got %s: %s [rerun: %s]" % (name, exception.__name__, type(e).__name__, e, RERUN))
    else:
        print("FAIL %s: expected %s, got %r [rerun: %s]" % (name, exception.__name__, got, RERUN))
