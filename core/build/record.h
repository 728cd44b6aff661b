/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in a stage repository: tags that say something by their name (registry-export.md 1.3).
 * Behind each stands an image with one empty layer, because there are registries that take no
 * image without layers. No two records share a digest: werf deletes by digest.
 */
#ifndef SLIP_BUILD_RECORD_H
#define SLIP_BUILD_RECORD_H

#include "registry/store.h"

struct slip_record {
    struct slip_registry *registry;
    struct slip_store *store; /* the stage repository */
    const struct slip_watch *watch;
    const char *tag;         /* "<digest>-<time>-rejected", "client-id-..." */
    struct slip_str project; /* for the label */
    int64_t now_ms;
};

SLIP_MUST_USE int slip_record_write(const struct slip_record *r, struct slip_error *err);

#endif
