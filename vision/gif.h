/* SPDX-License-Identifier: MIT */
/* Animated GIF (CompuServe's GIF89a), written picture by picture. Gray ones keep their 256 values; colour ones get the 256 colours that suit each
   picture best (gif_palette.c), of 5 bits a channel. */
#ifndef VISION_GIF_H
#define VISION_GIF_H

#include "vision/codec.h"

struct gif {
    struct stream *stream;
    int width, height;
    bool color;
    uint32_t end;                   /* the byte behind the last picture */
};

/* A new file: head, gray palette, and that it is shown over and over (`loop`) or once. Errors here and below: whatever the stream returns, and those
   named. SIZE: sides. */
int gif_create(struct gif *g, struct stream *stream, int width, int height, bool color, bool loop);

/* Adds a picture of any raw format, shown for `delay` hundredths of a second, 0 .. 65535. SIZE: not of the file's size; FORMAT: compressed; SPACE: the
   file would pass 4 GiB; ARGUMENT: delay. After an error it is as if the call hadn't been.
   Scratch: 36 KiB + 2 w + 48; colour 64 KiB more. */
int gif_append(struct gif *g, const struct image *img, int delay, struct arena *arena);

/* The last byte. Nothing is added afterwards. */
int gif_finish(struct gif *g);

/* Of gif_palette.c. The colours of a picture in any raw format: up to 256 of them as r, g, b bytes into `palette`; each RGB565 value has its own at
   map[gif_cell(value)]. Returns how many. Scratch: 4 KiB + 2 w. MEMORY. */
enum { GIF_CELLS = 32768 };
int gif_choose_palette(const struct image *img, uint8_t palette[768], uint16_t map[GIF_CELLS], struct arena *arena);

/* 5 bits of each channel. */
static inline uint32_t gif_cell(uint32_t rgb565)
{
    return (rgb565 >> 1 & 0x7FE0) | (rgb565 & 0x1F);
}

#endif
