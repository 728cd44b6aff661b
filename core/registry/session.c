/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to a registry, with all the exchanges it takes.
 *
 *   begin -> [wait for the probe of the host] -> [wait for a token] -> exchange
 *     no answer:  other scheme, again later, or failed
 *     401:        learn the challenge, from the top
 *     redirect:   exchange at the new place
 *     429, 5xx..: again later
 *     else:       done
 */
#include "registry/session_impl.h"

#include "base/limits.h"
#include "net/url.h"

#define REDIRECTS 10
#define URL_LIMIT (1u << 16)

static void go(void *payload);

/* Waiting calls: a list, first come first served. */
void slip_call_wait(struct slip_call **list, struct slip_call *c)
{
    while (*list)
        list = &(*list)->next;
    c->next = NULL;
    *list = c;
}

static bool drop_waiting(struct slip_call **list, struct slip_call *c)
{
    for (; *list; list = &(*list)->next)
        if (*list == c) {
            *list = c->next;
            return true;
        }
    return false;
}

void slip_calls_go(struct slip_call *list)
{
    while (list) {
        struct slip_call *c = list;
        list = c->next;
        go(c);
    }
}

static void finish(struct slip_call *c);

void slip_calls_fail(struct slip_call *list, const struct slip_error *err)
{
    while (list) {
        struct slip_call *c = list;
        list = c->next;
        c->err = *err;
        finish(c);
    }
}

/* The same failure of the host, in the words of a call for another repository. */
static void rename_failure(const struct slip_call *probe, const struct slip_call *c,
                           struct slip_error *err)
{
    SLIP_AUTO_FREE char *before =
        slip_printf("%s/%s: cannot %s", probe->repo->host->name, probe->repo->path, probe->what);
    struct slip_error own = { 0 };
    if (c->repo == probe->repo || !slip_str_starts(slip_str_of(err->text), slip_str_of(before)))
        return;
    slip_fail(&own, err->kind, "%s/%s: cannot %s%s", c->repo->host->name, c->repo->path, c->what,
              err->text + strlen(before));
    slip_hint(&own, "%s", err->hint);
    *err = own;
}

static void fail_like(struct slip_call *list, const struct slip_call *probe)
{
    while (list) {
        struct slip_call *c = list;
        list = c->next;
        c->err = probe->err;
        rename_failure(probe, c, &c->err);
        finish(c);
    }
}

/* The probe is over: the others may go, or fail as it did. */
static void settle(struct slip_call *c)
{
    struct slip_host *host = c->repo->host;
    if (!c->probe)
        return;
    c->probe = false;
    struct slip_call *waiting = slip_take(host->waiting);
    host->state = c->err.kind == SLIP_OK ? SLIP_HOST_KNOWN : SLIP_HOST_NEW;
    if (c->err.kind == SLIP_OK)
        slip_calls_go(waiting);
    else
        fail_like(waiting, c);
}

static void finish(struct slip_call *c)
{
    settle(c);
    c->running = false;
    c->done(c->payload, c);
}

/* `done` is not called inside slip_call_begin. */
static void finish_later(void *payload)
{
    finish(payload);
}

static void make_url(struct slip_call *c)
{
    struct slip_host *host = c->repo->host;
    slip_buf_reset(&c->url);
    if (c->redirect)
        slip_buf_add_c(&c->url, c->redirect);
    else if (c->target[0] == '/')
        slip_buf_add_fmt(&c->url, "%s://%s%s", host->https ? "https" : "http", host->name,
                         c->target);
    else
        slip_buf_add_c(&c->url, c->target);
}

bool call_is_home(const struct slip_call *c)
{
    const struct slip_host *host = c->repo->host;
    SLIP_AUTO(slip_buf) home = SLIP_BUF(URL_LIMIT);
    slip_buf_add_fmt(&home, "%s://%s/", host->https ? "https" : "http", host->name);
    return !c->to_token_service && slip_url_same_origin(slip_buf_str(&c->url), slip_buf_str(&home));
}

