/* SPDX-License-Identifier: Apache-2.0 */
/* A value tree to YAML text: what becomes plain or quoted and in which order is decided here,
 * libyaml lays it out. */
#include "value/yaml.h"

#include <yaml.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "value/base64.h"
#include "value/number.h"
#include "value/resolve.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>

#define BINARY_TAG "tag:yaml.org,2002:binary"

struct writer {
    yaml_emitter_t emitter;
    size_t depth;
    bool marked; /* there are marks to take out */
    struct slip_error *err;
};

static int fail(struct writer *w, const char *what)
{
    return slip_fail(w->err, SLIP_E_CONFIG, "yaml: %s", what);
}

/* `ok` says whether the event could be made; emitting it frees it. */
static int emit(struct writer *w, int ok, yaml_event_t *e)
{
    if (!ok)
        slip_out_of_memory();
    if (yaml_emitter_emit(&w->emitter, e))
        return 0;
    if (w->emitter.error == YAML_MEMORY_ERROR)
        slip_out_of_memory();
    return fail(w, w->emitter.problem ? w->emitter.problem : "cannot write");
}

/* --- order of keys --- */

/* Numbers and booleans have a place among the numbers. */
static bool as_number(const struct slip_value *v, double *out)
{
    if (v->type == SLIP_VALUE_BOOL) {
        *out = v->boolean;
        return true;
    }
    return slip_value_to_double(v, out);
}

/* The order of Go's kinds: a missing value, bool, int, uint, float, then the others. */
static int kind_rank(const struct slip_value *v)
{
    static const int ranks[] = {
        [SLIP_VALUE_NULL] = 7, [SLIP_VALUE_BOOL] = 1,  [SLIP_VALUE_INT] = 2,
        [SLIP_VALUE_UINT] = 3, [SLIP_VALUE_FLOAT] = 4, [SLIP_VALUE_STRING] = 9,
        [SLIP_VALUE_LIST] = 8, [SLIP_VALUE_MAP] = 8,
    };
    return ranks[v->type];
}

static int compare_numbers(const struct slip_value *a, const struct slip_value *b)
{
    switch (a->type) {
    case SLIP_VALUE_INT:
        return (a->i > b->i) - (a->i < b->i);
    case SLIP_VALUE_UINT:
        return (a->u > b->u) - (a->u < b->u);
    default:
        return 0;
    }
}

struct runes {
    uint32_t *at;
    size_t len;
};

