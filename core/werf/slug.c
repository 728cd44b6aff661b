/* SPDX-License-Identifier: Apache-2.0 */
/* Slugs of image and project names. */
#include "werf/slug.h"

#include "base/utf8.h"
#include "hash/hash.h"
#include "werf/slug_table.h"

#include <ctype.h>

static bool is_alnum(char c)
{
    return isalnum((unsigned char)c);
}

void slip_werf_slug(struct slip_str name, struct slip_buf *out)
{
    size_t start = out->len;
    while (name.len) {
        size_t width;
        const char *text = slip_slug_of_rune(slip_utf8_decode(name, &width));
        name = slip_str_skip(name, width);
        if (!text)
            continue;
        if (text[0] == '-' && (out->len == start || out->ptr[out->len - 1] == '-'))
            continue;
        slip_buf_add_c(out, text);
    }
    if (out->len > start && out->ptr[out->len - 1] == '-')
        slip_buf_cut(out, out->len - 1);
}

/* The slug cut so that it takes at most `max` bytes with a dash and the hash of the name. */
static void add_cut(struct slip_str name, size_t max, struct slip_buf *out)
{
    char hash[SLIP_MURMUR3_HEX + 1];
    slip_murmur3_hex(name, hash);
    SLIP_AUTO(slip_buf) slug = SLIP_BUF(SIZE_MAX);
    slip_werf_slug(name, &slug);
    if (slug.len) {
        slip_buf_add_str(out, slip_str_first(slip_buf_str(&slug), max - strlen(hash) - 1));
        slip_buf_add_char(out, '-');
    }
    slip_buf_add_c(out, hash);
}

bool slip_werf_is_docker_tag(struct slip_str s)
{
    if (s.len == 0 || s.len > SLIP_DOCKER_TAG_MAX || s.ptr[0] == '.' || s.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) && s.ptr[i] != '_' && s.ptr[i] != '.' && s.ptr[i] != '-')
            return false;
    return true;
}

void slip_werf_docker_tag(struct slip_str name, struct slip_buf *out)
{
    if (name.len == 0 || slip_werf_is_docker_tag(name))
        slip_buf_add_str(out, name);
    else
        add_cut(name, SLIP_DOCKER_TAG_MAX, out);
}

bool slip_werf_is_project(struct slip_str s)
{
    if (s.len == 0 || s.len > SLIP_PROJECT_MAX || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '-' && (!is_alnum(s.ptr[i]) || isupper((unsigned char)s.ptr[i])))
            return false;
    return true;
}

void slip_werf_project_slug(struct slip_str name, struct slip_buf *out)
{
    if (name.len == 0 || slip_werf_is_project(name)) {
        slip_buf_add_str(out, name);
        return;
    }
    size_t start = out->len;
    slip_werf_slug(name, out);
    if (out->len - start > SLIP_PROJECT_MAX)
        slip_buf_cut(out, start + SLIP_PROJECT_MAX);
}

static bool is_own_slug(struct slip_str s)
{
    SLIP_AUTO(slip_buf) slug = SLIP_BUF(SIZE_MAX);
    slip_werf_slug(s, &slug);
    return slip_str_eq(slip_buf_str(&slug), s);
}

/* A slug that was cut before has one double dash, in front of its hash. */
static bool is_cut_slug(struct slip_str s)
{
    SLIP_AUTO(slip_buf) single = SLIP_BUF(SIZE_MAX);
    size_t at = slip_str_find_str(s, SLIP_STR("--"));
    if (at == SLIP_NPOS || slip_str_find_str(slip_str_skip(s, at + 2), SLIP_STR("--")) != SLIP_NPOS)
        return false;
    slip_buf_add_str(&single, slip_str_first(s, at + 1));
    slip_buf_add_str(&single, slip_str_skip(s, at + 2));
    return is_own_slug(slip_buf_str(&single));
}

void slip_werf_limited_slug(struct slip_str name, size_t max, struct slip_buf *out)
{
    if (name.len <= max && (is_own_slug(name) || is_cut_slug(name)))
        slip_buf_add_str(out, name);
    else
        add_cut(name, max, out);
}