static int on_head(void *payload, const struct slip_http_answer *a, struct slip_error *err)
{
    struct slip_call *c = payload;
    if (!c->take || (a->status != 200 && a->status != 206))
        return SLIP_HTTP_KEEP;
    c->taken = true;
    return c->begin_take ? c->begin_take(c->payload, a, err) : SLIP_HTTP_GO;
}

static int on_take(void *payload, struct slip_str bytes, struct slip_error *err)
{
    struct slip_call *c = payload;
    return c->take(c->payload, bytes, err);
}

static int on_produce(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err)
{
    struct slip_call *c = payload;
    return c->produce(c->payload, buf, size, len, err);
}

static void on_done(void *payload, struct slip_http_answer *a);

/* Lines of a request; the first may hold a secret. */
struct lines {
    struct slip_buf text[4];
    const char *at[5];
    size_t n;
};

static struct slip_buf *add_line(struct lines *l)
{
    slip_buf_init(&l->text[l->n], 2 * SLIP_LIMIT_TOKEN_BODY);
    return &l->text[l->n++];
}

static void add_header(struct lines *l, const char *name, const char *value)
{
    if (value)
        slip_buf_add_fmt(add_line(l), "%s: %s", name, value);
}

static void send(struct slip_call *c, bool home)
{
    struct lines l = { .n = 0 };
    struct slip_buf *authorization = add_line(&l);
    c->signed_in = false;
    if (c->authorization)
        slip_buf_add_str(authorization, slip_buf_str(c->authorization));
    else if (home)
        slip_auth_add_header(c, authorization);
    if (authorization->len == 0)
        l.n--;
    add_header(&l, "Accept", c->accept);
    add_header(&l, "Content-Type", c->content_type);
    if (c->range[0])
        slip_buf_add_c(add_line(&l), c->range);
    for (size_t i = 0; i < l.n; i++)
        l.at[i] = l.text[i].ptr;

    bool writes = strcmp(c->method, "GET") != 0 && strcmp(c->method, "HEAD") != 0
                  && strcmp(c->method, "DELETE") != 0;
    struct slip_http_request request = {
        .method = c->method,
        .url = c->url.ptr,
        .headers = l.at,
        .trust = home ? &c->repo->host->trust : &c->repo->host->registry->trust,
        .body = c->body,
        .body_size = c->body_size,
        .has_body = writes,
        .bulk = c->bulk,
        .public_only = !home && !c->repo->host->private_peer,
        .answer_limit = c->answer_limit ? c->answer_limit : SLIP_LIMIT_ERROR_BODY,
    };
    struct slip_http_handler handler = {
        .head = on_head,
        .take = c->take ? on_take : NULL,
        .produce = c->produce ? on_produce : NULL,
        .done = on_done,
    };
    c->taken = false;
    c->exchange = slip_http_start(call_http(c), &request, &handler, c);
    if (authorization->len)
        slip_wipe(authorization->ptr, authorization->len);
    for (size_t i = 0; i < SLIP_COUNT(l.text); i++)
        if (l.text[i].ptr)
            slip_buf_clear(&l.text[i]);
}

static void go(void *payload)
{
    struct slip_call *c = payload;
    struct slip_host *host = c->repo->host;
    make_url(c);
    bool home = call_is_home(c);
    if (home && !c->probe && host->state != SLIP_HOST_KNOWN) {
        if (host->state == SLIP_HOST_PROBING) {
            slip_call_wait(&host->waiting, c);
            return;
        }
        host->state = SLIP_HOST_PROBING;
        c->probe = true;
    }
    if (home && host->auth != SLIP_AUTH_NONE && slip_repo_sign_in(c->repo, &c->err) < 0) {
        slip_http_after(call_http(c), 0, finish_later, c);
        return;
    }
    if (home && host->auth == SLIP_AUTH_BEARER && !slip_token_ready(c))
        return;
    send(c, home);
}