static struct runes runes_of(struct slip_str s)
{
    struct runes r = { slip_alloc_array(s.len + 1, sizeof(*r.at)), 0 };
    while (s.len) {
        size_t width;
        r.at[r.len++] = slip_utf8_decode(s, &width);
        s = slip_str_skip(s, width);
    }
    return r;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* The number that begins at `i`, and where it ends. `n` may hold a digit already. */
static size_t read_number(const struct runes *r, size_t i, uint64_t *n)
{
    for (; i < r->len && is_digit(r->at[i]); i++)
        *n = *n * 10 + (r->at[i] - '0');
    return i;
}

/* Two keys that differ first at `i`, where at least one has no letter. */
static int compare_from(const struct runes *a, const struct runes *b, size_t i)
{
    uint64_t an = 0, bn = 0;
    if (a->at[i] == '0' || b->at[i] == '0') {
        /* A digit before makes a zero count. */
        for (size_t j = i; j-- > 0 && is_digit(a->at[j]);) {
            if (a->at[j] != '0') {
                an = bn = 1;
                break;
            }
        }
    }
    size_t ai = read_number(a, i, &an), bi = read_number(b, i, &bn);
    if (an != bn)
        return (int64_t)an < (int64_t)bn ? -1 : 1; /* Go wraps around */
    if (ai != bi)
        return ai < bi ? -1 : 1;
    return a->at[i] < b->at[i] ? -1 : 1;
}

static int compare_runes(const struct runes *a, const struct runes *b)
{
    for (size_t i = 0; i < a->len && i < b->len; i++) {
        if (a->at[i] == b->at[i])
            continue;
        bool a_letter = slip_unicode_is_letter(a->at[i]);
        bool b_letter = slip_unicode_is_letter(b->at[i]);
        if (a_letter && b_letter)
            return a->at[i] < b->at[i] ? -1 : 1;
        if (a_letter || b_letter)
            return b_letter ? -1 : 1;
        return compare_from(a, b, i);
    }
    return (a->len > b->len) - (a->len < b->len);
}

static int compare_strings(struct slip_str a, struct slip_str b)
{
    struct runes x = runes_of(a), y = runes_of(b);
    int c = compare_runes(&x, &y);
    slip_free(x.at);
    slip_free(y.at);
    return c;
}

static int compare_keys(const struct slip_value *a, const struct slip_value *b)
{
    double x, y;
    if (as_number(a, &x) && as_number(b, &y)) {
        if (isnan(x)
            || isnan(y)) /* smaller than nothing in Go, which gives no order; ours is one */
            return (isnan(x) != 0) - (isnan(y) != 0);
        if (x != y)
            return x < y ? -1 : 1;
        if (a->type == b->type)
            return compare_numbers(a, b);
    }
    if (a->type == SLIP_VALUE_STRING && b->type == SLIP_VALUE_STRING)
        return compare_strings(a->text, b->text);
    return kind_rank(a) - kind_rank(b);
}

static int by_key(const void *a, const void *b)
{
    const struct slip_pair *x = *(struct slip_pair *const *)a, *y = *(struct slip_pair *const *)b;
    int c = compare_keys(x->key, y->key);
    return c ? c : (x > y) - (x < y);
}

/* --- nodes --- */

/* "1:30" and the like: numbers to the base of 60 in YAML 1.1, which other readers know. */
static bool is_base60(struct slip_str s)
{
    size_t i = 0, groups = 0;
    if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
        i++;
    if (i == s.len || !isdigit((unsigned char)s.ptr[i]))
        return false;
    while (i < s.len && (isdigit((unsigned char)s.ptr[i]) || s.ptr[i] == '_'))
        i++;
    while (i + 1 < s.len && s.ptr[i] == ':' && isdigit((unsigned char)s.ptr[i + 1])) {
        i += 2;
        if (i < s.len && isdigit((unsigned char)s.ptr[i]) && s.ptr[i - 1] <= '5')
            i++;
        groups++;
    }
    if (groups && i < s.len && s.ptr[i] == '.')
        for (i++; i < s.len && (isdigit((unsigned char)s.ptr[i]) || s.ptr[i] == '_');)
            i++;
    return groups && i == s.len;
}

static bool reads_back_as_string(struct slip_str s)
{
    struct slip_value v = { .text = s };
    slip_yaml_resolve_go(&v, true);
    return v.type == SLIP_VALUE_STRING && !v.time && !is_base60(s);
}

static int emit_scalar(struct writer *w, struct slip_str s, const char *tag,
                       yaml_scalar_style_t style)
{
    yaml_event_t e;
    if (s.len > INT32_MAX)
        return fail(w, "string is too long");
    int ok =
        yaml_scalar_event_initialize(&e, NULL, (const yaml_char_t *)tag, (const yaml_char_t *)s.ptr,
                                     (int)s.len, !tag, !tag, style);
    return emit(w, ok, &e);
}

/*
 * libyaml puts blanks before the quote that closes a text after U+2028 or U+2029, yaml.v2 does not.
 * Such a text gets a mark at its end, of characters for private use; mark and blanks before it are
 * taken out of the result.
 */
#define MARK "\xEE\x85\x9A\xEF\xA1\x82"

static int write_with_mark(struct writer *w, struct slip_str s)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    slip_buf_add_str(&text, s);
    slip_buf_add_c(&text, MARK);
    w->marked = true;
    return emit_scalar(w, slip_buf_str(&text), NULL, YAML_PLAIN_SCALAR_STYLE);
}

/*
 * In a text that begins with a byte order mark yaml.v2 escapes every character. The mark is put
 * behind the first one, and instead of blanks stands a character for private use, so that libyaml
 * folds nothing; characters up to the closing quote are escaped in the result.
 */
#define BOM "\xEF\xBB\xBF"
#define BLANK "\xEE\x85\x9C"

