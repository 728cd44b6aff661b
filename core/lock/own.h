/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks between our own processes of one user on this machine: files that are held with flock, in a
 * private directory. What dies holds nothing; the files stay.
 */
#ifndef SLIP_LOCK_OWN_H
#define SLIP_LOCK_OWN_H

#include "lock/lock.h"

struct slip_own_locks {
    /* Where to keep them: the first that is, or can be made, a directory of this user alone.
     * NULL-terminated. */
    const char *const *dirs;
    unsigned tell_ms;  /* after so much waiting `watch` hears of it; 0: 3 s */
    unsigned limit_ms; /* after so much the lock is not had; 0: 5 minutes */
    const struct slip_watch *watch;
};

/*
 * Borrows what `o` points to. Nobody asks for these locks, so they are `optional`: that one is held
 * by somebody for too long, or that we shall end while we wait, is SLIP_E_TEMPORARY; another kind
 * says that there can be no locks here.
 */
struct slip_locks *slip_own_locks_new(const struct slip_own_locks *o);

#endif
