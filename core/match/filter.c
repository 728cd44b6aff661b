/* SPDX-License-Identifier: Apache-2.0 */
/* Selections of a tree. */
#include "match/filter.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/unicode.h"
#include "base/vec.h"
#include "match/doublestar.h"
#include "match/moby.h"

#include <stdlib.h>
#include <string.h>

#define GONE UINT32_MAX /* in item.part: a component did not match */

enum part_kind { PART_INCLUDE, PART_EXCLUDE, PART_IGNORE };

/* A component, for the walk-through rule. */
struct component {
    struct slip_str text;
    struct slip_segment *segment; /* NULL: not of the common shape */
    bool crosses;                 /* holds `**`: it is never used up */
    bool any;                     /* `**` itself: it matches all there is */
};

struct pattern {
    struct slip_segments segments; /* of trunk, when simple; of an ignore pattern: that of moby */
    bool simple, exception;
    struct slip_str glob;  /* without a leading '/'; "" is everything */
    struct slip_str trunk; /* glob without trailing components of `*` alone */
    struct slip_str deep;  /* what lies below trunk */
    struct component *components;
    uint32_t n_components, n_trunk; /* trunk has so many of them */
    struct slip_moby moby;          /* PART_IGNORE only */
};

struct part {
    enum part_kind kind;
    bool universal; /* PART_INCLUDE, PART_EXCLUDE: a glob that holds everything */
    struct pattern *at;
    size_t len;
    size_t first; /* index of its first item */
};

struct slip_filter {
    struct slip_arena arena;
    struct slip_str base;
    struct {
        SLIP_VEC(struct part);
    } parts;
    size_t n_items;
    struct slip_buf path; /* of the entry at hand, for patterns that need it whole */
};

/* ---- making ---- */

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

/* As slip_path_next, but a slash behind a backslash does not end a component, whatever stands
 * before the backslash. */
static bool next_component(struct slip_str *rest, struct slip_str *component)
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
    while (next_component(&rest, &text))
        p->n_components++;
    p->components = slip_arena_array(a, p->n_components, sizeof(*p->components));
    rest = p->glob;
    for (uint32_t i = 0; next_component(&rest, &text); i++) {
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

/* The path of an entry from the base, valid until the next call. */
static struct slip_str path_of(struct slip_filter *f, const struct slip_filter_run *run, size_t i)
{
    slip_buf_reset(&f->path);
    slip_buf_add_str(&f->path, run->dir);
    if (run->dir.len)
        slip_buf_add_char(&f->path, '/');
    slip_buf_add_str(&f->path, run->names[i]);
    return slip_buf_str(&f->path);
}

/* ---- globs ---- */

static int malformed(struct slip_str pattern, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_CONFIG, "malformed pattern '%.*s'", SLIP_ARG(pattern));
}

static int doublestar(struct slip_str pattern, struct slip_str text, bool *yes,
                      struct slip_error *err)
{
    enum slip_doublestar r = slip_doublestar_match(pattern, text);
    *yes = r == SLIP_DOUBLESTAR_YES;
    return r == SLIP_DOUBLESTAR_BAD ? malformed(pattern, err) : 0;
}

/* A whole path against the three forms of a glob. */
static int match_glob_path(const struct pattern *p, struct slip_str path, bool *yes,
                           struct slip_error *err)
{
    if (doublestar(p->glob, path, yes, err) < 0)
        return -1;
    if (!*yes && doublestar(p->trunk, path, yes, err) < 0)
        return -1;
    return *yes ? 0 : doublestar(p->deep, path, yes, err);
}

/* ---- matching: sets of entries are bits ---- */

/* Those of `candidates` whose name completes the pattern. */
static uint64_t match_names(const struct pattern *p, uint64_t at, const struct slip_filter_run *run,
                            uint64_t candidates)
{
    const struct slip_segments *s = &p->segments;
    uint64_t hits = 0;
    at &= s->ends;
    if (at & s->trees)
        return candidates;
    for (; at; at &= at - 1) {
        const struct slip_segment *segment = s->at[__builtin_ctzll(at)];
        for (uint64_t left = candidates; left; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctzll(left);
            if (slip_segment_match(segment, run->names[i]))
                hits |= (uint64_t)1 << i;
        }
    }
    return hits;
}

static int match_path(enum part_kind kind, struct pattern *p, struct slip_str path, bool *yes,
                      struct slip_error *err)
{
    return kind == PART_IGNORE ? slip_moby_match(&p->moby, path, yes, err)
                               : match_glob_path(p, path, yes, err);
}

