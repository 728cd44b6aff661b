/* SPDX-License-Identifier: Apache-2.0 */
/* Filters out of globs and the patterns of ignore files. */
#include "match/filter_impl.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/unicode.h"

#include <stdlib.h>

struct slip_filter *slip_filter_new(struct slip_str base)
{
    struct slip_filter *f = slip_new(struct slip_filter);
    slip_buf_init(&f->path, SIZE_MAX);
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(base, &clean);
    f->base = slip_arena_str(&f->arena, slip_buf_str(&clean));
    if (slip_str_is(f->base, "."))
        f->base = SLIP_STR("");
    return f;
}

void slip_filter_free(struct slip_filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->parts.len; i++)
        for (size_t k = 0; k < f->parts.at[i].len; k++)
            slip_moby_clear(&f->parts.at[i].at[k].moby);
    slip_vec_clear(&f->parts);
    slip_buf_clear(&f->path);
    slip_arena_clear(&f->arena);
    slip_free(f);
}

static struct part *add_part(struct slip_filter *f, enum part_kind kind, size_t n)
{
    struct part *p = slip_vec_add(&f->parts);
    p->kind = kind;
    p->len = n;
    p->at = slip_arena_array(&f->arena, n, sizeof(*p->at));
    p->first = f->n_items;
    f->n_items += n;
    return p;
}

static bool is_stars(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '*')
            return false;
    return true;
}

bool filter_next_component(struct slip_str *rest, struct slip_str *component)
{
    struct slip_str all = *rest;
    if (!slip_path_next(rest, component))
        return false;
    while (rest->len && slip_str_ends(*component, SLIP_STR("\\"))) {
        size_t start = (size_t)(component->ptr - all.ptr), end = start + component->len + 1;
        size_t slash = slip_str_find(slip_str_skip(all, end), '/');
        end = slash == SLIP_NPOS ? all.len : end + slash;
        *component = slip_str_make(component->ptr, end - start);
        *rest = slip_str_skip(all, end);
    }
    return true;
}

static void cut_components(struct pattern *p, struct slip_arena *a)
{
    struct slip_str rest = p->glob, text;
    while (filter_next_component(&rest, &text))
        p->n_components++;
    p->components = slip_arena_array(a, p->n_components, sizeof(*p->components));
    rest = p->glob;
    for (uint32_t i = 0; filter_next_component(&rest, &text); i++) {
        p->components[i].text = text;
        p->components[i].crosses = slip_str_find_str(text, SLIP_STR("**")) != SLIP_NPOS;
        p->components[i].any = slip_str_is(text, "**");
        p->components[i].segment = slip_segment_compile(text, SLIP_SEGMENT_DOUBLESTAR, a);
        if (!is_stars(text))
            p->n_trunk = i + 1;
    }
}

/* Set the glob from a text as written, and cut it. */
static void set_glob(struct slip_str written, struct slip_arena *a, struct pattern *p)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    slip_path_clean(written, &text);
    struct slip_str glob = slip_buf_str(&text);
    if (glob.len && glob.ptr[0] == '/')
        glob = slip_str_skip(glob, 1);
    p->glob = slip_str_is(glob, ".") ? SLIP_STR("") : slip_arena_str(a, glob);
    cut_components(p, a);
}

static void make_glob(struct slip_str written, struct slip_arena *a, struct pattern *p)
{
    set_glob(written, a, p);
    if (p->n_trunk) {
        const struct component *last = &p->components[p->n_trunk - 1];
        p->trunk = slip_str_first(p->glob, (size_t)(last->text.ptr - p->glob.ptr) + last->text.len);
    }
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    slip_path_join(p->trunk, SLIP_STR("**/*"), &text);
    p->deep = slip_arena_str(a, slip_buf_str(&text));
    p->simple = slip_segments_compile(p->trunk, SLIP_SEGMENT_DOUBLESTAR, a, &p->segments);
}

static int by_glob(const void *a, const void *b)
{
    return slip_str_cmp(((const struct pattern *)a)->glob, ((const struct pattern *)b)->glob);
}

/* A part that lets everything pass and never walks through may as well not be there. */
static bool is_neutral(const struct part *p)
{
    return p->kind == PART_INCLUDE && (p->len == 0 || (p->len == 1 && p->universal));
}

static void add_globs(struct slip_filter *f, enum part_kind kind, const struct slip_str *globs,
                      size_t n)
{
    struct part *p = add_part(f, kind, n);
    for (size_t i = 0; i < n; i++) {
        make_glob(globs[i], &f->arena, &p->at[i]);
        p->universal = p->universal || p->at[i].n_trunk == 0;
    }
    if (n)
        qsort(p->at, n, sizeof(*p->at), by_glob); /* "." is the empty glob and comes first */
    if (is_neutral(p)) {
        f->n_items -= p->len;
        f->parts.len--;
    }
}

void slip_filter_include(struct slip_filter *f, const struct slip_str *globs, size_t n)
{
    add_globs(f, PART_INCLUDE, globs, n);
}

void slip_filter_exclude(struct slip_filter *f, const struct slip_str *globs, size_t n)
{
    add_globs(f, PART_EXCLUDE, globs, n);
}

int slip_filter_ignore(struct slip_filter *f, const struct slip_str *patterns, size_t n,
                       struct slip_error *err)
{
    struct part *part = add_part(f, PART_IGNORE, n);
    part->len = 0;
    for (size_t i = 0; i < n; i++) {
        struct pattern *p = &part->at[part->len];
        if (slip_unicode_trim(patterns[i]).len == 0) {
            f->n_items--;
            continue;
        }
        if (slip_moby_compile(patterns[i], &f->arena, &p->moby, err) < 0)
            return -1;
        set_glob(p->moby.text, &f->arena, p);
        p->simple = p->moby.simple;
        p->segments = p->moby.segments;
        p->exception = p->moby.exception;
        part->len++;
    }
    return 0;
}

size_t slip_filter_items(const struct slip_filter *f)
{
    return f->n_items;
}
