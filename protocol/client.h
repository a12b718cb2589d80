/* SPDX-License-Identifier: MIT */
/* The host's side of the protocol: requests to a camera that always end, by an answer or by an error. */
#ifndef PROTOCOL_CLIENT_H
#define PROTOCOL_CLIENT_H

#include "packet.h"

struct client;

/* What every function that returns int gives: 0 or more is success. */
enum client_error {
    CLIENT_OK = 0,
    CLIENT_E_TIMEOUT = -1,  /* nobody answers, even after a new SYNC */
    CLIENT_E_LINK = -2,     /* the link is closed */
    CLIENT_E_REFUSED = -3,  /* NAK; client_status() has the reason */
    CLIENT_E_BUSY = -4,     /* NAK BUSY */
    CLIENT_E_RESYNCED = -5, /* a new session had to be made: locks are lost, the request may or may not have been done */
    CLIENT_E_SPACE = -6,    /* the answer is longer than the caller's buffer */
    CLIENT_E_ANSWER = -7,   /* the answer is not what the protocol says */
};

/* The outer world. Every function gets `context`. */
struct client_config {
    void *context;
    /* Waits up to timeout_ms for bytes: how many came (0: none), negative when the link is closed. */
    int (*receive)(void *context, void *out, size_t n, uint32_t timeout_ms);
    /* Sends all bytes within timeout_ms: 0, or negative when the link is closed or stuck. */
    int (*send)(void *context, const void *bytes, size_t n, uint32_t timeout_ms);
    uint32_t (*now_ms)(void *context);

    size_t max_payload;    /* the most we take, 50 to 65521; the camera may take less */
    uint32_t capabilities; /* enum packet_caps wished; normally CAPS_ALL */
    uint32_t retry_ms;     /* no answer for so long: ask again; 300 */
    uint32_t deadline_ms;  /* no progress for so long: CLIENT_E_TIMEOUT; 2000 */
};

#define CLIENT_STATE_BYTES        1536u
#define CLIENT_BYTES(max_payload) (CLIENT_STATE_BYTES + 2u * ((max_payload) + PACKET_OVERHEAD))

/* A client in the caller's memory, aligned as for a pointer; config is copied. NULL when the memory is too small. */
struct client *client_init(void *memory, size_t bytes, const struct client_config *config);

const char *client_strerror(int error);
const char *client_strstatus(enum packet_status status);

/* The reason of the last CLIENT_E_REFUSED. */
enum packet_status client_status(const struct client *client);

/* How often a session had to be made, and packets sent again. */
struct client_statistics {
    uint32_t sessions, retries, damaged;
};
const struct client_statistics *client_statistics(const struct client *client);

/*
 * Session. client_connect makes one whatever state the camera is in, agrees on capabilities and reads the list of
 * channels. The other functions below make a new session by themselves when they must.
 */
int client_connect(struct client *client);

/* What was agreed. */
size_t client_max_payload(const struct client *client);

/* The channel of this name, or -1. */
int client_find_channel(const struct client *client, const char *name);

/* Name and flags of a channel; name NULL when there is none. */
const char *client_channel(const struct client *client, unsigned number, uint8_t *flags);

/* Reads the list of channels again (after EVENT_REGISTERED). */
int client_list_channels(struct client *client);

/*
 * Any request: payload of n bytes, n <= client_max_payload; the answer, all fragments joined, goes to out, which has
 * room for `size` bytes. Returns the answer's bytes (0 for an ACK). The request is repeated in a new session unless
 * `once`, then CLIENT_E_RESYNCED.
 */
int client_request(struct client *client, enum packet_opcode opcode, uint8_t channel, const void *payload, size_t n, void *out, size_t size,
                   bool once);

/* Requests about channels. client_read returns the bytes read; client_shape the number of dimensions. */
int client_poll(struct client *client, uint32_t *mask);
int client_lock(struct client *client, uint8_t channel);
int client_unlock(struct client *client, uint8_t channel);
int client_size(struct client *client, uint8_t channel, uint32_t *size);
int client_shape(struct client *client, uint8_t channel, uint32_t shape[4]);
int client_read(struct client *client, uint8_t channel, uint32_t offset, void *out, uint32_t n);
int client_write(struct client *client, uint8_t channel, uint32_t offset, const void *bytes, size_t n);
int client_ioctl(struct client *client, uint8_t channel, uint32_t request, const uint32_t *arguments, size_t count);

/* SYS_RESET or SYS_BOOT, which no camera answers. */
int client_command(struct client *client, enum packet_opcode opcode);

/* What the camera has told by itself. */
struct client_event {
    uint8_t channel;
    uint16_t code;
};

/* The next event, waiting up to timeout_ms: 1, 0 when there is none, CLIENT_E_LINK. The oldest are lost when more than 16 wait. */
int client_next_event(struct client *client, struct client_event *event, uint32_t timeout_ms);

#endif
