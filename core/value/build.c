/* SPDX-License-Identifier: Apache-2.0 */
/* Trees from a stream of nodes. */
#include "value/build.h"

void slip_value_build_clear(struct slip_value_build *b)
{
    slip_vec_clear(&b->stack);
    slip_vec_clear(&b->frames);
}

struct slip_value *slip_value_build_new(struct slip_value_build *b, enum slip_value_type type,
                                        unsigned line, unsigned col)
{
    if (b->nodes >= b->max_nodes)
        return NULL;
    b->nodes++;
    struct slip_value *v = slip_arena_new(b->arena, struct slip_value);
    v->type = type;
    v->line = line;
    v->col = col;
    return v;
}

void slip_value_build_add(struct slip_value_build *b, struct slip_value *v)
{
    if (b->frames.len == 0) {
        if (!b->root)
            b->root = v;
        return;
    }
    slip_vec_push(&b->stack, v);
}

void slip_value_build_open(struct slip_value_build *b, struct slip_value *container)
{
    struct slip_value_frame frame = { container, b->stack.len };
    slip_vec_push(&b->frames, frame);
}

static void close_list(struct slip_value_build *b, struct slip_value *list, size_t start)
{
    list->len = b->stack.len - start;
    if (list->len == 0)
        return;
    list->items = slip_arena_array(b->arena, list->len, sizeof(*list->items));
    memcpy(list->items, b->stack.at + start, list->len * sizeof(*list->items));
}

static void close_map(struct slip_value_build *b, struct slip_value *map, size_t start)
{
    map->len = (b->stack.len - start) / 2;
    if (map->len == 0)
        return;
    map->pairs = slip_arena_array(b->arena, map->len, sizeof(*map->pairs));
    for (size_t i = 0; i < map->len; i++) {
        map->pairs[i].key = b->stack.at[start + 2 * i];
        map->pairs[i].value = b->stack.at[start + 2 * i + 1];
    }
}

struct slip_value *slip_value_build_close(struct slip_value_build *b)
{
    struct slip_value_frame frame = b->frames.at[--b->frames.len];
    if (frame.container->type == SLIP_VALUE_MAP)
        close_map(b, frame.container, frame.start);
    else
        close_list(b, frame.container, frame.start);
    b->stack.len = frame.start;
    slip_value_build_add(b, frame.container);
    return frame.container;
}
