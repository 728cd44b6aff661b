/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of images and repositories.
 *
 *   reference := base [ ":" tag ] | base [ ":" tag ] "@" digest
 *   base      := [ registry "/" ] path      registry: only when it has a "." or a ":"
 *   tag       := 1 to 128 of [A-Za-z0-9_.-]; an empty one means "latest"
 *   digest    := "sha256:" and 64 lower-case hex digits
 *   path      := 2 to 255 of [a-z0-9_./-]
 *   layout    := ( "oci:" directory | "oci-archive:" file ) [ ":" tag | "@" digest ]
 *
 * These are the rules of go-containerregistry 0.19 in its weak mode, as werf uses them. The strict
 * functions add refusals only: what they take, werf takes too, and means the same by it.
 */
#include "registry/reference.h"

#include "base/mem.h"
#include "base/path.h"

#include <arpa/inet.h>
#include <strings.h>

#define HUB "index.docker.io"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define HEX "0123456789abcdef"

/* The pieces of a name: views into the text. */
struct parts {
    struct slip_str registry, path, identifier;
    bool is_digest;
};

/* How many of the first bytes of `s` are among `set`. */
static size_t span(struct slip_str s, const char *set)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] && strchr(set, s.ptr[n]))
        n++;
    return n;
}

static bool is_made_of(struct slip_str s, const char *set)
{
    return span(s, set) == s.len;
}

static bool is_digest(struct slip_str s)
{
    return s.len == 7 + 64 && slip_str_starts(s, SLIP_STR("sha256:"))
           && is_made_of(slip_str_skip(s, 7), HEX);
}

/* ":" digits, or nothing; the digits may be missing. */
static bool is_optional_port(struct slip_str s)
{
    return s.len == 0 || (s.ptr[0] == ':' && is_made_of(slip_str_skip(s, 1), DIGITS));
}

static bool is_bracketed_ipv6(struct slip_str s)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (s.len < 2 || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']' || s.len - 2 >= sizeof(text))
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)s.len - 2, s.ptr + 1);
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* A registry is whatever Go's net/url takes as the host of "//registry" without changing it. */
static bool is_host(struct slip_str s)
{
    static const char allowed[] = LOWER UPPER DIGITS "-_.~!$&'()*+,;=:[]<>\"";
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x80 && (!s.ptr[i] || !strchr(allowed, s.ptr[i])))
            return false;
    if (slip_str_find(s, '[') != SLIP_NPOS) {
        size_t close = slip_str_rfind(s, ']');
        return close != SLIP_NPOS && is_bracketed_ipv6(slip_str_first(s, close + 1))
               && is_optional_port(slip_str_skip(s, close + 1));
    }
    size_t colon = slip_str_rfind(s, ':');
    return colon == SLIP_NPOS || is_optional_port(slip_str_skip(s, colon));
}

static int split_base(struct slip_str base, struct parts *p, struct slip_error *err)
{
    struct slip_str first, rest;
    bool has_registry =
        slip_str_cut(base, '/', &first, &rest)
        && (slip_str_find(first, '.') != SLIP_NPOS || slip_str_find(first, ':') != SLIP_NPOS);
    p->registry = has_registry ? first : SLIP_STR("");
    p->path = has_registry ? rest : base;
    size_t good = span(p->path, LOWER DIGITS "_-./");
    if (good < p->path.len) {
        slip_fail(err, SLIP_E_CONFIG,
                  "the path '%.*s' of the repository may hold a-z, 0-9, '_', '-', '.' and '/' "
                  "only [E-REPO-CHARS]",
                  SLIP_ARG(p->path));
        if (p->path.ptr[good] >= 'A' && p->path.ptr[good] <= 'Z')
            slip_hint(err, "write it in lower case");
        return -1;
    }
    if (p->path.len < 2 || p->path.len > 255)
        return slip_fail(err, SLIP_E_CONFIG,
                         "the path '%.*s' of the repository must have 2 to 255 characters",
                         SLIP_ARG(p->path));
    if (!is_host(p->registry))
        return slip_fail(err, SLIP_E_CONFIG, "'%.*s' is not a registry host",
                         SLIP_ARG(p->registry));
    if (p->registry.len == 0 || slip_str_is(p->registry, "docker.io"))
        p->registry = SLIP_STR(HUB);
    return 0;
}

