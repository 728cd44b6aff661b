/* SPDX-License-Identifier: Apache-2.0 */
/* The rendered text of a werf.yaml to a checked image set. Pure: nothing else is read. */
#ifndef SLIP_WERF_DECODE_H
#define SLIP_WERF_DECODE_H

#include "base/watch.h"
#include "werf/giterminism.h"
#include "werf/image_set.h"

struct slip_decode_options {
    const char *name;             /* of the text in messages: "werf.yaml" */
    struct slip_str project_dir;  /* of werf.yaml in the tree, "" at its top */
    struct slip_str project_name; /* WERF_PROJECT_NAME, replaces `project` when not empty */
    struct slip_str platform;     /* of this machine, "linux/amd64": what images without `platform`
                                     count as when platforms of dependencies are compared */
    bool force_staged;            /* WERF_FORCE_STAGED_DOCKERFILE */
    bool skip_image_spec;         /* WERF_SKIP_IMAGE_SPEC_STAGE: checked, but no stage of its own */
    const struct slip_giterminism *giterminism;
    const struct slip_watch *watch; /* hears what is odd but accepted; may be NULL */

    /* Told of every error that can be told apart, in the order of the text, when it is not NULL;
     * decoding still fails with the first one. */
    void (*on_error)(void *payload, const struct slip_error *err);
    void *payload;
};

/* `out` stays when this fails. Messages begin with "name:line:col: ", the place in `rendered`. */
SLIP_MUST_USE int slip_werf_decode(struct slip_str rendered, const struct slip_decode_options *o,
                                   struct slip_image_set *out, struct slip_error *err);

#endif
