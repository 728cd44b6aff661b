/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a diff. The first line is the scope of a mapping and how it is called; in pieces the
 * rest gives what it gives at once.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/path.h"
#include "digest/patch_filter.h"

#include <stdlib.h>

static void put(void *payload, struct slip_str text)
{
    slip_buf_add_str(payload, text);
}

static int filter(struct slip_str scope, struct slip_str name, struct slip_str diff, size_t step,
                  struct slip_buf *out)
{
    SLIP_AUTO_PTR(slip_filter) paths = slip_filter_new(scope);
    const struct slip_patch_rules rules = {
        .filter = paths, .scope = scope, .name = name, .put = put, .payload = out
    };
    SLIP_AUTO_PTR(slip_patch_filter) f = slip_patch_filter_new(&rules);
    struct slip_error err = { 0 };
    while (diff.len) {
        struct slip_str piece = slip_str_first(diff, step < diff.len ? step : diff.len);
        if (slip_patch_filter_add(f, piece, &err) < 0)
            return -1;
        diff = slip_str_skip(diff, piece.len);
    }
    return slip_patch_filter_end(f, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str rest = slip_str_make((const char *)data, size < 65536 ? size : 65536);
    struct slip_str line, scope, name;
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(1u << 17);
    SLIP_AUTO(slip_buf) whole = SLIP_BUF(1u << 22);
    SLIP_AUTO(slip_buf) pieces = SLIP_BUF(1u << 22);
    if (!slip_str_line(&rest, &line))
        return 0;
    slip_str_cut(line, ' ', &scope, &name);
    slip_path_clean(scope, &clean);
    scope = slip_buf_str(&clean);
    if (!slip_path_is_inside(scope))
        return 0;
    if (slip_str_is(scope, "."))
        scope = SLIP_STR("");
    int rc = filter(scope, name, rest, rest.len, &whole);
    if (filter(scope, name, rest, 3, &pieces) != rc)
        abort();
    if (rc == 0 && !slip_str_eq(slip_buf_str(&whole), slip_buf_str(&pieces)))
        abort();
    return 0;
}
