# SPDX-License-Identifier: MIT
# The camera by its old names: one camera, functions instead of methods, over csi.CSI.

import csi as _csi
import time as _time

_camera = None
_image = None


def _cam():
    global _camera
    if _camera is None:
        _camera = _csi.CSI()
    return _camera


def __getattr__(name):
    """Constants (QVGA, RGB565, OV7725 ...) are csi's; set_NAME and get_NAME are methods of the camera."""
    if name[:4] in ("set_", "get_"):
        method = name[4:]
        method = {"windowing": "window"}.get(method, method)
        return getattr(_cam(), method)
    return getattr(_csi, name)


def reset():
    _cam().reset()


def sleep(enable):
    _cam().sleep(enable)


def shutdown(enable):
    _cam().shutdown(enable)


def flush():
    _cam().flush()


def snapshot(**options):
    global _image
    _image = _cam().snapshot(**options)
    return _image


def get_fb():
    """What snapshot() gave last, or None."""
    return _image


def skip_frames(n=None, time=None):
    """Takes n frames, or as many as come in `time` ms (300 when neither is given); with both, n in at most that time."""
    cam = _cam()
    if n is None and time is None:
        time = 300
    start = _time.ticks_ms()
    while (n is None or n > 0) and (time is None or _time.ticks_diff(_time.ticks_ms(), start) < time):
        cam.snapshot()
        n = None if n is None else n - 1


def width():
    return _cam().width()


def height():
    return _cam().height()


def get_id():
    return _cam().cid()


def get_frame_available():
    return _cam().readable()


def set_windowing(*window):
    _cam().window(window[0] if len(window) == 1 else window)


def ioctl(*arguments):
    return _cam().ioctl(*arguments)


def __write_reg(register, value):
    _cam().__write_reg(register, value)


def __read_reg(register):
    return _cam().__read_reg(register)


def disable_delays(disable=None):
    """Accepted for old scripts: this firmware waits for no more than the sensor needs."""
    return False


def disable_full_flush(disable=None):
    return False


def alloc_extra_fb(width, height, pixformat):
    import image

    return image.Image(width, height, pixformat)


def dealloc_extra_fb():
    import gc

    gc.collect()
