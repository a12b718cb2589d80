/* SPDX-License-Identifier: MIT */
/* Markers and headers of a JPEG file, T.81 annex B. */
#include "vision/jpeg_head.h"

bool jpeg_input_fill(struct jpeg_input *input)
{
    if (input->at < input->size) {
        return true;
    }
    if (input->error) {
        return false;
    }
    int n = input->in->read(input->in->context, input->buffer, input->capacity);
    if (n <= 0) {
        input->error = n < 0 ? n : VISION_E_DATA;
        return false;
    }
    input->at = 0;
    input->size = (size_t)n;
    return true;
}

int jpeg_input_byte(struct jpeg_input *input)
{
    return jpeg_input_fill(input) ? input->buffer[input->at++] : -1;
}

/* The body of a segment: what is left of its length. Reading past it or past the end of the file gives 0 and sets failed. */
struct segment {
    struct jpeg_input *input;
    size_t left;
    bool failed;
};

static unsigned get8(struct segment *s)
{
    int c = s->left ? jpeg_input_byte(s->input) : -1;

    if (c < 0) {
        s->failed = true;
        s->left = 0;
        return 0;
    }
    s->left--;
    return (unsigned)c;
}

static unsigned get16(struct segment *s)
{
    unsigned high = get8(s);
    return high << 8 | get8(s);
}

static void get_bytes(struct segment *s, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)get8(s);
    }
}

static int read_quantisers(struct jpeg_head *head, struct segment *s)
{
    while (s->left) {
        unsigned what = get8(s);
        if (what >> 4 > 1 || (what & 15) > 3) {
            return VISION_E_DATA;
        }
        for (int i = 0; i < 64; i++) {
            head->quantisers[what & 15][i] = (uint16_t)(what >> 4 ? get16(s) : get8(s));
        }
        head->quantisers_known |= (uint8_t)(1 << (what & 15));
    }
    return 0;
}

static int set_huffman(struct jpeg_head *head, unsigned what, const uint8_t counts[16], const uint8_t *symbols, int n)
{
    struct jpeg_huffman_decoder **table = what >> 4 ? &head->ac[what & 3] : &head->dc[what & 3];

    if (!*table) {
        *table = arena_alloc(head->arena, sizeof **table);
        if (!*table) {
            return VISION_E_MEMORY;
        }
    }
    return jpeg_huffman_decoder_init(*table, counts, symbols, n, what >> 4 == 0);
}

static int read_huffman(struct jpeg_head *head, struct segment *s)
{
    uint8_t counts[16], symbols[256];

    while (s->left) {
        unsigned what = get8(s);
        int n = 0;
        get_bytes(s, counts, sizeof counts);
        for (int i = 0; i < 16; i++) {
            n += counts[i];
        }
        if (what >> 4 > 1 || (what & 15) > 3 || n > 256) {
            return VISION_E_DATA;
        }
        get_bytes(s, symbols, (size_t)n);
        int err = s->failed ? VISION_E_DATA : set_huffman(head, what, counts, symbols, n);
        if (err) {
            return err;
        }
    }
    return 0;
}

static int read_application(struct jpeg_head *head, struct segment *s, int marker)
{
    uint8_t b[12];

    if (marker == JPEG_APP0 && s->left >= 5) {
        get_bytes(s, b, 5);
        head->jfif = memcmp(b, "JFIF", 5) == 0;
    } else if (marker == JPEG_APP14 && s->left >= 12) {
        get_bytes(s, b, 12);
        head->adobe = memcmp(b, "Adobe", 5) == 0 ? b[11] : -1;
    }
    return 0;
}

/* Sampling factors whose ratios are 1, 2 or 4: the only ones that occur. */
static bool ratios_are_powers_of_2(const struct jpeg_head *head)
{
    for (int i = 0; i < head->info.components; i++) {
        int h = head->h_max / head->components[i].h, v = head->v_max / head->components[i].v;
        if (h * head->components[i].h != head->h_max || v * head->components[i].v != head->v_max || h == 3 || v == 3) {
            return false;
        }
    }
    return true;
}

static int read_frame(struct jpeg_head *head, struct segment *s, int marker)
{
    struct jpeg_info *info = &head->info;
    unsigned precision = get8(s);
    int blocks = 0;

    info->height = (int)get16(s);
    info->width = (int)get16(s);
    info->components = (int)get8(s);
    if (s->failed || info->components < 1 || info->width < 1) {
        return VISION_E_DATA;
    }
    head->h_max = head->v_max = 1;
    for (int i = 0; i < info->components && i < 4; i++) {
        struct jpeg_component *c = &head->components[i];
        c->id = (uint8_t)get8(s);
        unsigned factors = get8(s);
        c->h = (uint8_t)(factors >> 4);
        c->v = factors & 15;
        c->quantiser = (uint8_t)get8(s);
        if (s->failed || c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4 || c->quantiser > 3) {
            return VISION_E_DATA;
        }
        head->h_max = c->h > head->h_max ? c->h : head->h_max;
        head->v_max = c->v > head->v_max ? c->v : head->v_max;
        blocks += c->h * c->v;
    }
    if (info->components == 1) {    /* then sampling factors have no meaning */
        head->h_max = head->v_max = head->components[0].h = head->components[0].v = 1;
    } else if (blocks > 10) {
        return VISION_E_DATA;
    }
    info->subsampling = head->h_max << 4 | head->v_max;
    info->progressive = marker == JPEG_SOF2;
    info->supported = marker <= JPEG_SOF1 && precision == 8 && (info->components == 1 || info->components == 3) && info->height > 0 &&
                      info->width <= IMAGE_MAX_SIDE && info->height <= IMAGE_MAX_SIDE && ratios_are_powers_of_2(head);
    return 0;
}

