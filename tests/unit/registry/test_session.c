/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol, request by request: signing in, redirects, retries, listings, uploads. */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/http.h"
#include "registry/copy.h"
#include "registry/layout.h"
#include "registry/permit.h"
#include "registry/referrers.h"
#include "registry/store.h"
#include "registry/tags.h"
#include "support/played.h"

#define R "https://reg.example/v2/app"
#define ACCEPT                                                                                     \
    "Accept: application/vnd.oci.image.index.v1+json, "                                            \
    "application/vnd.docker.distribution.manifest.list.v2+json, "                                  \
    "application/vnd.oci.image.manifest.v1+json, "                                                 \
    "application/vnd.docker.distribution.manifest.v2+json"
#define BEARER "WWW-Authenticate: Bearer realm=\"https://auth.example/token\",service=\"reg\"\r\n"
/* sha256 of "{}", of "hello" and of "" */
#define EMPTY "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define HELLO "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define HELLO_IN_URL "sha256%3A2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define NOTHING "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NOTHING_IN_URL "sha256%3Ae3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* robot:secret for reg.example, nobody for others */
static const char auth_config[] =
    "{\"auths\":{\"https://reg.example/v1/\":{\"auth\":\"cm9ib3Q6c2VjcmV0\"},"
    "\"id.example\":{\"identitytoken\":\"ident\"}}}";

struct scene {
    struct slip_http *http;
    struct slip_registry *registry;
    struct slip_store *store;
};

static struct scene open_scene(const struct played *table, size_t n, const char *name)
{
    static const struct slip_registry_options options = { .docker_auth_config = auth_config };
    struct scene s = { .http = played_new(table, n) };
    SLIP_AUTO(slip_reference) where = { 0 };
    struct slip_error err = { 0 };
    s.registry = slip_registry_new_over(&options, s.http);
    assert_int_equal(slip_repository_parse(slip_str_of(name), &where, &err), 0);
    assert_int_equal(slip_store_open(s.registry, &where, &s.store, &err), 0);
    return s;
}

/* All of the conversation took place. */
static void close_scene(struct scene *s)
{
    slip_store_free(s->store);
    assert_int_equal(played_left(s->http), 0);
    slip_registry_free(s->registry);
}

#define SCENE(name, host)                                                                          \
    struct scene name = open_scene(name##_table, SLIP_COUNT(name##_table), host)

static int get(struct scene *s, const char *identifier, struct slip_manifest_get *out)
{
    *out = (struct slip_manifest_get){ .identifier = identifier };
    return s->store->ops->get_manifests(s->store, out, 1);
}

static void a_token_is_fetched_once_for_all_that_wait(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "GET " R "/manifests/a", "-Authorization", NULL, 401, BEARER, NULL, 0 },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull",
          "Authorization: Basic cm9ib3Q6c2VjcmV0", NULL, 200, NULL,
          "{\"token\":\"t\",\"expires_in\":300}", 0 },
        { "GET " R "/manifests/a", "Authorization: Bearer t", NULL, 200, NULL, "{}", 0 },
        { "GET " R "/manifests/b", "Authorization: Bearer t", NULL, 200, NULL, "{}", 0 },
        { "GET " R "/manifests/c", "Authorization: Bearer t", NULL, 404, NULL, NULL, 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_manifest_get items[3] = { { .identifier = "a" },
                                          { .identifier = "b" },
                                          { .identifier = "c" } };
    assert_int_equal(s.store->ops->get_manifests(s.store, items, 3), 0);
    assert_true(items[0].found && items[1].found && !items[2].found);
    assert_string_equal(items[0].digest, EMPTY);
    slip_buf_clear(&items[0].body);
    slip_buf_clear(&items[1].body);
    close_scene(&s);
}

static void an_identity_token_is_posted(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "GET https://id.example/v2/app/manifests/a", NULL, NULL, 401,
          "WWW-Authenticate: Bearer realm=\"https://auth.example/t?x=1\",service=\"s p\"\r\n", NULL,
          0 },
        { "POST https://auth.example/t?x=1", "Content-Type: application/x-www-form-urlencoded",
          "grant_type=refresh_token&refresh_token=ident&service=s%20p&client_id=slipway&scope="
          "repository%3Aapp%3Apull",
          405, NULL, NULL, 0 },
        { "GET https://auth.example/t?x=1&service=s%20p&scope=repository%3Aapp%3Apull",
          "Authorization: Basic OmlkZW50", NULL, 200, NULL, "{\"access_token\":\"u\"}", 0 },
        { "GET https://id.example/v2/app/manifests/a", "Authorization: Bearer u", NULL, 404, NULL,
          NULL, 0 },
    };
    SCENE(s, "id.example/app");
    struct slip_manifest_get item;
    assert_int_equal(get(&s, "a", &item), 0);
    assert_false(item.found);
    close_scene(&s);
}

static void credentials_do_not_follow_a_redirect(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "GET " R "/blobs/" HELLO, "-Authorization", NULL, 401,
          "WWW-Authenticate: Basic realm=\"r\"\r\n", NULL, 0 },
        { "GET " R "/blobs/" HELLO, "Authorization: Basic cm9ib3Q6c2VjcmV0", NULL, 307,
          "Location: https://cdn.example/x?sig=1\r\n", NULL, 0 },
        { "GET https://cdn.example/x?sig=1", "-Authorization", NULL, 302, "Location: ../y\r\n",
          NULL, 0 },
        { "GET https://cdn.example/y", "-Authorization", NULL, 200, NULL, "hello", 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_blob_get item = { .digest = HELLO, .size = 5 };
    assert_int_equal(s.store->ops->get_blobs(s.store, &item, 1), 0);
    assert_true(item.found);
    slip_buf_clear(&item.body);
    close_scene(&s);
}

