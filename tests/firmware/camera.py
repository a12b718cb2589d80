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


def on_frame():
    global count
    count += 1


levels = []
cam.frame_callback(on_frame)
cam.vsync_callback(levels.append)
for i in range(5):
    cam.snapshot()
cam.frame_callback(None)
cam.vsync_callback(None)
check("frame callback", count >= 4)
check("VSYNC callback", levels.count(True) >= 3 and levels.count(False) >= 3 and levels[0] != levels[1])
cam.frame_callback(lambda: cam.snapshot())
check("a callback that takes every frame leaves some to the script", [cam.snapshot().size() for i in range(3)], [76800] * 3)
cam.frame_callback(None)
raises("a callback is callable", TypeError, "callable", lambda: cam.vsync_callback(5))
check("not blocking", cam.snapshot(blocking=False) is None or True)

raises("frame size", RuntimeError, "frame size", lambda: cam.framesize((2592, 1944)))
raises("window outside", RuntimeError, "window", lambda: cam.window((300, 0, 100, 100)))
raises("too many buffers", RuntimeError, "out of range", lambda: cam.framebuffers(99))
raises("memory", RuntimeError, "frame buffer memory", lambda: (cam.framesize(csi.VGA), cam.framebuffers(4)))
cam.framebuffers(0)
cam.framesize(csi.QVGA)
check("after an error the camera works", cam.snapshot().size(), 76800)
raises("unsupported control", RuntimeError, "does not have this control", lambda: cam.auto_blc(True))
old = cam.snapshot()
cam.framesize(csi.QQVGA)
raises("an image of a frame buffer that is gone", RuntimeError, "gone", lambda: old.get_pixel((0, 0)))
cam.auto_gain(False, gain_db=12)
check("gain", abs(cam.gain_db() - 12) < 0.6)
cam.auto_exposure(False, exposure_us=5000)
check("exposure", abs(cam.exposure_us() - 5000) < 100)
cam.auto_exposure(False, 4000)
check("or without its name", abs(cam.exposure_us() - 4000) < 100)
cam.auto_whitebal(False, rgb_gain_db=(-6.0, 0, 3.0))
check("white balance", [round(g) for g in cam.rgb_gain_db()], [-6, 0, 3])
blue = cam.pixformat(csi.RGB565) or cam.snapshot(frames=3).get_statistics().b_mean
cam.auto_whitebal(False, (3.0, 0, -6.0))
check("is seen", cam.snapshot(frames=3).get_statistics().b_mean > blue + 5)
cam.auto_whitebal(True)
cam.lens_correction(True, 20, 16)
check("lens correction", cam.lens_correction(), True)
cam.framesize(csi.QQVGA)
straight = cam.snapshot(frames=3).copy()
cam.transpose(True)
img = cam.snapshot()
check("transposed", (img.width(), img.height(), cam.transpose()), (120, 160, True))
check("rows are columns", max(abs(a - b) for p in ((5, 9), (100, 7), (33, 119), (159, 60)) for a, b in zip(img.get_pixel((p[1], p[0])), straight.get_pixel(p))) < 30)
cam.transpose(False)
cam.pixformat(csi.GRAYSCALE)
raises("no frame rate was set", RuntimeError, "frame rate", cam.framerate)
cam.framerate(5)
start = time.ticks_ms()
cam.snapshot(frames=4)
check("five frames a second", (cam.framerate(), 500 < time.ticks_diff(time.ticks_ms(), start) < 900), (5, True))
cam.framerate(0)

# Memory: what the camera fills ahead makes room for images
old = img = straight = None
gc.collect()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
img = cam.snapshot()
old = cam.framebuffers()
first, pixel = img.copy(), img.get_pixel((50, 60))
second = img.copy()
check("a second copy costs the second buffer", (old, cam.framebuffers(), img.get_pixel((50, 60)), second.get_pixel((50, 60))), (2, 1, pixel, pixel))
check("and the camera goes on", cam.snapshot().size(), 153600)
raises("a third is too much", MemoryError, "the image needs 153600 bytes", lambda: (img.copy(), img.copy()))
first = second = None
gc.collect()
cam.framesize(csi.QQVGA)
cam.framesize(csi.QVGA)
before, img = cam.snapshot(), cam.snapshot()
first = image.Image(200, 100, image.RGB565)
pixel = img.get_pixel((319 - 50, 60))
img.replace(img, hint=image.HMIRROR, roi=(0, 0, 320, 230))
check("scratch does so, too", (cam.framebuffers(), img.get_pixel((50, 60))), (1, pixel))
raises("frames before that are gone", RuntimeError, "gone", lambda: before.get_pixel((1, 1)))
cam.framesize(csi.QQVGA)
img = cam.snapshot()
pixel = img.get_pixel((20, 30))
big = image.Image(200, 150, image.RGB565, copy_to_fb=True)
check("the frame buffer may be larger than the camera's frame", (big.size(), img.get_pixel((20, 30)), cam.snapshot().size()), (60000, pixel, 38400))
raises("until the next one", RuntimeError, "gone", lambda: big.get_pixel((1, 1)))
big = img = first = before = None
cam.shutdown(True)
gc.collect()

# The old names
import sensor

sensor.reset()
sensor.set_pixformat(sensor.GRAYSCALE)
sensor.set_framesize(sensor.QVGA)
sensor.skip_frames(time=100)
check("sensor.snapshot", sensor.snapshot().size(), 76800)
check("sensor.get_id", sensor.get_id(), sensor.OV7725)
check("sensor.get_fb", sensor.get_fb() is sensor.snapshot(), False)
img = sensor.snapshot()
check("is the last picture", sensor.get_fb() is img)
start = time.ticks_ms()
sensor.skip_frames(n=10000, time=100)
sensor.skip_frames(2)
check("skip_frames with n and time", time.ticks_diff(time.ticks_ms(), start) < 1000)
sensor.set_auto_gain(False, 6)
sensor.set_windowing((100, 80))
check("windowing", (sensor.get_windowing(), sensor.snapshot().width()), ((110, 80, 100, 80), 100))
