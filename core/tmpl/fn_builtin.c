/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the language itself. Texts of errors are Go's. */
#include "tmpl/builtin.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "tmpl/fmt.h"
#include "tmpl/run.h"

/* ---- logic ---- */

int slip_tmpl_fn_and(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                     struct slip_tv *out)
{
    (void)c;
    *out = a[n - 1];
    return 0;
}

int slip_tmpl_fn_or(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                    struct slip_tv *out)
{
    (void)c;
    *out = a[n - 1];
    return 0;
}

static int fn_not(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)c, (void)n;
    *out = slip_tv_bool(!slip_tv_truth(&a[0]));
    return 0;
}

/* ---- comparison ---- */

enum group {
    GROUP_OTHER,
    GROUP_BOOL,
    GROUP_INT,
    GROUP_UINT,
    GROUP_FLOAT,
    GROUP_COMPLEX,
    GROUP_TEXT
};

static enum group group_of(const struct slip_tv *v)
{
    switch (v->type) {
    case SLIP_TV_BOOL:
        return GROUP_BOOL;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        return GROUP_INT;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        return GROUP_UINT;
    case SLIP_TV_FLOAT:
        return GROUP_FLOAT;
    case SLIP_TV_COMPLEX:
        return GROUP_COMPLEX;
    case SLIP_TV_STRING:
        return GROUP_TEXT;
    case SLIP_TV_OBJECT:
        return v->class->number ? GROUP_INT : GROUP_OTHER;
    default:
        return GROUP_OTHER;
    }
}

static int64_t int_of(const struct slip_tv *v)
{
    return v->type == SLIP_TV_OBJECT ? v->class->number(v->object) : v->i;
}

static bool is_go_nil(const struct slip_tv *v)
{
    return slip_tv_is_nil(v) || (slip_tv_is_list(v) && !v->list) || (slip_tv_is_map(v) && !v->map);
}

/* Values of kinds that have no order: nil, lists, maps, objects. */
static int equal_others(struct slip_tmpl_call *c, const struct slip_tv *x, const struct slip_tv *y,
                        bool *out)
{
    if (!slip_tv_is_nil(x) && !slip_tv_is_nil(y)
        && strcmp(slip_tv_kind_name(x), slip_tv_kind_name(y)) != 0) {
        struct slip_tv texts[4] = { *x, slip_tv_str(slip_str_of(slip_tv_type_name(x))),
                                    slip_tv_str(slip_str_of(slip_tv_type_name(y))), *y };
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_fmt_printf(SLIP_STR("%s: %v, %s: %v"), texts, 4, &text);
        return slip_tmpl_fail(c, "non-comparable types %s", text.ptr);
    }
    if (is_go_nil(x) || is_go_nil(y)) {
        *out = is_go_nil(x) == is_go_nil(y);
        return 0;
    }
    if (y->type != SLIP_TV_OBJECT) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_fmt_printf(SLIP_STR("%s"), y, 1, &text);
        return slip_tmpl_fail(c, "non-comparable type %s: %s", text.ptr, slip_tv_type_name(y));
    }
    *out = y->class->elem ? x->object == y->object : slip_tv_deep_equal(x, y);
    return 0;
}

static int equal(struct slip_tmpl_call *c, const struct slip_tv *x, const struct slip_tv *y,
                 bool *out)
{
    enum group gx = group_of(x), gy = group_of(y);
    *out = false;
    if (gx == GROUP_INT && gy == GROUP_UINT) {
        *out = int_of(x) >= 0 && (uint64_t)int_of(x) == y->u;
        return 0;
    }
    if (gx == GROUP_UINT && gy == GROUP_INT)
        return equal(c, y, x, out);
    if (gx != gy) {
        if (slip_tv_is_nil(x) || slip_tv_is_nil(y))
            return 0;
        return slip_tmpl_fail(c, "incompatible types for comparison");
    }
    switch (gx) {
    case GROUP_BOOL:
        *out = x->b == y->b;
        break;
    case GROUP_INT:
        *out = int_of(x) == int_of(y);
        break;
    case GROUP_UINT:
        *out = x->u == y->u;
        break;
    case GROUP_FLOAT:
        *out = x->f == y->f;
        break;
    case GROUP_COMPLEX:
        *out = x->c.re == y->c.re && x->c.im == y->c.im;
        break;
    case GROUP_TEXT:
        *out = slip_str_eq(x->s, y->s);
        break;
    case GROUP_OTHER:
        return equal_others(c, x, y, out);
    }
    return 0;
}