/* Those of `candidates` that the pattern matches itself, whatever holds for directories above. */
static int match_pattern(struct slip_filter *f, enum part_kind kind, struct pattern *p,
                         const struct slip_filter_item *item, const struct slip_filter_run *run,
                         uint64_t candidates, uint64_t *hits, struct slip_error *err)
{
    uint64_t fast = p->simple ? candidates & ~run->odd : 0;
    uint64_t found = fast ? match_names(p, item->at, run, fast) : 0;
    for (uint64_t left = candidates & ~fast; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        bool yes;
        if (match_path(kind, p, path_of(f, run, i), &yes, err) < 0)
            return -1;
        if (yes)
            found |= (uint64_t)1 << i;
    }
    *hits = found;
    return 0;
}

/* Those of `candidates` that some glob matches. */
static int match_globs(struct slip_filter *f, const struct part *part,
                       const struct slip_filter_item *items, const struct slip_filter_run *run,
                       uint64_t candidates, uint64_t *hits, struct slip_error *err)
{
    uint64_t left = candidates, now;
    for (size_t i = 0; i < part->len && left; i++) {
        const struct slip_filter_item *item = &items[part->first + i];
        if (item->below)
            now = left;
        else if (match_pattern(f, part->kind, &part->at[i], item, run, left, &now, err) < 0)
            return -1;
        left &= ~now;
    }
    *hits = candidates & ~left;
    return 0;
}

/* Those of `candidates` that are ignored: exceptions are asked about those, the others about the
 * rest. */
static int match_ignore(struct slip_filter *f, const struct part *part,
                        const struct slip_filter_item *items, const struct slip_filter_run *run,
                        uint64_t candidates, uint64_t *hits, struct slip_error *err)
{
    uint64_t ignored = 0, now;
    for (size_t i = 0; i < part->len; i++) {
        struct pattern *p = &part->at[i];
        const struct slip_filter_item *item = &items[part->first + i];
        uint64_t asked = p->exception ? ignored : candidates & ~ignored;
        if (item->below)
            now = asked;
        else if (match_pattern(f, PART_IGNORE, p, item, run, asked, &now, err) < 0)
            return -1;
        ignored ^= now;
    }
    *hits = ignored;
    return 0;
}

/* Those of `candidates` that a part lets pass. */
static int match_part(struct slip_filter *f, const struct part *part,
                      const struct slip_filter_item *items, const struct slip_filter_run *run,
                      uint64_t candidates, uint64_t *passed, struct slip_error *err)
{
    uint64_t hits;
    if ((part->kind == PART_IGNORE ? match_ignore(f, part, items, run, candidates, &hits, err)
                                   : match_globs(f, part, items, run, candidates, &hits, err))
        < 0)
        return -1;
    bool hits_pass = part->kind == PART_INCLUDE && part->len;
    *passed = hits_pass ? hits : candidates & ~hits;
    return 0;
}

static int match_all(struct slip_filter *f, const struct slip_filter_item *items,
                     const struct slip_filter_run *run, uint64_t *passed, struct slip_error *err)
{
    uint64_t left = run->n < SLIP_FILTER_RUN ? ((uint64_t)1 << run->n) - 1 : UINT64_MAX;
    for (size_t i = 0; i < f->parts.len && left; i++)
        if (match_part(f, &f->parts.at[i], items, run, left, &left, err) < 0)
            return -1;
    *passed = left;
    return 0;
}

/* One entry as a run; the base itself is odd, since it has no last component. */
static struct slip_filter_run run_of(const struct slip_filter_entry *e)
{
    return (struct slip_filter_run){ e->dir, &e->name, 1, e->odd || e->name.len == 0 };
}

/* ---- the walk-through rule ---- */

/* Use up one component of the path: *part moves on, stays (`**`) or is GONE. */
static int use_component(const struct pattern *p, uint32_t *part, struct slip_str name,
                         struct slip_error *err)
{
    if (*part == GONE || (*part && *part == p->n_components))
        return 0;
    if (p->n_components == 0)
        return malformed(p->moby.text, err);
    const struct component *c = &p->components[*part];
    bool yes;
    if (c->any)
        return 0;
    bool sure = c->segment;
    if (sure) {
        yes = slip_segment_match(c->segment, name);
        sure = !yes || slip_str_find(name, '/') == SLIP_NPOS; /* one that is glued */
    }
    if (!sure && doublestar(c->text, name, &yes, err) < 0)
        return -1;
    if (!yes)
        *part = GONE;
    else if (!c->crosses)
        ++*part;
    return 0;
}

