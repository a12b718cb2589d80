/* SPDX-License-Identifier: MIT */
/* The host protocol's place in the firmware: who owns the console, and the device behind it. */
#ifndef MODULES_PROTOCOL_SERVICE_H
#define MODULES_PROTOCOL_SERVICE_H

#include "protocol/device.h"

/* Called once by the port, when the console and the memory pools are up. */
void protocol_start(void);

/* A host owns the console now. */
bool protocol_is_active(void);

struct device *protocol_device(void);

/* device_raise for everyone: from any context. */
bool protocol_raise(uint8_t channel, uint16_t event);

/* Serves dynamic channels; main context only. */
void protocol_poll_foreground(void);

/* True while functions of dynamic channels may call Python. */
bool protocol_in_foreground(void);

/* The predefined channels. */
extern const struct device_channel channel_stdin, channel_stdout, channel_stream, channel_crash;
/* Only in builds that have it (PROFILE_ENABLE=1). */
extern const struct device_channel channel_profile __attribute__((weak));

/* stdout: takes text of the running script; never keeps it waiting for a host that does not read. Main context. */
void channel_stdout_print(const char *text, size_t length);
/* Background work: tells the host about waiting text. */
void channel_stdout_service(void);
/* A session begins: a larger ring if there is memory. A script begins: forget what the last one printed. */
void channel_stdout_open(void);
void channel_stdout_clear(void);

/* stream: a session has ended. Frames are not prepared until a host asks for them again. */
void channel_stream_close(void);
/* A script begins: frames of the last one are of no interest any more. */
void channel_stream_forget(void);
/* The script has ended: what it showed last is shown, even if a frame is waiting. Main context. */
void channel_stream_last(void);

/* Has the foreground served soon; from any context. */
void protocol_ask_foreground(void);

/* Calls the unlock methods of channels whose session has ended in the background. Main context. */
void user_channels_unlock_late(void);

/* Forgets what scripts registered; at a soft reset. */
void user_channels_clear(void);

#endif