static void forget_answer(struct slip_call *c)
{
    slip_buf_clear(&c->answer.header);
    slip_buf_clear(&c->answer.body);
    c->answer = (struct slip_http_answer){ .header = SLIP_BUF(0), .body = SLIP_BUF(0) };
}

/* From the top: signed addresses behind redirects do not live long. */
static void again(struct slip_call *c)
{
    forget_answer(c);
    slip_free(c->redirect);
    c->redirect = NULL;
    go(c);
}

static void go_later(void *payload)
{
    again(payload);
}

static void try_later(struct slip_call *c, uint64_t ms)
{
    c->waited += ms;
    slip_http_after(call_http(c), ms, go_later, c);
}

/* https failed at a host that may speak http, or the other way round, and nothing is known yet. */
static bool switch_scheme(struct slip_call *c)
{
    struct slip_host *host = c->repo->host;
    if (!c->probe || host->switched || !host->http_allowed)
        return false;
    host->switched = true;
    host->https = !host->https;
    return true;
}

static bool may_be_other_scheme(enum slip_http_failure failure)
{
    return failure == SLIP_HTTP_NO_CONNECT || failure == SLIP_HTTP_NO_TLS
           || failure == SLIP_HTTP_CUT;
}

static void no_answer(struct slip_call *c)
{
    if (may_be_other_scheme(c->answer.failure) && switch_scheme(c)) {
        again(c);
    } else if (call_may_try_again(c) && call_failure_may_pass(c)) {
        if (c->repo->host->switched && c->probe) { /* neither was there: begin with the first */
            c->repo->host->switched = false;
            c->repo->host->https = !c->repo->host->https;
        }
        try_later(c, call_backoff(c, c->tried));
    } else {
        call_fail_without_answer(c);
        finish(c);
    }
}

static bool is_redirect(const struct slip_call *c)
{
    switch (c->answer.status) {
    case 301:
    case 302:
    case 303:
        return strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;
    case 307:
    case 308:
        return !c->produce; /* a stream cannot be sent twice: the caller decides */
    default:
        return false;
    }
}

int slip_call_location(const struct slip_call *c, struct slip_buf *out, struct slip_error *err)
{
    struct slip_str location = slip_http_header(&c->answer, "Location", 0);
    struct slip_url from, to;
    SLIP_AUTO(slip_buf) url = SLIP_BUF(URL_LIMIT);
    if (!location.ptr || !slip_url_resolve(slip_buf_str(&c->url), location, &url)
        || !slip_url_parse(slip_buf_str(&url), &to)
        || !slip_url_parse(slip_buf_str(&c->url), &from)) {
        slip_fail(err, SLIP_E_REGISTRY, "answered %u without a usable Location", c->answer.status);
        return call_name(c, err);
    }
    /* A registry behind a proxy that ends TLS may not know that it is spoken to with TLS. */
    if (from.https && !to.https && slip_str_eq(from.host, to.host)
        && (to.port == 80 || to.port == from.port)) {
        SLIP_AUTO_FREE char *rest = slip_memdup(to.rest.ptr, to.rest.len);
        slip_buf_reset(&url);
        slip_buf_add_str(
            &url, slip_str_first(slip_buf_str(&c->url), (size_t)(from.rest.ptr - c->url.ptr)));
        slip_buf_add_c(&url, rest);
    } else if (from.https && !to.https && !c->repo->host->http_allowed) {
        slip_fail(err, SLIP_E_REGISTRY, "sent us to '%.*s' without TLS", SLIP_ARG(to.host));
        return call_name(c, err);
    }
    slip_buf_move(out, &url);
    return 0;
}

