/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for one parsed document: many small pieces, freed together. In builds with sanitizers
 * (SLIP_ARENA_DEBUG) every piece is an allocation of its own, so that an overflow shows.
 */
#ifndef SLIP_BASE_ARENA_H
#define SLIP_BASE_ARENA_H

#include "base/str.h"

struct slip_arena_block;
struct slip_arena {
    struct slip_arena_block *head;
    size_t used; /* bytes handed out in all */
};

void *slip_arena_alloc(struct slip_arena *a, size_t size); /* zeroed, aligned for any type */
void *slip_arena_array(struct slip_arena *a, size_t n, size_t size);
char *slip_arena_strdup(struct slip_arena *a, struct slip_str s); /* NUL-terminated */
struct slip_str slip_arena_str(struct slip_arena *a, struct slip_str s);
char *slip_arena_printf(struct slip_arena *a, const char *fmt, ...) SLIP_PRINTF(2, 3);

void slip_arena_clear(struct slip_arena *a);
void slip_arena_move(struct slip_arena *to, struct slip_arena *from); /* `to` is cleared first */

#define slip_arena_new(a, type) ((type *)slip_arena_alloc(a, sizeof(type)))

SLIP_DEFINE_AUTO(slip_arena, slip_arena_clear);

#endif
