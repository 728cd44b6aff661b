/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text from values and values from JSON text, with the rules of Go's encoding/json. */
#include "tmpl/fn.h"
#include "tmpl/literal.h"

#include "value/json.h"
#include "value/number.h"

#include <math.h>

/* ---- writing ---- */

struct writer {
    struct slip_tmpl_call *call;
    struct slip_buf *out;
    unsigned flags; /* enum slip_json_write_flag */
    unsigned depth;
};

static int write_value(struct writer *w, const struct slip_tv *v);

static void new_line(struct writer *w)
{
    if (!(w->flags & SLIP_JSON_PRETTY))
        return;
    slip_buf_add_char(w->out, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        slip_buf_add_c(w->out, "  ");
}

static int open_container(struct writer *w, char bracket)
{
    if (++w->depth > SLIP_TMPL_LIMIT_VALUE_DEPTH)
        return slip_tmpl_fail(w->call, "json: unsupported value: it is nested too deeply");
    slip_buf_add_char(w->out, bracket);
    return 0;
}

static void close_container(struct writer *w, char bracket, bool empty)
{
    w->depth--;
    if (!empty)
        new_line(w);
    slip_buf_add_char(w->out, bracket);
}

static int write_list(struct writer *w, const struct slip_tv *v)
{
    size_t len = slip_tv_list_len(v);
    if (open_container(w, '[') < 0)
        return -1;
    for (size_t i = 0; i < len && !w->out->full; i++) {
        if (i > 0)
            slip_buf_add_char(w->out, ',');
        new_line(w);
        if (write_value(w, &v->list->at[i]) < 0)
            return -1;
    }
    close_container(w, ']', len == 0);
    return 0;
}

static int write_map(struct writer *w, const struct slip_tv *v)
{
    size_t len = slip_tv_map_len(v->map);
    if (open_container(w, '{') < 0
        || slip_tmpl_room(w->call, len, sizeof(struct slip_tv_entry)) < 0)
        return -1;
    const struct slip_tv_entry *e = slip_tv_map_sorted(w->call->arena, v->map);
    for (size_t i = 0; i < len && !w->out->full; i++) {
        if (i > 0)
            slip_buf_add_char(w->out, ',');
        new_line(w);
        slip_json_add_string(w->out, e[i].key.s, w->flags);
        slip_buf_add_c(w->out, w->flags & SLIP_JSON_PRETTY ? ": " : ":");
        if (write_value(w, &e[i].value) < 0)
            return -1;
    }
    close_container(w, '}', len == 0);
    return 0;
}

static int write_float(struct writer *w, double f)
{
    if (slip_float_print_json(f, w->out))
        return 0;
    if (w->out->full)
        return 0;
    return slip_tmpl_fail(w->call, "json: unsupported value: %s",
                          isnan(f) ? "NaN"
                          : f < 0  ? "-Inf"
                                   : "+Inf");
}

static int write_object(struct writer *w, const struct slip_tv *v)
{
    if (v->class->marshal) {
        SLIP_AUTO(slip_buf) text = slip_tmpl_buf(w->call);
        if (v->class->marshal(w->call, v->object, &text) < 0)
            return -1;
        slip_json_add_string(w->out, slip_buf_str(&text), w->flags);
    } else if (v->class->number)
        slip_buf_add_fmt(w->out, "%lld", (long long)v->class->number(v->object));
    else
        slip_buf_add_c(w->out, "{}"); /* a struct without a public field */
    return 0;
}

static int write_value(struct writer *w, const struct slip_tv *v)
{
    switch (v->type) {
    case SLIP_TV_INVALID:
        slip_buf_add_c(w->out, "null");
        return 0;
    case SLIP_TV_BOOL:
        slip_buf_add_c(w->out, v->b ? "true" : "false");
        return 0;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        slip_buf_add_fmt(w->out, "%lld", (long long)v->i);
        return 0;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        slip_buf_add_fmt(w->out, "%llu", (unsigned long long)v->u);
        return 0;
    case SLIP_TV_FLOAT:
        return write_float(w, v->f);
    case SLIP_TV_STRING:
        slip_json_add_string(w->out, v->s, w->flags);
        return 0;
    case SLIP_TV_LIST:
    case SLIP_TV_STRINGS:
    case SLIP_TV_INTS:
    case SLIP_TV_LISTS:
        if (v->list)
            return write_list(w, v);
        slip_buf_add_c(w->out, "null");
        return 0;
    case SLIP_TV_DICT:
    case SLIP_TV_STRING_MAP:
        if (v->map)
            return write_map(w, v);
        slip_buf_add_c(w->out, "null");
        return 0;
    case SLIP_TV_OBJECT:
        return write_object(w, v);
    case SLIP_TV_COMPLEX:
    case SLIP_TV_ANY_MAP:
    case SLIP_TV_TYPES:
        break;
    }
    return slip_tmpl_fail(w->call, "json: unsupported type: %s", slip_tv_type_name(v));
}

static int to_json(struct slip_tmpl_call *c, const struct slip_tv *v, unsigned flags,
                   struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    struct writer w = { .call = c, .out = &b, .flags = flags };
    if (write_value(&w, v) < 0)
        return -1;
    return slip_tmpl_give(c, &b, out);
}

/* What has no JSON is the empty text here. */
static int to_json_or_empty(struct slip_tmpl_call *c, const struct slip_tv *v, unsigned flags,
                            struct slip_tv *out)
{
    if (to_json(c, v, flags, out) < 0) {
        c->error = (struct slip_str){ 0 };
        *out = slip_tv_str(SLIP_STR(""));
    }
    return 0;
}

SLIP_TMPL_FN(fn_to_json)
{
    return to_json_or_empty(c, &a[0], SLIP_JSON_HTML, out);
}

SLIP_TMPL_FN(fn_must_to_json)
{
    return to_json(c, &a[0], SLIP_JSON_HTML, out);
}

SLIP_TMPL_FN(fn_to_pretty_json)
{
    return to_json_or_empty(c, &a[0], SLIP_JSON_HTML | SLIP_JSON_PRETTY, out);
}

SLIP_TMPL_FN(fn_must_to_pretty_json)
{
    return to_json(c, &a[0], SLIP_JSON_HTML | SLIP_JSON_PRETTY, out);
}

SLIP_TMPL_FN(fn_to_raw_json)
{
    return to_json(c, &a[0], 0, out);
}

/* ---- reading ---- */

struct reader {
    struct slip_tmpl_call *call;
    struct slip_str bad_number; /* the first that no float64 holds; it reads as nil */
};

static struct slip_tv from_value(struct reader *r, const struct slip_value *v);

static struct slip_tv from_list(struct reader *r, const struct slip_value *v)
{
    struct slip_tv *at = slip_arena_array(r->call->arena, v->len, sizeof(*at));
    for (size_t i = 0; i < v->len; i++)
        at[i] = from_value(r, v->items[i]);
    return slip_tv_list_with_room(r->call->arena, SLIP_TV_LIST, at, v->len,
                                  slip_tmpl_capacity_of_each(SLIP_TV_LIST, 0, v->len));
}

static struct slip_tv from_map(struct reader *r, const struct slip_value *v)
{
    struct slip_tv_map *m = slip_tv_map_new(r->call->arena);
    for (size_t i = 0; i < v->len; i++)
        slip_tv_map_set_str(m, slip_arena_str(r->call->arena, v->pairs[i].key->text),
                            from_value(r, v->pairs[i].value));
    return slip_tv_map(SLIP_TV_DICT, m);
}

static struct slip_tv from_number(struct reader *r, const struct slip_value *v)
{
    double f = 0;
    slip_literal_float(v->text, &f); /* of the text: "-0" is a number of its own */
    if (isfinite(f))
        return slip_tv_float(f);
    if (!r->bad_number.ptr)
        r->bad_number = slip_arena_str(r->call->arena, v->text);
    return slip_tv_nil();
}

static struct slip_tv from_value(struct reader *r, const struct slip_value *v)
{
    switch (v->type) {
    case SLIP_VALUE_NULL:
        return slip_tv_nil();
    case SLIP_VALUE_BOOL:
        return slip_tv_bool(v->boolean);
    case SLIP_VALUE_INT:
    case SLIP_VALUE_UINT:
    case SLIP_VALUE_FLOAT:
        return from_number(r, v);
    case SLIP_VALUE_STRING:
        return slip_tv_str(slip_arena_str(r->call->arena, v->text));
    case SLIP_VALUE_LIST:
        return from_list(r, v);
    case SLIP_VALUE_MAP:
        return from_map(r, v);
    }
    return slip_tv_nil();
}

/* `*out` is set as far as the text can be read, also when this fails. */
static int from_json(struct slip_tmpl_call *c, struct slip_str text, struct slip_tv *out)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error err = { 0 };
    if (slip_json_read(text, NULL, 0, &doc, &err) < 0)
        return slip_tmpl_fail(c, "%s", err.text);
    struct reader r = { .call = c };
    *out = from_value(&r, doc.root);
    if (r.bad_number.ptr)
        return slip_tmpl_fail(c, "json: cannot unmarshal number %.*s into Go value of type float64",
                              SLIP_ARG(r.bad_number));
    return 0;
}

SLIP_TMPL_FN(fn_from_json)
{
    if (from_json(c, a[0].s, out) < 0)
        c->error = (struct slip_str){ 0 };
    return 0;
}

SLIP_TMPL_FN(fn_must_from_json)
{
    return from_json(c, a[0].s, out);
}

static const struct slip_tmpl_func table[] = {
    { "fromJson", "s", fn_from_json, "the value of JSON text, nil when it is none" },
    { "mustFromJson", "s", fn_must_from_json, "the value of JSON text" },
    { "mustToJson", "a", fn_must_to_json, "the value as JSON" },
    { "mustToPrettyJson", "a", fn_must_to_pretty_json, "the value as indented JSON" },
    { "mustToRawJson", "a", fn_to_raw_json, "the value as JSON, < > & not escaped" },
    { "toJson", "a", fn_to_json, "the value as JSON, empty when it has none" },
    { "toPrettyJson", "a", fn_to_pretty_json, "the value as indented JSON" },
    { "toRawJson", "a", fn_to_raw_json, "the value as JSON, < > & not escaped" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_json = SLIP_TMPL_FUNCS(table);
