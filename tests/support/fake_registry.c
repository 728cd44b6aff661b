/* SPDX-License-Identifier: Apache-2.0 */
/* Registries in memory. */
#include "support/fake_registry.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "registry/stored.h"
#include "support/transport.h"

#include <stdlib.h>

#define PIECE 1000u /* of a body that is passed on at a time */

/* ---- what they hold ---- */

struct thing {
    struct slip_buf bytes;
    char media_type[200]; /* of a manifest */
    char digest[SLIP_DIGEST_LEN + 1];
};

struct fake_registry {
    struct slip_map *things; /* "HOST/PATH KIND NAME": blob, manifest, upload */
    unsigned uploads, requests;
};

static void free_thing(void *payload)
{
    struct thing *t = payload;
    slip_buf_clear(&t->bytes);
    slip_free(t);
}

struct fake_registry *fake_registry_new(void)
{
    struct fake_registry *r = slip_new(struct fake_registry);
    r->things = slip_map_new(free_thing);
    return r;
}

void fake_registry_free(struct fake_registry *r)
{
    slip_map_free(r->things);
    slip_free(r);
}

static char *key_of(const char *repository, const char *kind, const char *name)
{
    return slip_printf("%s %s %s", repository, kind, name);
}

static struct thing *get(struct fake_registry *r, const char *repository, const char *kind,
                         const char *name)
{
    SLIP_AUTO_FREE char *key = key_of(repository, kind, name);
    return slip_map_get(r->things, slip_str_of(key));
}

static struct thing *put(struct fake_registry *r, const char *repository, const char *kind,
                         const char *name, struct slip_str bytes)
{
    SLIP_AUTO_FREE char *key = key_of(repository, kind, name);
    struct thing *t = slip_map_get(r->things, slip_str_of(key));
    if (t && slip_str_eq(slip_buf_str(&t->bytes), bytes))
        return t; /* somebody may be reading it */
    t = slip_new(struct thing);
    slip_buf_init(&t->bytes, 64u << 20);
    slip_buf_add_str(&t->bytes, bytes);
    slip_digest_of(bytes, t->digest);
    slip_map_set(r->things, slip_str_of(key), t);
    return t;
}

void fake_registry_add_blob(struct fake_registry *r, const char *repository, struct slip_str blob)
{
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(blob, digest);
    put(r, repository, "blob", digest, blob);
}

void fake_registry_add_manifest(struct fake_registry *r, const char *repository, const char *name,
                                const char *media_type, struct slip_str body)
{
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(body, digest);
    const char *const names[] = { name, digest };
    for (size_t i = 0; i < SLIP_COUNT(names); i++) {
        struct thing *t = put(r, repository, "manifest", names[i], body);
        snprintf(t->media_type, sizeof(t->media_type), "%s", media_type);
    }
}

const char *fake_registry_digest(struct fake_registry *r, const char *repository, const char *name)
{
    const struct thing *t = get(r, repository, "manifest", name);
    return t ? t->digest : NULL;
}

/* The next digest in a text. */
static bool next_digest(const char **text, char digest[SLIP_DIGEST_LEN + 1])
{
    const char *found = strstr(*text, "\"sha256:");
    if (!found || strlen(found) < SLIP_DIGEST_LEN + 2)
        return false;
    snprintf(digest, SLIP_DIGEST_LEN + 1, "%s", found + 1);
    *text = found + SLIP_DIGEST_LEN;
    return true;
}

static bool has_all(struct fake_registry *r, const char *repository, const struct thing *manifest)
{
    char digest[SLIP_DIGEST_LEN + 1];
    const char *text = manifest->bytes.ptr;
    bool all = true;
    while (all && next_digest(&text, digest)) {
        const struct thing *child = get(r, repository, "manifest", digest);
        all = child ? has_all(r, repository, child) : get(r, repository, "blob", digest) != NULL;
    }
    return all;
}

