/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image at one commit: its digest on each platform, and whether the stage is there. For looking
 * through history: nothing is built, and what views have in common is worked out once.
 */
#ifndef SLIP_FLOW_VIEW_H
#define SLIP_FLOW_VIEW_H

#include "base/map.h"
#include "digest/digest.h"
#include "flow/project.h"
#include "registry/stages.h"

/* A stage that was looked for. */
struct slip_seen_stage {
    bool found;
    char tag[sizeof(((struct slip_stage *)0)->tag)];
    char digest[SLIP_DIGEST_LEN + 1], config_digest[SLIP_DIGEST_LEN + 1]; /* of the image */
};

/* What the views of one search share. All but `memo` and `seen` is borrowed. */
struct slip_viewer {
    struct slip_repo *repo;
    const struct slip_config_options *config;
    const char *image; /* its name */
    const char *const *platforms;
    size_t n_platforms;
    const char *host_platform;
    struct slip_store *store;   /* NULL: digests only */
    struct slip_stages *stages; /* of the store */
    struct slip_select_memo *memo;
    struct slip_map *seen; /* digest -> struct slip_seen_stage */
};

/* Fill in `memo` and `seen`, and take them away. */
void slip_viewer_begin(struct slip_viewer *v);
void slip_viewer_end(struct slip_viewer *v);

struct slip_view_platform {
    char *name; /* normalised */
    bool known; /* false: the digest rests on `waits_for`, which is not built */
    struct slip_str waits_for;
    struct slip_image_digest digest;
    const struct slip_seen_stage *stage; /* lives as long as the viewer; NULL: not looked for */
};

struct slip_view {
    struct slip_commit commit;
    struct slip_tree tree;
    struct slip_image_set set;
    struct slip_digester *digester; /* keeps alive what ingredients point to */
    const struct slip_image *image;
    struct slip_view_platform *at;
    size_t len;
};

/* Fails when werf.yaml cannot be read, when it has no such image, when a digest cannot be derived,
 * and when the store cannot be asked. */
SLIP_MUST_USE int slip_view_open(const struct slip_viewer *v, const struct slip_commit *c,
                                 struct slip_view *out, struct slip_error *err);
void slip_view_clear(struct slip_view *view);
SLIP_DEFINE_AUTO(slip_view, slip_view_clear);

/* NULL when the image has no such platform. */
const struct slip_view_platform *slip_view_platform(const struct slip_view *view, const char *name);

#endif
