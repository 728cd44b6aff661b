/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What many releases of one run have in common: the tags of each repository, listed once. For
 * looking only: who writes must look again.
 */
#ifndef SLIP_FLOW_LISTINGS_H
#define SLIP_FLOW_LISTINGS_H

#include "registry/stages.h"

struct slip_listings;

/* `registry` and `watch` are borrowed. No request yet. */
struct slip_listings *slip_listings_new(struct slip_registry *registry,
                                        const struct slip_watch *watch);
void slip_listings_free(struct slip_listings *l);
SLIP_DEFINE_AUTO_PTR(slip_listings, slip_listings_free);

/* Is there this tag? A repository that could not be listed gives the same error every time. */
SLIP_MUST_USE int slip_listings_has(struct slip_listings *l, const struct slip_reference *name,
                                    bool *has, struct slip_error *err);

/* The stages of a stage repository; they live as long as `l`. */
SLIP_MUST_USE int slip_listings_stages(struct slip_listings *l, const struct slip_reference *where,
                                       struct slip_stages **out, struct slip_error *err);

#endif
