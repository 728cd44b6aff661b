/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that knows uthash. */
#include "base/map.h"

#include "base/mem.h"

/* uthash's own answer to a failed allocation is exit(); ours never fails. */
#define uthash_malloc(size) slip_alloc(size)
#define uthash_free(p, size) slip_free(p)
#include <uthash.h>

struct slip_map_entry {
    char *key;
    size_t len;
    void *value;
    UT_hash_handle hh;
};

struct slip_map {
    struct slip_map_entry *head;
    void (*free_value)(void *);
};

struct slip_map *slip_map_new(void (*free_value)(void *))
{
    struct slip_map *m = slip_new(struct slip_map);
    m->free_value = free_value;
    return m;
}

static void drop(struct slip_map *m, struct slip_map_entry *e)
{
    HASH_DEL(m->head, e);
    if (m->free_value)
        m->free_value(e->value);
    slip_free(e->key);
    slip_free(e);
}

void slip_map_free(struct slip_map *m)
{
    if (!m)
        return;
    struct slip_map_entry *e, *next;
    HASH_ITER(hh, m->head, e, next)
    drop(m, e);
    slip_free(m);
}

static struct slip_map_entry *find(const struct slip_map *m, struct slip_str key)
{
    struct slip_map_entry *e = NULL;
    if (m->head)
        HASH_FIND(hh, m->head, key.ptr, key.len, e);
    return e;
}

void *slip_map_get(const struct slip_map *m, struct slip_str key)
{
    struct slip_map_entry *e = find(m, key);
    return e ? e->value : NULL;
}

void slip_map_set(struct slip_map *m, struct slip_str key, void *value)
{
    struct slip_map_entry *e = find(m, key);
    if (e) {
        if (m->free_value && e->value != value)
            m->free_value(e->value);
        e->value = value;
        return;
    }
    e = slip_new(struct slip_map_entry);
    e->key = slip_memdup(key.ptr, key.len);
    e->len = key.len;
    e->value = value;
    HASH_ADD_KEYPTR(hh, m->head, e->key, e->len, e);
}

bool slip_map_remove(struct slip_map *m, struct slip_str key)
{
    struct slip_map_entry *e = find(m, key);
    if (e)
        drop(m, e);
    return e != NULL;
}

size_t slip_map_size(const struct slip_map *m)
{
    return HASH_COUNT(m->head);
}

struct slip_map_entry *slip_map_next(const struct slip_map *m, struct slip_map_entry *cursor)
{
    return cursor ? cursor->hh.next : m->head;
}

struct slip_str slip_map_key(const struct slip_map_entry *e)
{
    return (struct slip_str){ e->key, e->len };
}

void *slip_map_value(const struct slip_map_entry *e)
{
    return e->value;
}
