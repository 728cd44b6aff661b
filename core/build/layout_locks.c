/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of an image layout. */
#include "build/layout_locks.h"

#include "base/file.h"
#include "base/mem.h"
#include "registry/layout.h"

struct layout_locks {
    struct slip_locks base;
    struct slip_store *store;
    struct slip_locks *next;
    const struct slip_watch *watch;
};

struct layout_lock {
    struct slip_lock base;
    struct slip_lock *next; /* or NULL */
    int fd;
};

static int check(struct slip_lock *l, struct slip_error *err)
{
    struct layout_lock *lock = (struct layout_lock *)l;
    return lock->next ? slip_lock_check(lock->next, err) : 0;
}

static void release(struct slip_lock *l)
{
    struct layout_lock *lock = (struct layout_lock *)l;
    close(lock->fd);
    slip_lock_release(lock->next);
    slip_free(lock);
}

/* A lock that nobody asked for may be missing: ours is there all the same. */
static int acquire_next(const struct layout_locks *locks, const char *name, struct slip_lock **out,
                        struct slip_error *err)
{
    if (!locks->next || slip_lock_acquire(locks->next, name, out, err) == 0)
        return 0;
    if (!locks->next->optional || err->kind != SLIP_E_TEMPORARY)
        return -1;
    slip_watch_warn(locks->watch, name, "published under the layout's own lock alone: %s",
                    err->text);
    slip_error_clear(err);
    return 0;
}

static int acquire(struct slip_locks *s, const char *name, struct slip_lock **out,
                   struct slip_error *err)
{
    static const struct slip_lock_ops ops = { .check = check, .release = release };
    struct layout_locks *locks = (struct layout_locks *)s;
    SLIP_AUTO_PTR(slip_lock) next = NULL;
    int fd;
    if (acquire_next(locks, name, &next, err) < 0
        || slip_layout_claim(locks->store, locks->watch, &fd, err) < 0)
        return -1;
    struct layout_lock *lock = slip_new(struct layout_lock);
    *lock = (struct layout_lock){ .base.ops = &ops, .next = slip_take(next), .fd = fd };
    *out = &lock->base;
    return 0;
}

static void free_locks(struct slip_locks *s)
{
    slip_locks_free(((struct layout_locks *)s)->next);
    slip_free(s);
}

struct slip_locks *slip_layout_locks_new(struct slip_store *store, struct slip_locks *next,
                                         const struct slip_watch *watch)
{
    static const struct slip_locks_ops ops = { .acquire = acquire, .free = free_locks };
    struct layout_locks *locks = slip_new(struct layout_locks);
    *locks =
        (struct layout_locks){ .base.ops = &ops, .store = store, .next = next, .watch = watch };
    return &locks->base;
}
