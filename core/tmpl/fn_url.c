/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions on URLs, read and written as Go's net/url does.
 *
 *   url       := [ scheme ':' ] ( opaque | [ '//' authority ] path ) [ '?' query ] [ '#' fragment ]
 *   authority := [ user [ ':' password ] '@' ] host
 */
#include "tmpl/fn.h"

struct url {
    struct slip_str scheme, opaque, user, password, host, path, query, fragment;
    bool has_user, has_password;
};

#define EMPTY                                                                                      \
    {                                                                                              \
        .scheme = SLIP_STR(""), .opaque = SLIP_STR(""), .user = SLIP_STR(""),                      \
        .password = SLIP_STR(""), .host = SLIP_STR(""), .path = SLIP_STR(""),                      \
        .query = SLIP_STR(""), .fragment = SLIP_STR(""),                                           \
    }

/* What part a text is: each has its own characters that need no escape. */
enum part { PATH, HOST, ZONE, USER, FRAGMENT };

/* ---- escapes ---- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool needs_escape(char c, enum part part)
{
    if (is_alnum(c) || one_of(c, "-_.~"))
        return false;
    switch (part) {
    case HOST:
    case ZONE:
        return !one_of(c, "!$&'()*+,;=:[]<>\"");
    case PATH:
        return !one_of(c, "$&+,/:;=@");
    case USER:
        return !one_of(c, "$&+,;=");
    case FRAGMENT:
        return !one_of(c, "$&+,/:;=?@!()*");
    }
    return true;
}

static void add_escaped(struct slip_buf *b, struct slip_str s, enum part part)
{
    for (size_t i = 0; i < s.len; i++) {
        if (needs_escape(s.ptr[i], part))
            slip_buf_add_fmt(b, "%%%02X", (unsigned char)s.ptr[i]);
        else
            slip_buf_add_char(b, s.ptr[i]);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte behind a '%' that begins `s`, or -1. */
static int escaped_byte(struct slip_str s)
{
    if (s.len < 3 || hex_digit(s.ptr[1]) < 0 || hex_digit(s.ptr[2]) < 0)
        return -1;
    return hex_digit(s.ptr[1]) * 16 + hex_digit(s.ptr[2]);
}

static int fail_quoted(struct slip_buf *why, const char *before, struct slip_str s,
                       const char *behind)
{
    slip_buf_reset(why);
    slip_buf_add_c(why, before);
    slip_fmt_quote(s, false, why);
    slip_buf_add_c(why, behind);
    return -1;
}

/* A host may not hide ASCII behind escapes, but for "%25", and more in the zone of an address. */
static bool escape_is_allowed(struct slip_str s, int byte, enum part part)
{
    if (byte < 0)
        return false;
    bool percent = slip_str_starts(s, SLIP_STR("%25"));
    if (part == HOST)
        return byte >= 0x80 || percent;
    if (part == ZONE)
        return percent || byte == ' ' || !needs_escape((char)byte, HOST);
    return true;
}

/* Append `s` with its escapes resolved. */
static int unescape(struct slip_str s, enum part part, struct slip_buf *out, struct slip_buf *why)
{
    while (s.len) {
        char c = s.ptr[0];
        if (c == '%') {
            int byte = escaped_byte(s);
            if (!escape_is_allowed(s, byte, part))
                return fail_quoted(why, "invalid URL escape ", slip_str_first(s, 3), "");
            slip_buf_add_char(out, (char)byte);
            s = slip_str_skip(s, 3);
            continue;
        }
        if ((part == HOST || part == ZONE) && (unsigned char)c < 0x80 && needs_escape(c, part))
            return fail_quoted(why, "invalid character ", slip_str_first(s, 1), " in host name");
        slip_buf_add_char(out, c);
        s = slip_str_skip(s, 1);
    }
    return 0;
}

/* The same as a text of its own. */
static int unescaped(struct slip_tmpl_call *c, struct slip_str s, enum part part,
                     struct slip_str *out, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) b = SLIP_BUF(SLIP_NPOS);
    if (unescape(s, part, &b, why) < 0)
        return -1;
    *out = slip_arena_str(c->arena, slip_buf_str(&b));
    return 0;
}

