/* SPDX-License-Identifier: MIT */
/* Register access shared by the sensor drivers, and the words for camera errors. */
#include "sensors/sensor.h"

int sensor_read8(const struct sensor *sensor, uint8_t reg)
{
    uint8_t value;
    int error = sensor->bus->write_read(sensor->bus, sensor->driver->address, &reg, 1, &value, 1);

    return error ? error : value;
}

int sensor_write8(const struct sensor *sensor, uint8_t reg, uint8_t value)
{
    const uint8_t bytes[2] = {reg, value};

    return sensor->bus->write(sensor->bus, sensor->driver->address, bytes, 2);
}

int sensor_update8(const struct sensor *sensor, uint8_t reg, uint8_t mask, uint8_t value)
{
    int old = sensor_read8(sensor, reg);

    if (old < 0) {
        return old;
    }
    return sensor_write8(sensor, reg, (uint8_t)((old & ~mask) | (value & mask)));
}

const char *camera_strerror(int error)
{
    static const char *const texts[] = {
        [0] = "no error",
        [-CAMERA_E_CONTROL_FAILED] = "The sensor refused this setting",
        [-CAMERA_E_CONTROL_UNSUPPORTED] = "This sensor does not have this control",
        [-CAMERA_E_NOT_DETECTED] = "No image sensor was found: check the camera module's connector",
        [-CAMERA_E_SENSOR_UNSUPPORTED] = "An image sensor answers, but not one that this firmware knows",
        [-CAMERA_E_SENSOR_INIT] = "The image sensor could not be set up",
        [-CAMERA_E_TIMER_INIT] = "The sensor's clock could not be set up",
        [-CAMERA_E_DMA_INIT] = "The camera's DMA channel could not be set up",
        [-CAMERA_E_INTERFACE_INIT] = "The camera interface could not be set up",
        [-CAMERA_E_IO] = "The image sensor does not answer on its bus",
        [-CAMERA_E_CAPTURE] = "Capturing a frame failed",
        [-CAMERA_E_TIMEOUT] = "No frame came from the sensor in time",
        [-CAMERA_E_FRAMESIZE] = "The frame size is not set, or this sensor does not have it",
        [-CAMERA_E_PIXFORMAT] = "The pixel format is not set",
        [-CAMERA_E_WINDOW] = "The window does not fit in the frame",
        [-CAMERA_E_FRAMERATE] = "The frame rate is not set, or is not 0 to 1000",
        [-CAMERA_E_ARGUMENT] = "The value is out of range",
        [-CAMERA_E_PIXFORMAT_UNSUPPORTED] = "This sensor does not have this pixel format",
        [-CAMERA_E_FRAMEBUFFER] = "There is not enough frame buffer memory: choose a smaller frame size or fewer frame buffers",
        [-CAMERA_E_OVERFLOW] = "The frame came faster than memory could take it",
        [-CAMERA_E_JPEG_OVERFLOW] = "The compressed frame does not fit in its buffer",
        [-CAMERA_E_WOULD_BLOCK] = "No frame is ready yet",
    };
    int count = (int)(sizeof(texts) / sizeof(texts[0]));

    return error <= 0 && error > -count && texts[-error] ? texts[-error] : "unknown camera error";
}