static int less(struct slip_tmpl_call *c, const struct slip_tv *x, const struct slip_tv *y,
                bool *out)
{
    enum group gx = group_of(x), gy = group_of(y);
    if (gx == GROUP_OTHER || gy == GROUP_OTHER)
        return slip_tmpl_fail(c, "invalid type for comparison");
    if (gx == GROUP_INT && gy == GROUP_UINT) {
        *out = int_of(x) < 0 || (uint64_t)int_of(x) < y->u;
        return 0;
    }
    if (gx == GROUP_UINT && gy == GROUP_INT) {
        *out = int_of(y) >= 0 && x->u < (uint64_t)int_of(y);
        return 0;
    }
    if (gx != gy)
        return slip_tmpl_fail(c, "incompatible types for comparison");
    switch (gx) {
    case GROUP_INT:
        *out = int_of(x) < int_of(y);
        break;
    case GROUP_UINT:
        *out = x->u < y->u;
        break;
    case GROUP_FLOAT:
        *out = x->f < y->f;
        break;
    case GROUP_TEXT:
        *out = slip_str_cmp(x->s, y->s) < 0;
        break;
    default:
        return slip_tmpl_fail(c, "invalid type for comparison");
    }
    return 0;
}

static int less_or_equal(struct slip_tmpl_call *c, const struct slip_tv *a, bool *out)
{
    if (less(c, &a[0], &a[1], out) < 0)
        return -1;
    return *out ? 0 : equal(c, &a[0], &a[1], out);
}

static int fn_eq(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    bool same = false;
    if (n < 2)
        return slip_tmpl_fail(c, "missing argument for comparison");
    for (size_t i = 1; i < n && !same; i++)
        if (equal(c, &a[0], &a[i], &same) < 0)
            return -1;
    *out = slip_tv_bool(same);
    return 0;
}

static int fn_ne(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    bool same = false;
    if (equal(c, &a[0], &a[1], &same) < 0)
        return -1;
    *out = slip_tv_bool(!same);
    return 0;
}

static int fn_lt(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    bool is_less = false;
    if (less(c, &a[0], &a[1], &is_less) < 0)
        return -1;
    *out = slip_tv_bool(is_less);
    return 0;
}

static int fn_ge(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    bool is_less = false;
    if (less(c, &a[0], &a[1], &is_less) < 0)
        return -1;
    *out = slip_tv_bool(!is_less);
    return 0;
}

static int fn_le(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    bool is_le = false;
    if (less_or_equal(c, a, &is_le) < 0)
        return -1;
    *out = slip_tv_bool(is_le);
    return 0;
}

static int fn_gt(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    bool is_le = false;
    if (less_or_equal(c, a, &is_le) < 0)
        return -1;
    *out = slip_tv_bool(!is_le);
    return 0;
}

/* ---- index, len, call ---- */

static int index_number(struct slip_tmpl_call *c, const struct slip_tv *index, size_t len,
                        size_t *out)
{
    enum group g = group_of(index);
    if (slip_tv_is_nil(index))
        return slip_tmpl_fail(c, "cannot index slice/array with nil");
    if (g != GROUP_INT && g != GROUP_UINT)
        return slip_tmpl_fail(c, "cannot index slice/array with type %s", slip_tv_type_name(index));
    int64_t i = g == GROUP_INT ? int_of(index) : (int64_t)index->u;
    if (i < 0 || (uint64_t)i > len)
        return slip_tmpl_fail(c, "index out of range: %lld", (long long)i);
    *out = (size_t)i;
    return 0;
}

static int index_list(struct slip_tmpl_call *c, struct slip_tv *item, const struct slip_tv *index)
{
    size_t i = 0, len = slip_tv_list_len(item);
    if (index_number(c, index, len, &i) < 0)
        return -1;
    if (i == len)
        return slip_tmpl_fail(c, "reflect: slice index out of range");
    *item = slip_tv_element(item->type, item->list->at[i]);
    return 0;
}

static int index_text(struct slip_tmpl_call *c, struct slip_tv *item, const struct slip_tv *index)
{
    size_t i = 0;
    if (index_number(c, index, item->s.len, &i) < 0)
        return -1;
    if (i == item->s.len)
        return slip_tmpl_fail(c, "reflect: string index out of range");
    *item = (struct slip_tv){ .type = SLIP_TV_UINT8, .u = (unsigned char)item->s.ptr[i] };
    return 0;
}

