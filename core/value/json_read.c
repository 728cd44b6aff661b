/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text to a value tree, without recursion.
 *
 *   value  := object | array | string | number | "true" | "false" | "null"
 *   object := "{" [ string ":" value { "," string ":" value } ] "}"
 *   array  := "[" [ value { "," value } ] "]"
 *   number := ["-"] ("0" | digit1-9 { digit }) ["." digit { digit }] [("e"|"E") ["+"|"-"] digit {
 * digit }]
 *
 * Blanks (space, tab, CR, LF) may stand between all of these. Messages are worded as Go words them,
 * because templates can show them (mustFromJson).
 */
#include "value/json.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "value/build.h"

#include <errno.h>
#include <math.h>

struct reader {
    const char *at, *end, *line_start;
    unsigned line;
    const char *name;
    struct slip_value_build build;
    struct slip_buf decoded; /* the string being read */
    struct slip_error *err;
};

enum expect { EXPECT_VALUE, EXPECT_FIRST_VALUE, EXPECT_FIRST_KEY, EXPECT_KEY, EXPECT_AFTER };

static unsigned column(const struct reader *r)
{
    return (unsigned)(r->at - r->line_start) + 1;
}

static int fail_at(struct reader *r, const char *what)
{
    if (r->name)
        return slip_fail(r->err, SLIP_E_CONFIG, "%s:%u:%u: %s", r->name, r->line, column(r), what);
    return slip_fail(r->err, SLIP_E_CONFIG, "%s", what);
}

/* A byte as Go quotes it, where each is a character of Latin 1. */
static void show_byte(unsigned char c, char out[16])
{
    static const char control[] = "0123456abtnvfr";
    char latin1[4] = "";
    slip_utf8_encode(c, latin1);
    if (c == '\'' || c == '\\')
        snprintf(out, 16, "\\%c", c);
    else if (c >= 7 && c <= 13)
        snprintf(out, 16, "\\%c", control[c]);
    else if (c < 0x20 || (c >= 0x7F && c < 0xA1) || c == 0xAD)
        snprintf(out, 16, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
    else
        snprintf(out, 16, "%.*s", c < 0x80 ? 1 : 2, latin1);
}

static int fail_byte(struct reader *r, unsigned char c, const char *where)
{
    char shown[16], text[160];
    show_byte(c, shown);
    snprintf(text, sizeof(text), "invalid character '%s' %s", shown, where);
    return fail_at(r, text);
}

/* The character here does not belong between tokens: `where` says what was being read. */
static int fail_char(struct reader *r, const char *where)
{
    if (r->at == r->end)
        return fail_at(r, "unexpected end of JSON input");
    return fail_byte(r, (unsigned char)*r->at, where);
}

/* The same inside of a token. There Go takes the end of the text for a blank. */
static int fail_inside(struct reader *r, const char *where)
{
    return fail_byte(r, r->at == r->end ? ' ' : (unsigned char)*r->at, where);
}

static void skip_blanks(struct reader *r)
{
    for (; r->at < r->end; r->at++) {
        if (*r->at == '\n') {
            r->line++;
            r->line_start = r->at + 1;
        } else if (*r->at != ' ' && *r->at != '\t' && *r->at != '\r') {
            return;
        }
    }
}

static struct slip_value *new_value(struct reader *r, enum slip_value_type type)
{
    struct slip_value *v = slip_value_build_new(&r->build, type, r->line, column(r));
    if (!v)
        fail_at(r, "too many JSON values");
    return v;
}

/* --- strings --- */

static int take_hex4(struct reader *r, uint32_t *out)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        char c = r->at < r->end ? *r->at : ' ';
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return fail_inside(r, "in \\u hexadecimal character escape");
    }
    *out = v;
    return 0;
}

/* After "\u". A high surrogate takes a low one that follows; any other half becomes U+FFFD. */
static int take_unicode_escape(struct reader *r)
{
    uint32_t rune = 0, low = 0;
    if (take_hex4(r, &rune) < 0)
        return -1;
    if (rune >= 0xD800 && rune < 0xDC00 && r->end - r->at >= 2 && r->at[0] == '\\'
        && r->at[1] == 'u') {
        const char *before = r->at;
        r->at += 2;
        if (take_hex4(r, &low) < 0)
            return -1;
        if (low >= 0xDC00 && low < 0xE000)
            rune = 0x10000 + ((rune - 0xD800) << 10 | (low - 0xDC00));
        else
            r->at = before;
    }
    slip_buf_add_rune(&r->decoded, rune); /* half a pair is written as U+FFFD */
    return 0;
}

