/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter says of single paths: as if a walk had come by. */
#include "match/filter_impl.h"

#include "base/path.h"

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
    filter_start(f, s->items);
    struct slip_str rest = path, name;
    while (slip_path_next(&rest, &name)) {
        set_entry(s, path, name);
        if (rest.len == 0)
            break;
        bool unused;
        for (size_t i = 0; rules && i < f->parts.len; i++)
            if (filter_through_entry(f, &f->parts.at[i], s->items, &s->e, s->below, &unused, err)
                < 0)
                return -1;
        filter_go_down(f, s->items, &s->e, s->below);
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
    const struct slip_filter_run run = filter_run_of(&s.e);
    uint64_t passed;
    if (filter_match_all(f, s.items, &run, &passed, err) < 0)
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
    return filter_through_all(f, s.items, &s.e, s.below, yes, err);
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
        const struct slip_filter_run run = filter_run_of(&s.e);
        if (filter_match_all(f, s.items, &run, &passed, err) < 0)
            return -1;
    }
    *yes = passed;
    return 0;
}
