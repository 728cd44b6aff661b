/* SPDX-License-Identifier: Apache-2.0 */
/* A value tree to JSON text. */
#include "value/json.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "value/number.h"

#include <inttypes.h>

static void add_ascii(struct slip_buf *out, unsigned char c)
{
    static const char names[] = "btn?fr"; /* of 8 to 13; VT has none */
    if (c >= 8 && c <= 13 && c != 11) {
        slip_buf_add_char(out, '\\');
        slip_buf_add_char(out, names[c - 8]);
    } else {
        slip_buf_add_fmt(out, "\\u%04x", c);
    }
}

static bool is_raw(unsigned char c, unsigned flags)
{
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
        return false;
    return !(flags & SLIP_JSON_HTML) || (c != '<' && c != '>' && c != '&');
}

void slip_json_add_string(struct slip_buf *out, struct slip_str s, unsigned flags)
{
    slip_buf_add_char(out, '"');
    while (s.len) {
        size_t n = 0;
        while (n < s.len && is_raw((unsigned char)s.ptr[n], flags))
            n++;
        slip_buf_add(out, s.ptr, n);
        s = slip_str_skip(s, n);
        if (!s.len)
            break;
        unsigned char c = (unsigned char)s.ptr[0];
        size_t width = 1;
        if (c == '"' || c == '\\') {
            slip_buf_add_char(out, '\\');
            slip_buf_add_char(out, (char)c);
        } else if (c < 0x80) {
            add_ascii(out, c);
        } else {
            uint32_t rune = slip_utf8_decode(s, &width);
            if ((rune == SLIP_RUNE_ERROR && width == 1) || rune == 0x2028 || rune == 0x2029)
                slip_buf_add_fmt(out, "\\u%04x", (unsigned)rune);
            else
                slip_buf_add(out, s.ptr, width);
        }
        s = slip_str_skip(s, width);
    }
    slip_buf_add_char(out, '"');
}

struct writer {
    unsigned flags, depth;
    struct slip_buf *out;
    struct slip_error *err;
};

static int write_value(struct writer *w, const struct slip_value *v);

static void new_line(struct writer *w)
{
    if (w->flags & SLIP_JSON_PRETTY)
        slip_buf_add_fmt(w->out, "\n%*s", (int)w->depth * 2, "");
}

static int write_list(struct writer *w, const struct slip_value *v)
{
    slip_buf_add_char(w->out, '[');
    w->depth++;
    for (size_t i = 0; i < v->len; i++) {
        if (i)
            slip_buf_add_char(w->out, ',');
        new_line(w);
        if (write_value(w, v->items[i]) < 0)
            return -1;
    }
    w->depth--;
    if (v->len)
        new_line(w);
    slip_buf_add_char(w->out, ']');
    return 0;
}

static int write_pairs(struct writer *w, struct slip_pair *const *sorted, size_t len)
{
    bool first = true;
    for (size_t i = 0; i < len; i++) {
        if (i + 1 < len && slip_str_eq(sorted[i]->key->text, sorted[i + 1]->key->text))
            continue; /* a later value of the same key wins */
        if (!first)
            slip_buf_add_char(w->out, ',');
        first = false;
        new_line(w);
        slip_json_add_string(w->out, sorted[i]->key->text, w->flags);
        slip_buf_add_c(w->out, w->flags & SLIP_JSON_PRETTY ? ": " : ":");
        if (write_value(w, sorted[i]->value) < 0)
            return -1;
    }
    return 0;
}

static int by_key_then_place(const void *a, const void *b)
{
    const struct slip_pair *x = *(struct slip_pair *const *)a, *y = *(struct slip_pair *const *)b;
    int c = slip_str_cmp(x->key->text, y->key->text);
    return c ? c : (x > y) - (x < y);
}

static int write_map(struct writer *w, const struct slip_value *v)
{
    slip_buf_add_char(w->out, '{');
    w->depth++;
    struct slip_pair **sorted = slip_alloc_array(v->len + 1, sizeof(*sorted));
    for (size_t i = 0; i < v->len; i++)
        sorted[i] = &v->pairs[i];
    qsort(sorted, v->len, sizeof(*sorted), by_key_then_place);
    int rc = write_pairs(w, sorted, v->len);
    slip_free(sorted);
    if (rc < 0)
        return -1;
    w->depth--;
    if (v->len)
        new_line(w);
    slip_buf_add_char(w->out, '}');
    return 0;
}

static int write_float(struct writer *w, double f)
{
    if (slip_float_print_json(f, w->out))
        return 0;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(64);
    slip_float_print_go(f, &text);
    return slip_fail(w->err, SLIP_E_CONFIG, "json: unsupported value: %s", text.ptr);
}

static int write_value(struct writer *w, const struct slip_value *v)
{
    if (w->depth > SLIP_LIMIT_JSON_DEPTH)
        return slip_fail(w->err, SLIP_E_CONFIG, "json: exceeded max depth");
    switch (v->type) {
    case SLIP_VALUE_NULL:
        slip_buf_add_c(w->out, "null");
        return 0;
    case SLIP_VALUE_BOOL:
        slip_buf_add_c(w->out, v->boolean ? "true" : "false");
        return 0;
    case SLIP_VALUE_INT:
        slip_buf_add_fmt(w->out, "%" PRId64, v->i);
        return 0;
    case SLIP_VALUE_UINT:
        slip_buf_add_fmt(w->out, "%" PRIu64, v->u);
        return 0;
    case SLIP_VALUE_FLOAT:
        return write_float(w, v->f);
    case SLIP_VALUE_STRING:
        slip_json_add_string(w->out, v->text, w->flags);
        return 0;
    case SLIP_VALUE_LIST:
        return write_list(w, v);
    case SLIP_VALUE_MAP:
    default:
        return write_map(w, v);
    }
}

int slip_json_write(const struct slip_value *v, unsigned flags, struct slip_buf *out,
                    struct slip_error *err)
{
    struct writer w = { .flags = flags, .out = out, .err = err };
    return write_value(&w, v);
}
