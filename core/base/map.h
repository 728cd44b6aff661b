/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text -> pointer. Keys are copied; values are borrowed, or freed with `free_value` when that is
 * given. Iteration is in order of insertion; sort by hand where order matters.
 */
#ifndef SLIP_BASE_MAP_H
#define SLIP_BASE_MAP_H

#include "base/str.h"

struct slip_map;

struct slip_map *slip_map_new(void (*free_value)(void *));
void slip_map_free(struct slip_map *m); /* NULL is fine */

/* NULL when absent. */
void *slip_map_get(const struct slip_map *m, struct slip_str key);

/* Set or replace; a replaced value is freed when the map frees values. */
void slip_map_set(struct slip_map *m, struct slip_str key, void *value);

/* True when it was there. */
bool slip_map_remove(struct slip_map *m, struct slip_str key);

size_t slip_map_size(const struct slip_map *m);

/* The entry after `cursor` (NULL: the first), or NULL at the end. Do not change the map meanwhile.
 */
struct slip_map_entry;
struct slip_map_entry *slip_map_next(const struct slip_map *m, struct slip_map_entry *cursor);
struct slip_str slip_map_key(const struct slip_map_entry *e);
void *slip_map_value(const struct slip_map_entry *e);

SLIP_DEFINE_AUTO_PTR(slip_map, slip_map_free);

#endif
