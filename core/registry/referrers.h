/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does something hang on these manifests (signatures, attestations, lists of parts)? Asked of the
 * registry's own list (distribution-spec, "Listing Referrers"), beside other work: the calls run
 * with the next batch. The first answer says whether the registry has such a list; one that has
 * none is asked once. Whatever goes wrong means "not known", which is told as "no".
 */
#ifndef SLIP_REGISTRY_REFERRERS_H
#define SLIP_REGISTRY_REFERRERS_H

#include "registry/store.h"

struct slip_referrers;

/* `from` and the digests are borrowed. NULL when there is nothing to ask: for a layout, and for a
 * registry that is known to have no such list. */
struct slip_referrers *slip_referrers_begin(struct slip_store *from, const char *const *digests,
                                            size_t n);

/* Once the batch is done. */
bool slip_referrers_found(const struct slip_referrers *r, const char *digest);

void slip_referrers_free(struct slip_referrers *r); /* not while its calls run; NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_referrers, slip_referrers_free);

#endif
