/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of the registry protocol.
 *
 *   challenges := challenge *( "," challenge )           RFC 9110 section 11.6.1
 *   challenge  := scheme [ SP ( token68 / param *( "," param ) ) ]
 *   param      := token "=" ( token / quoted-string )
 *
 * A word that is followed by "=" is a parameter of the challenge before it, else a scheme.
 */
#include "registry/protocol.h"

#include "base/utf8.h"
#include "value/json.h"

#include <ctype.h>
#include <strings.h>

#define PARAM_LIMIT 4096
#define SECONDS_MAX 1000000000 /* of patience asked for: more is no other answer */

void slip_challenge_clear(struct slip_challenge *c)
{
    slip_buf_clear(&c->realm);
    slip_buf_clear(&c->service);
    slip_buf_clear(&c->scope);
}

static void skip_blanks_and_commas(struct slip_str *s)
{
    while (s->len > 0 && (s->ptr[0] == ' ' || s->ptr[0] == '\t' || s->ptr[0] == ','))
        *s = slip_str_skip(*s, 1);
}

static struct slip_str take_token(struct slip_str *s)
{
    size_t n = 0;
    while (n < s->len && s->ptr[n] > ' ' && s->ptr[n] < 0x7f && !strchr(",=\"", s->ptr[n]))
        n++;
    struct slip_str token = slip_str_first(*s, n);
    *s = slip_str_skip(*s, n);
    return token;
}

/* token or quoted-string, unescaped. */
static void take_value(struct slip_str *s, struct slip_buf *out)
{
    if (s->len == 0 || s->ptr[0] != '"') {
        slip_buf_add_str(out, take_token(s));
        return;
    }
    *s = slip_str_skip(*s, 1);
    while (s->len > 0 && s->ptr[0] != '"') {
        if (s->ptr[0] == '\\' && s->len > 1)
            *s = slip_str_skip(*s, 1);
        slip_buf_add_char(out, s->ptr[0]);
        *s = slip_str_skip(*s, 1);
    }
    *s = slip_str_skip(*s, 1);
}

