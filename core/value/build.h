/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a tree together from a stream of nodes; inside this room only. */
#ifndef SLIP_VALUE_BUILD_H
#define SLIP_VALUE_BUILD_H

#include "base/vec.h"
#include "value/value.h"

/*
 * Nodes of all open lists and maps stand on one stack; a container takes its part when it closes.
 * Of a map the stack holds key, value, key, value ...
 */
struct slip_value_build {
    struct slip_arena *arena;
    struct slip_value *root; /* the first node added outside of any container */
    size_t nodes, max_nodes;
    struct {
        SLIP_VEC(struct slip_value *);
    } stack;
    struct {
        SLIP_VEC(struct slip_value_frame {
            struct slip_value *container;
            size_t start;
        });
    } frames;
};

void slip_value_build_clear(struct slip_value_build *b);
SLIP_DEFINE_AUTO(slip_value_build, slip_value_build_clear);

/* A node of the arena, counted; NULL when there are too many. */
struct slip_value *slip_value_build_new(struct slip_value_build *b, enum slip_value_type type,
                                        unsigned line, unsigned col);

/* Add a finished node; begin a list or map; finish the innermost one and give it. */
void slip_value_build_add(struct slip_value_build *b, struct slip_value *v);
void slip_value_build_open(struct slip_value_build *b, struct slip_value *container);
struct slip_value *slip_value_build_close(struct slip_value_build *b);

/* The innermost open container, or NULL. */
static inline struct slip_value_frame *slip_value_build_top(struct slip_value_build *b)
{
    return b->frames.len ? &b->frames.at[b->frames.len - 1] : NULL;
}

#endif
