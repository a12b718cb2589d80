/* SPDX-License-Identifier: MIT */
/* omv vscode: a board's configurations in .vscode/launch.json and tasks.json, beside whatever else is there. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera.h"
#include "jsonc.h"
#include "options.h"
#include "report.h"
#include "verbs.h"

#define MOST_BYTES (4u << 20)
#define MOST_ITEMS 256

struct arguments {
    const char *target, *folder;
};

/* One file: the lists in it that we add to, and what names an element. */
struct file {
    const char *name;
    struct {
        const char *member, *key;
    } list[2];
};
static const struct file launch = {"launch.json", {{"configurations", "name"}, {"inputs", "id"}}};
static const struct file tasks = {"tasks.json", {{"tasks", "label"}, {NULL, NULL}}};

static const struct argp_option options[] = {
    {"folder", 'f', "FOLDER", 0, "the workspace; default: the source tree", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case 'f':
        a->folder = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (a->target)
            argp_error(state, "one TARGET, not also '%s'", argument);
        a->target = argument;
        return 0;
    case ARGP_KEY_END:
        if (!a->target)
            argp_error(state, "which camera? Give a TARGET, for instance OPENMV4");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- What is to be written ---- */

/* The register view: the SVD file that the build derives, when there is one. */
static void add_svd(json_t *file, const struct board *board)
{
    char path[PATH_BYTES], relative[PATH_BYTES];
    size_t i;
    json_t *configuration;

    if (!board->svd)
        return;
    path_format(relative, "build/%s/gen/%s", board->target, board->svd);
    path_format(path, "%s/%s", path_top(), relative);
    if (access(path, R_OK))
        return;
    path_format(path, "${workspaceFolder}/%s", relative);
    json_array_foreach(json_object_get(file, "configurations"), i, configuration) json_object_set_new(configuration, "svdFile", json_string(path));
}

/* In every place that names a task. */
static void rename_task(json_t *file, const char *list, const char *from, const char *to)
{
    static const char *const keys[] = {"label", "dependsOn", "preLaunchTask"};
    size_t i;
    json_t *object;

    json_array_foreach(json_object_get(file, list), i, object) for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    {
        const char *value = json_string_value(json_object_get(object, keys[k]));
        if (value && !strcmp(value, from))
            json_object_set_new(object, keys[k], json_string(to));
    }
}

/* ---- Merging ---- */

/* An element as text, indented as the lists of these files are. */
static char *print(const json_t *element)
{
    char *flat = json_dumps(element, JSON_INDENT(4) | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY), *text;
    size_t lines = 0, n = 0;

    for (const char *p = flat; p && *p; p++)
        lines += *p == '\n';
    text = flat ? malloc(strlen(flat) + lines * 8 + 1) : NULL;
    for (const char *p = flat; text && *p; p++) {
        text[n++] = *p;
        if (*p == '\n')
            n += (size_t)sprintf(text + n, "        ");
    }
    if (text)
        text[n] = 0;
    free(flat);
    return text;
}

/* The text with [from, to) replaced; the old one is freed. */
static char *replace(char *text, size_t from, size_t to, const char *by)
{
    size_t n = strlen(text), insert = strlen(by);
    char *now = malloc(n - (to - from) + insert + 1);

    if (now) {
        memcpy(now, text, from);
        memcpy(now + from, by, insert);
        strcpy(now + from + insert, text + to);
    }
    free(text);
    return now;
}

/* Puts one element into the list at its name's place, or at its end: the new text, NULL when that cannot be done. */
static char *merge_element(char *text, const char *member, const char *key, const json_t *element)
{
    static struct span elements[MOST_ITEMS];
    const char *name = json_string_value(json_object_get(element, key));
    struct span list;
    bool valid;
    char *by = print(element);

    if (!by || !jsonc_member(text, member, &list, &valid)) {
        free(by);
        free(text);
        return NULL;
    }
    int n = jsonc_elements(text, list, elements, MOST_ITEMS), found = -1;
    for (int i = 0; i < n; i++) {
        json_t *there = jsonc_parse(text, elements[i]);
        const char *its = json_string_value(json_object_get(there, key));
        if (its && !strcmp(its, name))
            found = i;
        json_decref(there);
    }
    if (found >= 0) {
        text = replace(text, elements[found].from, elements[found].to, by);
    } else if (n >= 0 && n < MOST_ITEMS) {
        /* Directly behind the last element: what follows it, comments and a trailing comma, stays. */
        size_t at = n ? elements[n - 1].to : list.from + 1;
        char *piece = malloc(strlen(by) + 32);
        if (piece)
            sprintf(piece, n ? ",\n        %s" : "\n        %s\n    ", by);
        text = piece ? replace(text, at, at, piece) : (free(text), NULL);
        free(piece);
    } else {
        free(text);
        text = NULL;
    }
    free(by);
    return text;
}

/* An empty list of this name at the start of the object, when there is none. */
static char *ensure_list(char *text, const char *member)
{
    struct span list;
    bool valid;
    char piece[64];

    if (jsonc_member(text, member, &list, &valid) || !valid)
        return text;
    char *brace = text;
    while (*brace != '{') { /* comments before it may have one: the scanner knows better */
        if (brace[0] == '/' && brace[1] == '/')
            brace += strcspn(brace, "\n");
        else if (brace[0] == '/' && brace[1] == '*')
            brace = strstr(brace, "*/") + 2;
        else
            brace++;
    }
    size_t at = (size_t)(brace + 1 - text), more = at + strspn(text + at, " \t\r\n");
    snprintf(piece, sizeof piece, "\n    \"%s\": []%s", member, text[more] == '}' ? "\n" : ",");
    return replace(text, at, at, piece);
}

/* The text with our elements in it, or NULL. */
static char *merge(const char *old, const struct file *file, const json_t *ours)
{
    char *text = strdup(old);
    struct span whole = {0, 0};
    size_t i;
    json_t *element;

    for (size_t l = 0; l < 2 && text && file->list[l].member; l++) {
        json_t *list = json_object_get(ours, file->list[l].member);
        if (!json_array_size(list))
            continue;
        text = ensure_list(text, file->list[l].member);
        json_array_foreach(list, i, element) if (text) text = merge_element(text, file->list[l].member, file->list[l].key, element);
    }
    if (!text)
        return NULL;
    /* Whatever happened: what is written can be read. */
    whole.to = strlen(text);
    json_t *check = jsonc_parse(text, whole);
    bool good = json_is_object(check);
    json_decref(check);
    if (good)
        return text;
    free(text);
    return NULL;
}

static int write_text(const char *path, const char *text)
{
    int error = path_write_file(path, text, strlen(text));

    return error ? fail(EXIT_CODE_OUTPUT, NULL, "%s cannot be written: %s", path, strerror(error)) : 0;
}

static int write_file(const char *folder, const struct file *file, const json_t *ours)
{
    char path[PATH_BYTES], beside[PATH_BYTES];
    int code = 0;

    path_format(path, "%s/%s", folder, file->name);
    char *old = path_read_file(path, MOST_BYTES, NULL), *whole = json_dumps(ours, JSON_INDENT(4) | JSON_PRESERVE_ORDER);
    if (!old && errno != ENOENT) {
        free(whole);
        return fail(EXIT_CODE_INPUT, NULL, "%s cannot be read: %s", path, strerror(errno));
    }
    bool empty = !old || !old[strspn(old, " \t\r\n")];
    char *now = empty ? strdup(whole) : merge(old, file, ours);
    if (!now) {
        path_format(beside, "%s/%.*s.openmv.json", folder, (int)(strlen(file->name) - 5), file->name);
        code = write_text(beside, whole);
        if (!code)
            code = fail(EXIT_CODE_INPUT, "Repair it, then try again; or copy from the file beside it.",
                        "%s is not valid JSON with comments, so it is left as it is; ours is in %s", path, beside);
    } else if (old && !strcmp(old, now)) {
        report_event("unchanged", json_pack("{s:s}", "file", path), "%s: nothing to change", path);
    } else {
        if (!empty) {
            path_format(beside, "%s.bak", path);
            code = write_text(beside, old);
        }
        if (!code)
            code = write_text(path, now);
        if (!code)
            report_event("written", json_pack("{s:s}", "file", path), "%s%s", path, empty ? "" : " (before: the same with .bak)");
    }
    free(old);
    free(now);
    free(whole);
    return code;
}

/* Another board's build-firmware may be there: then ours has another name. */
static void avoid_label(const char *folder, const struct board *board, json_t *launch_file, json_t *tasks_file)
{
    char path[PATH_BYTES], wanted[96], label[96];
    size_t i;
    json_t *task;

    path_format(path, "%s/tasks.json", folder);
    char *old = path_read_file(path, MOST_BYTES, NULL);
    json_t *file = old ? jsonc_parse(old, (struct span){0, strlen(old)}) : NULL;
    snprintf(wanted, sizeof wanted, "TARGET=%s ", board->target);
    snprintf(label, sizeof label, "build-firmware (%s)", board->target);
    json_array_foreach(json_object_get(file, "tasks"), i, task)
    {
        const char *its = json_string_value(json_object_get(task, "label")), *command = json_string_value(json_object_get(task, "command"));
        if (its && !strcmp(its, "build-firmware") && !(command && strstr(command, wanted))) {
            rename_task(tasks_file, "tasks", "build-firmware", label);
            rename_task(launch_file, "configurations", "build-firmware", label);
        }
    }
    json_decref(file);
    free(old);
}

int verb_vscode(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "TARGET",
        "Writes a board's configurations for VS Code and Cortex-Debug into .vscode/launch.json and tasks.json. Entries of other names, "
        "comments and everything else there stay as they are.",
        NULL,
        NULL,
        NULL,
    };
    struct arguments a = {.folder = NULL};
    char path[PATH_BYTES], folder[PATH_BYTES], step[128];
    json_t *ours[2];

    options_parse(&argp, argc, argv, &a);
    const struct board *board;
    int code = board_choose(a.target, &board);
    if (code)
        return code;
    snprintf(step, sizeof step, "make TARGET=%s vscode", board->target);
    for (int i = 0; i < 2; i++) {
        path_format(path, "%s/%s/gen/%s", path_build(), board->target, i ? tasks.name : launch.name);
        ours[i] = json_load_file(path, 0, NULL);
        if (!ours[i])
            return fail(EXIT_CODE_NOT_BUILT, step, "%s has not been derived from the board's description", path);
    }
    path_format(folder, "%s/.vscode", a.folder ? a.folder : path_top());
    int error = path_make_folder(folder);
    if (error)
        code = fail(EXIT_CODE_OUTPUT, NULL, "%s cannot be made: %s", folder, strerror(error));
    if (!code) {
        add_svd(ours[0], board);
        avoid_label(folder, board, ours[0], ours[1]);
        code = write_file(folder, &tasks, ours[1]);
    }
    if (!code)
        code = write_file(folder, &launch, ours[0]);
    json_decref(ours[0]);
    json_decref(ours[1]);
    return code;
}