static int take_escape(struct reader *r)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    r->at++;
    const char *p = r->at < r->end && *r->at ? strchr(names, *r->at) : NULL;
    if (p) {
        slip_buf_add_char(&r->decoded, values[p - names]);
        r->at++;
        return 0;
    }
    if (r->at == r->end || *r->at != 'u')
        return fail_inside(r, "in string escape code");
    r->at++;
    return take_unicode_escape(r);
}

/* At the opening quote. The text lives in the arena. */
static int take_string(struct reader *r, struct slip_value **out)
{
    struct slip_value *v = new_value(r, SLIP_VALUE_STRING);
    if (!v)
        return -1;
    slip_buf_reset(&r->decoded);
    r->at++;
    while (r->at < r->end && *r->at != '"') {
        const char *run = r->at;
        while (r->at < r->end && (unsigned char)*r->at >= 0x20 && (unsigned char)*r->at < 0x80
               && *r->at != '"' && *r->at != '\\')
            r->at++;
        slip_buf_add(&r->decoded, run, (size_t)(r->at - run));
        if (r->at == r->end || *r->at == '"')
            break;
        if (*r->at == '\\') {
            v->escaped = true;
            if (take_escape(r) < 0)
                return -1;
        } else if ((unsigned char)*r->at < 0x20) {
            return fail_char(r, "in string literal");
        } else {
            size_t width;
            uint32_t rune =
                slip_utf8_decode(slip_str_make(r->at, (size_t)(r->end - r->at)), &width);
            slip_buf_add_rune(&r->decoded, rune);
            r->at += width;
        }
    }
    if (r->at == r->end)
        return fail_char(r, "");
    r->at++;
    v->text = slip_arena_str(r->build.arena, slip_buf_str(&r->decoded));
    *out = v;
    return 0;
}

/* --- numbers and words --- */