size_t fake_registry_count(struct fake_registry *r, const char *repository, bool *whole)
{
    SLIP_AUTO_FREE char *start = key_of(repository, "manifest", "");
    size_t n = 0;
    *whole = true;
    for (struct slip_map_entry *e = slip_map_next(r->things, NULL); e;
         e = slip_map_next(r->things, e)) {
        struct slip_str key = slip_map_key(e);
        if (!slip_str_starts(key, slip_str_of(start)))
            continue;
        *whole &= has_all(r, repository, slip_map_value(e));
        n += !memchr(key.ptr + strlen(start), ':', key.len - strlen(start));
    }
    return n;
}

bool fake_registry_is_whole(struct fake_registry *r, const char *repository, const char *name)
{
    const struct thing *t = get(r, repository, "manifest", name);
    return t && has_all(r, repository, t);
}

/* ---- one request ---- */

struct call {
    struct slip_str method, query;
    char *repository, *kind, *name; /* "blobs", "uploads", "manifests", ... */
    struct slip_buf header;         /* of the answer, without the status */
    struct slip_buf text;           /* of a body that is made for this call */
    struct slip_str body;
    unsigned status;
};

static void call_clear(struct call *c)
{
    slip_free(c->repository);
    slip_free(c->kind);
    slip_free(c->name);
    slip_buf_clear(&c->header);
    slip_buf_clear(&c->text);
}

/* "https://HOST/v2/PATH/KIND/NAME?QUERY" */
static bool parse(const char *method, const char *url, struct call *c)
{
    struct slip_str rest = slip_str_of(url), path, host;
    c->method = slip_str_of(method);
    size_t at = slip_str_find_str(rest, SLIP_STR("://"));
    rest = slip_str_skip(rest, at + 3);
    slip_str_cut(rest, '?', &rest, &c->query);
    at = slip_str_find_str(rest, SLIP_STR("/v2/"));
    if (at == SLIP_NPOS)
        return false;
    host = slip_str_first(rest, at);
    path = slip_str_skip(rest, at + 4);
    static const char *const kinds[] = { "/blobs/uploads/", "/blobs/", "/manifests/", "/tags/" };
    for (size_t i = 0; i < SLIP_COUNT(kinds); i++) {
        at = slip_str_find_str(path, slip_str_of(kinds[i]));
        if (at == SLIP_NPOS)
            continue;
        struct slip_str name = slip_str_skip(path, at + strlen(kinds[i]));
        c->repository =
            slip_printf("%.*s/%.*s", SLIP_ARG(host), SLIP_ARG(slip_str_first(path, at)));
        c->kind = slip_strdup(kinds[i]);
        c->name = slip_memdup(name.ptr, name.len);
        return true;
    }
    return false;
}

/* The value of a parameter of the query, or NULL; to be freed. */
static char *parameter(const struct call *c, const char *name)
{
    struct slip_str rest = c->query, one, key, value;
    while (rest.len) {
        slip_str_cut(rest, '&', &one, &rest);
        if (!slip_str_cut(one, '=', &key, &value) || !slip_str_is(key, name))
            continue;
        SLIP_AUTO(slip_buf) out = SLIP_BUF(4096);
        for (size_t i = 0; i < value.len; i++) {
            char hex[3] = { i + 2 < value.len ? value.ptr[i + 1] : '0',
                            i + 2 < value.len ? value.ptr[i + 2] : '0', '\0' };
            bool coded = value.ptr[i] == '%' && i + 2 < value.len;
            slip_buf_add_char(&out, coded ? (char)strtol(hex, NULL, 16) : value.ptr[i]);
            i += coded ? 2 : 0;
        }
        return slip_strdup(out.ptr);
    }
    return NULL;
}

static void say(struct call *c, unsigned status, const char *error)
{
    static char text[200];
    c->status = status;
    snprintf(text, sizeof(text), "{\"errors\":[{\"code\":\"%s\",\"message\":\"made up\"}]}", error);
    c->body = error[0] ? slip_str_of(text) : SLIP_STR("");
}

