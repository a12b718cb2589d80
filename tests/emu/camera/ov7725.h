/* SPDX-License-Identifier: MIT */
/* The camera by hand: I2C1, SCCB, TIM1 as clock, DCMI with DMA2 stream 1. */
#ifndef OV7725_H
#define OV7725_H

#include "guest.h"

enum { SENSOR = 0x21 };

enum {                          /* I2C ISR */
    TXE = 1 << 0, TXIS = 1 << 1, RXNE = 1 << 2, NACKF = 1 << 4, STOPF = 1 << 5, TC = 1 << 6, TCR = 1 << 7, BUSY = 1 << 15,
};

enum { FRAME = 1, OVR = 2, ERR = 4, VSYNC = 8, LINE = 16 };             /* DCMI RIS */
enum { CAPTURE = 1, SNAPSHOT = 2, CROP = 4, PCKPOL = 1 << 5, VSPOL = 1 << 7, ENABLE = 1 << 14 };       /* DCMI CR */
enum { POLARITIES = PCKPOL | VSPOL };                                   /* of the sensor after its reset */

void i2c_init(void);
/* Waits for the stop and clears what it leaves. The flags as they were. */
uint32_t i2c_finish(void);

/* 12.8 MHz on PA8, or nothing. */
void sensor_clock(bool on);
void sensor_pins(bool reset, bool power_down);

/* Both: false without acknowledge. */
bool sensor_write(uint8_t address, uint8_t value);
bool sensor_read(uint8_t address, uint8_t *value);
uint8_t sensor_get(uint8_t address);

/* The DCMI's eleven pins in alternate function 13. */
void camera_pins(void);

/* Clock, pins, register reset. */
void sensor_up(void);

/* DMA2 stream 1 from the DCMI to `to`; words of 32 bits. */
void dma_start(uint32_t to, uint32_t words);
void dma_stop(void);

/* One frame in snapshot mode into `to` with these bits of CR beside the usual ones. False when none came within 100 ms. */
bool snapshot(uint32_t to, uint32_t words, uint32_t cr);

#endif
