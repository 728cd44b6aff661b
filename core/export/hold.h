/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The repositories whose names are being written are held meanwhile, each by one process of this
 * machine (hooks-and-ci.md section 7): what is looked at before a name is written is true until it
 * is. Processes elsewhere are met by that look alone.
 */
#ifndef SLIP_EXPORT_HOLD_H
#define SLIP_EXPORT_HOLD_H

#include "lock/lock.h"
#include "registry/store.h"

struct slip_hold {
    struct slip_store *store; /* in */
    char *place;              /* own: the repository in one form, whoever names it */
    struct slip_lock *lock;   /* NULL: it is not held */
    struct slip_error err;    /* out: somebody else holds it for too long, or we shall end */
};

/*
 * Hold all of them, in an order that is the same everywhere, so that no two processes wait for each
 * other. Where there can be no locks a warning says so and nothing is held. NULL `locks`: nothing
 * is held.
 */
void slip_holds_take(struct slip_locks *locks, struct slip_hold *items, size_t n,
                     const struct slip_watch *watch);

/* Give them back and free what they own. */
void slip_holds_release(struct slip_hold *items, size_t n);

#endif