static bool is_digit(const struct reader *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static int skip_digits(struct reader *r, const char *where)
{
    if (!is_digit(r))
        return fail_inside(r, where);
    while (is_digit(r))
        r->at++;
    return 0;
}

static int skip_number(struct reader *r, bool *integer)
{
    *integer = true;
    if (*r->at == '-')
        r->at++;
    if (r->at < r->end && *r->at == '0')
        r->at++;
    else if (skip_digits(r, "in numeric literal") < 0)
        return -1;
    if (r->at < r->end && *r->at == '.') {
        *integer = false;
        r->at++;
        if (skip_digits(r, "after decimal point in numeric literal") < 0)
            return -1;
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        *integer = false;
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
            r->at++;
        if (skip_digits(r, "in exponent of numeric literal") < 0)
            return -1;
    }
    return 0;
}

static int take_number(struct reader *r, struct slip_value **out)
{
    struct slip_value *v = new_value(r, SLIP_VALUE_FLOAT);
    if (!v)
        return -1;
    const char *start = r->at;
    bool integer;
    if (skip_number(r, &integer) < 0)
        return -1;
    v->text = slip_arena_str(r->build.arena, slip_str_make(start, (size_t)(r->at - start)));
    if (integer && slip_str_to_i64(v->text, &v->i))
        v->type = SLIP_VALUE_INT;
    else if (integer && slip_str_to_u64(v->text, &v->u))
        v->type = SLIP_VALUE_UINT;
    else
        v->f = strtod(v->text.ptr, NULL);
    *out = v;
    return 0;
}

static int take_word(struct reader *r, const char *word, enum slip_value_type type,
                     struct slip_value **out)
{
    struct slip_value *v = new_value(r, type);
    if (!v)
        return -1;
    for (const char *p = word; *p; p++, r->at++) {
        if (r->at == r->end || *r->at != *p) {
            char where[64];
            snprintf(where, sizeof(where), "in literal %s (expecting '%c')", word, *p);
            return fail_inside(r, where);
        }
    }
    v->text = slip_str_of(word);
    v->boolean = word[0] == 't';
    *out = v;
    return 0;
}

/* --- structure --- */

static int open_container(struct reader *r, enum slip_value_type type)
{
    struct slip_value *v = new_value(r, type);
    if (!v)
        return -1;
    if (r->build.frames.len == SLIP_LIMIT_JSON_DEPTH)
        return fail_char(r, "exceeded max depth");
    slip_value_build_open(&r->build, v);
    r->at++;
    return 0;
}

static int take_scalar(struct reader *r, struct slip_value **v)
{
    switch (r->at < r->end ? *r->at : 0) {
    case '"':
        return take_string(r, v);
    case 't':
        return take_word(r, "true", SLIP_VALUE_BOOL, v);
    case 'f':
        return take_word(r, "false", SLIP_VALUE_BOOL, v);
    case 'n':
        return take_word(r, "null", SLIP_VALUE_NULL, v);
    default:
        if (!is_digit(r) && (r->at == r->end || *r->at != '-'))
            return fail_char(r, "looking for beginning of value");
        return take_number(r, v);
    }
}

static int take_value(struct reader *r, enum expect *next)
{
    char c = r->at < r->end ? *r->at : 0;
    if (c == '{' || c == '[') {
        *next = c == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
        return open_container(r, c == '{' ? SLIP_VALUE_MAP : SLIP_VALUE_LIST);
    }
    struct slip_value *v;
    if (take_scalar(r, &v) < 0)
        return -1;
    slip_value_build_add(&r->build, v);
    *next = EXPECT_AFTER;
    return 0;
}

static int take_key(struct reader *r, enum expect *next)
{
    if (r->at == r->end || *r->at != '"')
        return fail_char(r, "looking for beginning of object key string");
    struct slip_value *key;
    if (take_string(r, &key) < 0)
        return -1;
    skip_blanks(r);
    if (r->at == r->end || *r->at != ':')
        return fail_char(r, "after object key");
    r->at++;
    slip_value_build_add(&r->build, key);
    *next = EXPECT_VALUE;
    return 0;
}

static void close_container(struct reader *r, enum expect *next)
{
    r->at++;
    slip_value_build_close(&r->build);
    *next = EXPECT_AFTER;
}

static int take_after(struct reader *r, enum expect *next)
{
    bool map = slip_value_build_top(&r->build)->container->type == SLIP_VALUE_MAP;
    if (r->at < r->end && *r->at == ',') {
        r->at++;
        *next = map ? EXPECT_KEY : EXPECT_VALUE;
        return 0;
    }
    if (r->at == r->end || *r->at != (map ? '}' : ']'))
        return fail_char(r, map ? "after object key:value pair" : "after array element");
    close_container(r, next);
    return 0;
}

static int take_next(struct reader *r, enum expect *next)
{
    skip_blanks(r);
    char c = r->at < r->end ? *r->at : 0;
    switch (*next) {
    case EXPECT_FIRST_VALUE:
        if (c != ']')
            return take_value(r, next);
        close_container(r, next);
        return 0;
    case EXPECT_FIRST_KEY:
        if (c != '}')
            return take_key(r, next);
        close_container(r, next);
        return 0;
    case EXPECT_KEY:
        return take_key(r, next);
    case EXPECT_AFTER:
        return take_after(r, next);
    case EXPECT_VALUE:
    default:
        return take_value(r, next);
    }
}

static int read_all(struct reader *r, unsigned flags)
{
    enum expect next = EXPECT_VALUE;
    do {
        if (take_next(r, &next) < 0)
            return -1;
    } while (next != EXPECT_AFTER || r->build.frames.len > 0);
    if (flags & SLIP_JSON_FIRST_VALUE)
        return 0;
    skip_blanks(r);
    return r->at == r->end ? 0 : fail_char(r, "after top-level value");
}

int slip_json_read(struct slip_str text, const char *name, unsigned flags, struct slip_doc *out,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct reader r = { .at = text.ptr,
                        .end = text.ptr + text.len,
                        .line_start = text.ptr,
                        .line = 1,
                        .name = name,
                        .build = { .arena = &doc.arena, .max_nodes = SLIP_LIMIT_JSON_NODES },
                        .decoded = SLIP_BUF(SIZE_MAX),
                        .err = err };
    int rc = read_all(&r, flags);
    doc.root = r.build.root;
    slip_value_build_clear(&r.build);
    slip_buf_clear(&r.decoded);
    if (rc < 0)
        return -1;
    slip_doc_move(out, &doc);
    return 0;
}