static int index_map(struct slip_tmpl_call *c, struct slip_tv *item, const struct slip_tv *index)
{
    if (item->type != SLIP_TV_ANY_MAP && slip_tv_is_nil(index))
        return slip_tmpl_fail(c, "value is nil; should be of type string");
    if (item->type != SLIP_TV_ANY_MAP && index->type != SLIP_TV_STRING)
        return slip_tmpl_fail(c, "value has type %s; should be string", slip_tv_type_name(index));
    if (slip_tv_is_list(index) || slip_tv_is_map(index))
        return slip_tmpl_fail(c, "runtime error: hash of unhashable type %s",
                              slip_tv_type_name(index));
    const struct slip_tv *value = slip_tv_map_get(item->map, index);
    if (value)
        *item = slip_tv_element(item->type, *value);
    else if (item->type == SLIP_TV_STRING_MAP)
        *item = slip_tv_str(SLIP_STR(""));
    else
        *item = slip_tv_element(item->type, slip_tv_nil());
    return 0;
}

static int index_once(struct slip_tmpl_call *c, struct slip_tv *item, const struct slip_tv *index)
{
    if (slip_tv_is_nil(item))
        return slip_tmpl_fail(c, "index of nil pointer");
    if (item->type == SLIP_TV_STRING)
        return index_text(c, item, index);
    if (slip_tv_is_list(item))
        return index_list(c, item, index);
    if (slip_tv_is_map(item))
        return index_map(c, item, index);
    return slip_tmpl_fail(c, "can't index item of type %s", slip_tv_elem_name(item));
}

static int fn_index(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                    struct slip_tv *out)
{
    struct slip_tv item = a[0];
    if (slip_tv_is_nil(&item))
        return slip_tmpl_fail(c, "index of untyped nil");
    for (size_t i = 1; i < n; i++)
        if (index_once(c, &item, &a[i]) < 0)
            return -1;
    *out = item;
    return 0;
}

static int fn_len(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n;
    if (slip_tv_is_nil(&a[0]))
        return slip_tmpl_fail(c, a[0].boxed ? "len of nil pointer"
                                            : "reflect: call of reflect.Value.Type on zero Value");
    if (a[0].type == SLIP_TV_STRING)
        *out = slip_tv_int((int64_t)a[0].s.len);
    else if (slip_tv_is_list(&a[0]))
        *out = slip_tv_int((int64_t)slip_tv_list_len(&a[0]));
    else if (slip_tv_is_map(&a[0]))
        *out = slip_tv_int((int64_t)slip_tv_map_len(a[0].map));
    else
        return slip_tmpl_fail(c, "len of type %s", slip_tv_elem_name(&a[0]));
    return 0;
}

/* No value of a template is a function. */
static int fn_call(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    (void)n, (void)out;
    if (slip_tv_is_nil(&a[0]))
        return slip_tmpl_fail(c, "call of nil");
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (c->node->kind == SLIP_NODE_COMMAND && c->node->args.len > 1)
        slip_node_print(c->node->args.at[1], &name);
    else if (a[0].type == SLIP_TV_STRING)
        slip_buf_add_str(&name, a[0].s);
    else
        slip_buf_add_fmt(&name, "<%s Value>", slip_tv_type_name(&a[0]));
    return slip_tmpl_fail(c, "non-function %s of type %s", name.ptr, slip_tv_type_name(&a[0]));
}

/* ---- texts ---- */

static int fn_print(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                    struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    slip_fmt_print(a, n, &text);
    return slip_tmpl_give(c, &text, out);
}

static int fn_println(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                      struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    slip_fmt_println(a, n, &text);
    return slip_tmpl_give(c, &text, out);
}

static int fn_printf(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                     struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    slip_fmt_printf(a[0].s, a + 1, n - 1, &text);
    return slip_tmpl_give(c, &text, out);
}

/* The arguments of an escaping function as one text. */
static void joined(const struct slip_tv *a, size_t n, struct slip_buf *out)
{
    bool text = true; /* no space in front of the first */
    for (size_t i = 0; i < n; i++) {
        bool is_text = a[i].type == SLIP_TV_STRING || slip_tv_is_nil(&a[i]);
        if (!text && !is_text)
            slip_buf_add_char(out, ' ');
        if (slip_tv_is_nil(&a[i]))
            slip_buf_add_c(out, "<no value>");
        else
            slip_fmt_v(&a[i], out);
        text = is_text;
    }
}

