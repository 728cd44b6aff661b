/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and texts from values of any type, as the functions of sprig take them. */
#include "tmpl/fn.h"
#include "tmpl/literal.h"

int64_t slip_tmpl_float_to_int64(double f)
{
    return f >= -0x1p63 && f < 0x1p63 ? (int64_t)f : INT64_MIN;
}

/* "12.00" is "12"; only zeros may follow the point. */
static struct slip_str without_zero_fraction(struct slip_str s)
{
    size_t i = s.len;
    while (i > 0 && s.ptr[i - 1] == '0')
        i--;
    bool cut = i > 0 && i < s.len && s.ptr[i - 1] == '.';
    return cut ? slip_str_first(s, i - 1) : s;
}

/* Of objects only time.Month and time.Weekday, whose kind is int, count as numbers. */
static bool object_number(const struct slip_tv *v, int64_t *out)
{
    if (!v->class->number || strcmp(v->class->kind, "int") != 0)
        return false;
    *out = v->class->number(v->object);
    return true;
}

int64_t slip_tmpl_int64(const struct slip_tv *v)
{
    int64_t i = 0;
    switch (v->type) {
    case SLIP_TV_BOOL:
        return v->b;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        return v->i;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        return (int64_t)v->u;
    case SLIP_TV_FLOAT:
        return slip_tmpl_float_to_int64(v->f);
    case SLIP_TV_STRING:
        return slip_literal_int(without_zero_fraction(v->s), 0, &i) == SLIP_LITERAL_GOOD ? i : 0;
    case SLIP_TV_OBJECT:
        return object_number(v, &i) ? i : 0;
    default:
        return 0;
    }
}

double slip_tmpl_float(const struct slip_tv *v)
{
    double f = 0;
    int64_t i = 0;
    switch (v->type) {
    case SLIP_TV_BOOL:
        return v->b;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        return (double)v->i;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        return (double)v->u;
    case SLIP_TV_FLOAT:
        return v->f;
    case SLIP_TV_STRING:
        return slip_literal_float(v->s, &f) == SLIP_LITERAL_GOOD ? f : 0;
    case SLIP_TV_OBJECT:
        return object_number(v, &i) ? (double)i : 0;
    default:
        return 0;
    }
}

int slip_tmpl_push(struct slip_tmpl_call *c, struct slip_tmpl_items *items, struct slip_tv v)
{
    if (slip_tmpl_room(c, items->len + 1, sizeof(v)) < 0) {
        slip_vec_clear(items);
        return -1;
    }
    slip_vec_push(items, v);
    return 0;
}

int slip_tmpl_give_list(struct slip_tmpl_call *c, enum slip_tv_type type,
                        struct slip_tmpl_items *items, size_t made, struct slip_tv *out)
{
    int rc = slip_tmpl_room(c, items->len + 1, sizeof(struct slip_tv));
    if (rc == 0) {
        struct slip_tv *at = slip_arena_array(c->arena, items->len, sizeof(*at));
        if (items->len)
            memcpy(at, items->at, items->len * sizeof(*at));
        *out = slip_tv_list_with_room(c->arena, type, at, items->len,
                                      slip_tmpl_capacity_of_each(type, made, items->len));
    }
    slip_vec_clear(items);
    return rc;
}

static int add_text(struct slip_tmpl_call *c, struct slip_tmpl_items *items,
                    const struct slip_tv *v)
{
    struct slip_str s;
    if (slip_tmpl_strval(c, v, &s) < 0)
        return -1;
    slip_vec_push(items, slip_tv_str(s));
    return 0;
}

int slip_tmpl_strings(struct slip_tmpl_call *c, const struct slip_tv *v, struct slip_tv *out)
{
    struct slip_tmpl_items items = { 0 };
    int rc = 0;
    if (v->type == SLIP_TV_STRINGS) {
        *out = *v;
        return 0;
    }
    if (slip_tv_is_list(v)) {
        for (size_t i = 0; rc == 0 && i < slip_tv_list_len(v); i++)
            if (!slip_tv_is_nil(&v->list->at[i]))
                rc = add_text(c, &items, &v->list->at[i]);
    } else if (!slip_tv_is_nil(v)) {
        rc = add_text(c, &items, v);
    }
    if (rc < 0) {
        slip_vec_clear(&items);
        return -1;
    }
    size_t made = slip_tv_is_list(v) ? slip_tv_list_len(v) : items.len;
    return slip_tmpl_give_list(c, SLIP_TV_STRINGS, &items, made, out);
}
