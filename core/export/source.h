/* SPDX-License-Identifier: Apache-2.0 */
/* Read images out of a store, in as few rounds as their nesting needs: many at once. */
#ifndef SLIP_EXPORT_SOURCE_H
#define SLIP_EXPORT_SOURCE_H

#include "export/rewrite.h"

struct slip_source_get {
    const char *identifier;    /* in: tag or digest */
    struct slip_source source; /* out: cleared by the caller; verified down to the configs */
    struct slip_error err;
};

/* -1 when any item failed; each item's err says why. An image that is not there is
 * SLIP_E_NOT_BUILT. */
SLIP_MUST_USE int slip_sources_get(struct slip_store *store, struct slip_source_get *items,
                                   size_t n);

#endif
