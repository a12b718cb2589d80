/* SPDX-License-Identifier: MIT */
/* What the emulator's properties tell of power, debugger and cable, in this order. */
#include "silence.h"

#include <string.h>

#include "qmp.h"

bool silence_reason(const struct instance *instance, bool on_usb, struct silence *silence)
{
    char text[1024];
    int result = qmp_get(instance->qmp, "power", text, sizeof text);

    if (result > 1)
        *silence = (struct silence){"its emulator does not answer", "Close what else talks to it, or end it and start it again: omv emu."};
    else if (!result && !strcmp(text, "false"))
        *silence = (struct silence){"its power is off", "Switch it on: omv power on."};
    else if (qmp_is_stopped(instance->qmp))
        *silence = (struct silence){"a debugger has stopped it", "Let it continue there. If that debugger has gone: omv reset."};
    else if (on_usb && !qmp_get(instance->qmp, "usb-cable", text, sizeof text) && strcmp(text, "host"))
        *silence = (struct silence){"its USB cable is not in a computer", "Plug it in: omv power plug."};
    else
        return false;
    return true;
}
