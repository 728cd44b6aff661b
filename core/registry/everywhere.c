/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches over several stores. Items of registries, which share one event loop, go together; those
 * of a layout go with the others of that layout.
 */
#include "base/mem.h"
#include "registry/store.h"

/* What is the same for both kinds of items. */
struct kind {
    size_t size;
    struct slip_store *(*store_of)(const void *item);
    int (*run)(struct slip_store *s, void *batch, size_t n);
};

static bool go_together(const struct slip_store *a, const struct slip_store *b)
{
    return a == b
           || (a->ops == b->ops && a->where.kind == SLIP_STORE_REGISTRY
               && b->where.kind == SLIP_STORE_REGISTRY);
}

/* Run the item at `first` and all that go with it; the results come back to their places. */
static int run_group(const struct kind *k, char *items, size_t n, size_t first, bool *done)
{
    SLIP_AUTO_FREE char *batch = slip_alloc_array(n, k->size);
    SLIP_AUTO_FREE size_t *places = slip_alloc_array(n, sizeof(*places));
    struct slip_store *store = k->store_of(items + first * k->size);
    size_t len = 0;
    for (size_t i = first; i < n; i++) {
        if (done[i] || !go_together(store, k->store_of(items + i * k->size)))
            continue;
        done[i] = true;
        places[len] = i;
        memcpy(batch + len++ * k->size, items + i * k->size, k->size);
    }
    int result = k->run(store, batch, len);
    for (size_t i = 0; i < len; i++)
        memcpy(items + places[i] * k->size, batch + i * k->size, k->size);
    return result;
}

static bool all_go_together(const struct kind *k, const char *items, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (!go_together(k->store_of(items), k->store_of(items + i * k->size)))
            return false;
    return n > 0;
}

static int run_everywhere(const struct kind *k, void *items, size_t n)
{
    if (all_go_together(k, items, n))
        return k->run(k->store_of(items), items, n);
    SLIP_AUTO_FREE bool *done = slip_alloc_array(n, sizeof(*done));
    int result = 0;
    for (size_t i = 0; i < n; i++)
        if (!done[i] && run_group(k, items, n, i, done) < 0)
            result = -1;
    return result;
}

static struct slip_store *store_of_head(const void *item)
{
    return ((const struct slip_manifest_head *)item)->store;
}

static int run_heads(struct slip_store *s, void *batch, size_t n)
{
    return s->ops->head_manifests(s, batch, n);
}

int slip_heads_everywhere(struct slip_manifest_head *items, size_t n)
{
    static const struct kind heads = { sizeof(*items), store_of_head, run_heads };
    return run_everywhere(&heads, items, n);
}

static struct slip_store *store_of_put(const void *item)
{
    return ((const struct slip_manifest_put *)item)->store;
}

static int run_puts(struct slip_store *s, void *batch, size_t n)
{
    return s->ops->put_manifests(s, batch, n);
}

int slip_puts_everywhere(struct slip_manifest_put *items, size_t n)
{
    static const struct kind puts_kind = { sizeof(*items), store_of_put, run_puts };
    return run_everywhere(&puts_kind, items, n);
}
