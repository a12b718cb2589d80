# SPDX-License-Identifier: MIT
# Put before each script of this folder by run.sh: one line a check.


def check(name, got, want=True):
    if got == want:
        print("PASS", name)
    else:
        print("FAIL %s: expected %r, got %r [rerun: tests/firmware/run.sh]" % (name, want, got))


def raises(name, exception, text, call):
    try:
        got = call()
    except exception as e:
        if text in str(e):
            print("PASS", name)
        else:
            print("FAIL %s: expected the text %r, got %r" % (name, text, str(e)))
    except Exception as e:
        print("FAIL %s: expected %s, got %s: %s" % (name, exception.__name__, type(e).__name__, e))
    else:
        print("FAIL %s: expected %s, got %r" % (name, exception.__name__, got))
