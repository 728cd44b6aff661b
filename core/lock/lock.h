/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks by name, so that of all who want to publish one stage only one does so at a time
 * (registry-export.md 1.8). Where they are kept is behind a table of functions: files of this
 * machine, a lock server, an image layout.
 */
#ifndef SLIP_LOCK_LOCK_H
#define SLIP_LOCK_LOCK_H

#include "base/error.h"
#include "base/watch.h"

struct slip_lock; /* one that is held */

struct slip_lock_ops {
    int (*check)(struct slip_lock *l, struct slip_error *err);
    void (*release)(struct slip_lock *l);
};

struct slip_lock {
    const struct slip_lock_ops *ops;
};

struct slip_locks; /* where locks are kept */

struct slip_locks_ops {
    int (*acquire)(struct slip_locks *s, const char *name, struct slip_lock **out,
                   struct slip_error *err);
    void (*free)(struct slip_locks *s);
};

struct slip_locks {
    const struct slip_locks_ops *ops;
    bool optional; /* nobody asked for them: when they cannot be had, work goes on without */
    bool given_up; /* they could not be had, and are not asked for again */
};

/* Wait until the lock is ours. */
static inline SLIP_MUST_USE int slip_lock_acquire(struct slip_locks *s, const char *name,
                                                  struct slip_lock **out, struct slip_error *err)
{
    return s->ops->acquire(s, name, out, err);
}

/* -1 when it is ours no more: whatever rests on it must not be done. */
static inline SLIP_MUST_USE int slip_lock_check(struct slip_lock *l, struct slip_error *err)
{
    return l->ops->check(l, err);
}

/* Give it back. NULL is fine. */
static inline void slip_lock_release(struct slip_lock *l)
{
    if (l)
        l->ops->release(l);
}
SLIP_DEFINE_AUTO_PTR(slip_lock, slip_lock_release);

static inline void slip_locks_free(struct slip_locks *s) /* NULL is fine */
{
    if (s)
        s->ops->free(s);
}
SLIP_DEFINE_AUTO_PTR(slip_locks, slip_locks_free);

#endif