static const struct {
    const char *name;
    struct played table[14];
    enum slip_kind kind;
    const char *text, *hint;
} refusals[] = {
    { "redirect without TLS",
      { { "GET " R "/manifests/a", NULL, NULL, 302, "Location: http://cdn.example/x\r\n", 0, 0 } },
      SLIP_E_REGISTRY,
      "without TLS",
      NULL },
    { "redirect to nowhere",
      { { "GET " R "/manifests/a", NULL, NULL, 302, "Location: file:///etc/passwd\r\n", 0, 0 } },
      SLIP_E_REGISTRY,
      "without a usable Location",
      NULL },
    { "challenge of another host is not met",
      { { "GET " R "/manifests/a", NULL, NULL, 302, "Location: https://cdn.example/x\r\n", 0, 0 },
        { "GET https://cdn.example/x", NULL, NULL, 401, BEARER, NULL, 0 } },
      SLIP_E_DENIED,
      "'cdn.example' answered 401",
      NULL },
    { "token service without TLS",
      { { "GET " R "/manifests/a", NULL, NULL, 401,
          "WWW-Authenticate: Bearer realm=\"http://auth.example/t\"\r\n", NULL, 0 } },
      SLIP_E_REGISTRY,
      "token service without TLS",
      NULL },
    { "wrong password",
      { { "GET " R "/manifests/a", NULL, NULL, 401, BEARER, NULL, 0 },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL,
          401, NULL, "{\"details\":\"incorrect username or password\"}", 0 } },
      SLIP_E_DENIED,
      "'auth.example' answered 401 'incorrect username or password'",
      "DOCKER_AUTH_CONFIG" },
    { "token service that is down",
      { { "GET " R "/manifests/a", NULL, NULL, 401, BEARER, NULL, 0 },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL, 0,
          NULL, NULL, SLIP_HTTP_NO_CONNECT },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL, 0,
          NULL, NULL, SLIP_HTTP_NO_CONNECT },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL, 0,
          NULL, NULL, SLIP_HTTP_NO_CONNECT } },
      SLIP_E_TEMPORARY,
      "cannot get a token: 'auth.example': played failure",
      "the registry sends there for tokens: is that service down" },
    { "token service that is another thing",
      { { "GET " R "/manifests/a", NULL, NULL, 401, BEARER, NULL, 0 },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL,
          404, NULL, "no", 0 } },
      SLIP_E_REGISTRY,
      "cannot get a token: 'auth.example' answered 404",
      "the registry sends there for tokens" },
    { "no token in the answer",
      { { "GET " R "/manifests/a", NULL, NULL, 401, BEARER, NULL, 0 },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL,
          200, NULL, "{\"token\":\"a\\nb\"}", 0 } },
      SLIP_E_REGISTRY,
      "holds no token",
      NULL },
    { "denied, with what the token grants",
      { { "GET " R "/manifests/a", NULL, NULL, 401, BEARER, NULL, 0 },
        { "GET https://auth.example/token?service=reg&scope=repository%3Aapp%3Apull", NULL, NULL,
          200, NULL, "{\"token\":\"x.eyJhY2Nlc3MiOlt7Im5hbWUiOiJhcHAiLCJhY3Rpb25zIjpbXX1dfQ.y\"}",
          0 },
        { "GET " R "/manifests/a", NULL, NULL, 403, NULL,
          "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no \\u001b[31mway\"}]}", 0 } },
      SLIP_E_DENIED,
      "answered 403 DENIED 'no \\x1b[31mway'",
      "asked for repository:app:pull, granted nothing" },
    { "asked to wait too long",
      { { "GET " R "/manifests/a", NULL, NULL, 429, "Retry-After: 3600\r\n", NULL, 0 } },
      SLIP_E_TEMPORARY,
      "asks to wait for 3600 s",
      NULL },
    { "not trusted",
      { { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_UNTRUSTED } },
      SLIP_E_REGISTRY,
      "reg.example/app: cannot read manifest 'a': played failure",
      "SSL_CERT_FILE" },
    { "too large",
      { { "GET " R "/manifests/a", NULL, NULL, 200, NULL, "x", SLIP_HTTP_TOO_LARGE } },
      SLIP_E_REGISTRY,
      "played failure",
      NULL },
    { "never an answer",
      { { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_CUT },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_CUT },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_CUT },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_CUT },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_SLOW },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_CUT } },
      SLIP_E_TEMPORARY,
      "(6 attempts)",
      NULL },
    { "no such host",
      { { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_NO_HOST },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_NO_HOST },
        { "GET " R "/manifests/a", NULL, NULL, 0, NULL, NULL, SLIP_HTTP_NO_HOST } },
      SLIP_E_TEMPORARY,
      "(3 attempts)",
      NULL },
};

static void what_cannot_succeed_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(refusals); i++) {
        size_t n = 0;
        struct slip_manifest_get item;
        print_message("  %s\n", refusals[i].name);
        while (n < SLIP_COUNT(refusals[i].table) && refusals[i].table[n].request)
            n++;
        struct scene s = open_scene(refusals[i].table, n, "reg.example/app");
        assert_int_equal(get(&s, "a", &item), -1);
        print_message("    %s\n    %s\n", item.err.text, item.err.hint);
        assert_int_equal(item.err.kind, refusals[i].kind);
        assert_non_null(strstr(item.err.text, refusals[i].text));
        if (refusals[i].hint)
            assert_non_null(strstr(item.err.hint, refusals[i].hint));
        close_scene(&s);
    }
}

