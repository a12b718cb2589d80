# SPDX-License-Identifier: MIT
# The csi module on the OV7725, with a generated scene: settings, pictures, errors.
import csi
import gc
import image
import time

check("devices", csi.devices(), [0x77])
cam = csi.CSI()
cam.reset()
check("cid", cam.cid(), csi.OV7725)
raises("format first", RuntimeError, "pixel format is not set", cam.pixformat)
cam.pixformat(csi.RGB565)
raises("then the size", RuntimeError, "frame size is not set", cam.snapshot)
cam.framesize(csi.QVGA)
check("settings read back", (cam.pixformat(), cam.framesize(), cam.window()), (csi.RGB565, csi.QVGA, (0, 0, 320, 240)))
img = cam.snapshot()
check("QVGA RGB565", (img.width(), img.height(), img.format(), img.size()), (320, 240, image.RGB565, 153600))
check("two buffers", cam.framebuffers(), 2)

# The sensor's own colour bars: white yellow cyan green magenta red blue black
cam.colorbar(True)
check("colorbar read back", cam.colorbar(), True)
img = cam.snapshot(frames=3)
bars = [img.get_pixel((20 + 40 * i, 120)) for i in range(8)]
near = lambda p, q: max(abs(a - b) for a, b in zip(p, q)) < 90
want = ((255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0))
check("colour bars", [near(p, q) for p, q in zip(bars, want)], [True] * 8)
cam.pixformat(csi.GRAYSCALE)
img = cam.snapshot(frames=3)
luma = [img.get_pixel((20 + 40 * i, 120)) for i in range(8)]
check("bars in gray get darker", luma == sorted(luma, reverse=True) and luma[0] > 200 and luma[7] < 40)
cam.colorbar(False)

for name, size in (("QQVGA", csi.QQVGA), ("QQQVGA", csi.QQQVGA), ("HQVGA", csi.HQVGA), ("VGA", csi.VGA), ("any", (100, 52))):
    cam.framesize(size)
    img = cam.snapshot(frames=2)
    check("frame size " + name, (img.width(), img.height()), size)
cam.framesize(csi.QVGA)
full = cam.snapshot(frames=3).copy()
cam.window((40, 60, 160, 120))
part = cam.snapshot(frames=3)
check("window", (part.width(), part.height(), part.get_pixel((10, 20))), (160, 120, full.get_pixel((50, 80))))
cam.window((0, 0, 320, 240))
cam.hmirror(True)
img = cam.snapshot(frames=3)
check("hmirror", abs(img.get_pixel((319 - 30, 50)) - full.get_pixel((30, 50))) < 30)
cam.hmirror(False)
cam.vflip(True)
img = cam.snapshot(frames=3)
check("vflip", abs(img.get_pixel((30, 239 - 50)) - full.get_pixel((30, 50))) < 30)
cam.vflip(False)
full = part = None

cam.pixformat(csi.YUV422)
check("YUV422", cam.snapshot().format(), image.YUV422)
cam.pixformat(csi.BAYER)
check("Bayer", cam.snapshot().to_rgb565(copy=True).size(), 153600)

cam.pixformat(csi.GRAYSCALE)
for n in (1, 2, 3):
    cam.framebuffers(n)
    start = time.ticks_ms()
    for i in range(6):
        cam.snapshot()
    check("six frames with %d buffers" % n, time.ticks_diff(time.ticks_ms(), start) < 2000)
check("buffers read back", cam.framebuffers(), 3)

count = 0


def on_frame(_):
    global count
    count += 1


cam.frame_callback(on_frame)
for i in range(5):
    cam.snapshot()
cam.frame_callback(None)
check("frame callback", count >= 4)
check("not blocking", cam.snapshot(blocking=False) is None or True)

raises("frame size", RuntimeError, "frame size", lambda: cam.framesize((2592, 1944)))
raises("window outside", RuntimeError, "window", lambda: cam.window((300, 0, 100, 100)))
raises("too many buffers", RuntimeError, "out of range", lambda: cam.framebuffers(99))
raises("memory", RuntimeError, "frame buffer memory", lambda: (cam.framesize(csi.VGA), cam.framebuffers(4)))
cam.framebuffers(0)
cam.framesize(csi.QVGA)
check("after an error the camera works", cam.snapshot().size(), 76800)
raises("unsupported control", RuntimeError, "does not have this control", lambda: cam.transpose(True))
old = cam.snapshot()
cam.framesize(csi.QQVGA)
raises("an image of a frame buffer that is gone", RuntimeError, "gone", lambda: old.get_pixel((0, 0)))
cam.auto_gain(False, gain_db=12)
check("gain", abs(cam.gain_db() - 12) < 0.6)
cam.auto_exposure(False, exposure_us=5000)
check("exposure", abs(cam.exposure_us() - 5000) < 100)
cam.shutdown(True)
gc.collect()

# The old names
import sensor

sensor.reset()
sensor.set_pixformat(sensor.GRAYSCALE)
sensor.set_framesize(sensor.QVGA)
sensor.skip_frames(time=100)
check("sensor.snapshot", sensor.snapshot().size(), 76800)
check("sensor.get_id", sensor.get_id(), 0x77)
