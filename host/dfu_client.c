/* SPDX-License-Identifier: MIT */
/* DFU 1.1 as a host speaks it. */
#include "dfu_client.h"

#include <string.h>

enum { TYPE_OUT = 0x21, TYPE_IN = 0xA1, STANDARD_IN = 0x80, GET_DESCRIPTOR = 6 };
enum { DESCRIPTOR_CONFIGURATION = 2, DESCRIPTOR_STRING, DESCRIPTOR_INTERFACE, DESCRIPTOR_DFU = 0x21 };
enum { CLASS_APPLICATION = 0xFE, SUBCLASS_DFU = 1, PROTOCOL_RUN_TIME = 1, PROTOCOL_DFU_MODE = 2 };
enum { CONTROL_MS = 20000, BUSY_MS = 60000, MOST_POLL_MS = 20000, STATUS_TRIES = 3 };

#define MIN(a, b) ((a) < (b) ? (a) : (b))

const char *dfu_strerror(int error)
{
    static const char *const texts[] = {
        "done",
        "it is gone: unplugged, switched off, or restarted",
        "it does not answer",
        "it refused a request",
        "the USB transfer failed",
        "there is no permission to open it",
        "another program is using it",
        "it reported an error",
        "it answered nonsense",
        "it has no DFU interface",
        "it has no such alternate setting",
        "it cannot do that",
        "what it holds is not what was written",
        "interrupted",
    };
    unsigned i = (unsigned)-error;
    return i < sizeof texts / sizeof *texts ? texts[i] : "unknown error";
}

/* DFU 1.1 table 6.1.2, in the words of this family's bootloader where it is more exact. */
const char *dfu_strstatus(uint8_t status)
{
    static const char *const texts[] = {
        "ok",
        "errTARGET: the image is for another board or another place",
        "errFILE: this is no image for here",
        "errWRITE: the partition is read-only, or the flash does not hold what was written",
        "errERASE: the flash cannot be erased",
        "errCHECK_ERASED: the flash is not erased",
        "errPROG: the flash cannot be programmed",
        "errVERIFY: the image, read back, is damaged",
        "errADDRESS: past the end, or out of order",
        "errNOTDONE: not all of the image has come",
        "errFIRMWARE: there is no application that could be started",
        "errVENDOR",
        "errUSBR: unexpected USB reset",
        "errPOR: unexpected power-on reset",
        "errUNKNOWN",
        "errSTALLEDPKT: an unexpected request",
    };
    return status < sizeof texts / sizeof *texts ? texts[status] : "a status that DFU 1.1 does not know";
}

/* --- requests ------------------------------------------------------------------------------------------------------- */

int dfu_client_request(struct dfu_client *client, bool in, enum dfu_request request, uint16_t value, void *data, uint16_t length)
{
    client->requests++;
    return client->wire->control(client->wire->context, in ? TYPE_IN : TYPE_OUT, (uint8_t)request, value, (uint16_t)client->interface, data,
                                 length, CONTROL_MS);
}

int dfu_client_status(struct dfu_client *client)
{
    uint8_t answer[6];
    int n = 0;

    /* A status question changes nothing, so it can be asked again. */
    for (int i = 0; i < STATUS_TRIES; i++) {
        n = dfu_client_request(client, true, DFU_GETSTATUS, 0, answer, sizeof answer);
        if (n != DFU_E_IO && n != DFU_E_STALL)
            break;
    }
    if (n < 0)
        return n;
    if (n != sizeof answer || answer[4] > DFU_ERROR)
        return DFU_E_ANSWER;
    client->status = answer[0];
    client->state = answer[4];
    client->poll_ms = answer[1] | answer[2] << 8 | (uint32_t)answer[3] << 16;
    return 0;
}

/* Waits while the device is in one of the two states: 0 when it has left them, with its status in *client. */
static int wait_while(struct dfu_client *client, uint8_t one, uint8_t other)
{
    uint32_t start = client->wire->now_ms(client->wire->context);

    for (;;) {
        int error = dfu_client_status(client);
        if (error)
            return error;
        if (client->status != DFU_OK || client->state == DFU_ERROR)
            return DFU_E_STATUS;
        if (client->state != one && client->state != other)
            return 0;
        if (client->wire->now_ms(client->wire->context) - start > BUSY_MS)
            return DFU_E_TIMEOUT;
        if (client->poll_ms)
            client->wire->sleep(client->wire->context, MIN(client->poll_ms, MOST_POLL_MS));
    }
}