static int fail(struct slip_buf *why, const char *text)
{
    slip_buf_reset(why);
    slip_buf_add_c(why, text);
    return -1;
}

/* ---- reading ---- */

static int take_scheme(struct slip_tmpl_call *c, struct slip_str *rest, struct url *u,
                       struct slip_buf *why)
{
    for (size_t i = 0; i < rest->len; i++) {
        char ch = rest->ptr[i];
        bool letter = is_alnum(ch) && !(ch >= '0' && ch <= '9');
        if (ch == ':') {
            if (i == 0)
                return fail(why, "missing protocol scheme");
            char *lower = slip_arena_strdup(c->arena, slip_str_first(*rest, i));
            for (size_t k = 0; k < i; k++)
                if (lower[k] >= 'A' && lower[k] <= 'Z')
                    lower[k] = (char)(lower[k] + 0x20);
            u->scheme = slip_str_make(lower, i);
            *rest = slip_str_skip(*rest, i + 1);
            return 0;
        }
        if (!letter && (i == 0 || !(is_alnum(ch) || one_of(ch, "+-."))))
            return 0;
    }
    return 0;
}

static bool is_port(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (i == 0 ? s.ptr[i] != ':' : s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return true;
}

/* "[address%25zone]" up to the bracket that closes, which stands at `end`. */
static int parse_address(struct slip_str s, size_t end, struct slip_buf *out, struct slip_buf *why)
{
    size_t zone = slip_str_find_str(slip_str_first(s, end), SLIP_STR("%25"));
    if (zone == SLIP_NPOS)
        return unescape(s, HOST, out, why);
    struct slip_str zone_text = slip_str_skip(slip_str_first(s, end), zone);
    if (unescape(slip_str_first(s, zone), HOST, out, why) < 0
        || unescape(zone_text, ZONE, out, why) < 0)
        return -1;
    return unescape(slip_str_skip(s, end), HOST, out, why);
}

static int parse_host(struct slip_tmpl_call *c, struct slip_str s, struct url *u,
                      struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) b = SLIP_BUF(SLIP_NPOS);
    bool bracket = s.len && s.ptr[0] == '[';
    size_t end = slip_str_rfind(s, bracket ? ']' : ':');
    if (bracket && end == SLIP_NPOS)
        return fail(why, "missing ']' in host");
    struct slip_str port = slip_str_skip(s, bracket ? end + 1 : end);
    if (!is_port(port))
        return fail_quoted(why, "invalid port ", port, " after host");
    if ((bracket ? parse_address(s, end, &b, why) : unescape(s, HOST, &b, why)) < 0)
        return -1;
    u->host = slip_arena_str(c->arena, slip_buf_str(&b));
    return 0;
}

static int parse_authority(struct slip_tmpl_call *c, struct slip_str s, struct url *u,
                           struct slip_buf *why)
{
    struct slip_str info, host, user, password;
    u->has_user = slip_str_rcut(s, '@', &info, &host);
    if (parse_host(c, u->has_user ? host : s, u, why) < 0)
        return -1;
    if (!u->has_user)
        return 0;
    for (size_t i = 0; i < info.len; i++)
        if (!is_alnum(info.ptr[i]) && !one_of(info.ptr[i], "-._:~!$&'()*+,;=%@"))
            return fail(why, "net/url: invalid userinfo");
    u->has_password = slip_str_cut(info, ':', &user, &password);
    if (unescaped(c, user, USER, &u->user, why) < 0)
        return -1;
    return unescaped(c, password, USER, &u->password, why);
}

