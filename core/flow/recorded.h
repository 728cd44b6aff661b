/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that only werf builds by the records of werf: the stage that it recorded for an image when
 * it built this very commit, if nothing speaks against it (staged-and-stapel-digest.md 7.3, steps 2
 * and 3). That costs fewer requests than the walk over its stages (walk.h), which decides about the
 * others.
 */
#ifndef SLIP_FLOW_RECORDED_H
#define SLIP_FLOW_RECORDED_H

#include "flow/project.h"
#include "registry/stages.h"

struct slip_recorded {
    const struct slip_image *image;
    size_t n_platforms; /* that are asked for: of several nothing is found */
    const char *digest; /* of the image, when it is known without a registry, else NULL */
    /* out */
    bool found;
    struct slip_stage stage; /* when found */
    /* Recorded ones that are there: when nothing is found, it can only be one of these. */
    struct {
        SLIP_VEC(char *);
    } stages;
    /* When nothing is found: SLIP_E_NOT_BUILT when there is no record or its stage is gone,
     * SLIP_E_UNSUPPORTED when the record does not tell. */
    struct slip_error err;
};
void slip_recorded_clear(struct slip_recorded *r);

/* Add how an image that slipway does not build comes to be there. Always -1. */
int slip_hint_at_werf_build(const struct slip_store *store, const struct slip_image *image,
                            struct slip_error *err);

/* Which records of the repository are going to be asked for. Before its listing, best. */
void slip_recorded_expect(struct slip_stages *stages, const struct slip_image *image);

/* Where to look. */
struct slip_recorded_search {
    const struct slip_project *project;
    const struct slip_store *store;
    struct slip_stages *stages; /* of the store */
};

/*
 * Look for many images at once. -1 when any was not found.
 *
 * A record is believed when it is the only one of the image at the commit, its stage is of our
 * project and the oldest of its digest, and was not made for a merge that is not in the history
 * (werf records such a stage for the commit that was merged, too). For stages without git labels
 * the last is told from the other commits that the same stage was recorded for, which have to be
 * here; a stage with such labels says it itself.
 */
SLIP_MUST_USE int slip_find_recorded(const struct slip_recorded_search *s,
                                     struct slip_recorded *const *items, size_t n);

#endif
