/* SPDX-License-Identifier: Apache-2.0 */
/* Images by patterns. */
#include "werf/select.h"

#include "base/buf.h"

#include "match/file_match.h"

enum { MAX_PATTERN = 100 };

void slip_selection_clear(struct slip_selection *s)
{
    slip_vec_clear(s);
}

static bool is_exclusion(struct slip_str pattern)
{
    return pattern.len && pattern.ptr[0] == '!';
}

static int check_pattern(struct slip_str p, struct slip_error *err)
{
    const char *why = NULL;
    if (slip_str_find_str(p, SLIP_STR("**")) != SLIP_NPOS)
        why = "recursive glob (**) not supported";
    else if (p.len > MAX_PATTERN)
        why = "pattern too long";
    else if (slip_str_find(p, '&') != SLIP_NPOS || slip_str_find(p, '|') != SLIP_NPOS
             || slip_str_find(p, '$') != SLIP_NPOS)
        why = "special characters not allowed";
    else if (slip_file_match(slip_str_skip(p, is_exclusion(p)), SLIP_STR(""))
             == SLIP_FILE_MATCH_BAD)
        why = "syntax error in pattern";
    return why ? slip_fail(err, SLIP_E_USAGE, "invalid image pattern '%.*s': %s", SLIP_ARG(p), why)
               : 0;
}

/* The images that there are, as many as a line holds. */
static int hint_images(const struct slip_image_set *set, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) names = SLIP_BUF(1024);
    size_t i = 0;
    for (; i < set->len && names.len + set->at[i].name.len < 120; i++)
        slip_buf_add_fmt(&names, "%s%.*s", i ? ", " : "", SLIP_ARG(set->at[i].name));
    return i ? slip_hint(err, "images: %s%s", names.ptr, i < set->len ? ", ..." : "") : -1;
}

static int fail_no_image(const struct slip_image_set *set, struct slip_str pattern,
                         struct slip_error *err)
{
    slip_fail(err, SLIP_E_USAGE, "no image matches pattern \"%.*s\"", SLIP_ARG(pattern));
    const char *names[256];
    char texts[256][64];
    size_t n = 0;
    for (size_t i = 0; i < set->len && n < SLIP_COUNT(names); i++) {
        if (set->at[i].name.len >= sizeof(texts[0]))
            continue;
        snprintf(texts[n], sizeof(texts[n]), "%.*s", SLIP_ARG(set->at[i].name));
        names[n] = texts[n];
        n++;
    }
    const char *near = slip_str_closest(pattern, names, n);
    return near ? slip_hint(err, "did you mean '%s'?", near) : hint_images(set, err);
}

enum mark { OUT, MATCHED, NAMED };

static int mark_included(const struct slip_image_set *set, struct slip_str pattern,
                         enum mark *marks, struct slip_error *err)
{
    bool any = false;
    for (size_t i = 0; i < set->len; i++) {
        if (slip_str_eq(set->at[i].name, pattern))
            marks[i] = NAMED;
        else if (slip_file_match(pattern, set->at[i].name) != SLIP_FILE_MATCH_YES)
            continue;
        else if (marks[i] == OUT)
            marks[i] = MATCHED;
        any = true;
    }
    return any ? 0 : fail_no_image(set, pattern, err);
}

/* Without a pattern that includes images all of them are meant. */
static bool names_any(const struct slip_str *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_exclusion(patterns[i]))
            return true;
    return false;
}

static int mark_all(const struct slip_image_set *set, const struct slip_str *patterns, size_t n,
                    enum mark *marks, struct slip_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_pattern(patterns[i], err) < 0)
            return -1;
    for (size_t i = 0; i < n; i++)
        if (!is_exclusion(patterns[i]) && mark_included(set, patterns[i], marks, err) < 0)
            return -1;
    for (size_t i = 0; i < set->len && !names_any(patterns, n); i++)
        marks[i] = MATCHED;
    return 0;
}

static void take_out(const struct slip_image_set *set, struct slip_str pattern, enum mark *marks)
{
    for (size_t i = 0; i < set->len; i++)
        if (marks[i] == MATCHED && slip_file_match(pattern, set->at[i].name) == SLIP_FILE_MATCH_YES)
            marks[i] = OUT;
}

int slip_images_select(const struct slip_image_set *set, const struct slip_str *patterns, size_t n,
                       bool final_only, struct slip_selection *out, size_t *skipped,
                       struct slip_error *err)
{
    SLIP_AUTO_FREE enum mark *marks = slip_alloc_array(set->len + 1, sizeof(*marks));
    if (mark_all(set, patterns, n, marks, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (is_exclusion(patterns[i]))
            take_out(set, slip_str_skip(patterns[i], 1), marks);
    size_t left_out = 0;
    bool named = names_any(patterns, n);
    slip_selection_clear(out);
    for (size_t i = 0; i < set->len; i++) {
        if (marks[i] == OUT)
            continue;
        if (final_only && !set->at[i].final)
            left_out += named;
        else
            slip_vec_push(out, i);
    }
    if (skipped)
        *skipped = left_out;
    return 0;
}
