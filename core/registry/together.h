/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies of a batch go together; pure. Inside for registry/copy.c. */
#ifndef SLIP_REGISTRY_TOGETHER_H
#define SLIP_REGISTRY_TOGETHER_H

#include "registry/copy.h"

/* Where a mount can reach: a registry, or one layout. */
struct slip_str slip_place_of(const struct slip_store *s);

/* Both name an item by its index: the first one of those that belong together. */
struct slip_together {
    size_t group; /* the same blob for the same place: it is moved once, then mounted */
    size_t share; /* groups that may be read once: out of one repository into other registries */
};

/* For each item without an error; `out` has `n` places. */
void slip_copies_arrange(const struct slip_blob_copy *items, size_t n, struct slip_together *out);

#endif
