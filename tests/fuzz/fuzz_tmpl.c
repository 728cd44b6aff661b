/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: a line "=== NAME" ends one text and begins another; the last one is rendered. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "tmpl/tmpl.h"

static const char *variable(void *payload, const char *name)
{
    (void)payload;
    return strcmp(name, "A") == 0 ? "value" : NULL;
}

static void now(void *payload, int64_t *seconds, int32_t *nanoseconds)
{
    (void)payload;
    *seconds = 1787234640;
    *nanoseconds = 5;
}

static void random_bytes(void *payload, void *bytes, size_t len)
{
    (void)payload;
    memset(bytes, 7, len);
}

static int get(void *payload, struct slip_str path, struct slip_buf *out, struct slip_error *err)
{
    (void)payload;
    if (path.len > 3)
        return slip_fail(err, SLIP_E_CONFIG, "the file is not there");
    slip_buf_add_str(out, path);
    return 0;
}

static int glob(void *payload, struct slip_str pattern,
                int (*each)(void *each_payload, struct slip_str path, struct slip_str content,
                            struct slip_error *err),
                void *each_payload, struct slip_error *err)
{
    (void)payload;
    return each(each_payload, pattern, SLIP_STR("a: {b: [1, 2.5, ~]}"), err);
}

static int has(void *payload, struct slip_str path, bool *out, struct slip_error *err)
{
    (void)payload, (void)err;
    *out = path.len == 1;
    return 0;
}

/* The next text; false after the last. */
static bool next_text(struct slip_str *rest, struct slip_str *text)
{
    size_t at = slip_str_find_str(*rest, SLIP_STR("\n=== "));
    *text = slip_str_first(*rest, at);
    *rest = at == SLIP_NPOS ? SLIP_STR("") : slip_str_skip(*rest, at + 5);
    return at != SLIP_NPOS;
}

static int render(struct slip_tmpl *t, struct slip_str input, struct slip_buf *out,
                  struct slip_error *err)
{
    struct slip_str name = SLIP_STR("main"), text;
    while (next_text(&input, &text)) {
        if (slip_tmpl_add(t, name, text, err) < 0)
            return -1;
        slip_str_line(&input, &name);
    }
    const struct slip_tmpl_root values = { .env = SLIP_STR("dev"), .commit_hash = SLIP_STR("0") };
    struct slip_tv root = slip_tmpl_root_value(t, &values);
    if (slip_tmpl_add(t, SLIP_STR("main"), text, err) < 0)
        return -1;
    return slip_tmpl_render(t, &root, out, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slip_tmpl_host host = {
        .variable = variable,
        .any_variable = true,
        .now = now,
        .random = random_bytes,
        .files = { .get = get, .glob = glob, .exists = has, .is_dir = has },
    };
    SLIP_AUTO_PTR(slip_tmpl) t = slip_tmpl_new("main", &host);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
    struct slip_error err = { 0 };
    int rc = render(t, slip_str_make((const char *)data, size), &out, &err);
    if ((rc < 0) != (err.kind != SLIP_OK) || (rc < 0 && out.len > 0))
        abort();
    return 0;
}