int dfu_client_idle(struct dfu_client *client)
{
    uint32_t start = client->wire->now_ms(client->wire->context);

    for (int left = 4; left;) {
        int error = dfu_client_status(client);
        if (error)
            return error;
        switch (client->state) {
        case DFU_IDLE:
            return 0;
        case DFU_ERROR:
            error = dfu_client_request(client, false, DFU_CLRSTATUS, 0, NULL, 0);
            left--;
            break;
        case DFU_DNBUSY:
        case DFU_MANIFEST:
        case DFU_DNLOAD_SYNC:
        case DFU_MANIFEST_SYNC: /* what another program began is first brought to its end; GETSTATUS moves it on */
            if (client->wire->now_ms(client->wire->context) - start > BUSY_MS)
                return DFU_E_TIMEOUT;
            client->wire->sleep(client->wire->context, MIN(client->poll_ms, MOST_POLL_MS));
            break;
        default:
            error = dfu_client_request(client, false, DFU_ABORT, 0, NULL, 0);
            left--;
        }
        if (error < 0 && error != DFU_E_STALL)
            return error;
    }
    return DFU_E_ANSWER;
}

int dfu_client_block(struct dfu_client *client, uint16_t block, const void *bytes, uint16_t length)
{
    int n = dfu_client_request(client, false, DFU_DNLOAD, block, (void *)(uintptr_t)bytes, length);

    if (n == DFU_E_STALL)
        return dfu_client_status(client) == 0 && client->status != DFU_OK ? DFU_E_STATUS : DFU_E_STALL;
    if (n < 0)
        return n;
    if (n != length)
        return DFU_E_IO;
    int error = wait_while(client, DFU_DNBUSY, DFU_DNLOAD_SYNC);
    return error ? error : client->state == DFU_DNLOAD_IDLE ? 0 : DFU_E_ANSWER;
}

/* --- descriptors ---------------------------------------------------------------------------------------------------- */

int dfu_client_parse(struct dfu_client *client, const uint8_t *configuration, size_t size)
{
    bool found = false, functional = false, ours = false;

    for (size_t at = 0; at + 2 <= size && configuration[at] >= 2 && configuration[at] <= size - at; at += configuration[at]) {
        const uint8_t *d = configuration + at;
        if (d[1] == DESCRIPTOR_INTERFACE && d[0] >= 9) {
            ours = d[5] == CLASS_APPLICATION && d[6] == SUBCLASS_DFU && (d[7] == PROTOCOL_DFU_MODE || d[7] == PROTOCOL_RUN_TIME) &&
                   (!found || d[2] == client->interface);
            if (!ours)
                continue;
            found = true;
            client->interface = d[2];
            client->run_time = d[7] == PROTOCOL_RUN_TIME;
            if (client->alternates < DFU_MOST_ALTERNATES) {
                client->alternate[client->alternates].number = d[3];
                client->alternate[client->alternates].name[0] = (char)d[8]; /* the string's index, until it is read */
                client->alternates++;
            }
        } else if (d[1] == DESCRIPTOR_DFU && d[0] >= 7 && ours && !functional) {
            functional = true;
            client->attributes = d[2];
            client->transfer_size = (uint16_t)(d[5] | d[6] << 8);
            client->version = d[0] >= 9 ? (uint16_t)(d[7] | d[8] << 8) : 0x0100;
        }
    }
    if (!found)
        return DFU_E_NOT_DFU;
    /* DFU 1.1 section 4.1.3 wants a functional descriptor; 64 bytes suit every device. */
    if (!functional)
        client->attributes = DFU_CAN_DOWNLOAD | DFU_TOLERANT;
    if (client->transfer_size == 0)
        client->transfer_size = 64;
    return 0;
}

static int descriptor(struct dfu_client *client, unsigned type, unsigned index, uint16_t language, void *out, uint16_t size)
{
    client->requests++;
    return client->wire->control(client->wire->context, STANDARD_IN, GET_DESCRIPTOR, (uint16_t)(type << 8 | index), language, out, size,
                                 CONTROL_MS);
}

/* String `index` in ASCII; empty when there is none. */
static int string(struct dfu_client *client, unsigned index, uint16_t language, char text[DFU_NAME_BYTES])
{
    uint8_t raw[255];
    size_t used = 0;

    text[0] = 0;
    if (!index)
        return 0;
    int n = descriptor(client, DESCRIPTOR_STRING, index, language, raw, sizeof raw);
    if (n == DFU_E_STALL)
        return 0;
    if (n < 0)
        return n;
    for (int i = 2; i + 1 < MIN(n, raw[0]) && used + 1 < DFU_NAME_BYTES; i += 2)
        text[used++] = raw[i + 1] || raw[i] < ' ' || raw[i] > '~' ? '?' : (char)raw[i];
    text[used] = 0;
    return 0;
}