static int check_tag(struct slip_str tag, struct slip_error *err)
{
    if (!is_made_of(tag, LOWER UPPER DIGITS "_-."))
        return slip_fail(
            err, SLIP_E_CONFIG,
            "the tag '%.*s' may hold letters, digits, '_', '-' and '.' only [E-TAG-CHARS]",
            SLIP_ARG(tag));
    if (tag.len > 128)
        return slip_fail(err, SLIP_E_CONFIG,
                         "the tag '%.*s' is longer than 128 characters [E-TAG-CHARS]",
                         SLIP_ARG(tag));
    return 0;
}

/* Take ":tag" off the end: the text after the last colon when no slash stands in it. */
static void take_tag(struct slip_str *text, struct slip_str *tag)
{
    struct slip_str head, tail;
    *tag = SLIP_STR("");
    if (slip_str_rcut(*text, ':', &head, &tail) && slip_str_find(tail, '/') == SLIP_NPOS) {
        *text = head;
        *tag = tail;
    }
}

/* Take "@digest" off the end. */
static int take_digest(struct slip_str *text, struct slip_str *digest, struct slip_error *err)
{
    *digest = SLIP_STR("");
    if (!slip_str_cut(*text, '@', text, digest))
        return 0;
    if (!is_digest(*digest))
        return slip_fail(err, SLIP_E_CONFIG,
                         "'%.*s' is not a digest: 'sha256:' and 64 hex digits in lower case",
                         SLIP_ARG(*digest));
    return 0;
}

static int split_identifier(struct slip_str *text, struct parts *p, struct slip_error *err)
{
    struct slip_str tag, digest;
    if (take_digest(text, &digest, err) < 0)
        return -1;
    take_tag(text, &tag);
    if (check_tag(tag, err) < 0)
        return -1;
    p->is_digest = digest.len > 0;
    p->identifier = digest.len ? digest : tag.len ? tag : SLIP_STR("latest");
    return 0;
}

static int split_reference(struct slip_str text, struct parts *p, struct slip_error *err)
{
    *p = (struct parts){ 0 };
    return split_identifier(&text, p, err) < 0 ? -1 : split_base(text, p, err);
}

/* The host without its port: "[::1]:5000" gives "[::1]". */
static struct slip_str host_of(struct slip_str registry)
{
    struct slip_str host = registry, port;
    if (registry.len && registry.ptr[0] == '[')
        return slip_str_first(registry, slip_str_find(registry, ']') + 1);
    slip_str_cut(registry, ':', &host, &port);
    return host;
}

static bool parse_ipv4(struct slip_str host, uint32_t *out)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    if (host.len >= sizeof(text))
        return false;
    snprintf(text, sizeof(text), "%.*s", SLIP_ARG(host));
    if (inet_pton(AF_INET, text, &address) != 1)
        return false;
    *out = ntohl(address.s_addr);
    return true;
}

static bool is_private_ipv4(struct slip_str host)
{
    uint32_t a;
    return parse_ipv4(host, &a)
           && (a >> 24 == 10 || a >> 20 == (172u << 4 | 1) || a >> 16 == (192u << 8 | 168));
}

static bool is_local_name(struct slip_str registry)
{
    struct slip_str host, port;
    if (slip_str_rcut(registry, ':', &host, &port)
        && (port.len < 1 || port.len > 5 || !is_made_of(port, DIGITS)))
        return false;
    return slip_str_ends(host, SLIP_STR(".local")) || slip_str_ends(host, SLIP_STR(".localhost"));
}

static bool is_loopback(struct slip_str registry)
{
    uint32_t a;
    struct slip_str host = host_of(registry);
    return slip_str_is(host, "localhost") || slip_str_is(host, "[::1]")
           || (parse_ipv4(host, &a) && a >> 24 == 127);
}

/* werf looks for the loopback texts anywhere in the name: "127.0.0.1.example.com" counts. */
static bool mentions_loopback(struct slip_str registry)
{
    return slip_str_starts(registry, SLIP_STR("localhost:"))
           || slip_str_find_str(registry, SLIP_STR("127.0.0.1")) != SLIP_NPOS
           || slip_str_find_str(registry, SLIP_STR("::1")) != SLIP_NPOS;
}

static bool is_near(struct slip_str registry)
{
    struct slip_str host, port;
    slip_str_cut(registry, ':', &host, &port);
    return is_private_ipv4(host) || is_local_name(registry);
}

static void fill_from(const struct parts *p, struct slip_reference *out)
{
    bool official = slip_str_is(p->registry, HUB) && slip_str_find(p->path, '/') == SLIP_NPOS;
    *out = (struct slip_reference){
        .kind = SLIP_STORE_REGISTRY,
        .registry = slip_memdup(p->registry.ptr, p->registry.len),
        .repository = slip_printf("%s%.*s", official ? "library/" : "", SLIP_ARG(p->path)),
        .identifier = slip_memdup(p->identifier.ptr, p->identifier.len),
        .is_digest = p->is_digest,
    };
}

