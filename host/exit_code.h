/* SPDX-License-Identifier: MIT */
/* Exit codes of omv: one row each, number, name (as --json gives it), meaning (as `omv help` prints it). */
#ifndef HOST_EXIT_CODE_H
#define HOST_EXIT_CODE_H

#define EXIT_CODES(X) \
    X(0, OK, "ok", "done; for run: the script ended") \
    X(1, SCRIPT, "script", "the script on the camera ended with an exception") \
    X(2, USAGE, "usage", "the command line is wrong") \
    X(3, NO_CAMERA, "no_camera", "there is no such camera") \
    X(4, AMBIGUOUS, "ambiguous", "several cameras, and none was named") \
    X(5, BUSY, "busy", "another program is using the camera") \
    X(6, TIMEOUT, "timeout", "--timeout is over, or the camera does not answer") \
    X(7, LOST, "lost", "the camera has gone in the middle of the work") \
    X(8, REFUSED, "refused", "the camera refused, or answered nonsense") \
    X(9, INPUT, "input", "a file that was given cannot be used") \
    X(10, OUTPUT, "output", "a file cannot be written") \
    X(11, NOT_BUILT, "not_built", "firmware, emulator or SDK are missing") \
    X(12, EMULATOR, "emulator", "the emulator failed") \
    X(13, SYSTEM, "system", "the operating system refused something") \
    X(14, BAD_IMAGE, "bad_image", "the file is no image, or a damaged one; nothing was written") \
    X(15, WRONG_BOARD, "wrong_board", "the image is for another board; nothing was written") \
    X(16, WRONG_PLACE, "wrong_place", "the image does not belong into that partition; nothing was written") \
    X(17, PERMISSION, "permission", "the system does not let us open the device: omv doctor") \
    X(18, VERIFY, "verify", "what the camera holds is not what was written") \
    X(19, OLD_BOOTLOADER, "old_bootloader", "the camera's bootloader cannot do what is needed; nothing was written") \
    X(20, UNSUPPORTED, "unsupported", "not for this board, or not by this program") \
    X(130, INTERRUPTED, "interrupted", "Ctrl-C; what was begun has been stopped in order")

enum exit_code {
#define EXIT_ENUM(number, name, text, meaning) EXIT_CODE_##name = number,
    EXIT_CODES(EXIT_ENUM)
#undef EXIT_ENUM
};

#endif
