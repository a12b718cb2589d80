/* SPDX-License-Identifier: MIT */
/* DfuSe: ST's additions to DFU, as their ROM loaders and Arduino's bootloader speak them (AN3156, UM0424). */
#include <stdlib.h>
#include <string.h>

#include "dfu_client.h"

/* Commands are the first byte of block 0; data begin with block 2. */
enum { SET_ADDRESS = 0x21, ERASE = 0x41, FIRST_BLOCK = 2, MOST_RUNS = 16 };

#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* One run "16*128Kg": count, size, unit, and a letter whose low bits say readable, erasable, writable. */
static const char *parse_run(const char *text, uint32_t *base, struct dfuse_blocks *run)
{
    char *end;
    unsigned long count = strtoul(text, &end, 10), size;

    if (end == text || *end != '*' || !count)
        return NULL;
    text = end + 1;
    size = strtoul(text, &end, 10);
    if (end == text || !size)
        return NULL;
    if (*end == 'K' || *end == 'M' || *end == 'B' || *end == ' ')
        size <<= *end == 'K' ? 10 : *end == 'M' ? 20 : 0, end++;
    if (*end < 'a' || *end > 'g' || size > UINT32_MAX / count)
        return NULL;
    *run = (struct dfuse_blocks){
        .base = *base, .count = (uint32_t)count, .size = (uint32_t)size, .readable = *end & 1, .erasable = *end & 2, .writable = *end & 4};
    *base += (uint32_t)(count * size);
    return end + 1;
}

size_t dfuse_map(const char *name, struct dfuse_blocks *blocks, size_t most)
{
    size_t n = 0;
    const char *p = *name == '@' ? strchr(name, '/') : NULL;

    while (p && *p == '/' && p[1]) {
        char *end;
        uint32_t base = (uint32_t)strtoul(p + 1, &end, 0);
        if (end == p + 1 || *end != '/')
            return 0;
        do {
            if (n == most)
                return n;
            end = (char *)(uintptr_t)parse_run(end + 1, &base, &blocks[n]);
            if (!end)
                return 0;
            n++;
        } while (*end == ',');
        p = end;
    }
    return n;
}

static const char *selected_name(const struct dfu_client *client)
{
    for (unsigned i = 0; i < client->alternates; i++)
        if (client->alternate[i].number == client->selected)
            return client->alternate[i].name;
    return "";
}

/* The erase block that holds the address. */
static bool block_at(const struct dfu_client *client, uint32_t address, struct dfuse_blocks *block)
{
    struct dfuse_blocks runs[MOST_RUNS];
    size_t n = dfuse_map(selected_name(client), runs, MOST_RUNS);

    for (size_t i = 0; i < n; i++)
        if (address >= runs[i].base && (address - runs[i].base) / runs[i].size < runs[i].count) {
            *block = runs[i];
            block->base += (address - runs[i].base) / runs[i].size * runs[i].size;
            return true;
        }
    return false;
}

static int command(struct dfu_client *client, uint8_t code, uint32_t address)
{
    const uint8_t bytes[5] = {code, (uint8_t)address, (uint8_t)(address >> 8), (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

    client->at = address;
    return dfu_client_block(client, 0, bytes, sizeof bytes);
}

int dfuse_erase(struct dfu_client *client, uint32_t address, size_t size, dfu_progress progress, void *context)
{
    struct dfuse_blocks block;

    /* All or nothing: an end outside of the map is found before the first erase. */
    client->at = address;
    for (uint64_t at = address; at < (uint64_t)address + size; at = (uint64_t)block.base + block.size)
        if (!block_at(client, (uint32_t)at, &block) || !block.erasable || !block.writable)
            return DFU_E_CANNOT;
    for (uint64_t at = address; at < (uint64_t)address + size; at = (uint64_t)block.base + block.size) {
        block_at(client, (uint32_t)at, &block);
        if (progress && !progress(context, (uint32_t)(at - address), (uint32_t)size))
            return DFU_E_INTERRUPTED;
        int error = command(client, ERASE, block.base);
        if (error)
            return error;
    }
    if (progress)
        progress(context, (uint32_t)size, (uint32_t)size);
    return 0;
}

int dfuse_write(struct dfu_client *client, uint32_t address, const uint8_t *bytes, size_t size, dfu_progress progress, void *context)
{
    unsigned block = FIRST_BLOCK;
    int error = command(client, SET_ADDRESS, address);

    for (size_t done = 0; !error && done < size; block++) {
        size_t n = MIN(client->transfer_size, size - done);
        client->at = address + (uint32_t)done;
        if (progress && !progress(context, (uint32_t)done, (uint32_t)size))
            return DFU_E_INTERRUPTED;
        error = dfu_client_block(client, (uint16_t)block, bytes + done, (uint16_t)n);
        done += n;
    }
    if (!error && progress)
        progress(context, (uint32_t)size, (uint32_t)size);
    return error;
}

int dfuse_compare(struct dfu_client *client, uint32_t address, const uint8_t *bytes, size_t size, dfu_progress progress, void *context)
{
    struct dfuse_blocks block;

    client->at = address;
    if (!(client->attributes & DFU_CAN_UPLOAD) || (block_at(client, address, &block) && !block.readable))
        return DFU_E_CANNOT;
    int error = command(client, SET_ADDRESS, address);
    if (!error)
        error = dfu_client_idle(client);
    if (error)
        return error;
    error = dfu_client_compare(client, FIRST_BLOCK, bytes, size, progress, context);
    client->at += address;
    return error;
}

int dfuse_leave(struct dfu_client *client, uint32_t address)
{
    int error = dfu_client_idle(client);

    if (!error)
        error = command(client, SET_ADDRESS, address);
    if (!error)
        error = dfu_client_request(client, false, DFU_DNLOAD, 0, NULL, 0);
    if (error >= 0)
        error = dfu_client_status(client); /* it leaves when it is asked for its state */
    return error == DFU_E_GONE || error == DFU_E_IO || error == DFU_E_TIMEOUT || error == DFU_E_STALL ? 0 : error;
}
