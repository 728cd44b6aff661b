/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at value trees. */
#include "value/value.h"

#include "value/number.h"
#include "value/sort.h"

#include <inttypes.h>

void slip_doc_clear(struct slip_doc *doc)
{
    slip_arena_clear(&doc->arena);
    doc->root = NULL;
}

void slip_doc_move(struct slip_doc *to, struct slip_doc *from)
{
    slip_arena_move(&to->arena, &from->arena);
    to->root = slip_take(from->root);
}

struct slip_value *slip_value_get(const struct slip_value *v, const char *key)
{
    if (!v || v->type != SLIP_VALUE_MAP)
        return NULL;
    for (size_t i = v->len; i-- > 0;) {
        const struct slip_value *k = v->pairs[i].key;
        if (k->type == SLIP_VALUE_STRING && slip_str_is(k->text, key))
            return v->pairs[i].value;
    }
    return NULL;
}

bool slip_value_to_double(const struct slip_value *v, double *out)
{
    switch (v->type) {
    case SLIP_VALUE_INT:
        *out = (double)v->i;
        return true;
    case SLIP_VALUE_UINT:
        *out = (double)v->u;
        return true;
    case SLIP_VALUE_FLOAT:
        *out = v->f;
        return true;
    default:
        return false;
    }
}

const char *slip_value_type_name(const struct slip_value *v)
{
    static const char *const names[] = {
        [SLIP_VALUE_NULL] = "null",   [SLIP_VALUE_BOOL] = "bool",    [SLIP_VALUE_INT] = "number",
        [SLIP_VALUE_UINT] = "number", [SLIP_VALUE_FLOAT] = "number", [SLIP_VALUE_STRING] = "string",
        [SLIP_VALUE_LIST] = "list",   [SLIP_VALUE_MAP] = "map",
    };
    return names[v->type];
}

static int by_key_then_place(const void *a, const void *b)
{
    const struct slip_pair *x = *(struct slip_pair *const *)a, *y = *(struct slip_pair *const *)b;
    int c = slip_str_cmp(x->key->text, y->key->text);
    return c ? c : (x > y) - (x < y);
}

struct slip_pair **slip_pairs_sorted(const struct slip_value *map)
{
    struct slip_pair **sorted = slip_alloc_array(map->len + 1, sizeof(*sorted));
    for (size_t i = 0; i < map->len; i++)
        sorted[i] = &map->pairs[i];
    qsort(sorted, map->len, sizeof(*sorted), by_key_then_place);
    return sorted;
}

static void print_list(const struct slip_value *v, struct slip_buf *out)
{
    slip_buf_add_char(out, '[');
    for (size_t i = 0; i < v->len; i++) {
        if (i)
            slip_buf_add_char(out, ' ');
        slip_value_print_go(v->items[i], out);
    }
    slip_buf_add_char(out, ']');
}

/* Go sorts keys of mixed types by type first; the keys of werf's args are read as text. */
static void print_map(const struct slip_value *v, struct slip_buf *out)
{
    struct slip_pair **sorted = slip_pairs_sorted(v);
    slip_buf_add_c(out, "map[");
    for (size_t i = 0; i < v->len; i++) {
        if (i)
            slip_buf_add_char(out, ' ');
        slip_value_print_go(sorted[i]->key, out);
        slip_buf_add_char(out, ':');
        slip_value_print_go(sorted[i]->value, out);
    }
    slip_buf_add_char(out, ']');
    slip_free(sorted);
}

void slip_value_print_go(const struct slip_value *v, struct slip_buf *out)
{
    switch (v->type) {
    case SLIP_VALUE_NULL:
        slip_buf_add_c(out, "<nil>");
        break;
    case SLIP_VALUE_BOOL:
        slip_buf_add_c(out, v->boolean ? "true" : "false");
        break;
    case SLIP_VALUE_INT:
        slip_buf_add_fmt(out, "%" PRId64, v->i);
        break;
    case SLIP_VALUE_UINT:
        slip_buf_add_fmt(out, "%" PRIu64, v->u);
        break;
    case SLIP_VALUE_FLOAT:
        slip_float_print_go(v->f, out);
        break;
    case SLIP_VALUE_STRING:
        slip_buf_add_str(out, v->text);
        break;
    case SLIP_VALUE_LIST:
        print_list(v, out);
        break;
    case SLIP_VALUE_MAP:
        print_map(v, out);
        break;
    }
}
