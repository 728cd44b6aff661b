/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path patterns. The first line is a pattern, the others are names. What doublestar matches, a
 * filter that includes the pattern matches as well, whichever way it takes.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/path.h"
#include "digest/select.h"
#include "match/doublestar.h"
#include "match/file_match.h"
#include "match/filter.h"
#include "match/glob.h"

#include <stdlib.h>

static void check_filter(struct slip_str pattern, struct slip_str name)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_buf) source = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(name, &path);
    slip_source_clean(pattern, &source);
    if (path.full || !slip_path_is_inside(slip_buf_str(&path)) || slip_str_is(name, "."))
        return;
    const struct slip_str glob = slip_buf_str(&source);
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
    slip_filter_include(f, &glob, 1);
    struct slip_error err = { 0 }, err2 = { 0 };
    bool yes = false, through;
    if (slip_filter_through(f, slip_buf_str(&path), &through, &err2) < 0)
        slip_error_clear(&err2);
    if (slip_filter_match(f, slip_buf_str(&path), &yes, &err) < 0)
        return;
    if (!yes && slip_doublestar_match(glob, slip_buf_str(&path)) == SLIP_DOUBLESTAR_YES)
        abort();
}

static void check_glob(struct slip_str pattern, struct slip_str name)
{
    SLIP_AUTO_PTR(slip_glob) g = NULL;
    struct slip_error err = { 0 };
    if (slip_glob_compile(pattern, &g, &err) < 0)
        return;
    const char *literal = slip_glob_literal(g);
    bool yes = slip_glob_match(g, name);
    if (literal && yes && !slip_str_is(name, literal) && !memchr(name.ptr, '\0', name.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str rest = slip_str_make((const char *)data, size < 4096 ? size : 4096);
    struct slip_str pattern, name;
    if (!slip_str_line(&rest, &pattern))
        return 0;
    while (slip_str_line(&rest, &name)) {
        slip_file_match(pattern, name);
        check_filter(pattern, name);
        check_glob(pattern, name);
    }
    return 0;
}
