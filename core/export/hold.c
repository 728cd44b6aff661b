/* SPDX-License-Identifier: Apache-2.0 */
/* Hold repositories while their names are written. */
#include "export/hold.h"

#include "base/mem.h"

static int cmp_places(const void *a, const void *b)
{
    const struct slip_hold *const *x = a, *const *y = b;
    return strcmp((*x)->place, (*y)->place);
}

/* A lock that nobody asked for may be missing: the look before each name is there all the same. */
static void take(struct slip_locks *locks, struct slip_hold *item, const struct slip_watch *watch)
{
    if (slip_lock_acquire(locks, item->place, &item->lock, &item->err) == 0 || !locks->optional
        || item->err.kind == SLIP_E_TEMPORARY)
        return;
    locks->given_up = true;
    slip_watch_warn(watch, NULL,
                    "names are written without a lock against others on this machine: %s",
                    item->err.text);
    slip_error_clear(&item->err);
}

void slip_holds_take(struct slip_locks *locks, struct slip_hold *items, size_t n,
                     const struct slip_watch *watch)
{
    SLIP_AUTO_FREE struct slip_hold **sorted = slip_alloc_array(n + 1, sizeof(struct slip_hold *));
    if (!locks)
        return;
    for (size_t i = 0; i < n; i++) {
        items[i].place = slip_store_place(items[i].store);
        sorted[i] = &items[i];
    }
    qsort(sorted, n, sizeof(struct slip_hold *), cmp_places);
    for (size_t i = 0; i < n && !locks->given_up; i++) {
        if (i && strcmp(sorted[i]->place, sorted[i - 1]->place) == 0)
            sorted[i]->err = sorted[i - 1]->err; /* the same one by another path */
        else
            take(locks, sorted[i], watch);
    }
}

void slip_holds_release(struct slip_hold *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        slip_lock_release(slip_take(items[i].lock));
        slip_free(slip_take(items[i].place));
    }
}
