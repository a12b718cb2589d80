/* SPDX-License-Identifier: MIT */
/* The verbs: each takes its own arguments (argv[0] is "omv VERB") and returns an exit code. */
#ifndef HOST_VERBS_H
#define HOST_VERBS_H

#define VERBS(X) \
    X(emu, "run an emulated camera") \
    X(list, "show the cameras that can be reached") \
    X(run, "run a script on a camera and show what it prints") \
    X(debug, "gdb on a camera's firmware") \
    X(deploy, "program a camera through its debug port") \
    X(vscode, "configurations for VS Code") \
    X(view, "fetch frames from a camera") \
    X(crash, "show what a camera crashed at") \
    X(profile, "show where a script's time goes") \
    X(shell, "the camera's REPL in the terminal") \
    X(flash, "put firmware on a camera") \
    X(erase, "erase a camera's internal file system") \
    X(recover, "restore a broken bootloader") \
    X(bootloader, "bring a camera into its bootloader") \
    X(doctor, "what is installed and plugged in, and what stands in the way") \
    X(exec, "run a program that sees the USB of emulated cameras") \
    X(scene, "change what an emulated camera sees") \
    X(reset, "press the reset button") \
    X(power, "switch an emulated camera off or on, or cut its power")

#define VERB_DECLARE(name, what) int verb_##name(int argc, char **argv);
VERBS(VERB_DECLARE)
#undef VERB_DECLARE

#endif