static void redirects_are_bounded(void **state)
{
    (void)state;
    struct played loop[11];
    for (size_t i = 0; i < SLIP_COUNT(loop); i++)
        loop[i] = (struct played){ .request = "GET " R "/manifests/a",
                                   .status = 307,
                                   .header = "Location: a\r\n" };
    struct scene s = open_scene(loop, SLIP_COUNT(loop), "reg.example/app");
    struct slip_manifest_get item;
    assert_int_equal(get(&s, "a", &item), -1);
    assert_non_null(strstr(item.err.text, "more than 10 redirects"));
    close_scene(&s);
}

static void waits_are_as_long_as_asked_for(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "GET " R "/manifests/a", NULL, NULL, 429, "Retry-After: 7\r\n", NULL, 0 },
        { "GET " R "/manifests/a", NULL, NULL, 503, NULL, NULL, 0 },
        { "GET " R "/manifests/a", NULL, NULL, 403, NULL, "secondary rate limit", 0 },
        { "GET " R "/manifests/a", NULL, NULL, 404, NULL, NULL, 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_manifest_get item;
    assert_int_equal(get(&s, "a", &item), 0);
    assert_in_range(played_ms(s.http), 8000, 9500);
    close_scene(&s);
}

/* The bound is 300 s, in seconds and as a date on the registry's clock. */
static void a_wait_at_the_bound_is_borne_and_one_above_is_not(void **state)
{
    (void)state;
#define AT(time)                                                                                   \
    "Retry-After: Sun, 06 Nov 1994 " time " GMT\r\nDate: Sun, 06 Nov 1994 08:00:00 GMT\r\n"
    static const struct {
        const char *header;
        uint64_t ms; /* 0: refused */
        const char *told;
    } cases[] = {
        { "Retry-After: 300\r\n", 300000, NULL },
        { "Retry-After: 301\r\n", 0, "asks to wait for 301 s" },
        { AT("08:05:00"), 300000, NULL },
        { AT("08:05:01"), 0, "asks to wait for 301 s" },
        { AT("07:00:00"), 1000, NULL },        /* past: as if it said nothing */
        { "Retry-After: -5\r\n", 1000, NULL }, /* no number of seconds: the same */
        { "Retry-After: soon\r\n", 1000, NULL },
        { "Retry-After: 1000000001\r\n", 0, "asks to wait for" },
        { "Retry-After: 99999999999999999999999\r\n", 0, "asks to wait for" },
    };
#undef AT
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        print_message("  %s", cases[i].header);
        const struct played table[] = {
            { "GET " R "/manifests/a", NULL, NULL, 429, cases[i].header, NULL, 0 },
            { "GET " R "/manifests/a", NULL, NULL, 404, NULL, NULL, 0 },
        };
        struct scene s = open_scene(table, cases[i].ms ? 2 : 1, "reg.example/app");
        struct slip_manifest_get item;
        assert_int_equal(get(&s, "a", &item), cases[i].ms ? 0 : -1);
        assert_int_equal(played_ms(s.http), cases[i].ms);
        if (cases[i].told)
            assert_non_null(strstr(item.err.text, cases[i].told));
        close_scene(&s);
    }
}

static void http_is_tried_where_it_is_allowed_and_nowhere_else(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "GET https://localhost:5000/v2/app/manifests/a", NULL, NULL, 0, NULL, NULL,
          SLIP_HTTP_NO_TLS },
        { "GET http://localhost:5000/v2/app/manifests/a", NULL, NULL, 404, NULL, NULL, 0 },
        { "GET http://localhost:5000/v2/app/manifests/b", NULL, NULL, 404, NULL, NULL, 0 },
    };
    SCENE(s, "localhost:5000/app");
    struct slip_manifest_get item;
    assert_int_equal(get(&s, "a", &item), 0);
    assert_int_equal(get(&s, "b", &item), 0);
    close_scene(&s);
}

static void damaged_bytes_are_fetched_once_more(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "GET " R "/manifests/" HELLO, ACCEPT, NULL, 200, NULL, "hellO", 0 },
        { "GET " R "/manifests/" HELLO, ACCEPT, NULL, 200, "Content-Type: a/b; c\r\n", "hello", 0 },
        { "GET " R "/blobs/" HELLO, NULL, NULL, 200, NULL, "hellO", 0 },
        { "GET " R "/blobs/" HELLO, NULL, NULL, 200, NULL, "hellO", 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_manifest_get item;
    assert_int_equal(get(&s, HELLO, &item), 0);
    assert_string_equal(item.media_type, "a/b; c");
    slip_buf_clear(&item.body);
    struct slip_blob_get blob = { .digest = HELLO, .size = 5 };
    assert_int_equal(s.store->ops->get_blobs(s.store, &blob, 1), -1);
    assert_non_null(strstr(blob.err.text, "has other content"));
    close_scene(&s);
}

static void heads_without_a_digest_become_gets(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "HEAD " R "/manifests/a", ACCEPT, NULL, 200, NULL, NULL, 0 },
        { "GET " R "/manifests/a", ACCEPT, NULL, 200, NULL, "{}", 0 },
        { "HEAD " R "/manifests/b", ACCEPT, NULL, 200, "Docker-Content-Digest: " HELLO "\r\n", NULL,
          0 },
        { "HEAD " R "/manifests/c", ACCEPT, NULL, 403, NULL, NULL, 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_manifest_head items[3] = { { .identifier = "a" },
                                           { .identifier = "b" },
                                           { .identifier = "c" } };
    assert_int_equal(s.store->ops->head_manifests(s.store, items, 3), 0);
    assert_string_equal(items[0].digest, EMPTY);
    assert_string_equal(items[1].digest, HELLO);
    assert_false(items[2].found);
    close_scene(&s);
}

static int put(struct scene *s, struct slip_manifest_put *item)
{
    *item = (struct slip_manifest_put){ .identifier = "a",
                                        .media_type = "m/t",
                                        .body = SLIP_STR("hello") };
    return s->store->ops->put_manifests(s->store, item, 1);
}

