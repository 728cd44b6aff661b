/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fromYaml and toYaml. The top level of a text becomes a map[string]interface {}, the maps in it
 * map[interface {}]interface {}: templates depend on that difference.
 */
#include "tmpl/fmt.h"
#include "tmpl/func.h"
#include "value/yaml.h"

/* ---- reading ---- */

static struct slip_tv from_value(struct slip_arena *a, const struct slip_value *v);

static struct slip_tv from_list(struct slip_arena *a, const struct slip_value *v)
{
    struct slip_tv *at = slip_arena_array(a, v->len, sizeof(*at));
    for (size_t i = 0; i < v->len; i++)
        at[i] = from_value(a, v->items[i]);
    return slip_tv_list(a, SLIP_TV_LIST, at, v->len);
}

static struct slip_tv from_map(struct slip_arena *a, const struct slip_value *v)
{
    struct slip_tv_map *m = slip_tv_map_new(a);
    for (size_t i = 0; i < v->len; i++) {
        struct slip_tv key = from_value(a, v->pairs[i].key);
        struct slip_tv value = from_value(a, v->pairs[i].value);
        slip_tv_map_set(m, &key, &value);
    }
    return slip_tv_map(SLIP_TV_ANY_MAP, m);
}

static struct slip_tv from_value(struct slip_arena *a, const struct slip_value *v)
{
    switch (v->type) {
    case SLIP_VALUE_NULL:
        break;
    case SLIP_VALUE_BOOL:
        return slip_tv_bool(v->boolean);
    case SLIP_VALUE_INT:
        return slip_tv_int(v->i);
    case SLIP_VALUE_UINT:
        return slip_tv_uint64(v->u);
    case SLIP_VALUE_FLOAT:
        return slip_tv_float(v->f);
    case SLIP_VALUE_STRING:
        return slip_tv_str(slip_arena_str(a, v->text));
    case SLIP_VALUE_LIST:
        return from_list(a, v);
    case SLIP_VALUE_MAP:
        return from_map(a, v);
    }
    return slip_tv_nil();
}

/* Keys of the top level are texts, whatever they look like; a null is the empty one. */
static struct slip_tv from_top(struct slip_arena *a, const struct slip_value *v)
{
    struct slip_tv_map *m = slip_tv_map_new(a);
    for (size_t i = 0; v && i < v->len; i++) {
        const struct slip_value *key = v->pairs[i].key;
        struct slip_str name = key->type == SLIP_VALUE_NULL ? SLIP_STR("") : key->text;
        slip_tv_map_set_str(m, slip_arena_str(a, name), from_value(a, v->pairs[i].value));
    }
    return slip_tv_map(SLIP_TV_DICT, m);
}

static int no_mapping(struct slip_tmpl_call *c, const struct slip_value *v)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    bool cut = v->text.len > 10;
    if (v->type != SLIP_VALUE_LIST)
        slip_buf_add_fmt(&text, " `%.*s%s`", (int)(cut ? 7 : v->text.len), v->text.ptr,
                         cut ? "..." : "");
    return slip_tmpl_fail(c,
                          "yaml: unmarshal errors:\n  line %u: cannot unmarshal !!%s%s into "
                          "map[string]interface {}",
                          v->line, slip_yaml_tag(v), text.ptr);
}

static int fn_from_yaml(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                        struct slip_tv *out)
{
    (void)n;
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error err = { 0 };
    if (slip_yaml_read(a[0].s, NULL, 1, SLIP_YAML_GO, &doc, NULL, &err) < 0)
        return slip_tmpl_fail(c, "%s", err.text);
    if (doc.root && doc.root->type == SLIP_VALUE_NULL)
        *out = slip_tv_null_of(SLIP_TV_DICT);
    else if (doc.root && doc.root->type != SLIP_VALUE_MAP)
        return no_mapping(c, doc.root);
    else
        *out = from_top(c->arena, doc.root);
    return 0;
}

/* ---- writing ---- */

/* NULL: failed. */
static struct slip_value *to_value(struct slip_tmpl_call *c, struct slip_arena *a,
                                   const struct slip_tv *v, unsigned depth);

static struct slip_value *to_list(struct slip_tmpl_call *c, struct slip_arena *a,
                                  const struct slip_tv *v, unsigned depth)
{
    struct slip_value *out = slip_arena_new(a, struct slip_value);
    out->type = SLIP_VALUE_LIST;
    out->len = slip_tv_list_len(v);
    out->items = slip_arena_array(a, out->len, sizeof(struct slip_value *));
    for (size_t i = 0; i < out->len; i++)
        if (!(out->items[i] = to_value(c, a, &v->list->at[i], depth)))
            return NULL;
    return out;
}