static int write_escaped(struct writer *w, struct slip_str s)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    slip_buf_add_c(&text, BOM MARK);
    for (size_t i = strlen(BOM); i < s.len; i++)
        if (s.ptr[i] == ' ')
            slip_buf_add_c(&text, BLANK);
        else
            slip_buf_add_char(&text, s.ptr[i]);
    w->marked = true;
    return emit_scalar(w, slip_buf_str(&text), NULL, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

/* What libyaml escaped stays as it is. Moves on to the closing quote. */
static void add_escaped(struct slip_str *text, struct slip_buf *out)
{
    while (text->len && text->ptr[0] != '"') {
        size_t width;
        uint32_t rune = slip_utf8_decode(*text, &width);
        if (rune == '\\') {
            char kind = text->len > 1 ? text->ptr[1] : '\0';
            width = kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
            slip_buf_add_str(out, slip_str_first(*text, width));
        } else if (slip_str_starts(*text, SLIP_STR(BLANK))) {
            slip_buf_add_c(out, "\\x20");
        } else {
            slip_buf_add_fmt(out, rune > 0xFF ? "\\u%04X" : "\\x%02X", rune);
        }
        *text = slip_str_skip(*text, width);
    }
}

static void add_without_marks(struct slip_str text, struct slip_buf *out)
{
    size_t at;
    while ((at = slip_str_find_str(text, SLIP_STR(MARK))) != SLIP_NPOS) {
        struct slip_str before = slip_str_first(text, at);
        while (before.len && before.ptr[before.len - 1] == ' ')
            before.len--;
        slip_buf_add_str(out, before);
        text = slip_str_skip(text, at + strlen(MARK));
        if (slip_str_ends(before, SLIP_STR("\"\\uFEFF")))
            add_escaped(&text, out);
    }
    slip_buf_add_str(out, text);
}

/* Text that is no UTF-8 is written in base64, in lines of 70 characters. */
static int write_binary(struct writer *w, struct slip_str s)
{
    SLIP_AUTO(slip_buf) code = SLIP_BUF(SIZE_MAX);
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(SIZE_MAX);
    slip_base64_encode(s, &code);
    for (struct slip_str rest = slip_buf_str(&code); rest.len; rest = slip_str_skip(rest, 70)) {
        slip_buf_add_str(&lines, slip_str_first(rest, 70));
        if (code.len > 70)
            slip_buf_add_char(&lines, '\n');
    }
    return emit_scalar(w, slip_buf_str(&lines), BINARY_TAG,
                       code.len > 70 ? YAML_LITERAL_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE);
}

static int write_string(struct writer *w, struct slip_str s)
{
    if (!slip_utf8_valid(s))
        return write_binary(w, s);
    yaml_scalar_style_t style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (slip_str_find(s, '\n') != SLIP_NPOS)
        style = YAML_LITERAL_SCALAR_STYLE;
    else if (reads_back_as_string(s))
        style = YAML_PLAIN_SCALAR_STYLE;
    bool markable = slip_str_find_str(s, SLIP_STR(MARK)) == SLIP_NPOS;
    if (slip_str_starts(s, SLIP_STR(BOM)) && markable)
        return write_escaped(w, s);
    bool breaks_at_end =
        slip_str_ends(s, SLIP_STR("\u2028")) || slip_str_ends(s, SLIP_STR("\u2029"));
    if (style == YAML_PLAIN_SCALAR_STYLE && breaks_at_end && markable)
        return write_with_mark(w, s);
    return emit_scalar(w, s, NULL, style);
}

static int write_float(struct writer *w, double f)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(64);
    if (isnan(f))
        slip_buf_add_c(&text, ".nan");
    else if (isinf(f))
        slip_buf_add_c(&text, f < 0 ? "-.inf" : ".inf");
    else
        slip_float_print_go(f, &text);
    return emit_scalar(w, slip_buf_str(&text), NULL, YAML_PLAIN_SCALAR_STYLE);
}