static void show(struct call *c, const struct thing *t)
{
    c->status = 200;
    c->body = slip_buf_str(&t->bytes);
    slip_buf_add_fmt(
        &c->header, "Docker-Content-Digest: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
        t->digest, t->media_type[0] ? t->media_type : "application/octet-stream", t->bytes.len);
}

static void serve_manifest(struct fake_registry *r, struct call *c, const char *type,
                           struct slip_str sent)
{
    struct thing *t = get(r, c->repository, "manifest", c->name);
    if (!slip_str_is(c->method, "PUT")) {
        if (t)
            show(c, t);
        else
            say(c, 404, "MANIFEST_UNKNOWN");
        return;
    }
    struct thing probe = { .bytes = SLIP_BUF(1u << 20) };
    slip_buf_add_str(&probe.bytes, sent);
    bool whole = has_all(r, c->repository, &probe);
    slip_buf_clear(&probe.bytes);
    if (!whole) {
        say(c, 400, "MANIFEST_BLOB_UNKNOWN");
        return;
    }
    fake_registry_add_manifest(r, c->repository, c->name, type, sent);
    say(c, 201, "");
    slip_buf_add_fmt(&c->header, "Docker-Content-Digest: %s\r\n",
                     fake_registry_digest(r, c->repository, c->name));
}

/* All names of a repository, in one page. */
static void serve_tags(struct fake_registry *r, struct call *c)
{
    SLIP_AUTO_FREE char *start = key_of(c->repository, "manifest", "");
    const char *separator = "";
    slip_buf_add_c(&c->text, "{\"name\":\"x\",\"tags\":[");
    for (struct slip_map_entry *e = slip_map_next(r->things, NULL); e;
         e = slip_map_next(r->things, e)) {
        struct slip_str key = slip_map_key(e);
        if (!slip_str_starts(key, slip_str_of(start))
            || memchr(key.ptr + strlen(start), ':', key.len - strlen(start)))
            continue;
        slip_buf_add_fmt(&c->text, "%s\"%.*s\"", separator,
                         SLIP_ARG(slip_str_skip(key, strlen(start))));
        separator = ",";
    }
    slip_buf_add_c(&c->text, "]}");
    c->status = 200;
    c->body = slip_buf_str(&c->text);
}

static void serve_blob(struct fake_registry *r, struct call *c, const char *range)
{
    const struct thing *t = get(r, c->repository, "blob", c->name);
    if (!t) {
        say(c, 404, "BLOB_UNKNOWN");
        return;
    }
    if (!range) {
        show(c, t);
        return;
    }
    size_t from = strtoul(range, NULL, 10);
    c->status = 206;
    c->body = slip_str_skip(slip_buf_str(&t->bytes), from);
    slip_buf_add_fmt(&c->header, "Content-Range: bytes %zu-%zu/%zu\r\n", from, t->bytes.len - 1,
                     t->bytes.len);
}

/* The answer about an upload that goes on. */
static void go_on(struct call *c, unsigned status, const char *id, const struct thing *upload)
{
    const char *path = strchr(c->repository, '/') + 1;
    say(c, status, "");
    slip_buf_add_fmt(&c->header, "Location: /v2/%s/blobs/uploads/%s\r\nRange: 0-%zu\r\n", path, id,
                     upload->bytes.len ? upload->bytes.len - 1 : 0);
}

static void begin_upload(struct fake_registry *r, struct call *c)
{
    SLIP_AUTO_FREE char *mount = parameter(c, "mount");
    SLIP_AUTO_FREE char *from = parameter(c, "from");
    SLIP_AUTO_FREE char *id = slip_printf("u%u", r->uploads++);
    if (mount && from) {
        const char *slash = strchr(c->repository, '/');
        SLIP_AUTO_FREE char *source =
            slip_printf("%.*s/%s", (int)(slash - c->repository), c->repository, from);
        const struct thing *t = get(r, source, "blob", mount);
        if (t) {
            put(r, c->repository, "blob", mount, slip_buf_str(&t->bytes));
            say(c, 201, "");
            slip_buf_add_fmt(&c->header, "Location: /v2/%s/blobs/%s\r\n", slash + 1, mount);
            return;
        }
    }
    go_on(c, 202, id, put(r, c->repository, "upload", id, SLIP_STR("")));
}

