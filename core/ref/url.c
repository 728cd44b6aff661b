/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of git remotes.
 *
 *   url := scheme "://" [userinfo "@"] host [":" port] ["/" path] ["?" query] ["#" fragment]
 *   scp := [user "@"] host ":" path            no slash before the colon, as git decides
 *   anything else is a path on this machine
 */
#include "ref/url.h"

struct address {
    struct slip_str scheme; /* "ssh" for the scp form, "" for a path */
    struct slip_str user;   /* before "@", password included */
    struct slip_str host;   /* without the port */
    struct slip_str port;
    struct slip_str path; /* without the slash that begins it */
    bool scp;
};

static struct slip_str cut_before_any(struct slip_str s, const char *ends)
{
    for (size_t i = 0; i < s.len; i++)
        if (strchr(ends, s.ptr[i]))
            return slip_str_first(s, i);
    return s;
}

static void split_host(struct slip_str authority, struct address *a)
{
    struct slip_str user, host;
    if (slip_str_rcut(authority, '@', &user, &host)) {
        a->user = user;
        authority = host;
    }
    size_t bracket = authority.len && authority.ptr[0] == '[' ? slip_str_find(authority, ']') : 0;
    if (bracket == SLIP_NPOS)
        bracket = 0;
    size_t colon = slip_str_rfind(authority, ':');
    if (colon != SLIP_NPOS && colon > bracket) {
        a->port = slip_str_skip(authority, colon + 1);
        authority = slip_str_first(authority, colon);
    }
    a->host = authority;
}

static struct address split(struct slip_str url)
{
    struct address a = { 0 };
    size_t at = slip_str_find_str(url, SLIP_STR("://"));
    if (at != SLIP_NPOS && slip_str_find(slip_str_first(url, at), '/') == SLIP_NPOS) {
        a.scheme = slip_str_first(url, at);
        struct slip_str rest = slip_str_skip(url, at + 3);
        struct slip_str authority = cut_before_any(rest, "/?#");
        split_host(authority, &a);
        rest = slip_str_skip(rest, authority.len);
        a.path = cut_before_any(slip_str_skip(rest, rest.len && rest.ptr[0] == '/'), "?#");
        return a;
    }
    size_t colon = slip_str_find(url, ':'), slash = slip_str_find(url, '/');
    if (colon != SLIP_NPOS && colon > 0 && (slash == SLIP_NPOS || colon < slash)) {
        struct slip_str user, host;
        a.scp = true;
        a.scheme = SLIP_STR("ssh");
        a.host = slip_str_first(url, colon);
        if (slip_str_rcut(a.host, '@', &user, &host)) {
            a.user = user;
            a.host = host;
        }
        a.path = slip_str_skip(url, colon + 1);
        return a;
    }
    a.path = url;
    return a;
}

static bool is_ssh_scheme(struct slip_str scheme)
{
    return slip_str_is(scheme, "ssh") || slip_str_is(scheme, "git+ssh")
           || slip_str_is(scheme, "ssh+git");
}

bool slip_url_may_be_typed(struct slip_str told, struct slip_str url)
{
    return slip_str_eq(told, url) || slip_str_find(told, '/') != SLIP_NPOS
           || slip_str_find(told, ':') != SLIP_NPOS;
}

bool slip_url_is_ssh(struct slip_str url)
{
    return is_ssh_scheme(split(url).scheme);
}

void slip_url_without_secrets(struct slip_str url, struct slip_buf *out)
{
    struct address a = split(url);
    struct slip_str user, password;
    slip_str_cut(a.user, ':', &user, &password);
    if (a.scheme.len == 0) {
        slip_buf_add_str(out, url);
        return;
    }
    if (!a.scp)
        slip_buf_add_fmt(out, "%.*s://", SLIP_ARG(a.scheme));
    if (user.len && is_ssh_scheme(a.scheme))
        slip_buf_add_fmt(out, "%.*s@", SLIP_ARG(user));
    slip_buf_add_str(out, a.host);
    if (a.scp) {
        slip_buf_add_fmt(out, ":%.*s", SLIP_ARG(a.path));
        return;
    }
    if (a.port.len)
        slip_buf_add_fmt(out, ":%.*s", SLIP_ARG(a.port));
    slip_buf_add_fmt(out, "/%.*s", SLIP_ARG(a.path));
}

/* "/acme/shop.git/" -> "acme/shop" */
static struct slip_str repository_path(struct slip_str path)
{
    while (path.len && path.ptr[0] == '/')
        path = slip_str_skip(path, 1);
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    if (slip_str_ends(path, SLIP_STR(".git")))
        path.len -= 4;
    return path;
}

static bool is_on_a_host(const struct address *a)
{
    return a->scheme.len > 0 && !slip_str_is(a->scheme, "file") && a->host.len > 0;
}

static bool is_web_scheme(struct slip_str scheme)
{
    return slip_str_is(scheme, "https") || slip_str_is(scheme, "http");
}

bool slip_url_web(struct slip_str url, struct slip_buf *out)
{
    struct address a = split(url);
    struct slip_str path = repository_path(a.path);
    if (!is_on_a_host(&a) || path.len == 0)
        return false;
    slip_buf_add_fmt(out, "https://%.*s", SLIP_ARG(a.host));
    if (a.port.len && is_web_scheme(a.scheme) && !slip_str_is(a.port, "443")
        && !slip_str_is(a.port, "80"))
        slip_buf_add_fmt(out, ":%.*s", SLIP_ARG(a.port));
    slip_buf_add_fmt(out, "/%.*s", SLIP_ARG(path));
    return true;
}

bool slip_url_repository_path(struct slip_str url, struct slip_buf *out)
{
    struct address a = split(url);
    struct slip_str path = repository_path(a.path);
    if (!is_on_a_host(&a) || path.len == 0)
        return false;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        slip_buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    return true;
}
