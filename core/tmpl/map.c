/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps of template values: the entries in order of insertion, and above a few entries a table of
 * positions (open addressing, position + 1, 0 is free) that is made anew when it grows or when an
 * entry is removed.
 */
#include "tmpl/value.h"

#include <stdlib.h>

#define SMALL 8 /* entries that are searched one by one */

struct slip_tv_map {
    struct slip_tv_entry *at;
    size_t len, cap;
    uint32_t *slots;
    size_t n_slots; /* a power of two */
    struct slip_arena *arena;
};

struct slip_tv_map *slip_tv_map_new(struct slip_arena *a)
{
    struct slip_tv_map *m = slip_arena_new(a, struct slip_tv_map);
    m->arena = a;
    return m;
}

size_t slip_tv_map_len(const struct slip_tv_map *m)
{
    return m ? m->len : 0;
}

const struct slip_tv_entry *slip_tv_map_entries(const struct slip_tv_map *m)
{
    return m ? m->at : NULL;
}

uint32_t slip_tmpl_hash(const void *data, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ ((const unsigned char *)data)[i]) * 16777619u;
    return h;
}

static uint32_t hash(const struct slip_tv *key)
{
    switch (key->type) {
    case SLIP_TV_STRING:
        return slip_tmpl_hash(key->s.ptr, key->s.len);
    case SLIP_TV_BOOL:
        return key->b;
    case SLIP_TV_FLOAT:
        return key->f == 0 ? 0 : slip_tmpl_hash(&key->f, sizeof(key->f));
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
    case SLIP_TV_UINT64:
        return slip_tmpl_hash(&key->u, sizeof(key->u));
    default:
        return 1;
    }
}

static bool same_key(const struct slip_tv *a, const struct slip_tv *b)
{
    return a->type == b->type && slip_tv_deep_equal(a, b);
}

/* The position of a key, or SLIP_NPOS. */
static size_t find(const struct slip_tv_map *m, const struct slip_tv *key)
{
    if (!m->slots) {
        for (size_t i = 0; i < m->len; i++)
            if (same_key(&m->at[i].key, key))
                return i;
        return SLIP_NPOS;
    }
    size_t mask = m->n_slots - 1;
    for (size_t s = hash(key) & mask; m->slots[s]; s = (s + 1) & mask)
        if (same_key(&m->at[m->slots[s] - 1].key, key))
            return m->slots[s] - 1;
    return SLIP_NPOS;
}

static void put_slot(struct slip_tv_map *m, size_t position)
{
    size_t mask = m->n_slots - 1;
    size_t s = hash(&m->at[position].key) & mask;
    while (m->slots[s])
        s = (s + 1) & mask;
    m->slots[s] = (uint32_t)position + 1;
}

static void fill_slots(struct slip_tv_map *m)
{
    memset(m->slots, 0, m->n_slots * sizeof(*m->slots));
    for (size_t i = 0; i < m->len; i++)
        put_slot(m, i);
}

static void grow(struct slip_tv_map *m)
{
    struct slip_arena *a = m->arena;
    size_t cap = m->cap ? m->cap * 2 : SMALL;
    struct slip_tv_entry *at = slip_arena_array(a, cap, sizeof(*at));
    if (m->len)
        memcpy(at, m->at, m->len * sizeof(*at));
    m->at = at;
    m->cap = cap;
    if (cap > SMALL) {
        m->n_slots = cap * 2;
        m->slots = slip_arena_array(a, m->n_slots, sizeof(*m->slots));
        fill_slots(m);
    }
}

struct slip_tv *slip_tv_map_get(const struct slip_tv_map *m, const struct slip_tv *key)
{
    size_t i = m ? find(m, key) : SLIP_NPOS;
    return i == SLIP_NPOS ? NULL : &m->at[i].value;
}

struct slip_tv *slip_tv_map_get_str(const struct slip_tv_map *m, struct slip_str key)
{
    struct slip_tv k = slip_tv_str(key);
    return slip_tv_map_get(m, &k);
}

void slip_tv_map_set(struct slip_tv_map *m, const struct slip_tv *key, const struct slip_tv *value)
{
    size_t i = find(m, key);
    if (i == SLIP_NPOS) {
        if (m->len == m->cap)
            grow(m);
        i = m->len++;
        m->at[i].key = *key;
        m->at[i].key.boxed = false;
        if (m->slots)
            put_slot(m, i);
    }
    m->at[i].value = *value;
    m->at[i].value.boxed = false;
}

void slip_tv_map_set_str(struct slip_tv_map *m, struct slip_str key, struct slip_tv value)
{
    struct slip_tv k = slip_tv_str(key);
    slip_tv_map_set(m, &k, &value);
}

void slip_tv_map_remove(struct slip_tv_map *m, const struct slip_tv *key)
{
    size_t i = m ? find(m, key) : SLIP_NPOS;
    if (i == SLIP_NPOS)
        return;
    m->len--;
    memmove(&m->at[i], &m->at[i + 1], (m->len - i) * sizeof(*m->at));
    if (m->slots)
        fill_slots(m);
}

static int compare_entries(const void *a, const void *b)
{
    return slip_tv_key_cmp(&((const struct slip_tv_entry *)a)->key,
                           &((const struct slip_tv_entry *)b)->key);
}

struct slip_tv_entry *slip_tv_map_sorted(struct slip_arena *a, const struct slip_tv_map *m)
{
    size_t n = slip_tv_map_len(m);
    struct slip_tv_entry *copy = slip_arena_array(a, n, sizeof(*copy));
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        copy[i] = m->at[i];
        sorted = sorted && (i == 0 || compare_entries(&copy[i - 1], &copy[i]) < 0);
    }
    if (!sorted)
        qsort(copy, n, sizeof(*copy), compare_entries);
    return copy;
}
