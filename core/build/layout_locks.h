/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks for a stage repository that is an image layout: its own, one for all stages, after those
 * that were asked for.
 */
#ifndef SLIP_BUILD_LAYOUT_LOCKS_H
#define SLIP_BUILD_LAYOUT_LOCKS_H

#include "lock/lock.h"
#include "registry/store.h"

/* `next` may be NULL, and is owned: its lock is taken first. `store` is borrowed. */
struct slip_locks *slip_layout_locks_new(struct slip_store *store, struct slip_locks *next,
                                         const struct slip_watch *watch);

#endif
