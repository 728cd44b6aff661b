/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Put an image that was just built into the stage repository, so that many builders at once end up
 * with one stage (registry-export.md 1.7): look again, write under a name of our own, look again.
 * A stage is never overwritten.
 */
#ifndef SLIP_BUILD_PUBLISH_H
#define SLIP_BUILD_PUBLISH_H

#include "build/stage_image.h"
#include "registry/stages.h"

struct slip_publish {
    struct slip_registry *registry;
    struct slip_store *store;   /* the stage repository */
    struct slip_stages *stages; /* of the same; its listing is made anew */
    const struct slip_watch *watch;
    const char *subject; /* the image, for events and messages */

    const char *digest;    /* of the stage */
    int64_t not_before_ms; /* creation time of the parent stage; 0 for a first stage */
    int64_t (*now_ms)(void *payload);
    void *payload;

    const char *media_type;
    struct slip_str manifest, config; /* as they were built */
    const char *layout;               /* directory with the layers (struct slip_built); NULL: they
                                         are in the repository already */
    const struct slip_stage_label *labels;
    size_t n_labels;
};

/*
 * `*out` is the stage to use from now on, `*ours` whether it is the one of this build: somebody
 * else's older one wins, and ours is left to werf's cleanup.
 */
SLIP_MUST_USE int slip_stage_publish(const struct slip_publish *p, struct slip_stage *out,
                                     bool *ours, struct slip_error *err);

#endif
