/* SPDX-License-Identifier: MIT */
/* The camera's side of the protocol: answers a host's requests about channels, without ever waiting for it. */
#ifndef PROTOCOL_DEVICE_H
#define PROTOCOL_DEVICE_H

#include "packet.h"

struct device;

/*
 * What a channel can do. Any function may be missing: the request is then refused. `context` is the channel's.
 * Functions that return int: >= 0 is success, -(enum packet_status) the NAK sent. None may wait.
 */
struct device_channel_ops {
    /* Has data, or is running. Missing: size() > 0. */
    bool (*poll)(void *context);
    /* Freezes the data; false (NAK BUSY) when there is nothing to freeze. unlock follows, at the latest when the session ends. */
    bool (*lock)(void *context);
    void (*unlock)(void *context);
    /* Bytes that can be read now. */
    uint32_t (*size)(void *context);
    /* Writes up to 4 dimensions, returns how many. */
    int (*shape)(void *context, uint32_t shape[4]);
    /* Copies up to n (<= 512) bytes from offset, returns how many; fewer than n ends the answer. */
    int (*read)(void *context, uint32_t offset, void *out, size_t n);
    /* Instead of read: the n bytes at offset, or NULL. They stay until unlock. */
    const void *(*readp)(void *context, uint32_t offset, size_t n);
    int (*write)(void *context, uint32_t offset, const void *bytes, size_t n);
    int (*ioctl)(void *context, uint32_t request, const void *argument, size_t n);
};

struct device_channel {
    const char *name; /* at most 13 characters are sent */
    uint8_t flags;    /* enum channel_flag. A DYNAMIC channel's functions run in foreground only */
    const struct device_channel_ops *ops;
    void *context;
};

/* Answer to SYS_INFO. Sizes in KiB. */
struct device_info {
    uint32_t cpu_id, dev_id[3], usb_id, chip_id[3], hw_caps[2], flash, ram, framebuffer, stream;
};

/* One row of SYS_MEMORY; at most DEVICE_POOLS are sent. */
#define DEVICE_POOLS 4
struct device_pool {
    uint8_t type; /* 0 garbage-collected heap, 1 pool */
    uint16_t flags;
    uint32_t total, used, free, persist, peak;
};

struct device_version {
    uint8_t bootloader[3], firmware[3];
};

enum device_command { DEVICE_RESET, DEVICE_BOOT };

/* The outer world. Every function gets `context` and must return at once. */
struct device_config {
    void *context;
    /* Bytes received so far, at most n; 0 when there are none. */
    size_t (*receive)(void *context, void *out, size_t n);
    /* Takes bytes to send, returns how many it took; 0 when the link is busy. */
    size_t (*send)(void *context, const void *bytes, size_t n);
    uint32_t (*now_ms)(void *context);
    /* SYS_RESET and SYS_BOOT. May not return. */
    void (*command)(void *context, enum device_command command);
    void (*info)(void *context, struct device_info *info);
    int (*memory)(void *context, struct device_pool pools[DEVICE_POOLS]); /* returns how many */
    void (*version)(void *context, struct device_version *version);
    /* A dynamic channel is asked for something: call device_poll(device, true) soon. May be NULL without such channels. */
    void (*defer)(void *context);

    size_t max_payload;        /* 50 to 65535; the buffer of the camera minus 14 */
    uint32_t capabilities;     /* enum packet_caps offered after SYNC */
    unsigned retries;          /* of an answer that is not acknowledged; 3 */
    uint32_t retry_ms;         /* first timeout, doubled each time; 500 */
    uint32_t lock_interval_ms; /* between two successful locks; 10 */
};

/* Memory that a device with this max_payload needs. */
#define DEVICE_STATE_BYTES        1280u
#define DEVICE_BYTES(max_payload) (DEVICE_STATE_BYTES + 2u * ((max_payload) + PACKET_OVERHEAD))

/*
 * A device in the caller's memory, aligned as for a pointer; config is copied. No channel is registered.
 * NULL when the memory is too small or max_payload out of range.
 */
struct device *device_init(void *memory, size_t bytes, const struct device_config *config);

/*
 * Registers a channel (which must stay) under this number, or under the first free one from CHANNEL_USER when number is
 * negative. Returns the number, -1 when it is taken or all are. Tells the host of dynamic channels.
 */
int device_register(struct device *device, int number, const struct device_channel *channel);
void device_unregister(struct device *device, int number);

/*
 * Does all there is to do and returns: takes bytes, answers, sends again what was not acknowledged, sends events.
 * Call it often (each byte or each millisecond); from one place at a time, an interrupt for instance. `foreground`: the
 * functions of dynamic channels may be called.
 */
void device_poll(struct device *device, bool foreground);

/*
 * Tells the host something, when there is a session; may interrupt device_poll or be interrupted by it, but not by
 * itself. Never waits: when 16 events are on their way this one is dropped and false returned.
 */
bool device_raise(struct device *device, uint8_t channel, uint16_t event);

/* The same with an acknowledgement asked for; device_acknowledged tells when the last such event has been confirmed. */
bool device_raise_acknowledged(struct device *device, uint8_t channel, uint16_t event);
bool device_acknowledged(const struct device *device);

/* A host has sent SYNC, and the session has not ended since. */
bool device_in_session(const struct device *device);

/* Milliseconds since the last good packet of the host. */
uint32_t device_silence(const struct device *device);

/* Ends the session: forgets what was on its way, unlocks channels. */
void device_close(struct device *device);

/* Changes what SYNC offers from now on; values as in device_config, max_payload no more than at device_init. */
void device_configure(struct device *device, uint32_t capabilities, size_t max_payload, unsigned retries, uint32_t retry_ms,
                      uint32_t lock_interval_ms);

/* Counters, as PROTO_STATS sends them. */
struct device_statistics {
    uint32_t sent, received, checksum, sequence, retransmitted, transport, events, reserved;
};
const struct device_statistics *device_statistics(const struct device *device);

#endif
