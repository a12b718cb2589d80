# SPDX-License-Identifier: MIT
# Every shape and every way to write, on a picture made from nothing: what it looks like is shown to the host.

import image
import time

img = image.Image(320, 240, image.RGB565, copy_to_fb=True)  # in the frame buffer: flush() shows it
RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (64, 64, 255), (255, 255, 0)

img.draw_rectangle((5, 5, 60, 40), color=RED, thickness=3)
img.draw_rectangle((75, 5, 60, 40), color=RED, fill=True)
img.draw_circle((170, 25, 20), color=GREEN, thickness=2)
img.draw_circle((220, 25, 20), color=GREEN, fill=True)
img.draw_ellipse((280, 25, 35, 12, 30), color=BLUE, thickness=2)
img.draw_line((5, 60, 100, 90), color=YELLOW, thickness=2)
img.draw_arrow((110, 90, 170, 60), color=YELLOW, size=12, thickness=2)
img.draw_cross((200, 75), size=10)
img.draw_edges(((230, 60), (300, 70), (290, 95), (240, 90)), color=BLUE, size=3)
img.draw_keypoints([(20, 120, 0), (60, 120, 45), (100, 120, 90)], color=YELLOW, size=12)
img.draw_detection((130, 105, 50, 30, 0.9, 0), RED, color2=GREEN, label="thing")
img.draw_rectangle((200, 105, 50, 30)).flood_fill((220, 115), color=BLUE)

img.draw_string((5, 150), "text", color=GREEN)
img.draw_string((50, 150), "twice as large", color=GREEN, scale=2, mono_space=False)
for turn in (0, 90, 180, 270):
    img.draw_string((60 + turn // 2, 195), "turned", color=YELLOW, string_rotation=turn)
    img.draw_string((230 + turn // 4, 200), "A", color=RED, char_rotation=turn)

stamp = img.copy(roi=(75, 5, 60, 40), x_scale=0.5)
img.draw_image(stamp, 285, 150, alpha=128)
img.draw_image(stamp, 285, 180, hint=image.VFLIP)
img.draw_image(img.to_grayscale(copy=True, roi=(0, 0, 320, 50), x_scale=0.2), 250, 215, color_palette=image.PALETTE_RAINBOW)
img.flush()
time.sleep_ms(500)
print(img)
