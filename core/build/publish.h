/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Put an image that was just built into the stage repository, so that many builders at once end up
 * with one stage (registry-export.md 1.7). Of several stages of one digest everybody uses the
 * oldest, by the time in its tag; a stage is never overwritten.
 *
 * The layers go ahead. What follows is short: look again, choose the time, write the config and the
 * name, look once more.
 *
 * With locks one builder at a time does that, and all of them agree.
 *
 * Without, a registry gives no way to say "write this unless somebody else did". What we do then:
 * the time in the tag lies a little ahead, the write has to be through before it has come, and the
 * second look waits for it. So of two builders that miss each other the one that looked first has
 * the older stage: it stays the one that is used. Proof: let A have looked for the last time
 * without seeing B's stage. Then B was written after A's time had come, and B's time lies after its
 * writing. A write that took too long sees that by the clock; when a stage is there that may be in
 * use by then, it takes its own back with a "-rejected" record, which werf heeds too.
 *
 * What remains: clocks of builders that differ by more than the lead (SLIP_PUBLISH_LEAD_MS at
 * least); somebody who looks between a late write and its record; and a real werf that publishes
 * without a lock, which does not look a second time. Each costs a second stage of one digest, and
 * one of two runs used the one that is not used from then on. No run ever gets half a stage.
 */
#ifndef SLIP_BUILD_PUBLISH_H
#define SLIP_BUILD_PUBLISH_H

#include "build/stage_image.h"
#include "lock/lock.h"
#include "registry/stages.h"

#define SLIP_PUBLISH_LEAD_MS 250      /* the least lead without a lock */
#define SLIP_PUBLISH_LEAD_MAX_MS 8000 /* and the most, for slow registries */

struct slip_publish {
    struct slip_registry *registry;
    struct slip_store *store;   /* the stage repository */
    struct slip_stages *stages; /* of the same; its listing is made anew */
    struct slip_locks *locks;   /* NULL: none */
    const struct slip_watch *watch;
    const char *subject; /* the image, for events and messages */

    struct slip_str project; /* for the name of the lock, and for records */
    const char *digest;      /* of the stage */
    int64_t not_before_ms;   /* creation time of the parent stage; 0 for a first stage */
    int64_t (*now_ms)(void *payload);
    void (*wait_ms)(void *payload, int64_t ms);
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