/* What became of the globs at the last component of a path. */
struct progress {
    bool under_way, universal, used_up;
};

static int advance_globs(const struct part *part, const struct slip_filter_item *items,
                         struct slip_str name, struct slip_filter_item *below, struct progress *out,
                         struct slip_error *err)
{
    struct progress now = { 0 };
    for (size_t i = 0; i < part->len; i++) {
        const struct pattern *p = &part->at[i];
        uint32_t before = items[part->first + i].part, at = before;
        if (use_component(p, &at, name, err) < 0)
            return -1;
        below[part->first + i].part = at;
        if (at == GONE)
            continue;
        if (at == p->n_components)
            now.used_up = now.used_up || before < at;
        else if (at >= p->n_trunk)
            now.universal = now.under_way = true;
        else
            now.under_way = true;
    }
    *out = now;
    return 0;
}

static int through_globs(const struct part *part, const struct slip_filter_item *items,
                         struct slip_str name, struct slip_filter_item *below, bool *yes,
                         struct slip_error *err)
{
    struct progress now;
    *yes = false;
    if (part->len == 0 || part->universal)
        return 0;
    if (advance_globs(part, items, name, below, &now, err) < 0)
        return -1;
    *yes = now.under_way && !now.universal && (part->kind == PART_INCLUDE || !now.used_up);
    return 0;
}

static int through_ignore(const struct part *part, const struct slip_filter_item *items,
                          struct slip_str name, struct slip_filter_item *below, bool *yes,
                          struct slip_error *err)
{
    bool through = false;
    for (size_t i = 0; i < part->len; i++) {
        const struct pattern *p = &part->at[i];
        uint32_t at = items[part->first + i].part;
        if (use_component(p, &at, name, err) < 0)
            return -1;
        below[part->first + i].part = at;
        if (at != GONE)
            through = at < p->n_components;
    }
    *yes = through;
    return 0;
}

static int through_part(const struct part *part, const struct slip_filter_item *items,
                        struct slip_str name, struct slip_filter_item *below, bool *yes,
                        struct slip_error *err)
{
    return part->kind == PART_IGNORE ? through_ignore(part, items, name, below, yes, err)
                                     : through_globs(part, items, name, below, yes, err);
}

/*
 * The rule cuts paths like globs: a directory whose name ends in a backslash is one component with
 * the entry inside it. Counted from the base again, since what was known about it alone is of no
 * use.
 */
static int through_glued(const struct slip_filter *f, const struct part *part,
                         const struct slip_filter_entry *e, struct slip_filter_item *below,
                         bool *yes, struct slip_error *err)
{
    SLIP_AUTO_FREE struct slip_filter_item *items = slip_alloc_array(f->n_items, sizeof(*items));
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SIZE_MAX);
    slip_buf_add_str(&path, e->dir);
    slip_buf_add_char(&path, '/');
    slip_buf_add_str(&path, e->name);
    struct slip_str rest = slip_buf_str(&path), name;
    while (next_component(&rest, &name))
        if (through_part(part, items, name, rest.len ? items : below, yes, err) < 0)
            return -1;
    return 0;
}

static int through_entry(const struct slip_filter *f, const struct part *part,
                         const struct slip_filter_item *items, const struct slip_filter_entry *e,
                         struct slip_filter_item *below, bool *yes, struct slip_error *err)
{
    return slip_str_ends(e->dir, SLIP_STR("\\"))
               ? through_glued(f, part, e, below, yes, err)
               : through_part(part, items, e->name, below, yes, err);
}

/* At the base directory there is no component yet: any pattern may lead further. */
static bool through_at_root(const struct part *part)
{
    return part->len && !part->universal;
}

/* Some part walks through, and each other one at least matches. */
static int through_all(struct slip_filter *f, const struct slip_filter_item *items,
                       const struct slip_filter_entry *e, struct slip_filter_item *below, bool *yes,
                       struct slip_error *err)
{
    const struct slip_filter_run run = run_of(e);
    bool any = false;
    uint64_t matches = 1;
    for (size_t i = 0; i < f->parts.len && matches; i++) {
        bool through = through_at_root(&f->parts.at[i]);
        if (e->name.len && through_entry(f, &f->parts.at[i], items, e, below, &through, err) < 0)
            return -1;
        any = any || through;
        if (!through && match_part(f, &f->parts.at[i], items, &run, 1, &matches, err) < 0)
            return -1;
    }
    *yes = any && matches;
    return 0;
}

