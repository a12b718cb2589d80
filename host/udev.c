/* SPDX-License-Identifier: MIT */
/* udev rules: one for each USB id of a camera, its loader or its recovery adapter, and one for each serial port. */
#include "udev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boards.h"

#define IDS 4 /* of each list in struct board */

const char *udev_folder(void)
{
    const char *given = getenv("OMV_UDEV_DIR");
    return given && *given ? given : "/etc/udev/rules.d";
}

static void usb_rule(FILE *out, const struct board_usb *id, const char *link)
{
    if (!id->vid)
        return;
    fprintf(out,
            "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", MODE=\"0666\", TAG+=\"uaccess\", "
            "ENV{MTP_NO_PROBE}=\"1\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"",
            id->vid, id->pid);
    if (link)
        fprintf(out, ", SYMLINK+=\"%s\"", link);
    fputc('\n', out);
}

/* No modem manager on a camera's serial port: it would talk to the REPL. */
static void tty_rule(FILE *out, const struct board_usb *id)
{
    if (id->vid)
        fprintf(out,
                "SUBSYSTEM==\"tty\", ATTRS{idVendor}==\"%04x\", ATTRS{idProduct}==\"%04x\", MODE=\"0666\", TAG+=\"uaccess\", "
                "ENV{ID_MM_DEVICE_IGNORE}=\"1\", SYMLINK+=\"openmvcam\"\n",
                id->vid, id->pid);
}

static bool same(const struct board_usb *a, const struct board_usb *b)
{
    return a->vid == b->vid && a->pid == b->pid;
}

/* The chips' loaders are shared by boards; one is its board's only loader. */
static bool seen_before(size_t board, const struct board_usb *rom)
{
    for (size_t i = 0; i < board_count; i++)
        if (same(&boards[i].dfu, rom) || (i < board && same(&boards[i].rom, rom)))
            return true;
    return false;
}

char *udev_rules(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    fputs("# USB access to the cameras and their loaders without root; no modem manager on their serial ports.\n"
          "# Made by 'omv doctor --install-udev'. By hand: udevadm control --reload-rules && udevadm trigger\n",
          out);
    for (size_t i = 0; i < board_count; i++) {
        const struct board *b = &boards[i];
        fprintf(out, "\n# %s\n", b->name);
        usb_rule(out, &b->app, NULL);
        tty_rule(out, &b->app);
        for (size_t k = 0; k < IDS; k++) {
            usb_rule(out, &b->app_aliases[k], NULL);
            tty_rule(out, &b->app_aliases[k]);
        }
        usb_rule(out, &b->dfu, "openmvdfu");
        for (size_t k = 0; k < IDS; k++)
            usb_rule(out, &b->dfu_aliases[k], "openmvdfu");
        for (size_t k = 0; k < IDS; k++)
            usb_rule(out, &b->adapters[k], NULL);
    }
    fputs("\n# the chips' ROM loaders\n", out);
    for (size_t i = 0; i < board_count; i++)
        if (!seen_before(i, &boards[i].rom))
            usb_rule(out, &boards[i].rom, "openmvdfu");
    if (fclose(out)) {
        free(text);
        return NULL;
    }
    return text;
}
