/* SPDX-License-Identifier: MIT */
/* What the system bootloader is told to start: writes "started" to UART4 once, without touching the stack pointer it was given. */
.syntax unified
.thumb
.text
.word 0x20010000
.word start + 1
.thumb_func
start:
    ldr r0, =0x58024400
    ldr r1, [r0, #0xe8]
    orr r1, r1, #0x80000            /* RCC_APB1LENR.UART4EN */
    str r1, [r0, #0xe8]
    ldr r1, [r0, #0xe8]
    ldr r0, =0x40004c00
    movs r1, #139
    str r1, [r0, #0x0c]
    movs r1, #9
    str r1, [r0]
    ldr r2, =text
    mov r4, sp
    ldr r5, =0x20010000
    cmp r4, r5
    bne wrong
    mrs r4, primask
    cbz r4, next
wrong:
    ldr r2, =wrong_text
next:
    ldrb r1, [r2], #1
    cbz r1, done
wait:
    ldr r3, [r0, #0x1c]
    tst r3, #0x80
    beq wait
    str r1, [r0, #0x28]
    b next
done:
    wfi
    b done
text:
    .asciz "started\n"
wrong_text:
    .asciz "started with a wrong stack pointer or with interrupts off\n"