/* What stands before the '#'. */
static int parse_base(struct slip_tmpl_call *c, struct slip_str rest, struct url *u,
                      struct slip_buf *why)
{
    struct slip_str segment, unused;
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)rest.ptr[i] < ' ' || rest.ptr[i] == 0x7F)
            return fail(why, "net/url: invalid control character in URL");
    if (slip_str_is(rest, "*")) {
        u->path = rest;
        return 0;
    }
    if (take_scheme(c, &rest, u, why) < 0)
        return -1;
    slip_str_cut(rest, '?', &rest, &u->query);
    if (!slip_str_starts(rest, SLIP_STR("/"))) {
        if (u->scheme.len) {
            u->opaque = rest;
            return 0;
        }
        slip_str_cut(rest, '/', &segment, &unused);
        if (slip_str_find(segment, ':') != SLIP_NPOS)
            return fail(why, "first path segment in URL cannot contain colon");
    }
    if (slip_str_starts(rest, SLIP_STR("//"))
        && (u->scheme.len || !slip_str_starts(rest, SLIP_STR("///")))) {
        size_t slash = slip_str_find(slip_str_skip(rest, 2), '/');
        if (parse_authority(c, slip_str_first(slip_str_skip(rest, 2), slash), u, why) < 0)
            return -1;
        rest = slash == SLIP_NPOS ? SLIP_STR("") : slip_str_skip(rest, 2 + slash);
    }
    return unescaped(c, rest, PATH, &u->path, why);
}

/* Fails with "WHAT: parse "URL": reason". */
static int parse_url(struct slip_tmpl_call *c, const char *what, struct slip_str s, struct url *u)
{
    SLIP_AUTO(slip_buf) why = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) quoted = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_str base, fragment;
    *u = (struct url)EMPTY;
    slip_str_cut(s, '#', &base, &fragment);
    struct slip_str read = base;
    int rc = parse_base(c, base, u, &why);
    if (rc == 0) {
        read = s;
        rc = unescaped(c, fragment, FRAGMENT, &u->fragment, &why);
    }
    if (rc == 0)
        return 0;
    slip_fmt_quote(read, false, &quoted);
    return slip_tmpl_fail(c, "%s: parse %s: %s", what, quoted.ptr, why.ptr);
}

static void add_user(struct slip_buf *b, const struct url *u)
{
    add_escaped(b, u->user, USER);
    if (u->has_password) {
        slip_buf_add_char(b, ':');
        add_escaped(b, u->password, USER);
    }
}

/* The host without port and brackets. */
static struct slip_str host_name(struct slip_str host)
{
    size_t colon = slip_str_rfind(host, ':');
    if (colon != SLIP_NPOS && is_port(slip_str_skip(host, colon)))
        host = slip_str_first(host, colon);
    if (slip_str_starts(host, SLIP_STR("[")) && slip_str_ends(host, SLIP_STR("]")))
        host = slip_str_skip(slip_str_first(host, host.len - 1), 1);
    return host;
}

SLIP_TMPL_FN(fn_url_parse)
{
    struct url u;
    SLIP_AUTO(slip_buf) user = slip_tmpl_buf(c);
    struct slip_tv user_text;
    if (parse_url(c, "unable to parse url", a[0].s, &u) < 0)
        return -1;
    add_user(&user, &u);
    if (slip_tmpl_give(c, &user, &user_text) < 0)
        return -1;
    struct slip_tv_map *m = slip_tv_map_new(c->arena);
    slip_tv_map_set_str(m, SLIP_STR("scheme"), slip_tv_str(u.scheme));
    slip_tv_map_set_str(m, SLIP_STR("host"), slip_tv_str(u.host));
    slip_tv_map_set_str(m, SLIP_STR("hostname"), slip_tv_str(host_name(u.host)));
    slip_tv_map_set_str(m, SLIP_STR("path"), slip_tv_str(u.path));
    slip_tv_map_set_str(m, SLIP_STR("query"), slip_tv_str(u.query));
    slip_tv_map_set_str(m, SLIP_STR("opaque"), slip_tv_str(u.opaque));
    slip_tv_map_set_str(m, SLIP_STR("fragment"), slip_tv_str(u.fragment));
    slip_tv_map_set_str(m, SLIP_STR("userinfo"), user_text);
    *out = slip_tv_map(SLIP_TV_DICT, m);
    return 0;
}

