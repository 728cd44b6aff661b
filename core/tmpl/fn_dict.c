/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that make dictionaries, read and change them. */
#include "tmpl/fn.h"

#include "base/watch.h"
#include "tmpl/tmpl.h"

static struct slip_tv *entry(const struct slip_tv *dict, struct slip_str key)
{
    return slip_tv_map_get_str(dict->map, key);
}

static struct slip_tv new_dict(struct slip_tmpl_call *c)
{
    return slip_tv_map(SLIP_TV_DICT, slip_tv_map_new(c->arena));
}

/* Keys and values in turn; a key at the end without a value gets "". */
SLIP_TMPL_FN(fn_dict)
{
    *out = new_dict(c);
    for (size_t i = 0; i < n; i += 2) {
        struct slip_str key;
        if (slip_tmpl_strval(c, &a[i], &key) < 0)
            return -1;
        slip_tv_map_set_str(out->map, key, i + 1 < n ? a[i + 1] : slip_tv_str(SLIP_STR("")));
    }
    return 0;
}

SLIP_TMPL_FN(fn_get)
{
    const struct slip_tv *v = entry(&a[0], a[1].s);
    *out = v ? *v : slip_tv_str(SLIP_STR(""));
    return 0;
}

SLIP_TMPL_FN(fn_set)
{
    if (!a[0].map)
        return slip_tmpl_fail(c, "assignment to entry in nil map");
    slip_tv_map_set_str(a[0].map, a[1].s, a[2]);
    *out = a[0];
    return 0;
}

SLIP_TMPL_FN(fn_unset)
{
    struct slip_tv key = slip_tv_str(a[1].s);
    slip_tv_map_remove(a[0].map, &key);
    *out = a[0];
    return 0;
}

SLIP_TMPL_FN(fn_has_key)
{
    *out = slip_tv_bool(entry(&a[0], a[1].s) != NULL);
    return 0;
}

SLIP_TMPL_FN(fn_pluck)
{
    struct slip_tmpl_items found = { 0 };
    for (size_t i = 1; i < n; i++) {
        const struct slip_tv *v = entry(&a[i], a[0].s);
        if (v)
            slip_vec_push(&found, *v);
    }
    return slip_tmpl_give_list(c, SLIP_TV_LIST, &found, 0, out);
}

/* Go gives keys and values in random order; here they are sorted, so that a result is the same
 * everywhere. Keys are mostly sorted anyway; who lists values should know. */
SLIP_TMPL_FN(fn_keys)
{
    struct slip_tmpl_items keys = { 0 };
    for (size_t i = 0; i < n; i++) {
        const struct slip_tv_entry *e = slip_tv_map_sorted(c->arena, a[i].map);
        for (size_t k = 0; k < slip_tv_map_len(a[i].map); k++)
            slip_vec_push(&keys, e[k].key);
    }
    return slip_tmpl_give_list(c, SLIP_TV_STRINGS, &keys, 0, out);
}

SLIP_TMPL_FN(fn_values)
{
    struct slip_tmpl_items values = { 0 };
    const struct slip_tv_entry *e = slip_tv_map_sorted(c->arena, a[0].map);
    for (size_t k = 0; k < slip_tv_map_len(a[0].map); k++)
        slip_vec_push(&values, e[k].value);
    if (values.len > 1)
        slip_watch_warn(c->host->watch, NULL, "'values' has no order of its own: werf shuffles it");
    return slip_tmpl_give_list(c, SLIP_TV_LIST, &values, 0, out);
}

SLIP_TMPL_FN(fn_pick)
{
    *out = new_dict(c);
    for (size_t i = 1; i < n; i++) {
        const struct slip_tv *v = entry(&a[0], a[i].s);
        if (v)
            slip_tv_map_set_str(out->map, a[i].s, *v);
    }
    return 0;
}

static bool is_one_of(struct slip_str key, const struct slip_tv *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slip_str_eq(key, a[i].s))
            return true;
    return false;
}

SLIP_TMPL_FN(fn_omit)
{
    *out = new_dict(c);
    const struct slip_tv_entry *e = slip_tv_map_entries(a[0].map);
    for (size_t k = 0; k < slip_tv_map_len(a[0].map); k++)
        if (!is_one_of(e[k].key.s, a + 1, n - 1))
            slip_tv_map_set(out->map, &e[k].key, &e[k].value);
    return 0;
}

/* ---- dig ---- */

static int not_a(struct slip_tmpl_call *c, const struct slip_tv *v, enum slip_tv_type wanted)
{
    return slip_tmpl_fail(c, "interface conversion: interface {} is %s, not %s",
                          slip_tv_is_nil(v) ? "nil" : slip_tv_type_name(v),
                          slip_tv_name_of_type(wanted));
}

