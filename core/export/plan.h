/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an export is going to do, decided before anything is written: which bytes, into which
 * repositories, under which names, in which order. Pure.
 */
#ifndef SLIP_EXPORT_PLAN_H
#define SLIP_EXPORT_PLAN_H

#include "base/vec.h"
#include "export/rewrite.h"
#include "rule/rules.h"

/* An image that shall get a name. Everything is borrowed for the life of the plan. */
struct slip_export_wish {
    const char *rule, *image; /* for people; `rule` may be NULL */
    struct slip_store *from;  /* the stage repository */
    const struct slip_stored *stored;
    const char *source; /* its full name, for messages; NULL: its digest will do */
    struct slip_rewrite how;
    /* Of a name that only the newest version moves: not written over an image that says it is of a
     * higher one. Empty: the name is no such. */
    struct slip_str version;
    const struct slip_reference *to; /* a digest in it counts as "by digest, without a name" */
    enum slip_if_exists if_exists;   /* AUTO counts as SKIP_IF_SAME: replace what differs */
    bool required;                   /* false: a mirror */
    bool floating, latest;
};

/* Names are written in this order: all of one rank before the next. */
enum slip_export_rank {
    SLIP_RANK_REQUIRED, /* full names at required destinations */
    SLIP_RANK_OPTIONAL, /* full names at mirrors */
    SLIP_RANK_FLOATING,
    SLIP_RANK_LATEST,
    SLIP_RANKS
};

/* The bytes of one export; the same for every destination that wants the same. */
struct slip_export_content {
    struct slip_store *from;
    const struct slip_export_wish *wish; /* the first that asked for it */
    struct slip_content content;
};

/* A repository that is written to. */
struct slip_export_place {
    const struct slip_reference *where;
    bool required; /* at least one of its names is */
};

struct slip_export_name {
    const struct slip_export_wish *wish;
    const char *reference;  /* as it is printed */
    const char *identifier; /* tag, or the digest of the content when there is no name */
    size_t content, place;  /* indexes in the plan */
    enum slip_if_exists if_exists;
    const char *replaceable; /* a digest that may be replaced whatever `if_exists` says, or NULL;
                                not set by the plan */
    bool required;
    enum slip_export_rank rank;
};

struct slip_export_plan {
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct slip_export_content);
    } contents;
    struct {
        SLIP_VEC(struct slip_export_place);
    } places;
    struct {
        SLIP_VEC(struct slip_export_name);
    } names; /* by rank, then in the order of the wishes */
};

void slip_export_plan_clear(struct slip_export_plan *p);
SLIP_DEFINE_AUTO(slip_export_plan, slip_export_plan_clear);

/*
 * Refuses a destination in one of the `stages` repositories (stage, final, secondary, cache) whose
 * tag werf could take for a stage or a record, and two different images under one name. The same
 * image twice under one name is one name.
 */
SLIP_MUST_USE int slip_export_plan_make(const struct slip_export_wish *wishes, size_t n,
                                        const struct slip_reference *const *stages, size_t n_stages,
                                        struct slip_export_plan *out, struct slip_error *err);

/* The digest of the bytes that stand, or are to stand, under a name. */
const char *slip_export_name_digest(const struct slip_export_plan *p,
                                    const struct slip_export_name *name);

#endif