/* ---- writing ---- */

static void add_authority(struct slip_buf *b, const struct url *u)
{
    if (!u->scheme.len && !u->host.len && !u->has_user)
        return;
    if (u->host.len || u->path.len || u->has_user)
        slip_buf_add_c(b, "//");
    if (u->has_user) {
        add_user(b, u);
        slip_buf_add_char(b, '@');
    }
    add_escaped(b, u->host, HOST);
}

static void add_path(struct slip_buf *b, const struct url *u)
{
    struct slip_str segment, unused;
    if (u->path.len && u->path.ptr[0] != '/' && u->host.len)
        slip_buf_add_char(b, '/');
    slip_str_cut(u->path, '/', &segment, &unused);
    if (b->len == 0 && slip_str_find(segment, ':') != SLIP_NPOS)
        slip_buf_add_c(b, "./"); /* or the segment would read as a scheme */
    if (slip_str_is(u->path, "*"))
        slip_buf_add_char(b, '*');
    else
        add_escaped(b, u->path, PATH);
}

static void add_url(struct slip_buf *b, const struct url *u)
{
    if (u->scheme.len) {
        slip_buf_add_str(b, u->scheme);
        slip_buf_add_char(b, ':');
    }
    if (u->opaque.len) {
        slip_buf_add_str(b, u->opaque);
    } else {
        add_authority(b, u);
        add_path(b, u);
    }
    if (u->query.len) {
        slip_buf_add_char(b, '?');
        slip_buf_add_str(b, u->query);
    }
    if (u->fragment.len) {
        slip_buf_add_char(b, '#');
        add_escaped(b, u->fragment, FRAGMENT);
    }
}

static int take_part(struct slip_tmpl_call *c, const struct slip_tv *dict, const char *key,
                     struct slip_str *out)
{
    const struct slip_tv *v = slip_tv_map_get_str(dict->map, slip_str_of(key));
    if (!v)
        return 0;
    if (slip_tv_is_nil(v))
        return slip_tmpl_fail(c, SLIP_TMPL_NIL_POINTER);
    if (v->type != SLIP_TV_STRING)
        return slip_tmpl_fail(c, "unable to parse %s key, must be of type string, but %s found",
                              key, slip_tv_kind_name(v));
    *out = v->s;
    return 0;
}

/* The user of "user:password", as it would be read in a URL. */
static int take_user(struct slip_tmpl_call *c, struct slip_str info, struct url *u)
{
    struct url with_user;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_NPOS);
    if (info.len == 0)
        return 0;
    slip_buf_add_c(&text, "proto://");
    slip_buf_add_str(&text, info);
    slip_buf_add_c(&text, "@host");
    if (parse_url(c, "unable to parse userinfo in dict", slip_buf_str(&text), &with_user) < 0)
        return -1;
    u->has_user = with_user.has_user;
    u->has_password = with_user.has_password;
    u->user = with_user.user;
    u->password = with_user.password;
    return 0;
}

SLIP_TMPL_FN(fn_url_join)
{
    struct url u = EMPTY;
    struct slip_str info = SLIP_STR("");
    if (take_part(c, &a[0], "scheme", &u.scheme) < 0 || take_part(c, &a[0], "host", &u.host) < 0
        || take_part(c, &a[0], "path", &u.path) < 0 || take_part(c, &a[0], "query", &u.query) < 0
        || take_part(c, &a[0], "opaque", &u.opaque) < 0
        || take_part(c, &a[0], "fragment", &u.fragment) < 0
        || take_part(c, &a[0], "userinfo", &info) < 0 || take_user(c, info, &u) < 0)
        return -1;
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    add_url(&b, &u);
    return slip_tmpl_give(c, &b, out);
}

static const struct slip_tmpl_func table[] = {
    { "urlJoin", "D", fn_url_join, "a URL from its parts in a dictionary" },
    { "urlParse", "s", fn_url_parse, "dictionary of the parts of a URL" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_url = SLIP_TMPL_FUNCS(table);
