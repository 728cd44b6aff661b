/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stapel images by the digests of their stages, one stage after the other
 * (staged-and-stapel-digest.md 4.11): what core/digest/stapel.h wants to know is asked of the stage
 * repository, for many images at once.
 */
#ifndef SLIP_FLOW_WALK_H
#define SLIP_FLOW_WALK_H

#include "digest/stapel.h"
#include "flow/project.h"
#include "registry/stages.h"

struct slip_walk_item { /* one image on one platform */
    size_t image;       /* index in the set, one without an obstacle (slip_stapel_obstacle) */
    const char *platform;
    struct slip_str base_content;           /* see slip_stapel_request */
    const struct slip_str *import_contents; /* one per import, of those from images of the set */
    const struct slip_dependency_value *dependencies; /* one per dependency */
    /* out; cleared by the caller */
    struct slip_image_digest digest; /* of the stages up to the one that is not there */
    bool found;                      /* the last of them is there */
    struct slip_stage stage;         /* it, when found */
    struct slip_store *store;        /* where it was found; borrowed */
    struct slip_error err;           /* else: SLIP_E_NOT_BUILT, or why it cannot be told or asked */
};

/* A repository and its stages. */
struct slip_walk_place {
    struct slip_store *store;
    struct slip_stages *stages;
};

struct slip_walk {
    const struct slip_project *project;
    /* Where stages are looked for, each in the first place that has it; the first one, too, for the
     * records of imports. At least one. */
    const struct slip_walk_place *places;
    size_t n_places;
    const struct slip_stapel_switches *switches;
    /* What stands under the name of a base image now (fromLatest): the digest of its config, or of
     * the index. NULL: nobody can be asked. */
    int (*base_id)(void *payload, struct slip_str reference, char out[SLIP_DIGEST_LEN + 1],
                   struct slip_error *err);
    void *payload;
};

/* Each is tried; -1 when any is not found. The requests for a stage are made for all items
 * together. */
SLIP_MUST_USE int slip_walk_images(const struct slip_walk *w, struct slip_walk_item *items,
                                   size_t n);

#endif