typedef void escape_fn(struct slip_str *s, struct slip_buf *out);

/* Joins the arguments and lets `escape` take one character after the other. */
static int escaped(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, escape_fn *escape,
                   struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) plain = slip_tmpl_buf(c);
    SLIP_AUTO(slip_buf) text = slip_tmpl_buf(c);
    joined(a, n, &plain);
    struct slip_str s = slip_buf_str(&plain);
    while (s.len > 0)
        escape(&s, &text);
    text.full |= plain.full;
    return slip_tmpl_give(c, &text, out);
}

static char take_byte(struct slip_str *s)
{
    char c = s->ptr[0];
    *s = slip_str_skip(*s, 1);
    return c;
}

static void escape_html(struct slip_str *s, struct slip_buf *out)
{
    char c = take_byte(s);
    switch (c) {
    case '\0':
        slip_buf_add_rune(out, SLIP_RUNE_ERROR);
        break;
    case '"':
        slip_buf_add_c(out, "&#34;");
        break;
    case '\'':
        slip_buf_add_c(out, "&#39;");
        break;
    case '&':
        slip_buf_add_c(out, "&amp;");
        break;
    case '<':
        slip_buf_add_c(out, "&lt;");
        break;
    case '>':
        slip_buf_add_c(out, "&gt;");
        break;
    default:
        slip_buf_add_char(out, c);
        break;
    }
}

static void escape_js(struct slip_str *s, struct slip_buf *out)
{
    size_t width;
    unsigned char c = (unsigned char)s->ptr[0];
    if (c >= 0x80) {
        uint32_t rune = slip_utf8_decode(*s, &width);
        if (slip_unicode_is_print(rune))
            slip_buf_add(out, s->ptr, width);
        else
            slip_buf_add_fmt(out, "\\u%04X", rune);
        *s = slip_str_skip(*s, width);
        return;
    }
    take_byte(s);
    if (c == '\\' || c == '\'' || c == '"')
        slip_buf_add_fmt(out, "\\%c", c);
    else if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '=')
        slip_buf_add_fmt(out, "\\u%04X", c);
    else
        slip_buf_add_char(out, (char)c);
}

static void escape_url(struct slip_str *s, struct slip_buf *out)
{
    unsigned char c = (unsigned char)take_byte(s);
    bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (letter || (c >= '0' && c <= '9') || (c && strchr("-_.~", c)))
        slip_buf_add_char(out, (char)c);
    else if (c == ' ')
        slip_buf_add_char(out, '+');
    else
        slip_buf_add_fmt(out, "%%%02X", c);
}

static int fn_html(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    return escaped(c, a, n, escape_html, out);
}

static int fn_js(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, struct slip_tv *out)
{
    return escaped(c, a, n, escape_js, out);
}

static int fn_urlquery(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                       struct slip_tv *out)
{
    return escaped(c, a, n, escape_url, out);
}

/* clang-format off */
static const struct slip_tmpl_func table[] = {
    { "and",      "aa.", slip_tmpl_fn_and, "the first empty argument, or the last one" },
    { "call",     "aa.", fn_call,          "call a function value: there are none" },
    { "eq",       "aa.", fn_eq,            "the first argument equals one of the others" },
    { "ge",       "aa",  fn_ge,            "greater or equal" },
    { "gt",       "aa",  fn_gt,            "greater" },
    { "html",     "a.",  fn_html,          "the text escaped for HTML" },
    { "index",    "aa.", fn_index,         "an element of a list, map or text" },
    { "js",       "a.",  fn_js,            "the text escaped for JavaScript" },
    { "le",       "aa",  fn_le,            "less or equal" },
    { "len",      "v",   fn_len,           "bytes of a text, elements of a list or map" },
    { "lt",       "aa",  fn_lt,            "less" },
    { "ne",       "aa",  fn_ne,            "not equal" },
    { "not",      "a",   fn_not,           "true when the value is empty" },
    { "or",       "aa.", slip_tmpl_fn_or,  "the first argument that is not empty, or the last one" },
    { "print",    "a.",  fn_print,         "the values as text" },
    { "printf",   "sa.", fn_printf,        "the values in a format" },
    { "println",  "a.",  fn_println,       "the values as text, with spaces and a newline" },
    { "urlquery", "a.",  fn_urlquery,      "the text escaped for the query of a URL" },
};
/* clang-format on */
const struct slip_tmpl_funcs slip_tmpl_funcs_builtin = SLIP_TMPL_FUNCS(table);