static bool is_nocase(struct slip_str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

static struct slip_buf *param_place(struct slip_challenge *c, struct slip_str key)
{
    if (is_nocase(key, "realm"))
        return &c->realm;
    if (is_nocase(key, "service"))
        return &c->service;
    if (is_nocase(key, "scope"))
        return &c->scope;
    return NULL;
}

static bool usable(const struct slip_challenge *c)
{
    return c->scheme == SLIP_AUTH_BASIC || (c->scheme == SLIP_AUTH_BEARER && c->realm.len > 0);
}

static void begin_challenge(struct slip_challenge *c, struct slip_str scheme)
{
    slip_challenge_clear(c);
    c->scheme = SLIP_AUTH_NONE;
    if (is_nocase(scheme, "basic"))
        c->scheme = SLIP_AUTH_BASIC;
    else if (is_nocase(scheme, "bearer"))
        c->scheme = SLIP_AUTH_BEARER;
}

/* One header; stops after the first usable challenge. */
static void parse_header(struct slip_str s, struct slip_challenge *c)
{
    for (skip_blanks_and_commas(&s); s.len > 0; skip_blanks_and_commas(&s)) {
        struct slip_str word = take_token(&s);
        if (word.len == 0) {
            s = slip_str_skip(s, 1);
            continue;
        }
        if (s.len == 0 || s.ptr[0] != '=') {
            if (usable(c))
                return;
            begin_challenge(c, word);
            continue;
        }
        s = slip_str_skip(s, 1);
        SLIP_AUTO(slip_buf) value = SLIP_BUF(PARAM_LIMIT);
        take_value(&s, &value);
        struct slip_buf *place = param_place(c, word);
        if (place && place->len == 0 && !value.full)
            slip_buf_move(place, &value);
    }
}

void slip_challenge_parse(const struct slip_http_answer *a, struct slip_challenge *out)
{
    struct slip_challenge c = { SLIP_AUTH_NONE, SLIP_BUF(PARAM_LIMIT), SLIP_BUF(PARAM_LIMIT),
                                SLIP_BUF(PARAM_LIMIT) };
    struct slip_str header;
    for (size_t i = 0; !usable(&c) && (header = slip_http_header(a, "WWW-Authenticate", i)).ptr;
         i++) {
        begin_challenge(&c, SLIP_STR(""));
        parse_header(header, &c);
    }
    if (!usable(&c))
        begin_challenge(&c, SLIP_STR(""));
    *out = c;
}

void slip_printable_add(struct slip_str text, size_t max, struct slip_buf *out)
{
    size_t end = out->len + max;
    while (text.len > 0 && out->len < end) {
        size_t width;
        uint32_t rune = slip_utf8_decode(text, &width);
        bool bad = rune < ' ' || (rune >= 0x7f && rune < 0xa0) || (rune == SLIP_RUNE_ERROR)
                   || (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069);
        for (size_t i = 0; bad && i < width; i++)
            slip_buf_add_fmt(out, "\\x%02x", (unsigned char)text.ptr[i]);
        if (!bad)
            slip_buf_add(out, text.ptr, width);
        text = slip_str_skip(text, width);
    }
    if (text.len > 0)
        slip_buf_add_c(out, "...");
}

static void printable_copy(struct slip_str text, char *out, size_t size)
{
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(size + 64);
    slip_printable_add(slip_str_trim(text), size - 16, &clean);
    snprintf(out, size, "%s", clean.ptr);
}

/* {"errors":[{"code":..,"message":..}]}, or what token services say: {"details":..} or
 * {"error":..,"error_description":..}. */
static void read_json(const struct slip_value *root, struct slip_complaint *out)
{
    const struct slip_value *errors = slip_value_get(root, "errors");
    const struct slip_value *first =
        errors && errors->type == SLIP_VALUE_LIST && errors->len ? errors->items[0] : root;
    struct slip_str code = slip_value_text(first, "code"),
                    message = slip_value_text(first, "message");
    if (code.len == 0)
        code = slip_value_text(first, "error");
    if (message.len == 0)
        message = slip_value_text(first, "error_description");
    if (message.len == 0)
        message = slip_value_text(first, "details");
    printable_copy(code, out->code, sizeof(out->code));
    printable_copy(message, out->message, sizeof(out->message));
}

void slip_complaint_parse(struct slip_str body, struct slip_complaint *out)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error ignored = { 0 }; /* another form is no failure */
    struct slip_str line;
    *out = (struct slip_complaint){ 0 };
    body = slip_str_trim(body);
    if (body.len == 0)
        return;
    if (body.ptr[0] == '{' && slip_json_read(body, NULL, 0, &doc, &ignored) == 0)
        read_json(doc.root, out);
    else if (body.ptr[0] != '<' && slip_str_line(&body, &line))
        printable_copy(line, out->message, sizeof(out->message));
}

/* The parameters after "<url>" hold rel=next. */
static bool is_next(struct slip_str params)
{
    struct slip_str param;
    while (params.len > 0) {
        slip_str_cut(params, ';', &param, &params);
        struct slip_str key, value;
        if (!slip_str_cut(param, '=', &key, &value) || !is_nocase(slip_str_trim(key), "rel"))
            continue;
        value = slip_str_trim(value);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = slip_str_make(value.ptr + 1, value.len - 2);
        if (is_nocase(value, "next"))
            return true;
    }
    return false;
}

struct slip_str slip_link_next(const struct slip_http_answer *a)
{
    struct slip_str s, url, params;
    for (size_t i = 0; (s = slip_http_header(a, "Link", i)).ptr; i++) {
        while (slip_str_cut(s, '<', &url, &s) && slip_str_cut(s, '>', &url, &s)) {
            /* The parameters end where the next link begins; a comma inside quotes is not ours. */
            size_t next = slip_str_find(s, '<');
            params = next == SLIP_NPOS ? s : slip_str_first(s, next);
            while (params.len && strchr(", \t", params.ptr[params.len - 1]))
                params.len--;
            if (is_next(params))
                return url;
        }
    }
    return (struct slip_str){ 0 };
}

