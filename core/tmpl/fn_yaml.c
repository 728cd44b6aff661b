/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fromYaml and toYaml. The top level of a text becomes a map[string]interface {}, the maps in it
 * map[interface {}]interface {}: templates depend on that difference.
 */
#include "tmpl/fmt.h"
#include "tmpl/func.h"
#include "value/yaml.h"

/* ---- reading ---- */

/* yaml.v2 decodes what it has parsed, outer values first, and refuses keys while it does. */
struct reading {
    struct slip_tmpl_call *c;
    struct slip_buf misfits; /* lines about keys that cannot be texts: they do not stop it */
};

static bool from_value(struct reading *r, const struct slip_value *v, struct slip_tv *out);

static bool from_list(struct reading *r, const struct slip_value *v, struct slip_tv *out)
{
    struct slip_tv *at = slip_arena_array(r->c->arena, v->len, sizeof(*at));
    for (size_t i = 0; i < v->len; i++)
        if (!from_value(r, v->items[i], &at[i]))
            return false;
    *out = slip_tv_list(r->c->arena, SLIP_TV_LIST, at, v->len);
    return true;
}

static bool refuse_key(struct reading *r, const struct slip_tv *key)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_fmt_printf(SLIP_STR("%#v"), key, 1, &text);
    slip_tmpl_fail(r->c, "yaml: invalid map key: %s", text.ptr);
    return false;
}

static bool from_map(struct reading *r, const struct slip_value *v, struct slip_tv *out)
{
    struct slip_tv_map *m = slip_tv_map_new(r->c->arena);
    for (size_t i = 0; i < v->len; i++) {
        struct slip_tv key, value;
        if (!from_value(r, v->pairs[i].key, &key))
            return false;
        if (slip_tv_is_list(&key) || slip_tv_is_map(&key))
            return refuse_key(r, &key);
        if (!from_value(r, v->pairs[i].value, &value))
            return false;
        slip_tv_map_set(m, &key, &value);
    }
    *out = slip_tv_map(SLIP_TV_ANY_MAP, m);
    return true;
}

static bool from_value(struct reading *r, const struct slip_value *v, struct slip_tv *out)
{
    *out = slip_tv_nil();
    switch (v->type) {
    case SLIP_VALUE_NULL:
        break;
    case SLIP_VALUE_BOOL:
        *out = slip_tv_bool(v->boolean);
        break;
    case SLIP_VALUE_INT:
        *out = slip_tv_int(v->i);
        break;
    case SLIP_VALUE_UINT:
        *out = slip_tv_uint64(v->u);
        break;
    case SLIP_VALUE_FLOAT:
        *out = slip_tv_float(v->f);
        break;
    case SLIP_VALUE_STRING:
        *out = slip_tv_str(slip_arena_str(r->c->arena, v->text));
        break;
    case SLIP_VALUE_LIST:
        return from_list(r, v, out);
    case SLIP_VALUE_MAP:
        return from_map(r, v, out);
    }
    return true;
}

/* `tag` is what the text says, NULL: what the value is. */
static void add_misfit(struct reading *r, const struct slip_value *v, const char *tag,
                       const char *type)
{
    static const struct slip_str known = { "tag:yaml.org,2002:", 18 };
    bool cut = v->text.len > 10;
    bool private = tag && !slip_str_starts(slip_str_of(tag), known);
    if (!tag)
        tag = slip_yaml_tag(v);
    else if (!private)
        tag += known.len;
    slip_buf_add_fmt(&r->misfits, "\n  line %u: cannot unmarshal %s%s", v->line,
                     private ? "" : "!!", tag);
    bool scalar = private || (strcmp(tag, "seq") != 0 && strcmp(tag, "map") != 0);
    if (!scalar)
        slip_buf_add_str(&r->misfits, v->text); /* of a scalar that is tagged so */
    else
        slip_buf_add_fmt(&r->misfits, " `%.*s%s`", (int)(cut ? 7 : v->text.len), v->text.ptr,
                         cut ? "..." : "");
    slip_buf_add_fmt(&r->misfits, " into %s", type);
}

/* Keys of the top level are texts, whatever they look like; a null is the empty one. */
static bool from_top(struct reading *r, const struct slip_value *v, struct slip_tv *out)
{
    struct slip_tv_map *m = slip_tv_map_new(r->c->arena);
    for (size_t i = 0; v && i < v->len; i++) {
        const struct slip_value *key = v->pairs[i].key;
        struct slip_str name = key->type == SLIP_VALUE_NULL ? SLIP_STR("") : key->text;
        struct slip_tv value;
        if (key->type == SLIP_VALUE_LIST || key->type == SLIP_VALUE_MAP) {
            add_misfit(r, key, NULL, "string");
            continue;
        }
        if (!from_value(r, v->pairs[i].value, &value))
            return false;
        slip_tv_map_set_str(m, slip_arena_str(r->c->arena, name), value);
    }
    *out = slip_tv_map(SLIP_TV_DICT, m);
    return true;
}

static void add_root_misfit(struct reading *r, const struct slip_doc *doc)
{
    struct slip_value root = *doc->root;
    if (doc->root_tag)
        root.text = doc->root_text;
    add_misfit(r, &root, doc->root_tag, "map[string]interface {}");
}

static bool from_root(struct reading *r, const struct slip_doc *doc, struct slip_tv *out)
{
    const struct slip_value *root = doc->root;
    if (root && root->type == SLIP_VALUE_NULL)
        *out = slip_tv_null_of(SLIP_TV_DICT);
    else if (root && root->type != SLIP_VALUE_MAP)
        add_root_misfit(r, doc);
    else if (!from_top(r, root, out))
        return false;
    if (r->misfits.len)
        slip_tmpl_fail(r->c, "yaml: unmarshal errors:%s", r->misfits.ptr);
    return r->misfits.len == 0;
}

static int fn_from_yaml(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                        struct slip_tv *out)
{
    (void)n;
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error err = { 0 };
    struct reading r = { c, SLIP_BUF(SLIP_LIMIT_TEXT) };
    if (slip_yaml_read(a[0].s, NULL, 1, SLIP_YAML_GO_LOOSE, &doc, NULL, &err) < 0)
        return slip_tmpl_fail(c, "%s", err.text);
    bool good = from_root(&r, &doc, out);
    slip_buf_clear(&r.misfits);
    return good ? 0 : -1;
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
