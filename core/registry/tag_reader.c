/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"name":"...","tags":["a","b",...]} without keeping it.
 *
 * Only what is needed to find the strings of the top-level "tags" list is checked: strings, escapes
 * and nesting. What stands in between is passed over.
 */
#include "registry/tag_reader.h"

#include "base/utf8.h"

#include <ctype.h>

#define DEPTH_MAX 64
#define STRING_MAX 4096

void slip_tag_reader_init(struct slip_tag_reader *r, slip_tag_fn *fn, void *payload)
{
    *r = (struct slip_tag_reader){ .fn = fn, .payload = payload };
    slip_buf_init(&r->text, STRING_MAX);
}

void slip_tag_reader_clear(struct slip_tag_reader *r)
{
    slip_buf_clear(&r->text);
}

static int bad(struct slip_error *err, const char *what)
{
    return slip_fail(err, SLIP_E_REGISTRY, "the tag listing is not as it should be: %s", what);
}

static int end_string(struct slip_tag_reader *r, struct slip_error *err)
{
    r->in_string = false;
    if (r->text.full)
        return bad(err, "a string is too long");
    return r->in_tags && r->depth == 2 ? r->fn(r->payload, slip_buf_str(&r->text), err) : 0;
}

/* A digit of \uXXXX; halves of surrogate pairs become U+FFFD: no tag holds any. */
static int feed_hex(struct slip_tag_reader *r, char c, struct slip_error *err)
{
    if (!isxdigit((unsigned char)c))
        return bad(err, "a wrong escape");
    unsigned digit = isdigit((unsigned char)c) ? (unsigned)(c - '0')
                                               : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
    r->rune = r->rune << 4 | digit;
    if (--r->hex_left == 0)
        slip_buf_add_rune(&r->text, r->rune);
    return 0;
}

static int feed_escape(struct slip_tag_reader *r, char c, struct slip_error *err)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at = c ? strchr(from, c) : NULL;
    r->escaped = false;
    if (at)
        slip_buf_add_char(&r->text, to[at - from]);
    else if (c == 'u')
        r->hex_left = 4, r->rune = 0;
    else
        return bad(err, "a wrong escape");
    return 0;
}

static int feed_in_string(struct slip_tag_reader *r, char c, struct slip_error *err)
{
    if (r->hex_left > 0)
        return feed_hex(r, c, err);
    if (r->escaped)
        return feed_escape(r, c, err);
    if (c == '"')
        return end_string(r, err);
    if ((unsigned char)c < ' ')
        return bad(err, "a control character in a string");
    if (c == '\\')
        r->escaped = true;
    else
        slip_buf_add_char(&r->text, c);
    return 0;
}

static int open_container(struct slip_tag_reader *r, char c, struct slip_error *err)
{
    if (r->depth == 0 && c != '{')
        return bad(err, "not an object");
    if (++r->depth > DEPTH_MAX)
        return bad(err, "nested too deeply");
    if (r->depth == 2 && c == '[' && r->key_is_tags)
        r->in_tags = true;
    return 0;
}

static int close_container(struct slip_tag_reader *r, struct slip_error *err)
{
    if (r->depth == 0)
        return bad(err, "a bracket too many");
    if (--r->depth < 2)
        r->in_tags = false;
    r->closed = r->depth == 0;
    return 0;
}

static int feed_between(struct slip_tag_reader *r, char c, struct slip_error *err)
{
    switch (c) {
    case '"':
        r->in_string = true;
        slip_buf_reset(&r->text);
        r->text.full = false;
        return 0;
    case ':':
        r->key_is_tags = r->depth == 1 && slip_str_is(slip_buf_str(&r->text), "tags");
        return 0;
    case ',':
        if (r->depth == 1)
            r->key_is_tags = false;
        return 0;
    case '{':
    case '[':
        return open_container(r, c, err);
    case '}':
    case ']':
        return close_container(r, err);
    default:
        if (r->depth == 0 && !isspace((unsigned char)c))
            return bad(err, "not JSON");
        return 0;
    }
}

int slip_tag_reader_feed(struct slip_tag_reader *r, struct slip_str bytes, struct slip_error *err)
{
    for (size_t i = 0; i < bytes.len && !r->closed; i++) {
        int rc = r->in_string ? feed_in_string(r, bytes.ptr[i], err)
                              : feed_between(r, bytes.ptr[i], err);
        if (rc < 0)
            return -1;
    }
    return 0;
}