int slip_reference_parse_weak(struct slip_str text, struct slip_reference *out,
                              struct slip_error *err)
{
    struct parts p;
    if (split_reference(text, &p, err) < 0)
        return slip_while(err, "'%.*s' is not a reference", SLIP_ARG(text));
    fill_from(&p, out);
    out->http_allowed = is_near(p.registry) || mentions_loopback(p.registry);
    return 0;
}

static int check_tag_start(const struct parts *p, struct slip_error *err)
{
    char first = p->identifier.ptr[0];
    if (first == '-' || first == '.')
        return slip_fail(err, SLIP_E_CONFIG,
                         "the tag '%.*s' must not begin with '%c' [E-TAG-CHARS]",
                         SLIP_ARG(p->identifier), first);
    return 0;
}

/* The same but for the case of letters. */
static bool is_spelled(struct slip_str s, const char *name)
{
    return s.len == strlen(name) && strncasecmp(s.ptr, name, s.len) == 0;
}

/* What werf would take and a registry refuse later, or understand otherwise than it was meant. */
static int check_strictly(struct slip_str text, const struct parts *p, struct slip_error *err)
{
    struct slip_str path = p->path;
    if (path.ptr[0] == '/' || path.ptr[path.len - 1] == '/'
        || slip_str_find_str(path, SLIP_STR("//")) != SLIP_NPOS)
        return slip_fail(err, SLIP_E_CONFIG, "the path '%.*s' has an empty part", SLIP_ARG(path));
    if (slip_str_ends(p->registry, SLIP_STR(":")))
        return slip_fail(err, SLIP_E_CONFIG, "no port behind '%.*s'", SLIP_ARG(p->registry));
    bool hub = is_spelled(p->registry, HUB) || is_spelled(p->registry, "docker.io");
    if (hub && !slip_str_starts(text, SLIP_STR(HUB))) {
        slip_fail(err, SLIP_E_CONFIG, "no registry is named [E-NO-REGISTRY]");
        return slip_hint(err, "write registry/path:tag; Docker Hub is spelled " HUB);
    }
    return check_tag_start(p, err);
}

static int refuse_scheme(struct slip_str text, struct slip_error *err)
{
    size_t at = slip_str_find_str(text, SLIP_STR("://"));
    if (at == SLIP_NPOS)
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "'%.*s' has a scheme", SLIP_ARG(text));
    return slip_hint(err, "write '%.*s'", SLIP_ARG(slip_str_skip(text, at + 3)));
}

static bool take_prefix(struct slip_str *text, struct slip_str prefix)
{
    if (!slip_str_starts(*text, prefix))
        return false;
    *text = slip_str_skip(*text, prefix.len);
    return true;
}

/* "oci:" or "oci-archive:" in front of `text`, which is shortened. */
static bool take_layout_scheme(struct slip_str *text, bool *is_archive)
{
    *is_archive = take_prefix(text, SLIP_STR("oci-archive:"));
    return *is_archive || take_prefix(text, SLIP_STR("oci:"));
}

static int check_directory(struct slip_str dir, struct slip_error *err)
{
    if (dir.len == 0)
        return slip_fail(err, SLIP_E_CONFIG, "no directory or file is named");
    for (size_t i = 0; i < dir.len; i++)
        if ((unsigned char)dir.ptr[i] < 0x20 || dir.ptr[i] == 0x7f)
            return slip_fail(err, SLIP_E_CONFIG, "a control character in the path");
    if (slip_str_find(slip_path_base(dir), ':') != SLIP_NPOS)
        return slip_fail(err, SLIP_E_CONFIG, "a ':' in the last part of the path");
    return 0;
}

static void fill_layout(struct slip_str dir, const struct parts *p, struct slip_reference *out)
{
    *out = (struct slip_reference){
        .kind = SLIP_STORE_LAYOUT,
        .registry = slip_strdup(""),
        .repository = slip_memdup(dir.ptr, dir.len),
        .identifier = slip_memdup(p->identifier.ptr, p->identifier.len),
        .is_digest = p->is_digest,
    };
}

static int parse_layout(struct slip_str dir, struct slip_reference *out, struct slip_error *err)
{
    struct parts p = { 0 };
    if (split_identifier(&dir, &p, err) < 0 || check_tag_start(&p, err) < 0
        || check_directory(dir, err) < 0)
        return -1;
    fill_layout(dir, &p, out);
    return 0;
}