static struct slip_value *to_map(struct slip_tmpl_call *c, struct slip_arena *a,
                                 const struct slip_tv *v, unsigned depth)
{
    struct slip_value *out = slip_arena_new(a, struct slip_value);
    const struct slip_tv_entry *e = slip_tv_map_entries(v->map);
    out->type = SLIP_VALUE_MAP;
    out->len = slip_tv_map_len(v->map);
    out->pairs = slip_arena_array(a, out->len, sizeof(*out->pairs));
    for (size_t i = 0; i < out->len; i++) {
        out->pairs[i].key = to_value(c, a, &e[i].key, depth);
        out->pairs[i].value = to_value(c, a, &e[i].value, depth);
        if (!out->pairs[i].key || !out->pairs[i].value)
            return NULL;
    }
    return out;
}

static struct slip_value *to_scalar(struct slip_tmpl_call *c, struct slip_arena *a,
                                    const struct slip_tv *v)
{
    struct slip_value *out = slip_arena_new(a, struct slip_value);
    switch (v->type) {
    case SLIP_TV_INVALID:
        out->type = SLIP_VALUE_NULL;
        break;
    case SLIP_TV_BOOL:
        out->type = SLIP_VALUE_BOOL;
        out->boolean = v->b;
        break;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        out->type = SLIP_VALUE_INT;
        out->i = v->i;
        break;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        out->type = v->u > INT64_MAX ? SLIP_VALUE_UINT : SLIP_VALUE_INT;
        out->u = v->u;
        break;
    case SLIP_TV_FLOAT:
        out->type = SLIP_VALUE_FLOAT;
        out->f = v->f;
        break;
    case SLIP_TV_STRING:
        out->type = SLIP_VALUE_STRING;
        out->text = v->s;
        break;
    default:
        slip_tmpl_fail(c, "cannot marshal type: %s", slip_tv_type_name(v));
        return NULL;
    }
    return out;
}

/* A type without a rule of its own is its number, or a struct without public fields: "{}". */
static struct slip_value *to_object(struct slip_tmpl_call *c, struct slip_arena *a,
                                    const struct slip_tv *v)
{
    struct slip_value *out = slip_arena_new(a, struct slip_value);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    const struct slip_tv_class *class = v->class;
    out->type = SLIP_VALUE_STRING;
    if (class->print_yaml) {
        class->print_yaml(v->object, &text);
        out->verbatim = true;
    } else if (class->marshal) {
        if (class->marshal(c, v->object, &text) < 0)
            return NULL;
    } else if (class->number) {
        out->type = SLIP_VALUE_INT;
        out->i = class->number(v->object);
        return out;
    } else {
        out->type = SLIP_VALUE_MAP;
        return out;
    }
    out->text = slip_arena_str(a, slip_buf_str(&text));
    return out;
}

static struct slip_value *to_value(struct slip_tmpl_call *c, struct slip_arena *a,
                                   const struct slip_tv *v, unsigned depth)
{
    if (depth > SLIP_TMPL_LIMIT_VALUE_DEPTH) {
        slip_tmpl_fail(c, "lists and maps inside each other, more than %d levels",
                       SLIP_TMPL_LIMIT_VALUE_DEPTH);
        return NULL;
    }
    if (slip_tv_is_list(v))
        return to_list(c, a, v, depth + 1);
    if (slip_tv_is_map(v))
        return to_map(c, a, v, depth + 1);
    return v->type == SLIP_TV_OBJECT ? to_object(c, a, v) : to_scalar(c, a, v);
}

static int fn_to_yaml(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                      struct slip_tv *out)
{
    (void)n;
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    struct slip_error err = { 0 };
    struct slip_value *v = to_value(c, &arena, &a[0], 0);
    if (!v)
        return -1;
    if (slip_yaml_write(v, &text, &err) < 0)
        return slip_tmpl_fail(c, "%s", err.text);
    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        slip_buf_cut(&text, text.len - 1);
    return slip_tmpl_give(c, &text, out);
}

static const struct slip_tmpl_func table[] = {
    { "fromYaml", "s", fn_from_yaml, "the map that a YAML text holds" },
    { "toYaml", "a", fn_to_yaml, "the value as YAML, without the last line break" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_yaml = SLIP_TMPL_FUNCS(table);