static void end_upload(struct fake_registry *r, struct call *c, struct thing *upload)
{
    SLIP_AUTO_FREE char *digest = parameter(c, "digest");
    char got[SLIP_DIGEST_LEN + 1];
    slip_digest_of(slip_buf_str(&upload->bytes), got);
    if (!digest || strcmp(digest, got) != 0) {
        say(c, 400, "DIGEST_INVALID");
        return;
    }
    put(r, c->repository, "blob", got, slip_buf_str(&upload->bytes));
    say(c, 201, "");
    slip_buf_add_fmt(&c->header, "Docker-Content-Digest: %s\r\n", got);
}

static void serve_upload(struct fake_registry *r, struct call *c, struct slip_str sent)
{
    struct thing *upload = get(r, c->repository, "upload", c->name);
    if (slip_str_is(c->method, "POST")) {
        begin_upload(r, c);
        return;
    }
    if (!upload) {
        say(c, 404, "BLOB_UPLOAD_UNKNOWN");
        return;
    }
    slip_buf_add_str(&upload->bytes, sent);
    if (slip_str_is(c->method, "PUT"))
        end_upload(r, c, upload);
    else
        go_on(c, slip_str_is(c->method, "GET") ? 204 : 202, c->name, upload);
}

/* ---- the transport ---- */

struct slip_http_exchange {
    struct slip_http_handler handler;
    void *payload;
    struct call call;
    bool known; /* the address is one of a registry */
    char *method, *url, *type, *range;
    struct slip_buf sent;
    uint64_t body_size;
    size_t answer_limit;
    enum fake_harm harm;
    enum { SENDS, TAKES, ENDS } state;
    struct slip_http_answer answer;
    struct slip_str left; /* of the answer's body */
    bool started, paused, cancelled;
};

struct transport {
    struct transport_base base;
    struct fake_registry *registry;
    enum fake_harm harm;
    unsigned at, requests;
    bool dead;
    struct {
        SLIP_VEC(struct slip_http_exchange *);
    } running;
};

/* The value of a header of the request after this beginning, or NULL; to be freed. */
static char *header_after(const struct slip_http_request *r, const char *start)
{
    for (const char *const *h = r->headers; h && *h; h++)
        if (strncmp(*h, start, strlen(start)) == 0)
            return slip_strdup(*h + strlen(start));
    return NULL;
}

static struct slip_http_exchange *start(struct slip_http *t, const struct slip_http_request *r,
                                        const struct slip_http_handler *h, void *payload)
{
    struct transport *p = (struct transport *)t;
    struct slip_http_exchange *x = slip_new(struct slip_http_exchange);
    *x = (struct slip_http_exchange){ .handler = *h,
                                      .payload = payload,
                                      .method = slip_strdup(r->method),
                                      .url = slip_strdup(r->url),
                                      .type = header_after(r, "Content-Type: "),
                                      .range = header_after(r, "Range: bytes="),
                                      .sent = SLIP_BUF(64u << 20),
                                      .body_size = h->produce ? r->body_size : 0,
                                      .answer_limit = r->answer_limit,
                                      .answer = { .header = SLIP_BUF(1u << 16),
                                                  .body = SLIP_BUF(r->answer_limit) } };
    slip_buf_init(&x->call.header, 1u << 16);
    slip_buf_init(&x->call.text, 1u << 16);
    x->known = parse(x->method, x->url, &x->call);
    if (!h->produce)
        slip_buf_add_str(&x->sent, r->body);
    p->registry->requests++;
    x->harm = ++p->requests == p->at ? p->harm : FAKE_NONE;
    slip_vec_push(&p->running, x);
    return x;
}

