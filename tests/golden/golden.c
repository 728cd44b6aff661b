/* SPDX-License-Identifier: Apache-2.0 */
/* Runner of vector files. Arguments: ids to run alone (then every difference is printed). */
#include "golden/golden.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct slip_arena texts; /* decoded base64, freed after each case */

const char *golden_corpus(void)
{
    const char *dir = getenv("SLIPWAY_CORPUS");
    return dir && dir[0] ? dir : NULL;
}

static int base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;
    return p ? (int)(p - digits) : -1;
}

static struct slip_str base64_text(struct slip_str s)
{
    char *out = slip_arena_alloc(&texts, s.len + 1);
    size_t len = 0;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < s.len; i++) {
        int v = base64_value(s.ptr[i]);
        if (v < 0)
            continue;
        bits = bits << 6 | (unsigned)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[len++] = (char)(bits >> have & 0xFF);
        }
    }
    return slip_str_make(out, len);
}

struct slip_str golden_base64(json_t *v)
{
    return json_is_string(v) ? base64_text(slip_str_of(json_string_value(v)))
                             : (struct slip_str){ NULL, 0 };
}

struct slip_str golden_text_of(json_t *v)
{
    json_t *coded = json_object_get(v, "b64");
    if (json_is_string(coded))
        return base64_text(slip_str_of(json_string_value(coded)));
    return slip_str_make(json_string_value(v), json_string_length(v));
}

struct slip_str golden_text(json_t *c, const char *key)
{
    json_t *v = json_object_get(c, key);
    if (json_is_string(v) || json_object_get(v, "b64"))
        return golden_text_of(v);
    char name[128];
    snprintf(name, sizeof(name), "%s_b64", key);
    v = json_object_get(c, name);
    if (json_is_string(v))
        return base64_text(slip_str_of(json_string_value(v)));
    return (struct slip_str){ NULL, 0 };
}

enum golden_result golden_bad(struct slip_buf *why, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(why, fmt, args);
    va_end(args);
    slip_buf_add_char(why, '\n');
    return GOLDEN_BAD;
}

enum golden_result golden_same(struct slip_buf *why, const char *what, struct slip_str got,
                               struct slip_str want)
{
    if (slip_str_eq(got, want))
        return GOLDEN_GOOD;
    size_t at = 0;
    while (at < got.len && at < want.len && got.ptr[at] == want.ptr[at])
        at++;
    return golden_bad(why, "%s differs at byte %zu:\n  got  %.*s\n  want %.*s", what, at,
                      SLIP_ARG(got), SLIP_ARG(want));
}

static struct slip_map *read_not_yet(const char *file)
{
    struct slip_map *ids = slip_map_new(NULL);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 24);
    struct slip_error err = { 0 };
    bool found = false;
    if (slip_file_read_if_there(GOLDEN_DIR "/not-yet.txt", &text, &found, &err) < 0 || !found)
        return ids;
    struct slip_str rest = slip_buf_str(&text), line, name, id;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, ' ', &name, &id) && slip_str_is(name, file))
            slip_map_set(ids, id, ids);
    return ids;
}

static bool is_asked_for(int argc, char **argv, const char *id)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], id) == 0)
            return true;
    return argc <= 1;
}

int golden_main(int argc, char **argv, const char *file, golden_case_fn *run)
{
    const char *elsewhere = getenv("SLIPWAY_VECTORS");
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", elsewhere && elsewhere[0] ? elsewhere : GOLDEN_DIR, file);
    FILE *in = fopen(path, "re");
    if (!in && elsewhere && elsewhere[0] && errno == ENOENT) {
        snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, file);
        in = fopen(path, "re");
    }
    if (!in && elsewhere && elsewhere[0] && errno == ENOENT) {
        printf("%s: not in SLIPWAY_VECTORS, skipped\n", file);
        return 0;
    }
    if (!in) {
        printf("%s: %s\n", path, strerror(errno));
        return 1;
    }

    struct slip_map *not_yet = read_not_yet(file);
    size_t good = 0, all = 0, not_here = 0, listed = 0, bad = 0, shown = 0;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    SLIP_AUTO(slip_buf) why = SLIP_BUF(1 << 22);
    while ((len = getline(&line, &size, in)) >= 0) {
        json_error_t at;
        json_t *c = json_loadb(line, (size_t)len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &at);
        if (!c) {
            printf("%s: case %zu is not JSON: %s\n", path, all + 1, at.text);
            bad++;
            continue;
        }
        const char *id = json_string_value(json_object_get(c, "id"));
        if (!id)
            id = json_string_value(json_object_get(c, "path"));
        if (!id)
            id = "(no id)";
        if (is_asked_for(argc, argv, id)) {
            all++;
            slip_buf_reset(&why);
            enum golden_result r = run(c, &why);
            if (r == GOLDEN_GOOD) {
                good++;
            } else if (r == GOLDEN_NOT_HERE) {
                not_here++;
            } else if (slip_map_get(not_yet, slip_str_of(id))) {
                listed++;
            } else {
                bad++;
                if (argc > 1 || shown++ < 20)
                    printf("  failed: %s\n%s%s", id, why.ptr, why.len ? "" : "\n");
                else
                    printf("  failed: %s\n", id);
            }
        }
        json_decref(c);
        slip_arena_clear(&texts);
    }
    free(line);
    fclose(in);
    slip_map_free(not_yet);

    printf("%s: %zu of %zu", file, good, all);
    if (not_here)
        printf(", %zu not here", not_here);
    if (listed)
        printf(", %zu not yet", listed);
    printf("\n");
    return bad ? 1 : 0;
}
