/* SPDX-License-Identifier: MIT */
/* Fuzz target: a USB/IP server's stream, in pieces of any size. The first byte chooses the pieces and what the device has. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/usbip_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    bool importable, isochronous;
    unsigned messages;
} server;

static bool list(void *owner)
{
    assert(owner == &server);
    server.messages++;
    return false;
}

static bool import(void *owner, const char *busid)
{
    assert(owner == &server && strlen(busid) < USBIP_BUSID_LENGTH);
    server.messages++;
    return server.importable;
}

static bool is_isochronous(void *owner, unsigned endpoint, bool in)
{
    (void)in;
    assert(owner == &server && endpoint < 16);
    return server.isochronous && endpoint == 3;
}

static bool submit(void *owner, const UsbipSubmit *s, uint8_t *data)
{
    assert(owner == &server && s->endpoint < 16 && s->packets <= USBIP_MAX_PACKETS);
    assert(s->in || s->length <= USBIP_MAX_TRANSFER);
    assert(!data == (s->in || !s->length));
    if (data) {
        uint8_t sum = 0;

        for (uint32_t i = 0; i < s->length; i++)        /* all of it is there */
            sum ^= data[i];
        server.messages += sum & 1;
    }
    free(data);
    server.messages++;
    return s->sequence != 0xdeadbeef;
}

static bool unlink_urb(void *owner, uint32_t sequence, uint32_t victim)
{
    assert(owner == &server);
    server.messages += sequence == victim;
    return true;
}

static const UsbipStreamOps ops = {
    .list = list, .import = import, .is_isochronous = is_isochronous, .submit = submit, .unlink = unlink_urb,
};

/* Feeds everything in pieces of `piece` bytes; how many messages came. */
static unsigned feed(const uint8_t *data, size_t size, size_t piece)
{
    UsbipStream stream;

    server.messages = 0;
    usbip_stream_init(&stream, &ops, &server);
    for (size_t at = 0; at < size; at += piece) {
        if (!usbip_stream_feed(&stream, data + at, size - at < piece ? size - at : piece))
            break;
    }
    usbip_stream_end(&stream);
    return server.messages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned whole;

    if (!size)
        return 0;
    server.importable = data[0] & 1;
    server.isochronous = data[0] & 2;
    whole = feed(data + 1, size - 1, size);
    assert(feed(data + 1, size - 1, 1 + (data[0] >> 2)) == whole);  /* however it is cut */
    return 0;
}
