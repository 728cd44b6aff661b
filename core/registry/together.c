/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies of a batch go together. */
#include "registry/together.h"

#include "base/map.h"
#include "base/mem.h"

static bool is_http(const struct slip_store *s)
{
    return s && s->where.kind == SLIP_STORE_REGISTRY;
}

struct slip_str slip_place_of(const struct slip_store *s)
{
    return slip_str_of(is_http(s) ? s->where.registry : s->name);
}

/* The first index that was stored under this key: `i` itself when there is none. */
static size_t first_under(struct slip_map *seen, char *key, size_t i, const size_t *indexes)
{
    const size_t *first = slip_map_get(seen, slip_str_of(key));
    if (!first)
        slip_map_set(seen, slip_str_of(key), (void *)(uintptr_t)&indexes[i]);
    slip_free(key);
    return first ? *first : i;
}

/* Files are read once more at no cost, and inside one registry blobs are mounted. */
static bool may_share(const struct slip_blob_copy *item)
{
    return is_http(item->from) && is_http(item->to)
           && !slip_str_eq(slip_place_of(item->from), slip_place_of(item->to));
}

void slip_copies_arrange(const struct slip_blob_copy *items, size_t n, struct slip_together *out)
{
    SLIP_AUTO_FREE size_t *indexes = slip_alloc_array(n + 1, sizeof(*indexes));
    struct slip_map *groups = slip_map_new(NULL), *shares = slip_map_new(NULL);
    for (size_t i = 0; i < n; i++) {
        const struct slip_blob_copy *item = &items[i];
        indexes[i] = i;
        out[i] = (struct slip_together){ i, i };
        if (item->err.kind != SLIP_OK)
            continue;
        out[i].group = first_under(
            groups, slip_printf("%.*s %s", SLIP_ARG(slip_place_of(item->to)), item->digest), i,
            indexes);
        if (out[i].group != i)
            out[i].share = out[out[i].group].share;
        else if (may_share(item))
            out[i].share = first_under(shares, slip_printf("%s %s", item->from->name, item->digest),
                                       i, indexes);
    }
    slip_map_free(groups);
    slip_map_free(shares);
}