int slip_reference_parse(struct slip_str text, struct slip_reference *out, struct slip_error *err)
{
    struct slip_str rest = text;
    struct parts p;
    if (refuse_scheme(text, err) < 0)
        return -1;
    bool is_archive;
    if (take_layout_scheme(&rest, &is_archive)) {
        if (parse_layout(rest, out, err) < 0)
            return slip_while(err, "'%.*s' is not a reference", SLIP_ARG(text));
        out->is_archive = is_archive;
        return 0;
    }
    if (split_reference(text, &p, err) < 0 || check_strictly(text, &p, err) < 0)
        return slip_while(err, "'%.*s' is not a reference", SLIP_ARG(text));
    fill_from(&p, out);
    for (char *c = out->registry; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 'a' - 'A');
    p.registry = slip_str_of(out->registry);
    out->http_allowed = is_near(p.registry) || is_loopback(p.registry);
    return 0;
}

/*
 * The grammar of repository names of docker's registry, which werf asks of --repo before all else:
 *
 *   name      := [ domain "/" ] component { "/" component }
 *   component := alnum { ( "." | "_" | "__" | "-"... ) alnum }        alnum: [a-z0-9]+
 *   domain    := ( label { "." label } | "[" hex and colons "]" ) [ ":" digits ]
 *   label     := letters and digits of any case, "-" inside
 */
static bool is_component(struct slip_str s)
{
    for (;;) {
        size_t n = span(s, LOWER DIGITS);
        if (n == 0)
            return false;
        s = slip_str_skip(s, n);
        if (s.len == 0)
            return true;
        size_t dashes = span(s, "-"), lows = span(s, "_");
        if (dashes == 0 && s.ptr[0] != '.' && (lows < 1 || lows > 2))
            return false;
        s = slip_str_skip(s, dashes ? dashes : lows ? lows : 1);
    }
}

static bool is_components(struct slip_str s)
{
    struct slip_str first;
    while (slip_str_cut(s, '/', &first, &s))
        if (!is_component(first))
            return false;
    return is_component(first);
}

static bool is_label(struct slip_str s)
{
    return s.len && s.ptr[0] != '-' && s.ptr[s.len - 1] != '-'
           && is_made_of(s, LOWER UPPER DIGITS "-");
}

static bool is_domain(struct slip_str s)
{
    struct slip_str label, port, host = s;
    if (s.len && s.ptr[0] == '[') {
        size_t close = slip_str_find(s, ']');
        struct slip_str inside = slip_str_skip(slip_str_first(s, close), 1);
        if (close == SLIP_NPOS || inside.len == 0 || !is_made_of(inside, HEX "ABCDEF:"))
            return false;
        port = slip_str_skip(s, close + 1);
        return is_optional_port(port) && port.len != 1;
    }
    if (slip_str_cut(s, ':', &host, &port) && (port.len == 0 || !is_made_of(port, DIGITS)))
        return false;
    while (slip_str_cut(host, '.', &label, &host))
        if (!is_label(label))
            return false;
    return is_label(label);
}

static bool is_repository_name(struct slip_str text)
{
    struct slip_str first, rest;
    return is_components(text)
           || (slip_str_cut(text, '/', &first, &rest) && is_domain(first) && is_components(rest));
}

static int parse_layout_repository(struct slip_str dir, struct slip_reference *out,
                                   struct slip_error *err)
{
    struct slip_str name = dir, tag;
    struct parts p = { .identifier = SLIP_STR("") };
    take_tag(&name, &tag);
    if (name.len != dir.len || slip_str_find(dir, '@') != SLIP_NPOS)
        return slip_fail(err, SLIP_E_CONFIG, "a repository has no tag and no digest");
    if (check_directory(name, err) < 0)
        return -1;
    fill_layout(name, &p, out);
    return 0;
}

static int parse_registry_repository(struct slip_str text, struct slip_reference *out,
                                     struct slip_error *err)
{
    struct parts p = { .identifier = SLIP_STR("") };
    if (!is_repository_name(text)) {
        slip_fail(err, SLIP_E_CONFIG, "the name breaks the rules for repositories");
        return slip_hint(err,
                         "write host[:port]/path in lower case, without tag, digest or scheme");
    }
    if (slip_str_find(text, '/') == SLIP_NPOS) {
        slip_fail(err, SLIP_E_CONFIG, "no registry is named [E-NO-REGISTRY]");
        return slip_hint(err, "write registry/path; Docker Hub is spelled " HUB "/path");
    }
    if (split_base(text, &p, err) < 0)
        return -1;
    fill_from(&p, out);
    out->http_allowed = is_near(p.registry) || is_loopback(p.registry);
    return 0;
}