/* Keys one below the other, the default, the dictionary. */
SLIP_TMPL_FN(fn_dig)
{
    if (n < 3)
        return slip_tmpl_fail(c, "dig needs at least three arguments");
    const struct slip_tv *v = &a[n - 1];
    if (v->type != SLIP_TV_DICT)
        return not_a(c, v, SLIP_TV_DICT);
    for (size_t i = 0; i < n - 2; i++)
        if (a[i].type != SLIP_TV_STRING)
            return not_a(c, &a[i], SLIP_TV_STRING);
    for (size_t i = 0; v && i < n - 2; i++) {
        if (v->type != SLIP_TV_DICT)
            return not_a(c, v, SLIP_TV_DICT);
        v = entry(v, a[i].s);
    }
    *out = v ? *v : a[n - 2];
    return 0;
}

/* ---- deepCopy ---- */

static int deep_copy(struct slip_tmpl_call *c, const struct slip_tv *v, unsigned depth,
                     struct slip_tv *out);

static int copy_list(struct slip_tmpl_call *c, const struct slip_tv *v, unsigned depth,
                     struct slip_tv *out)
{
    size_t len = slip_tv_list_len(v);
    if (slip_tmpl_room(c, len, sizeof(struct slip_tv)) < 0)
        return -1;
    struct slip_tv *at = slip_arena_array(c->arena, len, sizeof(*at));
    for (size_t i = 0; i < len; i++)
        if (deep_copy(c, &v->list->at[i], depth, &at[i]) < 0)
            return -1;
    *out = slip_tv_list_with_room(c->arena, v->type, at, len, v->list ? v->list->capacity : 0);
    return 0;
}

static int copy_map(struct slip_tmpl_call *c, const struct slip_tv *v, unsigned depth,
                    struct slip_tv *out)
{
    size_t len = slip_tv_map_len(v->map);
    if (slip_tmpl_room(c, len, 3 * sizeof(struct slip_tv_entry)) < 0)
        return -1;
    *out = slip_tv_map(v->type, slip_tv_map_new(c->arena));
    for (size_t i = 0; i < len; i++) {
        const struct slip_tv_entry *e = &slip_tv_map_entries(v->map)[i];
        struct slip_tv value;
        if (deep_copy(c, &e->value, depth, &value) < 0)
            return -1;
        slip_tv_map_set(out->map, &e->key, &value);
    }
    return 0;
}

static int deep_copy(struct slip_tmpl_call *c, const struct slip_tv *v, unsigned depth,
                     struct slip_tv *out)
{
    if (depth > SLIP_TMPL_LIMIT_VALUE_DEPTH)
        return slip_tmpl_fail(c, "the value is nested too deeply");
    if (slip_tv_is_list(v) && v->list)
        return copy_list(c, v, depth + 1, out);
    if (slip_tv_is_map(v) && v->map)
        return copy_map(c, v, depth + 1, out);
    *out = *v;
    if (v->type == SLIP_TV_OBJECT && v->class->blank)
        out->object = v->class->blank;
    return 0;
}

SLIP_TMPL_FN(fn_deep_copy)
{
    if (slip_tv_is_nil(&a[0]))
        return slip_tmpl_fail(c, "reflect: call of reflect.Value.Type on zero Value");
    return deep_copy(c, &a[0], 0, out);
}

static const struct slip_tmpl_func table[] = {
    { "deepCopy", "a", fn_deep_copy, "a copy that shares nothing with the value" },
    { "dict", "a.", fn_dict, "a dictionary of keys and values in turn" },
    { "dig", "a.", fn_dig, "the value below keys in a dictionary, or a default" },
    { "get", "Ds", fn_get, "the value of a key, empty text when absent" },
    { "hasKey", "Ds", fn_has_key, "whether the key is there" },
    { "keys", "D.", fn_keys, "the keys of dictionaries" },
    { "mustDeepCopy", "a", fn_deep_copy, "as deepCopy" },
    { "omit", "Ds.", fn_omit, "the dictionary without the keys" },
    { "pick", "Ds.", fn_pick, "the dictionary with these keys only" },
    { "pluck", "sD.", fn_pluck, "the values that dictionaries have for a key" },
    { "set", "Dsa", fn_set, "change a key of the dictionary, and give it" },
    { "unset", "Ds", fn_unset, "remove a key of the dictionary, and give it" },
    { "values", "D", fn_values, "the values of a dictionary" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_dict = SLIP_TMPL_FUNCS(table);