/* ---- going down ---- */

static size_t depth_of(struct slip_str path)
{
    size_t depth = path.len > 0;
    for (size_t i = 0; i < path.len; i++)
        depth += path.ptr[i] == '/';
    return depth;
}

/* An ignore pattern of n components is also tried on the ancestor with n components, but on no
 * other. It may be malformed: that comes up again where it counts. */
static bool hides_all_below(struct slip_filter *f, struct pattern *p,
                            const struct slip_filter_item *item, const struct slip_filter_entry *e)
{
    const struct slip_filter_run run = run_of(e);
    struct slip_error ignored; /* not cleared as a whole: that would cost more than all the rest */
    uint64_t hit;
    ignored.kind = SLIP_OK;
    ignored.text[0] = ignored.hint[0] = '\0';
    return match_pattern(f, PART_IGNORE, p, item, &run, 1, &hit, &ignored) == 0 && hit;
}

/* Everything about the directory `e` but the walk-through rule. */
static void go_down(struct slip_filter *f, const struct slip_filter_item *items,
                    const struct slip_filter_entry *e, struct slip_filter_item *below)
{
    size_t depth = depth_of(e->dir) + 1;
    for (size_t i = 0; i < f->parts.len; i++) {
        const struct part *part = &f->parts.at[i];
        for (size_t k = 0; k < part->len; k++) {
            struct pattern *p = &part->at[k];
            const struct slip_filter_item *from = &items[part->first + k];
            struct slip_filter_item *to = &below[part->first + k];
            to->at = p->simple ? slip_segments_step(&p->segments, from->at, e->name) : 0;
            to->below = from->below;
            if (to->below)
                continue;
            if (part->kind != PART_IGNORE)
                to->below = p->simple && slip_segments_done(&p->segments, to->at);
            else if (p->moby.depth == depth)
                to->below = hides_all_below(f, p, from, e);
        }
    }
}

static void start(const struct slip_filter *f, struct slip_filter_item *items)
{
    for (size_t i = 0; i < f->parts.len; i++) {
        const struct part *part = &f->parts.at[i];
        for (size_t k = 0; k < part->len; k++) {
            const struct pattern *p = &part->at[k];
            items[part->first + k] = (struct slip_filter_item){
                .at = p->simple ? slip_segments_start(&p->segments) : 0,
                .below = part->kind != PART_IGNORE && p->n_trunk == 0,
            };
        }
    }
}

static int decide(struct slip_filter *f, const struct slip_filter_item *items,
                  const struct slip_filter_entry *e, struct slip_filter_item *below,
                  enum slip_verdict *out, struct slip_error *err)
{
    const struct slip_filter_run run = run_of(e);
    bool through;
    uint64_t match = 0;
    if (through_all(f, items, e, below, &through, err) < 0
        || (!through && match_all(f, items, &run, &match, err) < 0))
        return -1;
    *out = through ? SLIP_WALK : match ? SLIP_TAKE : SLIP_SKIP;
    return 0;
}

int slip_filter_root(struct slip_filter *f, struct slip_filter_item *items, enum slip_verdict *out,
                     struct slip_error *err)
{
    const struct slip_filter_entry root = { SLIP_STR(""), SLIP_STR(""), false };
    start(f, items);
    return decide(f, items, &root, NULL, out, err);
}

int slip_filter_dir(struct slip_filter *f, const struct slip_filter_item *items,
                    const struct slip_filter_entry *e, struct slip_filter_item *below,
                    enum slip_verdict *out, struct slip_error *err)
{
    enum slip_verdict verdict;
    if (decide(f, items, e, below, &verdict, err) < 0)
        return -1;
    if (verdict == SLIP_WALK)
        go_down(f, items, e, below);
    *out = verdict;
    return 0;
}

int slip_filter_files(struct slip_filter *f, const struct slip_filter_item *items,
                      const struct slip_filter_run *run, uint64_t *taken, struct slip_error *err)
{
    return match_all(f, items, run, taken, err);
}

/* ---- single paths ---- */

enum place { PLACE_OUTSIDE, PLACE_ABOVE, PLACE_INSIDE };

/* Where `path` is; inside, `rest` is the path from the base. */
static enum place find_place(const struct slip_filter *f, struct slip_str path,
                             struct slip_str *rest)
{
    if (slip_path_is_below(path, f->base)) {
        *rest = slip_str_skip(path, f->base.len);
        if (f->base.len && rest->len)
            *rest = slip_str_skip(*rest, 1);
        return PLACE_INSIDE;
    }
    return slip_path_is_below(f->base, path) ? PLACE_ABOVE : PLACE_OUTSIDE;
}

