/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May we write there? Asked once per destination before anything slow happens, so that missing
 * rights are told together and before a build, not one by one after it.
 *
 * In a registry an upload is started; the first blob that is written there uses it, so the question
 * costs no request. What is not used is cancelled when the store is freed.
 */
#ifndef SLIP_REGISTRY_PERMIT_H
#define SLIP_REGISTRY_PERMIT_H

#include "registry/store.h"

struct slip_permit {
    struct slip_store *to; /* each store once */
    struct slip_error err; /* out: why not, with what was asked for, granted, and the usual cause */
};

/* -1 when any of them is refused; all are asked, at the same time. One that said yes before is not
 * asked again. */
SLIP_MUST_USE int slip_permits_ask(struct slip_registry *r, struct slip_permit *items, size_t n);

/* All refusals as one error: the only one as it is, several in one text, each with its cause. Items
 * may have been refused by others than slip_permits_ask. */
void slip_permits_refusal(const struct slip_permit *items, size_t n, struct slip_error *err);

#endif