static bool is_rgb(const struct jpeg_head *head)
{
    const struct jpeg_component *c = head->components;

    if (head->info.components != 3 || head->jfif) {
        return false;
    }
    return head->adobe >= 0 ? head->adobe == 0 : c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B';
}

/* The tables of annex K.3, for files (of motion JPEG) that leave them out. */
static int default_huffman(struct jpeg_head *head, unsigned what)
{
    const uint8_t *spec = what >> 4 ? jpeg_ac_spec[what & 1] : jpeg_dc_spec[what & 1];

    if (what >> 4 ? head->ac[what & 3] != NULL : head->dc[what & 3] != NULL) {
        return 0;
    }
    return (what & 15) > 1 ? VISION_E_DATA : set_huffman(head, what, spec, spec + 16, what >> 4 ? 162 : 12);
}

static int read_scan(struct jpeg_head *head, struct segment *s)
{
    int n = (int)get8(s), next = 0;

    if (n < 1 || n > head->info.components) {
        return VISION_E_DATA;
    }
    for (int i = 0; i < n; i++) {
        unsigned id = get8(s), tables = get8(s);
        while (next < head->info.components && head->components[next].id != id) {
            next++;     /* components come in the order of the frame (T.81 B.2.3) */
        }
        if (next == head->info.components || tables >> 4 > 3 || (tables & 15) > 3) {
            return VISION_E_DATA;
        }
        struct jpeg_component *c = &head->components[next++];
        c->dc = (uint8_t)(tables >> 4);
        c->ac = tables & 15;
        c->in_scan = true;
        int err = default_huffman(head, c->dc);
        err = err ? err : default_huffman(head, 0x10u | c->ac);
        if (err) {
            return err;
        }
        if (!(head->quantisers_known >> c->quantiser & 1)) {
            return VISION_E_DATA;
        }
    }
    get_bytes(s, (uint8_t[3]){0}, 3);
    head->scan_components = n;
    head->rgb = is_rgb(head);
    return s->failed ? VISION_E_DATA : 0;
}

/* The code after the next 0xFF that begins a marker, or -1. */
static int next_marker(struct jpeg_input *input)
{
    int c = jpeg_input_byte(input);

    do {
        while (c >= 0 && c != 0xFF) {
            c = jpeg_input_byte(input);
        }
        while (c == 0xFF) {
            c = jpeg_input_byte(input);
        }
    } while (c == 0);
    return c;
}

static bool is_frame(int marker)
{
    return marker >= JPEG_SOF0 && marker <= 0xCF && marker != JPEG_DHT && marker != 0xC8 && marker != 0xCC;
}

/* Reads one segment. `framed`: the frame header has been read. */
static int read_segment(struct jpeg_head *head, struct segment *s, int marker, bool framed)
{
    if (is_frame(marker)) {
        return framed ? VISION_E_DATA : read_frame(head, s, marker);
    }
    switch (marker) {
    case JPEG_APP0:
    case JPEG_APP14:
        return read_application(head, s, marker);
    case JPEG_DQT:
        return head->arena ? read_quantisers(head, s) : 0;
    case JPEG_DHT:
        return head->arena ? read_huffman(head, s) : 0;
    case JPEG_DRI:
        head->restart_interval = (int)get16(s);
        return 0;
    case JPEG_SOS:
        return framed ? read_scan(head, s) : VISION_E_DATA;
    default:
        return 0;
    }
}

int jpeg_head_read(struct jpeg_input *input, struct jpeg_head *head)
{
    bool framed = false;

    head->adobe = -1;
    if (jpeg_input_byte(input) != 0xFF || jpeg_input_byte(input) != JPEG_SOI) {
        return input->error ? input->error : VISION_E_DATA;
    }
    for (;;) {
        int marker = next_marker(input);
        if (marker < 0) {
            return input->error;
        }
        if (marker == JPEG_SOI || marker == 0x01 || (marker >= JPEG_RST0 && marker <= JPEG_RST7)) {
            continue;   /* these have no body */
        }
        if (marker == JPEG_EOI) {
            return VISION_E_DATA;
        }
        struct segment s = {.input = input, .left = 2};
        unsigned length = get16(&s);
        if (length < 2) {
            return input->error ? input->error : VISION_E_DATA;
        }
        s.left = length - 2;
        int err = read_segment(head, &s, marker, framed);
        if (err || s.failed) {
            return input->error < 0 ? input->error : err ? err : VISION_E_DATA;
        }
        if (marker == JPEG_SOS) {
            return 0;
        }
        if (is_frame(marker)) {
            framed = true;
            if (!head->arena || !head->info.supported) {
                return head->arena ? VISION_E_UNSUPPORTED : 0;
            }
        }
        while (s.left) {
            get8(&s);
        }
    }
}

int jpeg_read_info(struct stream *in, struct jpeg_info *info)
{
    uint8_t buffer[64];
    struct jpeg_input input = {.in = in, .buffer = buffer, .capacity = sizeof buffer};
    struct jpeg_head head;

    memset(&head, 0, sizeof head);
    int err = jpeg_head_read(&input, &head);
    if (!err) {
        *info = head.info;
    }
    return err;
}