bool slip_upload_range(const struct slip_http_answer *a, uint64_t *arrived)
{
    struct slip_str s = slip_http_header(a, "Range", 0), first, last;
    uint64_t from, to;
    if (!s.ptr)
        return false;
    if (slip_str_starts(s, SLIP_STR("bytes=")))
        s = slip_str_skip(s, 6);
    if (!slip_str_cut(s, '-', &first, &last) || !slip_str_to_u64(first, &from)
        || !slip_str_to_u64(last, &to) || from != 0 || to == UINT64_MAX)
        return false;
    *arrived = to == 0 ? 0 : to + 1;
    return true;
}

bool slip_content_range_start(const struct slip_http_answer *a, uint64_t *start)
{
    struct slip_str s = slip_http_header(a, "Content-Range", 0), first, rest;
    return s.ptr && slip_str_starts(s, SLIP_STR("bytes "))
           && slip_str_cut(slip_str_skip(s, 6), '-', &first, &rest)
           && slip_str_to_u64(slip_str_trim(first), start);
}

bool slip_content_length(const struct slip_http_answer *a, uint64_t *length)
{
    struct slip_str s = slip_http_header(a, "Content-Length", 0);
    return s.ptr && slip_str_to_u64(s, length);
}

/* RFC 9110 section 5.6.7: the form that is to be sent, and the two that are to be understood. */
static const char *const date_forms[] = {
    "%a, %d %b %Y %H:%M:%S GMT", /* Sun, 06 Nov 1994 08:49:37 GMT */
    "%A, %d-%b-%y %H:%M:%S GMT", /* Sunday, 06-Nov-94 08:49:37 GMT */
    "%a %b %e %H:%M:%S %Y",      /* Sun Nov  6 08:49:37 1994 */
};

/* As seconds. */
static bool parse_date(struct slip_str s, int64_t *out)
{
    char text[64];
    if (!s.ptr || s.len >= sizeof(text))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    for (size_t i = 0; i < SLIP_COUNT(date_forms); i++) {
        struct tm tm = { 0 };
        const char *end = strptime(text, date_forms[i], &tm);
        if (end && !*end) {
            *out = timegm(&tm);
            return true;
        }
    }
    return false;
}

static bool is_number(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isdigit((unsigned char)s.ptr[i]))
            return false;
    return s.len > 0;
}

/* Decimal seconds as milliseconds, rounded up; a number without end is one. */
static bool parse_seconds(struct slip_str s, uint64_t *ms)
{
    struct slip_str whole, fraction;
    uint64_t n;
    bool has_fraction = slip_str_cut(s, '.', &whole, &fraction);
    if (!is_number(whole))
        return false;
    if (!slip_str_to_u64(whole, &n) || n > SECONDS_MAX)
        n = SECONDS_MAX;
    *ms = n * 1000;
    if (has_fraction && fraction.len > 0) {
        char digits[4] = "000";
        if (!is_number(fraction))
            return false;
        memcpy(digits, fraction.ptr, fraction.len < 3 ? fraction.len : 3);
        uint64_t thousandths;
        if (!slip_str_to_u64(slip_str_of(digits), &thousandths))
            return false;
        *ms += thousandths + 1;
    }
    return true;
}

bool slip_retry_after(const struct slip_http_answer *a, uint64_t *ms)
{
    struct slip_str s = slip_http_header(a, "Retry-After", 0);
    int64_t when, now;
    if (!s.ptr)
        return false;
    if (parse_seconds(s, ms))
        return true;
    if (!parse_date(s, &when) || !parse_date(slip_http_header(a, "Date", 0), &now))
        return false;
    *ms = when > now ? (uint64_t)(when - now) * 1000 : 0;
    return true;
}
