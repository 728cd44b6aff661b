/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is freed together. */
#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

struct slip_arena_block {
    struct slip_arena_block *next;
    size_t used, size;
    alignas(max_align_t) char data[];
};

/* The first block is small, since many arenas hold a few words; each doubles what there is, up to a
 * bound. */
#ifdef SLIP_ARENA_DEBUG
static const size_t FIRST, BLOCK; /* none: every piece is a block */
#else
static const size_t FIRST = 1024 - sizeof(struct slip_arena_block);
static const size_t BLOCK = 8192 - sizeof(struct slip_arena_block);
#endif

void *slip_arena_alloc(struct slip_arena *a, size_t size)
{
    size_t step = alignof(max_align_t);
    size_t need = (size + step - 1) / step * step;
    struct slip_arena_block *b = a->head;
    if (!b || b->size - b->used < need || BLOCK == 0) {
        size_t least = FIRST, most = BLOCK;
        size_t block = a->used < least ? least : a->used < most ? a->used : most;
        size_t room = need > block ? need : block;
        if (BLOCK == 0)
            room = size; /* exact, so that one byte too far is seen */
        b = slip_alloc(sizeof(*b) + room);
        b->size = room;
        /* A piece of its own goes behind the block that still has room. */
        if (need > BLOCK && a->head) {
            b->next = a->head->next;
            a->head->next = b;
        } else {
            b->next = a->head;
            a->head = b;
        }
    }
    void *p = b->data + b->used;
    b->used += BLOCK == 0 ? size : need;
    a->used += need;
    return p;
}

void *slip_arena_array(struct slip_arena *a, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        total = SIZE_MAX / 2; /* fails in slip_alloc */
    return slip_arena_alloc(a, total);
}

char *slip_arena_strdup(struct slip_arena *a, struct slip_str s)
{
    char *copy = slip_arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

struct slip_str slip_arena_str(struct slip_arena *a, struct slip_str s)
{
    return (struct slip_str){ slip_arena_strdup(a, s), s.len };
}

char *slip_arena_printf(struct slip_arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = slip_arena_alloc(a, len < 0 ? 1 : (size_t)len + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

void slip_arena_clear(struct slip_arena *a)
{
    while (a->head) {
        struct slip_arena_block *next = a->head->next;
        slip_free(a->head);
        a->head = next;
    }
    a->used = 0;
}

void slip_arena_move(struct slip_arena *to, struct slip_arena *from)
{
    slip_arena_clear(to);
    *to = *from;
    *from = (struct slip_arena){ 0 };
}
