/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of repositories, each listed once. */
#include "flow/listings.h"

#include "base/map.h"
#include "base/mem.h"

#define TAGS_MAX 2000000 /* names that are remembered of one repository */

struct listing {
    struct slip_store *store;
    struct slip_stages *stages; /* NULL until they are asked for */
    struct slip_map *tags;      /* NULL until they are asked for */
    struct slip_error err;      /* why they could not be listed */
};

struct slip_listings {
    struct slip_registry *registry;
    const struct slip_watch *watch;
    struct slip_map *by_repository; /* of struct listing */
};

static void listing_free(void *payload)
{
    struct listing *one = payload;
    slip_stages_free(one->stages);
    slip_map_free(one->tags);
    slip_store_free(one->store);
    slip_free(one);
}

struct slip_listings *slip_listings_new(struct slip_registry *registry,
                                        const struct slip_watch *watch)
{
    struct slip_listings *l = slip_new(struct slip_listings);
    l->registry = registry;
    l->watch = watch;
    l->by_repository = slip_map_new(listing_free);
    return l;
}

void slip_listings_free(struct slip_listings *l)
{
    if (!l)
        return;
    slip_map_free(l->by_repository);
    slip_free(l);
}

static int find(struct slip_listings *l, const struct slip_reference *where, struct listing **out,
                struct slip_error *err)
{
    SLIP_AUTO(slip_buf) key = SLIP_BUF(8192);
    slip_reference_print_repository(where, &key);
    *out = slip_map_get(l->by_repository, slip_buf_str(&key));
    if (*out)
        return 0;
    struct listing *one = slip_new(struct listing);
    if (slip_store_open(l->registry, where, &one->store, err) < 0) {
        listing_free(one);
        return -1;
    }
    slip_map_set(l->by_repository, slip_buf_str(&key), one);
    *out = one;
    return 0;
}

static int take_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct slip_map *tags = payload;
    if (slip_map_size(tags) == TAGS_MAX)
        return slip_fail(err, SLIP_E_REGISTRY, "too many tags");
    slip_map_set(tags, tag, tags);
    return 0;
}

int slip_listings_has(struct slip_listings *l, const struct slip_reference *name, bool *has,
                      struct slip_error *err)
{
    struct listing *one;
    if (find(l, name, &one, err) < 0)
        return -1;
    if (!one->tags) {
        one->tags = slip_map_new(NULL);
        if (one->store->ops->list_tags(one->store, take_tag, one->tags, &one->err) < 0)
            slip_while(&one->err, "%s", one->store->name);
    }
    if (one->err.kind) {
        *err = one->err;
        return -1;
    }
    *has = slip_map_get(one->tags, slip_str_of(name->identifier)) != NULL;
    return 0;
}

int slip_listings_stages(struct slip_listings *l, const struct slip_reference *where,
                         struct slip_stages **out, struct slip_error *err)
{
    struct listing *one;
    if (find(l, where, &one, err) < 0)
        return -1;
    if (!one->stages)
        one->stages = slip_stages_new(one->store, l->watch);
    *out = one->stages;
    return 0;
}