int slip_repository_parse(struct slip_str text, struct slip_reference *out, struct slip_error *err)
{
    struct slip_str rest = text;
    bool is_archive;
    if (refuse_scheme(text, err) < 0)
        return -1;
    if ((take_layout_scheme(&rest, &is_archive) ? parse_layout_repository(rest, out, err)
                                                : parse_registry_repository(text, out, err))
        < 0)
        return slip_while(err, "'%.*s' is not a repository", SLIP_ARG(text));
    out->is_archive = is_archive;
    return 0;
}

void slip_reference_clear(struct slip_reference *r)
{
    slip_free(r->registry);
    slip_free(r->repository);
    slip_free(r->identifier);
    *r = (struct slip_reference){ 0 };
}

void slip_reference_copy(const struct slip_reference *from, struct slip_reference *to)
{
    *to = *from;
    to->registry = slip_strdup(from->registry);
    to->repository = slip_strdup(from->repository);
    to->identifier = slip_strdup(from->identifier);
}

void slip_reference_print_repository(const struct slip_reference *r, struct slip_buf *out)
{
    if (r->kind == SLIP_STORE_LAYOUT)
        slip_buf_add_fmt(out, "%s:%s", r->is_archive ? "oci-archive" : "oci", r->repository);
    else
        slip_buf_add_fmt(out, "%s/%s", r->registry, r->repository);
}

void slip_reference_print(const struct slip_reference *r, struct slip_buf *out)
{
    slip_reference_print_repository(r, out);
    if (r->identifier[0])
        slip_buf_add_fmt(out, "%c%s", r->is_digest ? '@' : ':', r->identifier);
}

static bool same_path(const char *a, const char *b)
{
    SLIP_AUTO(slip_buf) clean_a = SLIP_BUF(1u << 16);
    SLIP_AUTO(slip_buf) clean_b = SLIP_BUF(1u << 16);
    slip_path_clean(slip_str_of(a), &clean_a);
    slip_path_clean(slip_str_of(b), &clean_b);
    return slip_str_eq(slip_buf_str(&clean_a), slip_buf_str(&clean_b));
}

bool slip_reference_same_repository(const struct slip_reference *a, const struct slip_reference *b)
{
    if (a->kind != b->kind || a->is_archive != b->is_archive)
        return false;
    if (a->kind == SLIP_STORE_LAYOUT)
        return same_path(a->repository, b->repository);
    return strcasecmp(a->registry, b->registry) == 0 && strcmp(a->repository, b->repository) == 0;
}

bool slip_stage_tag_parse(struct slip_str tag, struct slip_stage_tag *out)
{
    struct slip_stage_tag t = { .digest = tag };
    struct slip_str number;
    if (!slip_str_cut(tag, '-', &t.digest, &number)) {
        if (tag.len != SLIP_STAGE_DIGEST_LEN)
            return false;
    } else {
        size_t plus = number.len && number.ptr[0] == '+'; /* Go's ParseInt takes one */
        if (!slip_str_to_i64(slip_str_skip(number, plus), &t.created_ms)
            || (plus && t.created_ms < 0))
            return false;
    }
    *out = t;
    return true;
}

/* werf's listing of all stages goes by length alone. */
static bool looks_like_a_stage(struct slip_str tag)
{
    struct slip_stage_tag t;
    return slip_stage_tag_parse(tag, &t)
           && (tag.len == SLIP_STAGE_DIGEST_LEN || tag.len == SLIP_STAGE_TAG_LEN
               || (t.digest.len == SLIP_STAGE_DIGEST_LEN && is_made_of(t.digest, HEX)));
}

bool slip_tag_is_reserved(struct slip_str tag)
{
    static const char *const prefixes[] = { "managed-image-", "meta-", "custom-tag-meta-",
                                            "import-metadata-", "client-id-" };
    struct slip_stage_tag t;
    for (size_t i = 0; i < SLIP_COUNT(prefixes); i++)
        if (slip_str_starts(tag, slip_str_of(prefixes[i])))
            return true;
    if (slip_str_is(tag, "sync-server") || slip_str_is(tag, "cleanup") || looks_like_a_stage(tag))
        return true;
    /* A rejected record counts by its time alone, whatever stands in front of it. */
    return slip_str_ends(tag, SLIP_STR("-rejected"))
           && slip_stage_tag_parse(slip_str_first(tag, tag.len - strlen("-rejected")), &t);
}