static int write_number(struct writer *w, const struct slip_value *v)
{
    char text[32];
    if (v->type == SLIP_VALUE_INT)
        snprintf(text, sizeof(text), "%" PRId64, v->i);
    else
        snprintf(text, sizeof(text), "%" PRIu64, v->u);
    return emit_scalar(w, slip_str_of(text), NULL, YAML_PLAIN_SCALAR_STYLE);
}

static int write_value(struct writer *w, const struct slip_value *v);

static int write_list(struct writer *w, const struct slip_value *v)
{
    yaml_event_t e;
    int ok = yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
    if (emit(w, ok, &e) < 0)
        return -1;
    for (size_t i = 0; i < v->len; i++)
        if (write_value(w, v->items[i]) < 0)
            return -1;
    return emit(w, yaml_sequence_end_event_initialize(&e), &e);
}

static int write_pairs(struct writer *w, struct slip_pair *const *sorted, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (write_value(w, sorted[i]->key) < 0 || write_value(w, sorted[i]->value) < 0)
            return -1;
    return 0;
}

static int write_map(struct writer *w, const struct slip_value *v)
{
    yaml_event_t e;
    int ok = yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
    if (emit(w, ok, &e) < 0)
        return -1;
    struct slip_pair **sorted = slip_alloc_array(v->len + 1, sizeof(*sorted));
    for (size_t i = 0; i < v->len; i++)
        sorted[i] = &v->pairs[i];
    qsort(sorted, v->len, sizeof(*sorted), by_key);
    int rc = write_pairs(w, sorted, v->len);
    slip_free(sorted);
    return rc < 0 ? -1 : emit(w, yaml_mapping_end_event_initialize(&e), &e);
}

static int write_container(struct writer *w, const struct slip_value *v)
{
    if (w->depth == SLIP_LIMIT_YAML_DEPTH)
        return fail(w, "nested too deep");
    w->depth++;
    int rc = v->type == SLIP_VALUE_LIST ? write_list(w, v) : write_map(w, v);
    w->depth--;
    return rc;
}

static int write_value(struct writer *w, const struct slip_value *v)
{
    switch (v->type) {
    case SLIP_VALUE_NULL:
        return emit_scalar(w, SLIP_STR("null"), NULL, YAML_PLAIN_SCALAR_STYLE);
    case SLIP_VALUE_BOOL:
        return emit_scalar(w, slip_str_of(v->boolean ? "true" : "false"), NULL,
                           YAML_PLAIN_SCALAR_STYLE);
    case SLIP_VALUE_INT:
    case SLIP_VALUE_UINT:
        return write_number(w, v);
    case SLIP_VALUE_FLOAT:
        return write_float(w, v->f);
    case SLIP_VALUE_STRING:
        return v->verbatim ? emit_scalar(w, v->text, NULL, YAML_PLAIN_SCALAR_STYLE)
                           : write_string(w, v->text);
    case SLIP_VALUE_LIST:
    case SLIP_VALUE_MAP:
    default:
        return write_container(w, v);
    }
}

static int append(void *out, unsigned char *data, size_t len)
{
    return slip_buf_add(out, data, len);
}

static int write_stream(struct writer *w, const struct slip_value *v)
{
    yaml_event_t e;
    if (emit(w, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING), &e) < 0
        || emit(w, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1), &e) < 0
        || write_value(w, v) < 0)
        return -1;
    w->emitter.open_ended = 0; /* yaml.v2 puts no "..." after text that ends with empty lines */
    if (emit(w, yaml_document_end_event_initialize(&e, 1), &e) < 0)
        return -1;
    return emit(w, yaml_stream_end_event_initialize(&e), &e);
}

int slip_yaml_write(const struct slip_value *v, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(out->limit);
    struct writer w = { .err = err };
    if (!yaml_emitter_initialize(&w.emitter))
        slip_out_of_memory();
    yaml_emitter_set_output(&w.emitter, append, &text);
    yaml_emitter_set_unicode(&w.emitter, 1);
    int rc = write_stream(&w, v);
    yaml_emitter_delete(&w.emitter);
    if (rc < 0)
        return -1;
    if (w.marked)
        add_without_marks(slip_buf_str(&text), out);
    else
        slip_buf_add_str(out, slip_buf_str(&text));
    return out->full ? fail(&w, "text is too long") : 0;
}