int dfu_client_open(struct dfu_client *client, const struct dfu_wire *wire)
{
    uint8_t configuration[1024], languages[4];

    *client = (struct dfu_client){.wire = wire};
    int n = descriptor(client, DESCRIPTOR_CONFIGURATION, 0, 0, configuration, sizeof configuration);
    if (n < 0)
        return n;
    int error = dfu_client_parse(client, configuration, (size_t)n);
    if (error)
        return error;
    n = descriptor(client, DESCRIPTOR_STRING, 0, 0, languages, sizeof languages);
    if (n < 0 && n != DFU_E_STALL)
        return n;
    uint16_t language = n == sizeof languages ? (uint16_t)(languages[2] | languages[3] << 8) : 0x0409;
    for (unsigned i = 0; i < client->alternates; i++) {
        error = string(client, (uint8_t)client->alternate[i].name[0], language, client->alternate[i].name);
        if (error)
            return error;
    }
    return client->run_time ? 0 : dfu_client_idle(client);
}

int dfu_client_select(struct dfu_client *client, unsigned number)
{
    for (unsigned i = 0; i < client->alternates; i++)
        if (client->alternate[i].number == number) {
            client->requests++;
            int error = client->wire->set_alternate(client->wire->context, client->interface, number);
            client->selected = number;
            return error ? error : dfu_client_idle(client);
        }
    return DFU_E_ALTERNATE;
}

/* --- download and upload -------------------------------------------------------------------------------------------- */

static int finish_download(struct dfu_client *client, uint16_t block)
{
    int n = dfu_client_request(client, false, DFU_DNLOAD, block, NULL, 0);

    if (n < 0)
        return n;
    int error = wait_while(client, DFU_MANIFEST_SYNC, DFU_MANIFEST);
    if (error)
        return error;
    return client->state == DFU_IDLE || client->state == DFU_MANIFEST_WAIT_RESET ? 0 : DFU_E_ANSWER;
}

int dfu_client_download(struct dfu_client *client, const uint8_t *head, size_t head_size, const uint8_t *bytes, size_t size,
                        dfu_progress progress, void *context)
{
    size_t unit = client->transfer_size, all = head_size + size;
    unsigned block = 0;

    for (size_t done = 0; done < all; block++) {
        const uint8_t *from = done < head_size ? head + done : bytes + (done - head_size);
        size_t n = MIN(unit, done < head_size ? head_size - done : all - done);
        client->at = (uint32_t)(done < head_size ? 0 : done - head_size);
        if (progress && !progress(context, (uint32_t)done, (uint32_t)all))
            return DFU_E_INTERRUPTED;
        int error = dfu_client_block(client, (uint16_t)block, from, (uint16_t)n);
        if (error)
            return error;
        done += n;
    }
    client->at = (uint32_t)size;
    if (progress)
        progress(context, (uint32_t)all, (uint32_t)all);
    return finish_download(client, (uint16_t)block);
}

int dfu_client_read_block(struct dfu_client *client, unsigned block, uint8_t *out)
{
    if (!(client->attributes & DFU_CAN_UPLOAD))
        return DFU_E_CANNOT;
    int n = dfu_client_request(client, true, DFU_UPLOAD, (uint16_t)block, out, client->transfer_size);
    int error = dfu_client_idle(client);
    return n < 0 ? n : error ? error : n;
}

int dfu_client_compare(struct dfu_client *client, unsigned first, const uint8_t *bytes, size_t size, dfu_progress progress, void *context)
{
    static uint8_t block[UINT16_MAX];

    client->at = 0;
    if (!(client->attributes & DFU_CAN_UPLOAD))
        return DFU_E_CANNOT;
    for (size_t done = 0; done < size;) {
        size_t wanted = MIN(client->transfer_size, size - done);
        client->at = (uint32_t)done;
        if (progress && !progress(context, (uint32_t)done, (uint32_t)size))
            return DFU_E_INTERRUPTED;
        int n = dfu_client_request(client, true, DFU_UPLOAD, (uint16_t)first++, block, client->transfer_size);
        if (n == DFU_E_STALL)
            return dfu_client_status(client) == 0 && client->status != DFU_OK ? DFU_E_STATUS : DFU_E_STALL;
        if (n < 0)
            return n;
        if ((size_t)n < wanted)
            return dfu_client_status(client) == 0 && client->status != DFU_OK ? DFU_E_STATUS : DFU_E_ANSWER;
        for (size_t i = 0; i < wanted; i++)
            if (block[i] != bytes[done + i]) {
                client->at = (uint32_t)(done + i);
                dfu_client_idle(client);
                return DFU_E_DIFFERS;
            }
        done += wanted;
    }
    client->at = (uint32_t)size;
    if (progress)
        progress(context, (uint32_t)size, (uint32_t)size);
    return dfu_client_idle(client);
}

int dfu_client_detach(struct dfu_client *client)
{
    int n = dfu_client_request(client, false, DFU_DETACH, 1000, NULL, 0);

    return n < 0 && n != DFU_E_GONE && n != DFU_E_IO ? n : 0;
}
