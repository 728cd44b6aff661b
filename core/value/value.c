/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at value trees. */
#include "value/value.h"

#include "base/mem.h"
#include "value/number.h"

#include <inttypes.h>

void slip_doc_clear(struct slip_doc *doc)
{
    slip_arena_clear(&doc->arena);
    doc->root = NULL;
    doc->root_tag = NULL;
    doc->root_text = (struct slip_str){ NULL, 0 };
}

void slip_doc_move(struct slip_doc *to, struct slip_doc *from)
{
    slip_arena_move(&to->arena, &from->arena);
    to->root = slip_take(from->root);
    to->root_tag = slip_take(from->root_tag);
    to->root_text = from->root_text;
    from->root_text = (struct slip_str){ NULL, 0 };
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

struct slip_str slip_value_text(const struct slip_value *v, const char *key)
{
    const struct slip_value *member = slip_value_get(v, key);
    return member && member->type == SLIP_VALUE_STRING ? member->text : SLIP_STR("");
}

bool slip_value_to_double(const struct slip_value *v, double *out)
{
    switch (v->type) {
    case SLIP_VALUE_INT:
        *out = v->i == 0 && slip_str_starts(v->text, SLIP_STR("-")) ? -0.0 : (double)v->i;
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

/*
 * Go's fmt sorts keys of one type by value and keys of several types by type, in an order that its
 * linker decides; this is the one of the real programs (go-template.md section 5).
 */
static int compare_keys(const struct slip_value *a, const struct slip_value *b)
{
    static const int ranks[] = {
        [SLIP_VALUE_NULL] = 0, [SLIP_VALUE_STRING] = 1, [SLIP_VALUE_UINT] = 2,
        [SLIP_VALUE_INT] = 3,  [SLIP_VALUE_FLOAT] = 4,  [SLIP_VALUE_BOOL] = 5,
        [SLIP_VALUE_LIST] = 6, [SLIP_VALUE_MAP] = 6,
    };
    if (a->type != b->type)
        return ranks[a->type] - ranks[b->type];
    switch (a->type) {
    case SLIP_VALUE_STRING:
        return slip_str_cmp(a->text, b->text);
    case SLIP_VALUE_UINT:
        return (a->u > b->u) - (a->u < b->u);
    case SLIP_VALUE_INT:
        return (a->i > b->i) - (a->i < b->i);
    case SLIP_VALUE_FLOAT:
        return (a->f > b->f) - (a->f < b->f);
    case SLIP_VALUE_BOOL:
        return a->boolean - b->boolean;
    default:
        return 0;
    }
}

static int by_key_then_place(const void *a, const void *b)
{
    const struct slip_pair *x = *(struct slip_pair *const *)a, *y = *(struct slip_pair *const *)b;
    int c = compare_keys(x->key, y->key);
    return c ? c : (x > y) - (x < y);
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

static void print_map(const struct slip_value *v, struct slip_buf *out)
{
    struct slip_pair **sorted = slip_alloc_array(v->len + 1, sizeof(*sorted));
    for (size_t i = 0; i < v->len; i++)
        sorted[i] = &v->pairs[i];
    qsort(sorted, v->len, sizeof(*sorted), by_key_then_place);
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
