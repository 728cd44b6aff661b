/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that resolve images share: resolve.c, resolve_staged.c, resolve_stapel.c. */
#ifndef SLIP_FLOW_RESOLVE_IMPL_H
#define SLIP_FLOW_RESOLVE_IMPL_H

#include "digest/staged.h"
#include "flow/base_env.h"
#include "flow/recorded.h"
#include "flow/resolve.h"

/* How a stapel image is found. */
enum resolve_way {
    RESOLVE_UNDECIDED,
    RESOLVE_RECORDED, /* by the record of werf */
    RESOLVE_WALKED,   /* by the digests of its stages: what it rests on is needed */
};

struct resolve_work {
    const struct slip_project *project;
    struct slip_store *store;
    const struct slip_resolve_options *o;
    struct slip_stages *stages;
    struct slip_stages **secondary; /* one per repository of the options */
    struct slip_locks *locks;       /* for publishing, or NULL */
    struct slip_digester *digester;
    struct slip_staged *staged;
    struct slip_base_envs *bases; /* NULL until one is asked for */
    struct slip_resolution *out;
    /* By image: */
    size_t *slot; /* index in out, SLIP_NPOS */
    size_t *level;
    const char **built_before; /* rule, also of what images need */
    bool *below_werf;          /* an image that only werf builds rests on it */
    enum resolve_way *way;
    struct slip_recorded *records; /* of stapel and staged images */
    char **why;                    /* why they are not found, or NULL */
    bool generation_told;
    bool builds; /* the first one was announced */
};

static inline const struct slip_image *resolve_image(const struct resolve_work *w,
                                                     const struct slip_resolved *r)
{
    return &w->project->set.at[r->image];
}

struct slip_resolved_platform *resolve_find_platform(struct slip_resolved *r, const char *name);

/* What an image imports from those it depends on; false when one of them is not there. */
bool resolve_dependency_values(struct resolve_work *w, const struct slip_image *image,
                               const char *platform, struct slip_arena *arena,
                               struct slip_dependency_value **out);

/* Does it matter what an image rests on? Not when werf recorded its stage. */
bool resolve_rests(const struct resolve_work *w, size_t image);

/* Add what is needed to `needed`, and decide about stapel images how they are found. */
SLIP_MUST_USE int resolve_look_for_records(struct resolve_work *w, bool *needed,
                                           struct slip_error *err);

/* Free what is kept of an image. */
void resolve_forget(struct resolve_work *w, size_t image);

/* Must it be there for itself, or for an image that is not found by a walk? What is walked says
 * itself what it lacks. */
bool resolve_must_be_found(const struct resolve_work *w, const struct slip_resolved *r);

/* The stage of an image of one platform is the one of its record, which was found. Of its digest
 * nothing but the text is known. */
void resolve_take_recorded(struct resolve_work *w, struct slip_resolved *r);

/* Whether what a search in the stage repository failed with leaves the question open. */
bool resolve_is_open(const struct slip_error *err);

/* Whether a record names this stage. */
bool resolve_is_recorded(const struct slip_recorded *rec, const char *tag);

/* The tag that an image came to: of its stage, or of the index over several; false when one is not
 * there. */
bool resolve_tag_of(const struct slip_resolved *r, char out[sizeof(((struct slip_stage *)0)->tag)]);

/* Whether the registry of a base image, which only the commit names, may be asked. `what` begins
 * the message: "..., and the registry of its base". */
SLIP_MUST_USE int resolve_may_ask_base(const struct slip_resolve_options *o, const char *what,
                                       struct slip_error *err);

/* The staged Dockerfile images of a level. */
SLIP_MUST_USE int resolve_staged_level(struct resolve_work *w, size_t level,
                                       struct slip_error *err);

/* The stapel images of a level. */
SLIP_MUST_USE int resolve_stapel_level(struct resolve_work *w, size_t level,
                                       struct slip_error *err);

#endif
