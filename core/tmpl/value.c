/* SPDX-License-Identifier: Apache-2.0 */
/* Types, truth, equality and order of template values. */
#include "tmpl/value.h"

#include "tmpl/limits.h"

static const struct {
    const char *type, *kind;
} types[SLIP_TV_TYPES] = {
    [SLIP_TV_INVALID] = { "<nil>", "invalid" },
    [SLIP_TV_BOOL] = { "bool", "bool" },
    [SLIP_TV_INT] = { "int", "int" },
    [SLIP_TV_INT64] = { "int64", "int64" },
    [SLIP_TV_UINT8] = { "uint8", "uint8" },
    [SLIP_TV_UINT32] = { "uint32", "uint32" },
    [SLIP_TV_UINT64] = { "uint64", "uint64" },
    [SLIP_TV_FLOAT] = { "float64", "float64" },
    [SLIP_TV_COMPLEX] = { "complex128", "complex128" },
    [SLIP_TV_STRING] = { "string", "string" },
    [SLIP_TV_LIST] = { "[]interface {}", "slice" },
    [SLIP_TV_STRINGS] = { "[]string", "slice" },
    [SLIP_TV_INTS] = { "[]int", "slice" },
    [SLIP_TV_LISTS] = { "[][]interface {}", "slice" },
    [SLIP_TV_DICT] = { "map[string]interface {}", "map" },
    [SLIP_TV_ANY_MAP] = { "map[interface {}]interface {}", "map" },
    [SLIP_TV_STRING_MAP] = { "map[string]string", "map" },
    [SLIP_TV_OBJECT] = { "struct {}", "struct" }, /* not used: the class has the names */
};

const char *slip_tv_name_of_type(enum slip_tv_type type)
{
    return types[type].type;
}

const char *slip_tv_type_name(const struct slip_tv *v)
{
    return v->type == SLIP_TV_OBJECT ? v->class->type : types[v->type].type;
}

const char *slip_tv_kind_name(const struct slip_tv *v)
{
    return v->type == SLIP_TV_OBJECT ? v->class->kind : types[v->type].kind;
}

const char *slip_tv_elem_name(const struct slip_tv *v)
{
    return v->type == SLIP_TV_OBJECT && v->class->elem ? v->class->elem : slip_tv_type_name(v);
}

struct slip_tv slip_tv_list(struct slip_arena *a, enum slip_tv_type type, const struct slip_tv *at,
                            size_t len)
{
    return slip_tv_list_with_room(a, type, at, len, len);
}

struct slip_tv slip_tv_list_with_room(struct slip_arena *a, enum slip_tv_type type,
                                      const struct slip_tv *at, size_t len, size_t capacity)
{
    struct slip_tv_list *list = slip_arena_new(a, struct slip_tv_list);
    *list = (struct slip_tv_list){ .len = len, .at = at, .held = len, .capacity = capacity };
    return (struct slip_tv){ .type = type, .list = list };
}

/* The zero value of an element: nil, "", 0. */
static struct slip_tv zero_element(enum slip_tv_type list)
{
    return list == SLIP_TV_STRINGS ? slip_tv_str(SLIP_STR(""))
           : list == SLIP_TV_INTS  ? slip_tv_int(0)
           : list == SLIP_TV_LISTS ? slip_tv_null_of(SLIP_TV_LIST)
                                   : slip_tv_nil();
}

/* A copy of the elements from `start` on that reaches to `end`. */
static const struct slip_tv *with_zeros(struct slip_arena *a, const struct slip_tv *v, size_t start,
                                        size_t end)
{
    struct slip_tv *at = slip_arena_array(a, end - start, sizeof(*at));
    for (size_t i = start; i < end; i++)
        at[i - start] = i < v->list->held ? v->list->at[i] : zero_element(v->type);
    return at;
}

struct slip_tv slip_tv_list_part(struct slip_arena *a, const struct slip_tv *v, size_t start,
                                 size_t end)
{
    const struct slip_tv_list *whole = v->list;
    struct slip_tv_list *part = slip_arena_new(a, struct slip_tv_list);
    bool beyond = end > whole->held;
    part->at = beyond ? with_zeros(a, v, start, end) : whole->at + start;
    part->len = end - start;
    part->held = beyond ? part->len : whole->held - start;
    part->capacity = whole->capacity - start;
    return (struct slip_tv){ .type = v->type, .list = part };
}