static void a_put_is_believed_when_the_digest_comes_back(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "PUT " R "/manifests/a", "Content-Type: m/t", "hello", 404, NULL, NULL, 0 },
        { "PUT " R "/manifests/a", "Content-Type: m/t", "hello", 201,
          "Docker-Content-Digest: " HELLO "\r\n", NULL, 0 },
        { "PUT " R "/manifests/a", NULL, "hello", 201, NULL, NULL, 0 },
        { "HEAD " R "/manifests/a", NULL, NULL, 200, "Docker-Content-Digest: " EMPTY "\r\n", NULL,
          0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_manifest_put item;
    assert_int_equal(put(&s, &item), 0);
    assert_int_equal(put(&s, &item), -1);
    assert_non_null(strstr(item.err.text, "but found " EMPTY));
    close_scene(&s);
}

static void immutable_tags_with_equal_content_are_fine(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "PUT " R "/manifests/a", NULL, NULL, 400, NULL,
          "{\"errors\":[{\"code\":\"TAG_INVALID\",\"message\":\"tag is immutable\"}]}", 0 },
        { "HEAD " R "/manifests/a", NULL, NULL, 200, "Docker-Content-Digest: " HELLO "\r\n", NULL,
          0 },
        { "PUT " R "/manifests/a", NULL, NULL, 409, NULL, NULL, 0 },
        { "HEAD " R "/manifests/a", NULL, NULL, 200, "Docker-Content-Digest: " EMPTY "\r\n", NULL,
          0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_manifest_put item;
    assert_int_equal(put(&s, &item), 0);
    assert_int_equal(put(&s, &item), -1);
    assert_int_equal(item.err.kind, SLIP_E_CONFLICT);
    close_scene(&s);
}

static int collect(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)err;
    slip_buf_add_str(payload, tag);
    slip_buf_add_char(payload, ' ');
    return 0;
}

static void list(const struct played *table, size_t n, const char *want)
{
    struct scene s = open_scene(table, n, "reg.example/app");
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(100000);
    struct slip_error err = { 0 };
    int rc = s.store->ops->list_tags(s.store, collect, &tags, &err);
    print_message("  %s\n", err.text);
    assert_int_equal(rc, want ? 0 : -1);
    if (want)
        assert_string_equal(tags.ptr, want);
    close_scene(&s);
}

#define LIST "GET " R "/tags/list?n=1000"

static void listings_go_on_over_pages_and_breaks(void **state)
{
    (void)state;
    static const struct played pages[] = {
        { LIST, NULL, NULL, 200, "Link: </v2/app/tags/list?n=1000&last=b>; rel=next\r\n",
          "{\"tags\":[\"a\",\"b\"]}", 0 },
        { LIST "&last=b", NULL, NULL, 200, NULL, "{\"tags\":[\"c\",", SLIP_HTTP_CUT },
        { LIST "&last=b", NULL, NULL, 200, NULL, "{\"tags\":[\"c\",\"d\"]}", 0 },
    };
    list(pages, SLIP_COUNT(pages), "a b c d ");
    static const struct played changed[] = {
        { LIST, NULL, NULL, 200, NULL, "{\"tags\":[\"c\",\"d\"", SLIP_HTTP_CUT },
        { LIST, NULL, NULL, 200, NULL, "{\"tags\":[\"b\",\"c\",\"d\"]}", 0 },
    };
    list(changed, SLIP_COUNT(changed), NULL);
    static const struct played circle[] = {
        { LIST, NULL, NULL, 200, "Link: <?n=1000&last=a>; rel=next\r\n", "{\"tags\":[\"a\"]}", 0 },
        { LIST "&last=a", NULL, NULL, 200, "Link: <?n=1000&last=a>; rel=next\r\n",
          "{\"tags\":[\"b\"]}", 0 },
    };
    list(circle, SLIP_COUNT(circle), "a b ");
    static const struct played abroad[] = {
        { LIST, NULL, NULL, 200, "Link: <https://evil.example/>; rel=next\r\n", "{\"tags\":[]}",
          0 },
    };
    list(abroad, SLIP_COUNT(abroad), NULL);
    static const struct played absent[] = {
        { LIST, NULL, NULL, 404, NULL, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}", 0 },
    };
    list(absent, SLIP_COUNT(absent), "");
    static const struct played nonsense[] = {
        { LIST, NULL, NULL, 200, NULL, "<html>", 0 },
    };
    list(nonsense, SLIP_COUNT(nonsense), NULL);
}

/* 1000 names t0000 to t0999 as a page. */
static char *full_page(void)
{
    struct slip_buf page = SLIP_BUF(100000);
    slip_buf_add_c(&page, "{\"tags\":[\"t0000\"");
    for (int i = 1; i < 1000; i++)
        slip_buf_add_fmt(&page, ",\"t%04d\"", i);
    slip_buf_add_c(&page, "]}");
    return slip_buf_detach(&page);
}

static void a_full_page_without_a_link_is_not_trusted_to_be_the_end(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *page = full_page();
    const struct played s_table[] = {
        { LIST, NULL, NULL, 200, NULL, page, 0 },
        { LIST "&last=t0999", NULL, NULL, 200, NULL, "{\"tags\":[\"z\"]}", 0 },
    };
    const struct played same_table[] = {
        { LIST, NULL, NULL, 200, NULL, page, 0 },
        { LIST "&last=t0999", NULL, NULL, 200, NULL, page, 0 },
    };
    SCENE(s, "reg.example/app");
    SCENE(same, "reg.example/app");
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(100000);
    struct slip_error err = { 0 };
    assert_int_equal(s.store->ops->list_tags(s.store, collect, &tags, &err), 0);
    assert_int_equal(tags.len, 6002);
    slip_buf_reset(&tags);
    assert_int_equal(same.store->ops->list_tags(same.store, collect, &tags, &err), 0);
    assert_int_equal(tags.len, 6000);
    close_scene(&s);
    close_scene(&same);
}