static void follow(struct slip_call *c)
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(URL_LIMIT);
    if (++c->redirects > REDIRECTS) {
        slip_fail(&c->err, SLIP_E_REGISTRY, "more than %d redirects", REDIRECTS);
        call_name(c, &c->err);
    } else {
        (void)!slip_call_location(c, &url, &c->err);
    }
    if (c->err.kind != SLIP_OK) {
        finish(c);
        return;
    }
    settle(c);
    slip_free(c->redirect);
    c->redirect = slip_buf_detach(&url);
    forget_answer(c);
    go(c);
}

/*
 * Plain HTTP where TLS is spoken: Go and nginx answer 400 and say so, but not to a HEAD; others
 * send everybody to the same address with https.
 */
static bool wants_tls(const struct slip_call *c)
{
    struct slip_str body = slip_buf_str(&c->answer.body);
    struct slip_url from, to;
    if (c->repo->host->https)
        return false;
    if (c->answer.status == 400)
        return strcmp(c->method, "HEAD") == 0
               || slip_str_find_str(body, SLIP_STR("HTTPS")) != SLIP_NPOS;
    return c->answer.status >= 301 && c->answer.status <= 308
           && slip_url_parse(slip_buf_str(&c->url), &from)
           && slip_url_parse(slip_http_header(&c->answer, "Location", 0), &to) && to.https
           && slip_str_eq(from.host, to.host);
}

static void answered(struct slip_call *c)
{
    uint64_t ms = 0;
    bool home = call_is_home(c);
    if (home && wants_tls(c) && switch_scheme(c)) {
        again(c);
        return;
    }
    if (home) {
        c->repo->host->private_peer = c->answer.private_peer;
        if (c->answer.status == 401 && slip_auth_challenged(c)) {
            settle(c);
            if (c->produce)
                finish(c); /* the caller sends its stream again, with a new token */
            else
                again(c);
            return;
        }
        if (c->answer.status != 401 && c->token && c->serial == c->token->serial)
            c->token->proved = true;
    }
    if (c->err.kind == SLIP_OK && is_redirect(c))
        follow(c);
    else if (c->err.kind == SLIP_OK && call_worth_waiting(c, &ms) && call_may_try_again(c))
        try_later(c, ms);
    else
        finish(c);
}

static void on_done(void *payload, struct slip_http_answer *a)
{
    struct slip_call *c = payload;
    c->exchange = NULL;
    c->tried++;
    forget_answer(c);
    c->answer = *a;
    slip_buf_init(&a->header, 0);
    slip_buf_init(&a->body, 0);
    bool cut_complaint = a->failure == SLIP_HTTP_TOO_LARGE && a->status >= 400;
    if (a->failure == SLIP_HTTP_FINE || cut_complaint)
        answered(c);
    else
        no_answer(c);
}

void slip_call_begin(struct slip_call *c)
{
    c->begun = slip_http_now(call_http(c));
    c->tried = c->redirects = c->refusals = c->renewals = 0;
    c->waited = 0;
    slip_error_clear(&c->err);
    c->running = true;
    again(c);
}

void slip_call_cancel(struct slip_call *c)
{
    if (c->exchange)
        slip_http_cancel(call_http(c), c->exchange);
    c->exchange = NULL;
    drop_waiting(&c->repo->host->waiting, c);
    if (c->token)
        drop_waiting(&c->token->waiting, c);
    slip_http_forget(call_http(c), go_later, c);
    slip_http_forget(call_http(c), finish_later, c);
    if (c->probe) { /* let another one find out */
        c->probe = false;
        c->repo->host->state = SLIP_HOST_NEW;
        slip_calls_go(slip_take(c->repo->host->waiting));
    }
}

void slip_call_resume(struct slip_call *c)
{
    if (c->exchange)
        slip_http_resume(call_http(c), c->exchange);
}

void slip_call_clear(struct slip_call *c)
{
    forget_answer(c);
    slip_buf_clear(&c->url);
    slip_free(c->target);
    slip_free(c->what);
    slip_free(c->redirect);
    slip_free(c->extra_scope);
    *c = (struct slip_call)SLIP_CALL_INIT;
}
