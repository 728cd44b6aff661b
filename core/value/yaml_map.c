/* SPDX-License-Identifier: Apache-2.0 */
/* Maps that are complete: merge keys are carried out, equal keys joined or refused. */
#include "value/yaml_impl.h"

static bool is_merge(const struct reader *r, const struct slip_value *key)
{
    return r->schema != SLIP_YAML_CORE && key->plain && slip_str_is(key->text, "<<");
}

struct pairs {
    SLIP_VEC(struct slip_pair);
};

static int fail_merge(struct reader *r, const struct slip_value *key)
{
    return reader_fail_late(r, key, "map merge requires map or sequence of maps as the value");
}

static int merge_map(struct reader *r, const struct slip_pair *merge, const struct slip_value *from,
                     struct pairs *to)
{
    if (from->type != SLIP_VALUE_MAP)
        return fail_merge(r, merge->key);
    for (size_t i = 0; i < from->len; i++)
        slip_vec_push(to, from->pairs[i]);
    return 0;
}

/* Of a list the maps are merged from last to first: where a later pair counts, the first map wins.
 */
static int merge_value(struct reader *r, const struct slip_pair *merge, struct pairs *to)
{
    const struct slip_value *v = merge->value;
    if (v->type != SLIP_VALUE_LIST)
        return merge_map(r, merge, v, to);
    for (size_t i = v->len; i-- > 0;)
        if (merge_map(r, merge, v->items[i], to) < 0)
            return -1;
    return 0;
}

static int merge_all(struct reader *r, struct slip_value *map, struct pairs *to)
{
    for (size_t i = 0; i < map->len; i++) {
        if (!is_merge(r, map->pairs[i].key)) {
            slip_vec_push(to, map->pairs[i]);
            continue;
        }
        map->before_merge = to->len;
        /* yaml.v2 does not look at these nodes when it counts what aliases stand for. */
        r->build.nodes -= map->pairs[i].value->type == SLIP_VALUE_LIST ? 2 : 1;
        if (merge_value(r, &map->pairs[i], to) < 0)
            return -1;
    }
    return 0;
}

static int carry_out_merges(struct reader *r, struct slip_value *map)
{
    size_t i = 0;
    while (i < map->len && !is_merge(r, map->pairs[i].key))
        i++;
    if (i == map->len)
        return 0;
    struct pairs merged = { 0 };
    int rc = merge_all(r, map, &merged);
    if (rc == 0) {
        map->len = merged.len;
        map->pairs = slip_arena_array(r->build.arena, merged.len, sizeof(*map->pairs));
        if (merged.len)
            memcpy(map->pairs, merged.at, merged.len * sizeof(*map->pairs));
    }
    slip_vec_clear(&merged);
    return rc;
}

/* Text that is equal for equal keys and for them alone. */
static void add_identity(const struct slip_value *key, struct slip_buf *out)
{
    slip_buf_add_char(out, (char)('a' + key->type));
    slip_value_print_go(key, out);
}

static int fail_equal_keys(struct reader *r, const struct slip_value *key)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(256);
    slip_value_print_go(key, &text);
    const char *quote = key->type == SLIP_VALUE_STRING ? "\"" : "";
    reader_fail_at(r, key, "key %s%s%s already set in map", quote, text.ptr, quote);
    return slip_hint(r->err, "a map has a key once; what '<<' brings counts, too");
}

/* Few keys, all of them text, and no two equal: what nearly every map is, seen without copies. */
static bool has_few_plain_keys(const struct slip_value *map)
{
    enum { FEW = 12 };
    if (map->len > FEW)
        return false;
    for (size_t i = 0; i < map->len; i++) {
        const struct slip_value *key = map->pairs[i].key;
        if (key->type != SLIP_VALUE_STRING)
            return false;
        for (size_t j = 0; j < i; j++)
            if (slip_str_eq(key->text, map->pairs[j].key->text))
                return false;
    }
    return true;
}

/* Leaves one pair of each key, with the last value, or refuses a second one. */
static int join_equal_keys(struct reader *r, struct slip_value *map)
{
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    SLIP_AUTO(slip_buf) id = SLIP_BUF(SIZE_MAX);
    size_t len = 0;
    for (size_t i = 0; i < map->len; i++) {
        slip_buf_reset(&id);
        add_identity(map->pairs[i].key, &id);
        struct slip_pair *before = slip_map_get(seen, slip_buf_str(&id));
        if (before && r->schema != SLIP_YAML_GO && r->schema != SLIP_YAML_GO_LOOSE)
            return fail_equal_keys(r, map->pairs[i].key);
        if (before) {
            before->value = map->pairs[i].value;
            continue;
        }
        map->pairs[len] = map->pairs[i];
        slip_map_set(seen, slip_buf_str(&id), &map->pairs[len++]);
    }
    map->len = len;
    return 0;
}

/* The usual reason is "{{", which is a map in a map. */
static int fail_key(struct reader *r, const struct slip_value *key)
{
    reader_fail_at(r, key, "invalid map key: a %s", slip_value_type_name(key));
    return key->type == SLIP_VALUE_MAP
               ? slip_hint(r->err, "put values that begin with {{ in quotes")
               : -1;
}

int reader_finish_map(struct reader *r, struct slip_value *map)
{
    for (size_t i = 0; i < map->len && r->schema != SLIP_YAML_GO_LOOSE; i++) {
        const struct slip_value *key = map->pairs[i].key;
        if (key->type == SLIP_VALUE_LIST || key->type == SLIP_VALUE_MAP)
            return fail_key(r, key);
    }
    if (carry_out_merges(r, map) < 0)
        return -1;
    return has_few_plain_keys(map) ? 0 : join_equal_keys(r, map);
}
