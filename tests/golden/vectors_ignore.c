/* SPDX-License-Identifier: Apache-2.0 */
/* Ignore files and path filters: what is matched, walked, taken. */
#include "golden/golden.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "digest/files.h"
#include "dockerfile/ignore_file.h"
#include "match/filter.h"

struct strings {
    SLIP_VEC(struct slip_str);
};

static void read_strings(json_t *list, struct strings *out)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        slip_vec_push(out, golden_text_of(json_array_get(list, i)));
}

/* The word of a vector row: what the filter answered, or that it would crash. */
static const char *word(int rc, bool yes)
{
    return rc < 0 ? "crash" : yes ? "true" : "false";
}

static const char *want_word(json_t *v)
{
    return json_is_string(v) ? json_string_value(v) : json_is_true(v) ? "true" : "false";
}

/* Rows about paths beside the base are left out: no walk gets there. */
static enum golden_result check_row(struct slip_filter *f, struct slip_str base, json_t *row,
                                    struct slip_buf *why)
{
    struct slip_str path = golden_text_of(json_array_get(row, 0));
    if (!slip_path_is_below(path, base) && !slip_path_is_below(base, path))
        return GOLDEN_GOOD;
    struct slip_error err = { 0 }, err2 = { 0 };
    bool match = false, through = false;
    int rc = slip_filter_match(f, path, &match, &err);
    const char *m = word(rc, match);
    rc = slip_filter_through(f, path, &through, &err2);
    const char *t = word(rc, through);
    if (strcmp(m, want_word(json_array_get(row, 1))) != 0)
        return golden_bad(why, "match '%.*s': got %s", SLIP_ARG(path), m);
    if (strcmp(t, want_word(json_array_get(row, 2))) != 0)
        return golden_bad(why, "through '%.*s': got %s", SLIP_ARG(path), t);
    return GOLDEN_GOOD;
}

static enum golden_result check_rows(struct slip_filter *f, json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) base = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(golden_text(c, json_object_get(c, "add") ? "add" : "base"), &base);
    json_t *rows = json_object_get(c, "checks");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (check_row(f, slip_buf_str(&base), json_array_get(rows, i), why) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result same_patterns(json_t *c, const struct slip_str *got, size_t n,
                                        struct slip_buf *why)
{
    json_t *want = json_object_get(c, "patterns");
    if (json_array_size(want) != n)
        return golden_bad(why, "%zu patterns instead of %zu", n, json_array_size(want));
    for (size_t i = 0; i < n; i++)
        if (golden_same(why, "pattern", got[i], golden_text_of(json_array_get(want, i)))
            != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static bool wants_failure(json_t *c)
{
    return json_object_get(c, "err") || json_object_get(c, "crash");
}

static enum golden_result run_dockerignore(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(golden_text(c, "base"));
    struct slip_error err = { 0 };
    struct slip_ignore_patterns p = { 0 };
    int rc = slip_ignore_file_read(golden_text(c, "text"), "ignore", &arena, &p, &err);
    if (rc == 0)
        rc = slip_ignore_except(&p, golden_text(c, "dockerfile"), &arena, &err);
    if (rc == 0)
        rc = slip_filter_ignore(f, p.at, p.len, &err);
    if (rc < 0 || wants_failure(c))
        return rc < 0 && wants_failure(c) ? GOLDEN_GOOD : golden_bad(why, "error: %s", err.text);
    if (same_patterns(c, p.at, p.len, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return check_rows(f, c, why);
}

/*
 * A stapel git mapping; with `glob` also one of its stageDependencies. `add` never begins with a
 * slash in practice; the records that have one only show what the bare matcher does.
 */
static enum golden_result run_git(json_t *c, struct slip_buf *why)
{
    if (slip_str_starts(golden_text(c, "add"), SLIP_STR("/")))
        return GOLDEN_GOOD;
    struct strings include = { 0 }, exclude = { 0 };
    read_strings(json_object_get(c, "include"), &include);
    read_strings(json_object_get(c, "exclude"), &exclude);
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(golden_text(c, "add"));
    slip_filter_include(f, include.at, include.len);
    slip_filter_exclude(f, exclude.at, exclude.len);
    struct slip_str glob = golden_text(c, "glob");
    if (glob.ptr)
        slip_filter_include(f, &glob, 1);
    slip_vec_clear(&include);
    slip_vec_clear(&exclude);
    return check_rows(f, c, why);
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct slip_str kind = golden_text(c, "kind");
    if (slip_str_is(kind, "dockerignore"))
        return run_dockerignore(c, why);
    if (slip_str_starts(kind, SLIP_STR("ignorefile")))
        return GOLDEN_GOOD; /* reading alone: vectors_ignore_file */
    return run_git(c, why);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "ignore.jsonl", run);
}