static void find(const struct played *table, size_t n, const char *want)
{
    static const char *const prefixes[] = { "p12", "t0001" };
    struct scene s = open_scene(table, n, "reg.example/app");
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(100000);
    struct slip_error err = { 0 };
    assert_int_equal(slip_tags_find(s.store, prefixes, 2, collect, &tags, &err), 0);
    assert_string_equal(tags.ptr, want);
    close_scene(&s);
}

static void some_tags_are_found_by_position_only_where_answers_are_in_order(void **state)
{
    (void)state;
    static const char next[] = "Link: </v2/app/tags/list?n=1000&last=c>; rel=\"next\"\r\n";
    static const char jump[] = "GET " R "/tags/list?n=100&last=";
    SLIP_AUTO_FREE char *jump_p = slip_printf("%sp1", jump);
    SLIP_AUTO_FREE char *jump_t = slip_printf("%st000", jump);
    const struct played ordered[] = {
        { LIST, NULL, NULL, 200, next, "{\"tags\":[\"a\",\"c\"]}", 0 },
        { jump_p, NULL, NULL, 200, next, "{\"tags\":[\"p11\",\"p12\",\"p12-1\",\"q\"]}", 0 },
        { jump_t, NULL, NULL, 200, NULL, "{\"tags\":[\"t0001-2\"]}", 0 },
    };
    find(ordered, SLIP_COUNT(ordered), "p12 p12-1 t0001-2 ");
    const struct played disordered[] = {
        { LIST, NULL, NULL, 200, next, "{\"tags\":[\"c\",\"a\",\"p12\"]}", 0 },
        { LIST "&last=c", NULL, NULL, 200, NULL, "{\"tags\":[\"t0001\",\"p12\",\"p12-1\"]}", 0 },
    };
    find(disordered, SLIP_COUNT(disordered), "p12 t0001 p12-1 ");
    const struct played ignored[] = {
        /* it does not know "last" */
        { LIST, NULL, NULL, 200, next, "{\"tags\":[\"a\",\"c\"]}", 0 },
        { jump_p, NULL, NULL, 200, NULL, "{\"tags\":[\"a\",\"c\"]}", 0 },
        { jump_t, NULL, NULL, 200, NULL, "{\"tags\":[\"a\",\"c\"]}", 0 },
        { LIST "&last=c", NULL, NULL, 200, NULL, "{\"tags\":[\"p12\",\"t0001\"]}", 0 },
    };
    find(ignored, SLIP_COUNT(ignored), "p12 t0001 ");
    const struct played small[] = {
        { LIST, NULL, NULL, 200, NULL, "{\"tags\":[\"t0001\",\"a\"]}", 0 },
    };
    find(small, SLIP_COUNT(small), "t0001 ");
}

static int send_hello(struct scene *s, struct slip_blob_copy *item)
{
    *item = (struct slip_blob_copy){
        .to = s->store, .digest = HELLO, .size = 5, .data = SLIP_STR("hello")
    };
    return slip_blobs_copy(s->registry, item, 1, NULL);
}

#define PUT_HELLO "PUT https://reg.example/up?s=1&digest=" HELLO_IN_URL

