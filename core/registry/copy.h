/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Move blobs: from store to store, or from memory into a store. A batch runs on one event loop with
 * a bound per host; bytes are streamed from source to destination, never kept; digests are checked
 * on the way.
 */
#ifndef SLIP_REGISTRY_COPY_H
#define SLIP_REGISTRY_COPY_H

#include "registry/store.h"

enum slip_blob_outcome {
    SLIP_BLOB_PRESENT, /* was there already */
    SLIP_BLOB_MOUNTED, /* the registry took it from another of its repositories */
    SLIP_BLOB_SENT,
};

struct slip_blob_copy {
    struct slip_store *from; /* NULL: the content is `data` */
    struct slip_store *to;
    const char *digest;
    uint64_t size;
    struct slip_str data;
    bool force;          /* a registry that says it has it is not believed: it is sent */
    const char *subject; /* for progress: an image or reference; may be NULL */
    /* out */
    enum slip_blob_outcome outcome;
    uint64_t bytes_sent;
    bool absent; /* with err: the source does not have it */
    struct slip_error err;
};

/* -1 when any item failed; each item's err says why. The same digest to the same place may stand in
 * the batch more than once and is moved once. */
SLIP_MUST_USE int slip_blobs_copy(struct slip_registry *r, struct slip_blob_copy *items, size_t n,
                                  const struct slip_watch *watch);

#endif