static void resume(struct slip_http *t, struct slip_http_exchange *x)
{
    (void)t;
    x->paused = false;
}

static void cancel(struct slip_http *t, struct slip_http_exchange *x)
{
    (void)t;
    x->cancelled = true;
}

static void fail(struct slip_http_exchange *x, enum slip_http_failure failure)
{
    x->answer.failure = failure;
    if (x->answer.err.kind == SLIP_OK)
        slip_fail(&x->answer.err, SLIP_E_TEMPORARY, "harm %d", (int)x->harm);
    x->state = ENDS;
}

/* Half of the request arrives: of an upload these bytes stay. */
static void arrive_by_half(struct transport *p, struct slip_http_exchange *x)
{
    struct thing *upload =
        x->known ? get(p->registry, x->call.repository, "upload", x->call.name) : NULL;
    if (upload && slip_str_is(x->call.method, "PATCH"))
        slip_buf_add_str(&upload->bytes, slip_str_first(slip_buf_str(&x->sent), x->sent.len / 2));
}

static void serve(struct transport *p, struct slip_http_exchange *x)
{
    struct call *c = &x->call;
    if (!x->known)
        say(c, 404, "NOT_FOUND");
    else if (strcmp(c->kind, "/manifests/") == 0)
        serve_manifest(p->registry, c, x->type ? x->type : "", slip_buf_str(&x->sent));
    else if (strcmp(c->kind, "/tags/") == 0)
        serve_tags(p->registry, c);
    else if (strcmp(c->kind, "/blobs/") == 0)
        serve_blob(p->registry, c, x->range);
    else
        serve_upload(p->registry, c, slip_buf_str(&x->sent));
}

static bool harm_before(struct transport *p, struct slip_http_exchange *x)
{
    static const unsigned statuses[] = {
        [FAKE_500] = 500, [FAKE_503] = 503, [FAKE_429] = 429, [FAKE_401] = 401, [FAKE_404] = 404
    };
    p->dead |= x->harm == FAKE_DIE_BEFORE || x->harm == FAKE_DIE_DURING;
    if (x->harm == FAKE_DIE_DURING || x->harm == FAKE_CUT)
        arrive_by_half(p, x);
    if (p->dead || x->harm == FAKE_CUT) {
        fail(x, SLIP_HTTP_CUT);
        return true;
    }
    if (x->harm < SLIP_COUNT(statuses) && statuses[x->harm]) {
        say(&x->call, statuses[x->harm], "FAULT");
        if (x->harm == FAKE_429)
            slip_buf_add_c(&x->call.header, "Retry-After: 1\r\n");
        return true;
    }
    return false;
}

/* The request is complete: what becomes of it. */
static void answer(struct transport *p, struct slip_http_exchange *x)
{
    if (!harm_before(p, x)) {
        serve(p, x);
        p->dead |= x->harm == FAKE_DIE_AFTER;
        if (x->harm == FAKE_LOSE || x->harm == FAKE_DIE_AFTER)
            fail(x, SLIP_HTTP_CUT);
    }
    if (x->state == ENDS)
        return;
    struct slip_http_answer *a = &x->answer;
    int flow = SLIP_HTTP_KEEP;
    a->status = x->call.status;
    slip_buf_add_str(&a->header, slip_buf_str(&x->call.header));
    x->left = slip_str_is(x->call.method, "HEAD") ? SLIP_STR("") : x->call.body;
    x->state = TAKES;
    if (x->handler.head)
        flow = x->handler.head(x->payload, a, &a->err);
    if (flow == SLIP_HTTP_GO && x->handler.take)
        return;
    bool cut = x->harm == FAKE_TRUNCATE && x->left.len > 1;
    if (cut)
        x->left.len /= 2;
    if (flow < 0)
        fail(x, SLIP_HTTP_GIVEN_UP);
    else if (!slip_buf_add_str(&a->body, x->left))
        fail(x, SLIP_HTTP_TOO_LARGE);
    else if (cut)
        fail(x, SLIP_HTTP_CUT);
    x->state = ENDS;
}