static void a_small_blob_is_one_post_and_one_put(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { PUT_HELLO, NULL, "hello", 201, "Docker-Content-Digest: " HELLO "\r\n", NULL, 0 },
        /* refused in this way: PATCH, also for the next one */
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { PUT_HELLO, NULL, "hello", 405, NULL, NULL, 0 },
        { "DELETE https://reg.example/up?s=1", NULL, NULL, 204, NULL, NULL, 0 },
        { "HEAD " R "/blobs/" HELLO, NULL, NULL, 404, NULL, NULL, 0 },
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=2\r\n", NULL, 0 },
        { "PATCH https://reg.example/up?s=2", NULL, "hello", 202, "Location: /up?s=3\r\n", NULL,
          0 },
        { "PUT https://reg.example/up?s=3&digest=" HELLO_IN_URL, NULL, "", 201, NULL, NULL, 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_blob_copy item;
    assert_int_equal(send_hello(&s, &item), 0);
    assert_int_equal(item.outcome, SLIP_BLOB_SENT);
    assert_int_equal(send_hello(&s, &item), 0);
    close_scene(&s);
}

static void list_refused(const struct played *table, size_t n, const char *text)
{
    struct scene s = open_scene(table, n, "reg.example/app");
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(100);
    struct slip_error err = { 0 };
    assert_int_equal(s.store->ops->list_tags(s.store, collect, &tags, &err), -1);
    assert_int_equal(err.kind, SLIP_E_REGISTRY);
    assert_non_null(strstr(err.text, text));
    close_scene(&s);
}

/* Every page is empty, and has another one behind it. */
static void a_listing_without_end_ends(void **state)
{
    (void)state;
    enum { PAGES = 1001 };
    static char requests[PAGES][80], links[PAGES][80];
    static struct played table[PAGES];
    for (size_t i = 0; i < PAGES; i++) {
        if (i == 0)
            snprintf(requests[i], sizeof(requests[i]), LIST);
        else
            snprintf(requests[i], sizeof(requests[i]), "GET " R "/tags/list?last=%zu", i);
        snprintf(links[i], sizeof(links[i]), "Link: </v2/app/tags/list?last=%zu>; rel=next\r\n",
                 i + 1);
        table[i] = (struct played){ requests[i], NULL, NULL, 200, links[i], "{\"tags\":[]}", 0 };
    }
    list_refused(table, SLIP_COUNT(table), "more than 1000 pages of the tag listing without a tag");
}

static void a_page_of_blanks_without_end_ends(void **state)
{
    (void)state;
    const size_t size = (16u << 20) + 100;
    SLIP_AUTO_FREE char *body = slip_alloc(size + 1);
    memset(body, ' ', size);
    memcpy(body, "{\"tags\":[\"a\",", 13);
    const struct played table[] = { { LIST, NULL, NULL, 200, NULL, body, 0 } };
    list_refused(table, SLIP_COUNT(table), "16777216 bytes of the tag listing without a tag");
}

/* Smaller parts are of no use: there is none of an empty blob. */
static void an_empty_blob_that_is_refused_is_given_up(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { "PUT https://reg.example/up?s=1&digest=" NOTHING_IN_URL, NULL, "", 405, NULL, NULL, 0 },
        { "DELETE https://reg.example/up?s=1", NULL, NULL, 204, NULL, NULL, 0 },
        { "HEAD " R "/blobs/" NOTHING, NULL, NULL, 404, NULL, NULL, 0 },
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=2\r\n", NULL, 0 },
        { "PATCH https://reg.example/up?s=2", NULL, "", 413, NULL, NULL, 0 },
        { "DELETE https://reg.example/up?s=2", NULL, NULL, 204, NULL, NULL, 0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_blob_copy item = { .to = s.store, .digest = NOTHING, .data = SLIP_STR("") };
    assert_int_equal(slip_blobs_copy(s.registry, &item, 1, NULL), -1);
    assert_int_equal(item.err.kind, SLIP_E_REGISTRY);
    close_scene(&s);
}

/* --- redirects of uploads --- */

static char *layout_dir;
static struct slip_store *layout;

/* "hello" comes from a layout: then it is streamed. */
static void open_hello(const struct scene *s)
{
    SLIP_AUTO(slip_reference) where = { 0 };
    struct slip_layout_write *w;
    struct slip_error err = { 0 };
    layout_dir = slip_strdup("/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(layout_dir));
    SLIP_AUTO_FREE char *name = slip_printf("oci:%s", layout_dir);
    assert_int_equal(slip_repository_parse(slip_str_of(name), &where, &err), 0);
    assert_int_equal(slip_store_open(s->registry, &where, &layout, &err), 0);
    assert_int_equal(slip_layout_begin(layout, HELLO, &w, &err), 0);
    assert_int_equal(slip_layout_append(w, "hello", 5, &err), 0);
    assert_int_equal(slip_layout_commit(w, &err), 0);
}

static void close_hello(void)
{
    slip_store_free(layout);
    slip_dir_remove(layout_dir);
    slip_free(layout_dir);
}

#define MOUNT_HELLO "POST " R "/blobs/uploads/?mount=" HELLO_IN_URL "&from=app"
#define BASIC "WWW-Authenticate: Basic realm=\"r\"\r\n"
#define ROBOT "Authorization: Basic cm9ib3Q6c2VjcmV0"

static const struct {
    const char *name;
    struct played table[12];
    const char *error; /* NULL: it arrives */
} sent_elsewhere[] = {
    { "another host gets the bytes, and no credentials",
      { { MOUNT_HELLO, NULL, NULL, 401, BASIC, NULL, 0 },
        { MOUNT_HELLO, ROBOT, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { "PATCH https://reg.example/up?s=1", ROBOT, NULL, 307,
          "Location: https://up.example/u/1\r\n", NULL, 0 },
        { "PATCH https://up.example/u/1", "-Authorization", "hello", 202,
          "Location: https://up.example/u/2\r\n", NULL, 0 },
        { "PUT https://up.example/u/2?digest=" HELLO_IN_URL, "-Authorization", "", 201, NULL, NULL,
          0 } },
      NULL },
    { "308, within the registry: with credentials; and the PUT, too",
      { { MOUNT_HELLO, NULL, NULL, 401, BASIC, NULL, 0 },
        { MOUNT_HELLO, ROBOT, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { "PATCH https://reg.example/up?s=1", ROBOT, NULL, 308, "Location: /up?s=2\r\n", NULL, 0 },
        { "PATCH https://reg.example/up?s=2", ROBOT, "hello", 202, "Location: /up?s=3\r\n", NULL,
          0 },
        { "PUT https://reg.example/up?s=3&digest=" HELLO_IN_URL, ROBOT, "", 308,
          "Location: https://up.example/put\r\n", NULL, 0 },
        { "PUT https://up.example/put", "-Authorization", "", 201, NULL, NULL, 0 } },
      NULL },
    { "in a circle: it ends",
      { { MOUNT_HELLO, NULL, NULL, 202, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: /up\r\n", NULL, 0 },
        { "DELETE https://reg.example/up", NULL, NULL, 204, NULL, NULL, 0 } },
      "redirect" },
    { "to a place without TLS: no",
      { { MOUNT_HELLO, NULL, NULL, 202, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 307, "Location: http://up.example/u\r\n",
          NULL, 0 },
        { "DELETE https://reg.example/up", NULL, NULL, 204, NULL, NULL, 0 } },
      "without TLS" },
    { "to nowhere",
      { { MOUNT_HELLO, NULL, NULL, 202, "Location: /up\r\n", NULL, 0 },
        { "PATCH https://reg.example/up", NULL, NULL, 308, NULL, NULL, 0 },
        { "DELETE https://reg.example/up", NULL, NULL, 204, NULL, NULL, 0 } },
      "without a usable Location" },
};

static void uploads_are_sent_where_the_registry_sends_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(sent_elsewhere); i++) {
        size_t n = 0;
        print_message("  %s\n", sent_elsewhere[i].name);
        while (n < SLIP_COUNT(sent_elsewhere[i].table) && sent_elsewhere[i].table[n].request)
            n++;
        struct scene s = open_scene(sent_elsewhere[i].table, n, "reg.example/app");
        open_hello(&s);
        struct slip_blob_copy item = { .to = s.store, .from = layout, .digest = HELLO, .size = 5 };
        int result = slip_blobs_copy(s.registry, &item, 1, NULL);
        print_message("    %s\n", item.err.text);
        if (sent_elsewhere[i].error) {
            assert_int_equal(result, -1);
            assert_int_equal(item.err.kind, SLIP_E_REGISTRY);
            assert_non_null(strstr(item.err.text, sent_elsewhere[i].error));
            assert_non_null(strstr(item.err.text, "reg.example/app"));
        } else {
            assert_int_equal(result, 0);
            assert_int_equal(item.outcome, SLIP_BLOB_SENT);
        }
        close_hello();
        close_scene(&s);
    }
}

/* A host that is none of a registry: the address is wrong, or something on the way wants a login.
 */
static void a_web_page_is_told_as_such(void **state)
{
    (void)state;
#define HTML "Content-Type: text/html; charset=utf-8\r\n"
    static const struct played s_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 200, HTML, "<html>Welcome</html>", 0 },
        { LIST, NULL, NULL, 200, HTML, "<html>Welcome</html>", 0 },
        { "GET " R "/manifests/a", NULL, NULL, 405, HTML, "<html>No</html>", 0 },
        { LIST, NULL, NULL, 404, HTML, "<html>No such page</html>", 0 },
    };
#undef HTML
    SCENE(s, "reg.example/app");
    struct slip_permit permit = { .to = s.store };
    struct slip_manifest_get item;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(100);
    assert_int_equal(slip_permits_ask(s.registry, &permit, 1), -1);
    assert_non_null(strstr(permit.err.hint, "a web page answers there, not a registry"));
    assert_int_equal(s.store->ops->list_tags(s.store, collect, &tags, &err), -1);
    assert_non_null(strstr(err.hint, "a web page answers there, not a registry"));
    assert_int_equal(get(&s, "a", &item), -1);
    assert_non_null(strstr(item.err.hint, "a web page answers there, not a registry"));
    slip_error_clear(&err); /* no repository without tags */
    assert_int_equal(s.store->ops->list_tags(s.store, collect, &tags, &err), -1);
    assert_non_null(strstr(err.text, "answered 404"));
    assert_non_null(strstr(err.hint, "a web page answers there, not a registry"));
    close_scene(&s);
}

static void a_permit_costs_nothing(void **state)
{
    (void)state;
    static const struct played used_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { PUT_HELLO, NULL, "hello", 201, NULL, NULL, 0 },
    };
    static const struct played unused_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { "DELETE https://reg.example/up?s=1", NULL, NULL, 404, NULL, NULL, 0 },
    };
    static const struct played refused_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 403, NULL, NULL, 0 },
    };
    SCENE(used, "reg.example/app");
    SCENE(unused, "reg.example/app");
    SCENE(refused, "reg.example/app");
    struct slip_permit permit = { .to = used.store };
    struct slip_blob_copy item;
    assert_int_equal(slip_permits_ask(used.registry, &permit, 1), 0);
    assert_int_equal(send_hello(&used, &item), 0);
    permit = (struct slip_permit){ .to = unused.store };
    assert_int_equal(slip_permits_ask(unused.registry, &permit, 1), 0);
    permit = (struct slip_permit){ .to = refused.store };
    assert_int_equal(slip_permits_ask(refused.registry, &permit, 1), -1);
    assert_int_equal(permit.err.kind, SLIP_E_DENIED);
    assert_non_null(strstr(permit.err.hint, "repository:app:push,pull"));
    close_scene(&used);
    close_scene(&unused);
    close_scene(&refused);
}

