/* SPDX-License-Identifier: Apache-2.0 */
/* What was read, by identifier. */
#include "registry/stored_memo.h"

#include "base/map.h"
#include "base/mem.h"

struct slip_stored_memo {
    struct slip_map *by_identifier; /* of struct slip_stored */
    size_t size;                    /* bytes of them */
};

static void stored_free(void *payload)
{
    slip_stored_clear(payload);
    slip_free(payload);
}

struct slip_stored_memo *slip_stored_memo_new(void)
{
    struct slip_stored_memo *m = slip_new(struct slip_stored_memo);
    m->by_identifier = slip_map_new(stored_free);
    return m;
}

void slip_stored_memo_free(struct slip_stored_memo *m)
{
    if (!m)
        return;
    slip_map_free(m->by_identifier);
    slip_free(m);
}

static bool recall(const struct slip_stored_memo *m, struct slip_stored_get *item)
{
    const struct slip_stored *known = slip_map_get(m->by_identifier, slip_str_of(item->identifier));
    if (known)
        slip_stored_copy(known, &item->source);
    return known;
}

static void keep(struct slip_stored_memo *m, const struct slip_stored_get *item)
{
    size_t size = item->source.manifest.len + item->source.config.len;
    if (item->err.kind || size > SLIP_STORED_MEMO_MAX - m->size)
        return;
    struct slip_stored *copy = slip_new(struct slip_stored);
    slip_stored_copy(&item->source, copy);
    slip_map_set(m->by_identifier, slip_str_of(item->identifier), copy);
    m->size += size;
}

static void copy(const struct slip_stored_get *from, struct slip_stored_get *to)
{
    to->broken = from->broken;
    to->err = from->err;
    if (!from->err.kind)
        slip_stored_copy(&from->source, &to->source);
}

int slip_stored_memo_read(struct slip_stored_memo *m, struct slip_store *store,
                          struct slip_stored_get *items, size_t n)
{
    struct slip_stored_get *fresh = slip_alloc_array(n + 1, sizeof(*fresh));
    SLIP_AUTO_FREE struct slip_stored_get **of = slip_alloc_array(n + 1, sizeof(*of));
    SLIP_AUTO_PTR(slip_map) places = slip_map_new(NULL); /* identifier -> in `fresh` */
    size_t n_fresh = 0;
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        struct slip_str identifier = slip_str_of(items[i].identifier);
        of[i] = slip_map_get(places, identifier);
        if (of[i] || recall(m, &items[i]))
            continue;
        of[i] = &fresh[n_fresh++];
        of[i]->identifier = items[i].identifier;
        slip_map_set(places, identifier, of[i]);
    }
    (void)!slip_stored_read(store, fresh, n_fresh); /* told by the items */
    for (size_t i = 0; i < n; i++) {
        if (of[i])
            copy(of[i], &items[i]);
        if (items[i].err.kind)
            rc = -1;
    }
    for (size_t i = 0; i < n_fresh; i++) {
        keep(m, &fresh[i]);
        slip_stored_clear(&fresh[i].source);
    }
    slip_free(fresh);
    return rc;
}
