# SPDX-License-Identifier: MIT
# Sources of the vision library, relative to the root: for the firmware, the unit tests and bench/. Includes are "vision/x.h", so -I$(TOP);
# pure C11, links with libm only.
VISION_SRC := $(addprefix vision/, \
	adjust.c blob.c blob_shape.c codec.c codec_bmp.c codec_png.c codec_pnm.c color.c compose.c compose_row.c convert.c deflate.c deflate_code.c draw.c draw_span.c draw_text.c edge.c equalize.c event.c filter_bilateral.c \
	filter_convolve.c filter_mean.c filter_midpoint.c filter_rank.c font.c gif.c gif_palette.c gradient.c histogram.c hough_circle.c hough_edge.c hough_line.c image.c imageio.c min_rect.c mjpeg.c inflate.c \
	jpeg_codec.c jpeg_color.c jpeg_dct.c jpeg_dct_dsp.c jpeg_decode.c jpeg_encode.c jpeg_head.c jpeg_huffman.c jpeg_huffman_decode.c \
	jpeg_idct.c jpeg_idct_dsp.c jpeg_sample.c jpeg_tables.c kernel.c kernel_dsp.c kernel_gradient.c kernel_sample.c kernel_sample_dsp.c kernel_window.c kernel_window_dsp.c lab.c line.c morphology.c png_decode.c png_encode.c png_filter.c quad.c row.c \
	row_sensor.c sample.c sample_area.c sample_smooth.c threshold.c threshold_lab.c warp.c window.c \
	displacement.c fft.c flood.c kernel_match.c kernel_match_dsp.c regression.c segment.c selective.c similarity.c template.c \
)