/* One refusal is told as it is, several together; who said yes is not asked again. */
static void refusals_are_told_together(void **state)
{
    (void)state;
    static const struct played one_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { "DELETE https://reg.example/up?s=1", NULL, NULL, 204, NULL, NULL, 0 },
        { "POST https://reg.example/v2/no/blobs/uploads/", NULL, NULL, 403, NULL, NULL, 0 },
        { "POST https://reg.example/v2/never/blobs/uploads/", NULL, NULL, 404, NULL,
          "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}", 0 },
    };
    SCENE(one, "reg.example/app");
    static const char *const names[] = { "reg.example/no", "reg.example/never" };
    struct slip_permit items[3] = { { .to = one.store } };
    struct slip_error err = { 0 };
    assert_int_equal(slip_permits_ask(one.registry, items, 1), 0);
    for (size_t i = 0; i < 2; i++) {
        SLIP_AUTO(slip_reference) where = { 0 };
        assert_int_equal(slip_repository_parse(slip_str_of(names[i]), &where, &err), 0);
        assert_int_equal(slip_store_open(one.registry, &where, &items[i + 1].to, &err), 0);
    }
    assert_int_equal(slip_permits_ask(one.registry, items, 3), -1);
    slip_permits_refusal(items, 2, &err);
    assert_string_equal(err.text, items[1].err.text);
    slip_error_clear(&err);
    slip_permits_refusal(items, 3, &err);
    assert_int_equal(err.kind, SLIP_E_DENIED);
    assert_non_null(strstr(err.text, "2 destinations"));
    assert_non_null(strstr(err.text, "reg.example/no: cannot write there"));
    assert_non_null(strstr(err.text, "asked for repository:no:push,pull"));
    assert_non_null(strstr(err.text, "reg.example/never: cannot write there: the registry "
                                     "answered 404 NAME_UNKNOWN"));
    slip_store_free(items[1].to);
    slip_store_free(items[2].to);
    close_scene(&one);
}

