/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a JSON document, made and put in place. */
#include "build/edit.h"

#include "value/json.h"

static struct slip_value *new_node(struct slip_doc *d, enum slip_value_type type)
{
    struct slip_value *v = slip_arena_new(&d->arena, struct slip_value);
    v->type = type;
    return v;
}

struct slip_value *slip_edit_string(struct slip_doc *d, struct slip_str text)
{
    struct slip_value *v = new_node(d, SLIP_VALUE_STRING);
    v->text = text;
    return v;
}

struct slip_value *slip_edit_int(struct slip_doc *d, int64_t number)
{
    struct slip_value *v = new_node(d, SLIP_VALUE_INT);
    v->i = number;
    return v;
}

struct slip_value *slip_edit_list(struct slip_doc *d, size_t len)
{
    struct slip_value *v = new_node(d, SLIP_VALUE_LIST);
    v->items = slip_arena_array(&d->arena, len, sizeof(struct slip_value *));
    v->len = len;
    return v;
}

struct slip_value *slip_edit_strings(struct slip_doc *d, const struct slip_str *texts, size_t n)
{
    struct slip_value *v = slip_edit_list(d, n);
    for (size_t i = 0; i < n; i++)
        v->items[i] = slip_edit_string(d, texts[i]);
    return v;
}

struct slip_value *slip_edit_map(struct slip_doc *d)
{
    return new_node(d, SLIP_VALUE_MAP);
}

bool slip_edit_remove(struct slip_value *map, struct slip_str key)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->len; i++)
        if (!slip_str_eq(map->pairs[i].key->text, key))
            map->pairs[kept++] = map->pairs[i];
    bool found = kept < map->len;
    map->len = kept;
    return found;
}

void slip_edit_set(struct slip_doc *d, struct slip_value *map, struct slip_str key,
                   struct slip_value *value)
{
    slip_edit_remove(map, key);
    struct slip_pair *pairs = slip_arena_array(&d->arena, map->len + 1, sizeof(*pairs));
    if (map->len)
        memcpy(pairs, map->pairs, map->len * sizeof(*pairs));
    pairs[map->len].key = slip_edit_string(d, key);
    pairs[map->len].value = value;
    map->pairs = pairs;
    map->len++;
}

int slip_edit_map_at(struct slip_doc *d, struct slip_value *map, const char *key,
                     struct slip_value **out, struct slip_error *err)
{
    struct slip_value *v = slip_value_get(map, key);
    if (!v || v->type == SLIP_VALUE_NULL) {
        v = slip_edit_map(d);
        slip_edit_set(d, map, slip_str_of(key), v);
    }
    if (v->type != SLIP_VALUE_MAP)
        return slip_fail(err, SLIP_E_BUILD, "'%s' of an image is a %s", key,
                         slip_value_type_name(v));
    *out = v;
    return 0;
}

int slip_edit_read(struct slip_str text, const char *what, struct slip_doc *out,
                   struct slip_error *err)
{
    if (slip_json_read(text, what, 0, out, err) < 0)
        return -1;
    if (!out->root || out->root->type != SLIP_VALUE_MAP)
        return slip_fail(err, SLIP_E_BUILD, "%s is no JSON object", what);
    return 0;
}
