/* SPDX-License-Identifier: Apache-2.0 */
/* Slugs of ref names. */
#include "ref/slug.h"

#include "hash/hash.h"

#define SAFE_HEX 8 /* digits of the hash in a safe slug */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_tag_char(char c)
{
    return is_word_char(c) || c == '.' || c == '-';
}

bool slip_ref_is_tag(struct slip_str s)
{
    if (s.len == 0 || s.len > SLIP_TAG_MAX || !is_word_char(s.ptr[0]))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_tag_char(s.ptr[i]))
            return false;
    return true;
}

static struct slip_str without_dots_and_dashes_at_the_ends(struct slip_str s)
{
    while (s.len && (s.ptr[0] == '.' || s.ptr[0] == '-'))
        s = slip_str_skip(s, 1);
    while (s.len && (s.ptr[s.len - 1] == '.' || s.ptr[s.len - 1] == '-'))
        s.len--;
    return s;
}

static void slug(struct slip_str name, size_t max, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) dashed = SLIP_BUF(name.len);
    for (size_t i = 0; i < name.len; i++) {
        if (is_tag_char(name.ptr[i]))
            slip_buf_add_char(&dashed, name.ptr[i]);
        else if (i == 0 || is_tag_char(name.ptr[i - 1]))
            slip_buf_add_char(&dashed, '-');
    }
    struct slip_str s = without_dots_and_dashes_at_the_ends(slip_buf_str(&dashed));
    slip_buf_add_str(out, slip_str_first(s, max));
}

void slip_ref_slug(struct slip_str name, struct slip_buf *out)
{
    slug(name, SLIP_TAG_MAX, out);
}

void slip_ref_safe_slug(struct slip_str name, struct slip_buf *out)
{
    if (slip_ref_is_tag(name)) {
        slip_buf_add_str(out, name);
        return;
    }
    char hex[SLIP_SHA256_HEX + 1];
    slip_hash_hex(SLIP_HASH_SHA256, name, hex);
    size_t before = out->len;
    slug(name, SLIP_TAG_MAX - 1 - SAFE_HEX, out);
    if (out->len > before)
        slip_buf_add_char(out, '-');
    slip_buf_add(out, hex, SAFE_HEX);
}