/* An upload that was opened long ago is gone: another is opened, and PUT stays the way to send. */
static void a_permit_that_expired_is_no_lesson(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { PUT_HELLO, NULL, "hello", 404, NULL, NULL, 0 },
        { "HEAD " R "/blobs/" HELLO, NULL, NULL, 404, NULL, NULL, 0 },
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=2\r\n", NULL, 0 },
        { "PUT https://reg.example/up?s=2&digest=" HELLO_IN_URL, NULL, "hello", 201, NULL, NULL,
          0 },
    };
    SCENE(s, "reg.example/app");
    struct slip_permit permit = { .to = s.store };
    struct slip_blob_copy item;
    assert_int_equal(slip_permits_ask(s.registry, &permit, 1), 0);
    assert_int_equal(send_hello(&s, &item), 0);
    assert_int_equal(item.outcome, SLIP_BLOB_SENT);
    close_scene(&s);
}

static void a_registry_without_a_list_of_referrers_is_asked_once(void **state)
{
    (void)state;
    static const char *const digests[] = { HELLO, EMPTY };
    static const struct played none_table[] = {
        { "GET " R "/referrers/" HELLO, NULL, NULL, 404, NULL, NULL, 0 },
    };
    static const struct played some_table[] = {
        { "GET " R "/referrers/" HELLO, "Accept: application/vnd.oci.image.index.v1+json", NULL,
          200, NULL, "{\"schemaVersion\":2,\"manifests\":[]}", 0 },
        { "GET " R "/referrers/" EMPTY, NULL, NULL, 200, NULL,
          "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:00\"}]}", 0 },
    };
    SCENE(none, "reg.example/app");
    struct slip_referrers *r = slip_referrers_begin(none.store, digests, 2);
    slip_http_run(none.http);
    assert_false(slip_referrers_found(r, HELLO));
    slip_referrers_free(r);
    assert_null(slip_referrers_begin(none.store, digests, 2));
    close_scene(&none);

    SCENE(some, "reg.example/app");
    r = slip_referrers_begin(some.store, digests, 2);
    slip_http_run(some.http);
    assert_false(slip_referrers_found(r, HELLO));
    assert_true(slip_referrers_found(r, EMPTY));
    slip_referrers_free(r);
    close_scene(&some);
}

static void one_upload_serves_all_repositories_of_a_registry(void **state)
{
    (void)state;
    static const struct played s_table[] = {
        { "POST " R "/blobs/uploads/", NULL, NULL, 202, "Location: /up?s=1\r\n", NULL, 0 },
        { PUT_HELLO, NULL, "hello", 201, NULL, NULL, 0 },
        { "POST https://reg.example/v2/other/blobs/uploads/?mount=" HELLO_IN_URL "&from=app", NULL,
          NULL, 201, NULL, NULL, 0 },
    };
    SCENE(s, "reg.example/app");
    SLIP_AUTO(slip_reference) where = { 0 };
    SLIP_AUTO_PTR(slip_store) other = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_repository_parse(SLIP_STR("reg.example/other"), &where, &err), 0);
    assert_int_equal(slip_store_open(s.registry, &where, &other, &err), 0);
    struct slip_blob_copy items[3];
    for (size_t i = 0; i < 3; i++)
        items[i] = (struct slip_blob_copy){
            .to = i == 1 ? other : s.store, .digest = HELLO, .size = 5, .data = SLIP_STR("hello")
        };
    assert_int_equal(slip_blobs_copy(s.registry, items, 3, NULL), 0);
    assert_int_equal(items[0].outcome, SLIP_BLOB_SENT);
    assert_int_equal(items[1].outcome, SLIP_BLOB_MOUNTED);
    assert_int_equal(items[2].outcome, SLIP_BLOB_SENT);
    assert_int_equal(items[2].bytes_sent, 0);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_fetched_once_for_all_that_wait),
        cmocka_unit_test(an_identity_token_is_posted),
        cmocka_unit_test(credentials_do_not_follow_a_redirect),
        cmocka_unit_test(what_cannot_succeed_says_why),
        cmocka_unit_test(redirects_are_bounded),
        cmocka_unit_test(a_web_page_is_told_as_such),
        cmocka_unit_test(uploads_are_sent_where_the_registry_sends_them),
        cmocka_unit_test(waits_are_as_long_as_asked_for),
        cmocka_unit_test(a_wait_at_the_bound_is_borne_and_one_above_is_not),
        cmocka_unit_test(http_is_tried_where_it_is_allowed_and_nowhere_else),
        cmocka_unit_test(damaged_bytes_are_fetched_once_more),
        cmocka_unit_test(heads_without_a_digest_become_gets),
        cmocka_unit_test(a_put_is_believed_when_the_digest_comes_back),
        cmocka_unit_test(immutable_tags_with_equal_content_are_fine),
        cmocka_unit_test(listings_go_on_over_pages_and_breaks),
        cmocka_unit_test(a_full_page_without_a_link_is_not_trusted_to_be_the_end),
        cmocka_unit_test(some_tags_are_found_by_position_only_where_answers_are_in_order),
        cmocka_unit_test(a_small_blob_is_one_post_and_one_put),
        cmocka_unit_test(an_empty_blob_that_is_refused_is_given_up),
        cmocka_unit_test(a_listing_without_end_ends),
        cmocka_unit_test(a_page_of_blanks_without_end_ends),
        cmocka_unit_test(a_permit_costs_nothing),
        cmocka_unit_test(refusals_are_told_together),
        cmocka_unit_test(a_permit_that_expired_is_no_lesson),
        cmocka_unit_test(a_registry_without_a_list_of_referrers_is_asked_once),
        cmocka_unit_test(one_upload_serves_all_repositories_of_a_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
