/* SPDX-License-Identifier: MIT */
/* The pictures of build/bench, raw pixels. */
    .syntax unified
    .section .rodata.pictures, "a"

    .macro picture symbol, file
    .balign 32
    .global \symbol
\symbol:
    .incbin "\file"
    .endm

    picture moto_s_gray, "moto_s.gray"
#ifndef SMALL
    picture moto_s_rgb565, "moto_s.rgb565"
    picture moto_q_rgb565, "moto_q.rgb565"
    picture moto_q_gray, "moto_q.gray"
    picture coffee_q_rgb565, "coffee_q.rgb565"
    picture coffee_q_gray, "coffee_q.gray"
    picture moto_v_rgb565, "moto_v.rgb565"
    picture moto_v_gray, "moto_v.gray"
#endif