static void send_piece(struct transport *p, struct slip_http_exchange *x)
{
    char buf[PIECE];
    size_t len = 0;
    if (x->sent.len >= x->body_size || !x->handler.produce) {
        answer(p, x);
        return;
    }
    int flow = x->handler.produce(x->payload, buf, sizeof(buf), &len, &x->answer.err);
    if (flow < 0)
        fail(x, SLIP_HTTP_GIVEN_UP);
    else if (flow == SLIP_HTTP_PAUSE)
        x->paused = true;
    else
        slip_buf_add(&x->sent, buf, len);
}

static void take_piece(struct slip_http_exchange *x)
{
    if (x->harm == FAKE_TRUNCATE && x->left.len > 1 && x->left.len <= x->call.body.len / 2 + 1) {
        fail(x, SLIP_HTTP_CUT);
        return;
    }
    if (x->left.len == 0) {
        x->state = ENDS;
        return;
    }
    struct slip_str piece = slip_str_first(x->left, PIECE);
    int flow = x->handler.take(x->payload, piece, &x->answer.err);
    if (flow < 0)
        fail(x, SLIP_HTTP_GIVEN_UP);
    x->paused |= flow == SLIP_HTTP_PAUSE || flow == SLIP_HTTP_FULL;
    if (flow == SLIP_HTTP_GO || flow == SLIP_HTTP_FULL)
        x->left = slip_str_skip(x->left, piece.len);
}

static void end(struct transport *p, size_t i)
{
    struct slip_http_exchange *x = p->running.at[i];
    memmove(p->running.at + i, p->running.at + i + 1,
            (--p->running.len - i) * sizeof(*p->running.at));
    if (!x->cancelled)
        x->handler.done(x->payload, &x->answer);
    slip_buf_clear(&x->answer.header);
    slip_buf_clear(&x->answer.body);
    slip_buf_clear(&x->sent);
    slip_free(x->method);
    slip_free(x->url);
    slip_free(x->type);
    slip_free(x->range);
    call_clear(&x->call);
    slip_free(x);
}

/* One step of one exchange; false when none can make any. The delayed one comes last. */
static bool step(struct transport *p)
{
    for (int delayed = 0; delayed < 2; delayed++)
        for (size_t i = 0; i < p->running.len; i++) {
            struct slip_http_exchange *x = p->running.at[i];
            if (!x->cancelled && (x->paused || (x->harm == FAKE_DELAY) != (delayed == 1)))
                continue;
            if (x->cancelled || x->state == ENDS)
                end(p, i);
            else if (x->state == SENDS)
                send_piece(p, x);
            else
                take_piece(x);
            return true;
        }
    return false;
}

static void run(struct slip_http *t)
{
    struct transport *p = (struct transport *)t;
    while (p->running.len || p->base.timers.len) {
        if (step(p))
            continue;
        if (p->base.timers.len == 0)
            abort(); /* everything waits for something */
        transport_fire(&p->base);
    }
}

static void free_transport(struct slip_http *t)
{
    struct transport *p = (struct transport *)t;
    slip_vec_clear(&p->running);
    slip_vec_clear(&p->base.timers);
    slip_free(p);
}

struct slip_http *fake_transport_new(struct fake_registry *r, enum fake_harm harm, unsigned at)
{
    static const struct slip_http_ops ops = {
        .start = start,
        .resume = resume,
        .cancel = cancel,
        .after = transport_after,
        .forget = transport_forget,
        .ease = transport_ease,
        .now = transport_now,
        .random = transport_random,
        .run = run,
        .free = free_transport,
    };
    struct transport *p = slip_new(struct transport);
    p->base.http.ops = &ops;
    p->registry = r;
    p->harm = harm;
    p->at = at;
    p->base.now = TRANSPORT_START_MS;
    return &p->base.http;
}

unsigned fake_registry_requests(const struct fake_registry *r)
{
    return r->requests;
}