bool slip_tv_truth(const struct slip_tv *v)
{
    switch (v->type) {
    case SLIP_TV_INVALID:
        return false;
    case SLIP_TV_BOOL:
        return v->b;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        return v->i != 0;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        return v->u != 0;
    case SLIP_TV_FLOAT:
        return v->f != 0;
    case SLIP_TV_COMPLEX:
        return v->c.re != 0 || v->c.im != 0;
    case SLIP_TV_STRING:
        return v->s.len > 0;
    case SLIP_TV_LIST:
    case SLIP_TV_STRINGS:
    case SLIP_TV_INTS:
    case SLIP_TV_LISTS:
        return slip_tv_list_len(v) > 0;
    case SLIP_TV_DICT:
    case SLIP_TV_ANY_MAP:
    case SLIP_TV_STRING_MAP:
        return slip_tv_map_len(v->map) > 0;
    case SLIP_TV_OBJECT:
    case SLIP_TV_TYPES:
        break;
    }
    return !v->class->number || v->class->number(v->object) != 0;
}

/* ---- equality ---- */

static bool scalars_equal(const struct slip_tv *a, const struct slip_tv *b)
{
    switch (a->type) {
    case SLIP_TV_INVALID:
        return true;
    case SLIP_TV_BOOL:
        return a->b == b->b;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        return a->i == b->i;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        return a->u == b->u;
    case SLIP_TV_FLOAT:
        return a->f == b->f;
    case SLIP_TV_COMPLEX:
        return a->c.re == b->c.re && a->c.im == b->c.im;
    case SLIP_TV_STRING:
        return slip_str_eq(a->s, b->s);
    default:
        return false;
    }
}

static bool deep_equal(const struct slip_tv *a, const struct slip_tv *b, unsigned depth,
                       uint64_t *steps);

static bool lists_equal(const struct slip_tv *a, const struct slip_tv *b, unsigned depth,
                        uint64_t *steps)
{
    if (a->list == b->list)
        return true;
    if (!a->list || !b->list || a->list->len != b->list->len)
        return false;
    for (size_t i = 0; i < a->list->len; i++)
        if (!deep_equal(&a->list->at[i], &b->list->at[i], depth, steps))
            return false;
    return true;
}

static bool maps_equal(const struct slip_tv *a, const struct slip_tv *b, unsigned depth,
                       uint64_t *steps)
{
    if (a->map == b->map)
        return true;
    if (!a->map || !b->map || slip_tv_map_len(a->map) != slip_tv_map_len(b->map))
        return false;
    const struct slip_tv_entry *e = slip_tv_map_entries(a->map);
    for (size_t i = 0; i < slip_tv_map_len(a->map); i++) {
        const struct slip_tv *other = slip_tv_map_get(b->map, &e[i].key);
        if (!other || !deep_equal(&e[i].value, other, depth, steps))
            return false;
    }
    return true;
}

static bool deep_equal(const struct slip_tv *a, const struct slip_tv *b, unsigned depth,
                       uint64_t *steps)
{
    if (a->type != b->type || depth > SLIP_TMPL_LIMIT_VALUE_DEPTH
        || ++*steps > SLIP_TMPL_LIMIT_STEPS)
        return false;
    if (slip_tv_is_list(a))
        return lists_equal(a, b, depth + 1, steps);
    if (slip_tv_is_map(a))
        return maps_equal(a, b, depth + 1, steps);
    if (a->type != SLIP_TV_OBJECT)
        return scalars_equal(a, b);
    if (a->class != b->class)
        return false;
    return a->object == b->object || (a->class->equal && a->class->equal(a->object, b->object));
}

bool slip_tv_deep_equal(const struct slip_tv *a, const struct slip_tv *b)
{
    uint64_t steps = 0;
    return deep_equal(a, b, 0, &steps);
}

bool slip_tv_deep_equal_counted(const struct slip_tv *a, const struct slip_tv *b, uint64_t *steps)
{
    return deep_equal(a, b, 0, steps);
}

/* ---- order of keys ---- */

/*
 * Keys of several types occur in map[interface {}]interface {} only. Go orders them by the address
 * of the type descriptor, which its linker decides; this is the order of the released binaries.
 */
static int type_rank(enum slip_tv_type type)
{
    static const signed char rank[SLIP_TV_TYPES] = {
        [SLIP_TV_STRING] = 1, [SLIP_TV_UINT64] = 2, [SLIP_TV_INT] = 3,
        [SLIP_TV_INT64] = 4,  [SLIP_TV_FLOAT] = 5,  [SLIP_TV_BOOL] = 6,
    };
    return rank[type];
}

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

int slip_tv_key_cmp(const struct slip_tv *a, const struct slip_tv *b)
{
    if (a->type != b->type)
        return COMPARE(type_rank(a->type), type_rank(b->type));
    switch (a->type) {
    case SLIP_TV_STRING:
        return slip_str_cmp(a->s, b->s);
    case SLIP_TV_BOOL:
        return (int)a->b - (int)b->b;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        return COMPARE(a->i, b->i);
    case SLIP_TV_UINT64:
        return COMPARE(a->u, b->u);
    case SLIP_TV_FLOAT: /* NaN first */
        if (a->f != a->f || b->f != b->f)
            return (b->f != b->f) - (a->f != a->f);
        return COMPARE(a->f, b->f);
    default:
        return 0;
    }
}
