/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as an ignore file, and its patterns on a few paths and a walk down to them. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "dockerfile/ignore_file.h"
#include "match/filter.h"

static const char *const paths[] = {
    "", "a", "a/b", "a/b/c.txt", "Dockerfile", "x.log", "\xFF/\n"
};

static void ask(struct slip_filter *f)
{
    for (size_t i = 0; i < SLIP_COUNT(paths); i++) {
        struct slip_error err = { 0 };
        bool yes;
        if (slip_filter_match(f, slip_str_of(paths[i]), &yes, &err) < 0)
            slip_error_clear(&err);
        if (slip_filter_through(f, slip_str_of(paths[i]), &yes, &err) < 0)
            slip_error_clear(&err);
    }
}

static void walk(struct slip_filter *f)
{
    size_t n = slip_filter_items(f);
    SLIP_AUTO_FREE struct slip_filter_item *root = slip_alloc_array(n + 1, sizeof(*root));
    SLIP_AUTO_FREE struct slip_filter_item *below = slip_alloc_array(n + 1, sizeof(*below));
    struct slip_filter_entry dir = { .name = SLIP_STR("a") };
    const struct slip_str names[] = { SLIP_STR("b"), SLIP_STR("c.md"), SLIP_STR("d\n") };
    const struct slip_filter_run files = { SLIP_STR("a"), names, SLIP_COUNT(names), 4 };
    uint64_t taken;
    struct slip_error err = { 0 };
    enum slip_verdict verdict;
    if (slip_filter_root(f, root, &verdict, &err) < 0 || verdict != SLIP_WALK)
        return;
    if (slip_filter_dir(f, root, &dir, below, &verdict, &err) < 0 || verdict != SLIP_WALK)
        return;
    if (slip_filter_files(f, below, &files, &taken, &err) < 0)
        return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_ignore_patterns patterns;
    struct slip_error err = { 0 };
    if (slip_ignore_file_read(slip_str_make((const char *)data, size), "f", &arena, &patterns, &err)
        < 0)
        return 0;
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
    if (slip_filter_ignore(f, patterns.at, patterns.len, &err) < 0)
        return 0;
    ask(f);
    walk(f);
    return 0;
}
