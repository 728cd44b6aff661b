/* SPDX-License-Identifier: Apache-2.0 */
/* Selections of a tree, directory by directory. */
#include "match/filter_impl.h"

#include "match/doublestar.h"

#define GONE UINT32_MAX /* in item.part: a component did not match */

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

int filter_match_all(struct slip_filter *f, const struct slip_filter_item *items,
                     const struct slip_filter_run *run, uint64_t *passed, struct slip_error *err)
{
    uint64_t left = run->n < SLIP_FILTER_RUN ? ((uint64_t)1 << run->n) - 1 : UINT64_MAX;
    for (size_t i = 0; i < f->parts.len && left; i++)
        if (match_part(f, &f->parts.at[i], items, run, left, &left, err) < 0)
            return -1;
    *passed = left;
    return 0;
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
    while (filter_next_component(&rest, &name))
        if (through_part(part, items, name, rest.len ? items : below, yes, err) < 0)
            return -1;
    return 0;
}

int filter_through_entry(const struct slip_filter *f, const struct part *part,
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

int filter_through_all(struct slip_filter *f, const struct slip_filter_item *items,
                       const struct slip_filter_entry *e, struct slip_filter_item *below, bool *yes,
                       struct slip_error *err)
{
    const struct slip_filter_run run = filter_run_of(e);
    bool any = false;
    uint64_t matches = 1;
    for (size_t i = 0; i < f->parts.len && matches; i++) {
        bool through = through_at_root(&f->parts.at[i]);
        if (e->name.len
            && filter_through_entry(f, &f->parts.at[i], items, e, below, &through, err) < 0)
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
    const struct slip_filter_run run = filter_run_of(e);
    struct slip_error ignored; /* not cleared as a whole: that would cost more than all the rest */
    uint64_t hit;
    ignored.kind = SLIP_OK;
    ignored.text[0] = ignored.hint[0] = '\0';
    return match_pattern(f, PART_IGNORE, p, item, &run, 1, &hit, &ignored) == 0 && hit;
}

void filter_go_down(struct slip_filter *f, const struct slip_filter_item *items,
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

void filter_start(const struct slip_filter *f, struct slip_filter_item *items)
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
    const struct slip_filter_run run = filter_run_of(e);
    bool through;
    uint64_t match = 0;
    if (filter_through_all(f, items, e, below, &through, err) < 0
        || (!through && filter_match_all(f, items, &run, &match, err) < 0))
        return -1;
    *out = through ? SLIP_WALK : match ? SLIP_TAKE : SLIP_SKIP;
    return 0;
}

int slip_filter_root(struct slip_filter *f, struct slip_filter_item *items, enum slip_verdict *out,
                     struct slip_error *err)
{
    const struct slip_filter_entry root = { SLIP_STR(""), SLIP_STR(""), false };
    filter_start(f, items);
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
        filter_go_down(f, items, e, below);
    *out = verdict;
    return 0;
}

int slip_filter_files(struct slip_filter *f, const struct slip_filter_item *items,
                      const struct slip_filter_run *run, uint64_t *taken, struct slip_error *err)
{
    return filter_match_all(f, items, run, taken, err);
}
