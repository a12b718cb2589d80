/* SPDX-License-Identifier: MIT */
/* The median of 5 x 5 as networks of minima and maxima, for pixels or vectors of pixels. T: their type; LOAD(row, column): a value; SORT(a, b): the
   lesser to a, the greater to b. Five values are sorted by Knuth's network of nine comparisons. The median of five sorted columns takes 56: a
   sorting network pruned as long as it is right for every input of 0 and 1 (the zero-one principle; test_vision_filter.c tries all 6^5). */
#ifndef VISION_KERNEL_MEDIAN_H
#define VISION_KERNEL_MEDIAN_H

#define KERNEL_SORT5(SORT, a, b, c, d, e) \
    SORT(a, b); SORT(d, e); SORT(c, e); SORT(c, d); SORT(b, e); SORT(a, d); SORT(a, c); SORT(b, d); SORT(b, c)

#define KERNEL_MEDIAN25(T, LOAD, LEAST, MOST, SORT, result)                                                                               \
    T v00 = LOAD(0, 0); T v01 = LOAD(0, 1); SORT(v00, v01); T v03 = LOAD(0, 3); T v04 = LOAD(0, 4); SORT(v03, v04);                       \
    T v02 = LOAD(0, 2); SORT(v02, v04); v03 = MOST(v02, v03); SORT(v01, v04); v03 = MOST(v00, v03); v03 = MOST(v01, v03);                 \
    T v10 = LOAD(1, 0); T v11 = LOAD(1, 1); SORT(v10, v11); T v13 = LOAD(1, 3); T v14 = LOAD(1, 4); SORT(v13, v14);                       \
    T v12 = LOAD(1, 2); SORT(v12, v14); SORT(v12, v13); SORT(v11, v14); v13 = MOST(v10, v13); SORT(v11, v13);                             \
    v12 = MOST(v11, v12); T v20 = LOAD(2, 0); T v21 = LOAD(2, 1); SORT(v20, v21); T v23 = LOAD(2, 3); T v24 = LOAD(2, 4);                 \
    SORT(v23, v24); T v22 = LOAD(2, 2); SORT(v22, v24); SORT(v22, v23); v21 = LEAST(v21, v24); SORT(v20, v23);                            \
    v22 = MOST(v20, v22); SORT(v21, v23); SORT(v21, v22); T v30 = LOAD(3, 0); T v31 = LOAD(3, 1); SORT(v30, v31);                         \
    T v33 = LOAD(3, 3); T v34 = LOAD(3, 4); SORT(v33, v34); T v32 = LOAD(3, 2); SORT(v32, v33); v31 = LEAST(v31, v34);                    \
    SORT(v30, v33); SORT(v30, v32); v31 = LEAST(v31, v33); SORT(v31, v32); T v40 = LOAD(4, 0); T v41 = LOAD(4, 1);                        \
    SORT(v40, v41); T v43 = LOAD(4, 3); T v44 = LOAD(4, 4); SORT(v43, v44); T v42 = LOAD(4, 2); v42 = LEAST(v42, v44);                    \
    SORT(v42, v43); SORT(v40, v42); v41 = LEAST(v41, v43); v41 = LEAST(v41, v42); v21 = MOST(v12, v21); v30 = MOST(v03, v30);             \
    SORT(v40, v22); SORT(v04, v31); v30 = MOST(v21, v30); v04 = MOST(v40, v04); v22 = LEAST(v22, v31); v13 = LEAST(v13, v32);             \
    v14 = LEAST(v14, v23); SORT(v22, v04); v13 = LEAST(v13, v41); SORT(v30, v22); SORT(v22, v04); v22 = LEAST(v22, v14);                  \
    v22 = MOST(v30, v22); v04 = LEAST(v04, v13); v04 = MOST(v22, v04);                                                                    \
    result = v04;

#endif
