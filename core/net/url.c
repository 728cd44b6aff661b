/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of requests. */
#include "net/url.h"

#include <strings.h>

static bool printable(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    return true;
}

static bool starts_nocase(struct slip_str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && strncasecmp(s.ptr, prefix, len) == 0;
}

/* host [":" port] */
static bool parse_authority(struct slip_str s, struct slip_url *u)
{
    struct slip_str port = { 0 };
    size_t colon = slip_str_rfind(s, ':');
    size_t bracket = slip_str_rfind(s, ']');
    if (colon != SLIP_NPOS && (bracket == SLIP_NPOS || colon > bracket)) {
        port = slip_str_skip(s, colon + 1);
        s = slip_str_first(s, colon);
    }
    if (s.len == 0 || slip_str_find(s, '@') != SLIP_NPOS)
        return false;
    u->host = s;
    u->port = u->https ? 443 : 80;
    if (port.len > 0) {
        uint64_t n;
        if (!slip_str_to_u64(port, &n) || n == 0 || n > 65535)
            return false;
        u->port = (unsigned)n;
    }
    return true;
}

bool slip_url_parse(struct slip_str text, struct slip_url *out)
{
    struct slip_url u = { 0 };
    if (!printable(text))
        return false;
    if (starts_nocase(text, "https://"))
        u.https = true;
    else if (!starts_nocase(text, "http://"))
        return false;
    struct slip_str s = slip_str_skip(text, u.https ? 8 : 7);
    size_t end = 0;
    while (end < s.len && !strchr("/?#", s.ptr[end]))
        end++;
    if (!parse_authority(slip_str_first(s, end), &u))
        return false;
    u.rest = slip_str_skip(s, end);
    *out = u;
    return true;
}

/* The path of `rest`, without query. */
static struct slip_str path_of(struct slip_str rest)
{
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '?' && rest.ptr[end] != '#')
        end++;
    return slip_str_first(rest, end);
}

/* Append `path` (which begins with a slash) without its "." and ".." segments. */
static void add_without_dots(struct slip_str path, struct slip_buf *out)
{
    size_t top = out->len;
    while (path.len > 0) {
        struct slip_str rest = slip_str_skip(path, 1);
        size_t end = slip_str_find(rest, '/');
        struct slip_str segment = end == SLIP_NPOS ? rest : slip_str_first(rest, end);
        path = slip_str_skip(rest, segment.len);
        bool dot = slip_str_is(segment, "."), dots = slip_str_is(segment, "..");
        if (dots)
            while (out->len > top && out->ptr[out->len - 1] != '/')
                slip_buf_cut(out, out->len - 1);
        if (dots && out->len > top)
            slip_buf_cut(out, out->len - 1);
        if (!dot && !dots) {
            slip_buf_add_char(out, '/');
            slip_buf_add_str(out, segment);
        } else if (path.len == 0) {
            slip_buf_add_char(out, '/');
        }
    }
}

/* Append `rest` with dots removed in its path only. */
static void add_rest(struct slip_str rest, struct slip_buf *out)
{
    struct slip_str path = path_of(rest);
    add_without_dots(path, out);
    slip_buf_add_str(out, slip_str_skip(rest, path.len));
}

bool slip_url_resolve(struct slip_str base, struct slip_str reference, struct slip_buf *out)
{
    struct slip_url b, whole;
    size_t fragment = slip_str_find(reference, '#');
    if (fragment != SLIP_NPOS)
        reference = slip_str_first(reference, fragment);
    if (!slip_url_parse(base, &b) || !printable(reference))
        return false;

    SLIP_AUTO(slip_buf) url = SLIP_BUF(out->limit);
    struct slip_str origin = slip_str_first(base, base.len - b.rest.len);
    if (slip_url_parse(reference, &whole)) {
        slip_buf_add_str(&url, reference);
    } else if (slip_str_starts(reference, SLIP_STR("//"))) {
        slip_buf_add_fmt(&url, "%s:%.*s", b.https ? "https" : "http", SLIP_ARG(reference));
        if (!slip_url_parse(slip_buf_str(&url), &whole))
            return false;
    } else if (slip_str_starts(reference, SLIP_STR("/"))) {
        slip_buf_add_str(&url, origin);
        add_rest(reference, &url);
    } else if (reference.len == 0 || reference.ptr[0] == '?') {
        slip_buf_add_str(&url, origin);
        slip_buf_add_str(&url, reference.len ? path_of(b.rest) : b.rest);
        slip_buf_add_str(&url, reference);
    } else {
        /* A scheme that is not ours looks like "word:". */
        size_t colon = slip_str_find(reference, ':');
        if (colon != SLIP_NPOS && colon < path_of(reference).len
            && slip_str_find(slip_str_first(reference, colon), '/') == SLIP_NPOS)
            return false;
        struct slip_str path = path_of(b.rest);
        size_t slash = slip_str_rfind(path, '/');
        SLIP_AUTO(slip_buf) merged = SLIP_BUF(out->limit);
        slip_buf_add_str(&merged,
                         slash == SLIP_NPOS ? SLIP_STR("/") : slip_str_first(path, slash + 1));
        slip_buf_add_str(&merged, reference);
        slip_buf_add_str(&url, origin);
        add_rest(slip_buf_str(&merged), &url);
        url.full |= merged.full;
    }
    if (url.full)
        return false;
    slip_buf_move(out, &url);
    return true;
}

bool slip_url_same_origin(struct slip_str a, struct slip_str b)
{
    struct slip_url x, y;
    return slip_url_parse(a, &x) && slip_url_parse(b, &y) && x.https == y.https && x.port == y.port
           && x.host.len == y.host.len && strncasecmp(x.host.ptr, y.host.ptr, x.host.len) == 0;
}

void slip_url_encode(struct slip_str text, struct slip_buf *out)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] && strchr(safe, text.ptr[i]))
            slip_buf_add_char(out, text.ptr[i]);
        else
            slip_buf_add_fmt(out, "%%%02X", (unsigned char)text.ptr[i]);
    }
}

void slip_url_add_query(struct slip_buf *url, const char *name, struct slip_str value)
{
    size_t query = slip_str_find(slip_buf_str(url), '?');
    char separator = '&';
    if (query == SLIP_NPOS)
        separator = '?';
    else if (query + 1 == url->len || url->ptr[url->len - 1] == '&')
        separator = '\0';
    if (separator)
        slip_buf_add_char(url, separator);
    slip_buf_add_c(url, name);
    slip_buf_add_char(url, '=');
    slip_url_encode(value, url);
}
