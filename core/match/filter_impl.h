/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a filter hand to each other: how it is made, what it says of a directory during
 * a walk, and of single paths. */
#ifndef SLIP_MATCH_FILTER_IMPL_H
#define SLIP_MATCH_FILTER_IMPL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "match/filter.h"
#include "match/moby.h"

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

/* One entry as a run; the base itself is odd, since it has no last component. */
static inline struct slip_filter_run filter_run_of(const struct slip_filter_entry *e)
{
    return (struct slip_filter_run){ e->dir, &e->name, 1, e->odd || e->name.len == 0 };
}

/* ---- making: filter_make.c ---- */

/* As slip_path_next, but a slash behind a backslash does not end a component, whatever stands
 * before the backslash. */
bool filter_next_component(struct slip_str *rest, struct slip_str *component);

/* ---- a walk: filter.c ---- */

/* The items of the base. */
void filter_start(const struct slip_filter *f, struct slip_filter_item *items);

/* Everything about the directory `e` but the walk-through rule. */
void filter_go_down(struct slip_filter *f, const struct slip_filter_item *items,
                    const struct slip_filter_entry *e, struct slip_filter_item *below);

/* Which entries of a run all parts let pass, a bit each. */
int filter_match_all(struct slip_filter *f, const struct slip_filter_item *items,
                     const struct slip_filter_run *run, uint64_t *passed, struct slip_error *err);

/* The walk-through rule: of one part at the entry `e`, and its items below it. */
int filter_through_entry(const struct slip_filter *f, const struct part *part,
                         const struct slip_filter_item *items, const struct slip_filter_entry *e,
                         struct slip_filter_item *below, bool *yes, struct slip_error *err);

/* Some part walks through, and each other one at least matches. */
int filter_through_all(struct slip_filter *f, const struct slip_filter_item *items,
                       const struct slip_filter_entry *e, struct slip_filter_item *below, bool *yes,
                       struct slip_error *err);

#endif
