/* SPDX-License-Identifier: MIT */
/* How much two pictures look alike: structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004). */
#ifndef VISION_SIMILARITY_H
#define VISION_SIMILARITY_H

#include "vision/compose.h"

/* Of the patches' values. SSIM is 1 for equal patches and -1 at least, DSSIM = (1 - SSIM) / 2. stdev is the population's. */
struct similarity { float mean, stdev, min, max; };

/* Compares img with itself after `other` has been drawn into it with these options (their mask is not looked at), where that is, in gray. That region is cut
   into patches of 8 x 8 pixels from its top left corner, smaller ones at the right and below. With the means m, variances v and the covariance c
   (of the population) of a patch's two pictures, C1 = (0.01 * 255)^2, C2 = (0.03 * 255)^2, it has
   SSIM = (2 ma mb + C1) (2 c + C2) / ((ma^2 + mb^2 + C1) (va + vb + C2)). All patches count the same.
   Any raw formats. Scratch: 16 w of the region, compose_image's of a gray image of 8 rows.
   Errors: ARGUMENT and FORMAT as compose_image, ROI (other lies outside), MEMORY. */
int similarity_compare(const struct image *img, const struct image *other, const struct compose_options *options, bool dssim, struct arena *arena,
                       struct similarity *out);

#endif
