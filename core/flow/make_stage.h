/* SPDX-License-Identifier: Apache-2.0 */
/* Build the stage of one image and publish it, or take the one that another has published. */
#ifndef SLIP_FLOW_MAKE_STAGE_H
#define SLIP_FLOW_MAKE_STAGE_H

#include "flow/resolve.h"
#include "lock/lock.h"

struct slip_make_stage {
    const struct slip_project *project;
    const struct slip_image *image;
    const char *platform;
    const struct slip_image_digest *digest;
    struct slip_store *store;
    struct slip_stages *stages;
    struct slip_locks *locks; /* for publishing; NULL: none */
    const struct slip_resolve_options *options;
    const struct slip_resolution *by_image; /* images it depends on, resolved */
    const size_t *slot;                     /* index of the set -> of by_image */
};

/* `*built` is false when another's stage was taken. */
SLIP_MUST_USE int slip_make_stage(const struct slip_make_stage *m, struct slip_stage *out,
                                  bool *built, struct slip_error *err);

#endif