/* What is known about a path: the items of the directory that holds it, and its entry. */
struct spot {
    struct slip_filter_item *items, *below;
    struct slip_filter_entry e;
};

static void spot_clear(struct spot *s)
{
    slip_free(s->items);
    slip_free(s->below);
}
SLIP_DEFINE_AUTO(spot, spot_clear);

static void spot_init(const struct slip_filter *f, struct spot *s)
{
    s->items = slip_alloc_array(f->n_items, sizeof(*s->items));
    s->below = slip_alloc_array(f->n_items, sizeof(*s->below));
}

/* `name` is a component of `path`. */
static void set_entry(struct spot *s, struct slip_str path, struct slip_str name)
{
    size_t at = (size_t)(name.ptr - path.ptr);
    s->e.name = name;
    s->e.dir = slip_str_first(path, at ? at - 1 : 0);
    s->e.odd = memchr(path.ptr, '\n', at + name.len) != NULL;
}

/* `rules`: the walk-through rule is needed, too. */
static int go_to(struct slip_filter *f, struct slip_str path, bool rules, struct spot *s,
                 struct slip_error *err)
{
    spot_init(f, s);
    start(f, s->items);
    struct slip_str rest = path, name;
    while (slip_path_next(&rest, &name)) {
        set_entry(s, path, name);
        if (rest.len == 0)
            break;
        bool unused;
        for (size_t i = 0; rules && i < f->parts.len; i++)
            if (through_entry(f, &f->parts.at[i], s->items, &s->e, s->below, &unused, err) < 0)
                return -1;
        go_down(f, s->items, &s->e, s->below);
        struct slip_filter_item *above = s->items;
        s->items = s->below;
        s->below = above;
    }
    return 0;
}

int slip_filter_match(struct slip_filter *f, struct slip_str path, bool *yes,
                      struct slip_error *err)
{
    struct slip_str rest;
    *yes = false;
    if (find_place(f, path, &rest) != PLACE_INSIDE)
        return 0;
    SLIP_AUTO(spot) s = { 0 };
    if (go_to(f, rest, false, &s, err) < 0)
        return -1;
    const struct slip_filter_run run = run_of(&s.e);
    uint64_t passed;
    if (match_all(f, s.items, &run, &passed, err) < 0)
        return -1;
    *yes = passed;
    return 0;
}

int slip_filter_through(struct slip_filter *f, struct slip_str path, bool *yes,
                        struct slip_error *err)
{
    struct slip_str rest;
    enum place place = find_place(f, path, &rest);
    *yes = place == PLACE_ABOVE;
    if (place != PLACE_INSIDE)
        return 0;
    SLIP_AUTO(spot) s = { 0 };
    if (go_to(f, rest, true, &s, err) < 0)
        return -1;
    return through_all(f, s.items, &s.e, s.below, yes, err);
}

/* Go down to `rest` as a walk does; *verdict is that of the last directory it got to. */
static int walk_to(struct slip_filter *f, struct slip_str rest, struct spot *s,
                   enum slip_verdict *verdict, struct slip_error *err)
{
    struct slip_str path = rest, name;
    if (slip_filter_root(f, s->items, verdict, err) < 0)
        return -1;
    while (*verdict == SLIP_WALK && slip_path_next(&rest, &name)) {
        set_entry(s, path, name);
        if (rest.len == 0)
            return 0;
        if (slip_filter_dir(f, s->items, &s->e, s->below, verdict, err) < 0)
            return -1;
        struct slip_filter_item *above = s->items;
        s->items = s->below;
        s->below = above;
    }
    return 0;
}

int slip_filter_selects(struct slip_filter *f, struct slip_str path, bool *yes,
                        struct slip_error *err)
{
    struct slip_str rest;
    *yes = false;
    if (find_place(f, path, &rest) != PLACE_INSIDE)
        return 0;
    SLIP_AUTO(spot) s = { 0 };
    enum slip_verdict verdict;
    spot_init(f, &s);
    if (walk_to(f, rest, &s, &verdict, err) < 0)
        return -1;
    uint64_t passed = verdict == SLIP_TAKE;
    if (verdict == SLIP_WALK && s.e.name.len) {
        const struct slip_filter_run run = run_of(&s.e);
        if (match_all(f, s.items, &run, &passed, err) < 0)
            return -1;
    }
    *yes = passed;
    return 0;
}
