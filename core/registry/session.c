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
#include "registry/session.h"

#include "base/limits.h"
#include "net/url.h"

#define ATTEMPTS 6
#define CONNECT_ATTEMPTS 3
#define CONNECT_PATIENCE_MS 20000
#define BACKOFF_MS 250u
#define BACKOFF_MAX_MS 30000u
#define WAIT_MAX_MS 300000u
#define REDIRECTS 10
#define URL_LIMIT (1u << 16)

static void go(void *payload);

static struct slip_http *http_of(const struct slip_call *c)
{
    return c->repo->host->registry->http;
}

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

/* Is the address at the registry itself, where our credentials may go? */
static bool is_home(const struct slip_call *c)
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
    c->exchange = slip_http_start(http_of(c), &request, &handler, c);
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
    bool home = is_home(c);
    if (home && !c->probe && host->state != SLIP_HOST_KNOWN) {
        if (host->state == SLIP_HOST_PROBING) {
            slip_call_wait(&host->waiting, c);
            return;
        }
        host->state = SLIP_HOST_PROBING;
        c->probe = true;
    }
    if (home && host->auth != SLIP_AUTH_NONE && slip_repo_sign_in(c->repo, &c->err) < 0) {
        slip_http_after(http_of(c), 0, finish_later, c);
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

/* Everything but what the caller knows stands in front: who, and what was asked. */
static int name_call(const struct slip_call *c, struct slip_error *err)
{
    return slip_while(err, "%s/%s: cannot %s", c->repo->host->name, c->repo->path, c->what);
}

/* Who gave the last answer, for messages. Never a whole address: its query may hold a secret. */
static void add_who(const struct slip_call *c, struct slip_buf *out)
{
    struct slip_url u;
    if (is_home(c))
        slip_buf_add_c(out, "the registry");
    else if (slip_url_parse(slip_buf_str(&c->url), &u))
        slip_buf_add_fmt(out, "'%.*s'", SLIP_ARG(u.host));
}

static const struct slip_registry_options *options_of(const struct slip_call *c)
{
    return &c->repo->host->registry->options;
}

static unsigned attempts_of(const struct slip_call *c)
{
    unsigned most = options_of(c)->attempts ? options_of(c)->attempts : ATTEMPTS;
    return c->attempts && c->attempts < most ? c->attempts : most;
}

/* Longer waits are refused: whoever runs us decides. */
static uint64_t wait_max_ms(const struct slip_call *c)
{
    unsigned seconds = options_of(c)->wait_max_s;
    return seconds ? (uint64_t)seconds * 1000 : WAIT_MAX_MS;
}

/* May the call be sent once more? A body that was streamed cannot, nor an answer half taken. */
static bool may_try_again(const struct slip_call *c)
{
    return !c->produce && !c->taken && c->tried < attempts_of(c) && c->waited < wait_max_ms(c);
}

/* Doubling, and half of it by chance, so that many clients do not come back together. */
static uint64_t backoff(const struct slip_call *c, unsigned tried)
{
    unsigned first = c->repo->host->registry->options.backoff_ms;
    uint64_t ms = (uint64_t)(first ? first : BACKOFF_MS) << (tried < 8 ? tried : 8) >> 1;
    if (ms > BACKOFF_MAX_MS)
        ms = BACKOFF_MAX_MS;
    return ms / 2 + slip_http_random(http_of(c)) % (ms / 2 + 1);
}

static void try_later(struct slip_call *c, uint64_t ms)
{
    c->waited += ms;
    slip_http_after(http_of(c), ms, go_later, c);
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

static bool failure_may_pass(const struct slip_call *c)
{
    switch (c->answer.failure) {
    case SLIP_HTTP_NO_HOST:
    case SLIP_HTTP_NO_CONNECT:
    case SLIP_HTTP_NO_TLS:
        return c->tried < CONNECT_ATTEMPTS
               && slip_http_now(http_of(c)) - c->begun < CONNECT_PATIENCE_MS;
    case SLIP_HTTP_CUT:
    case SLIP_HTTP_SLOW:
        return true;
    default:
        return false;
    }
}

static void hint_without_answer(struct slip_call *c)
{
    static const char *const hints[] = {
        [SLIP_HTTP_NO_HOST] = "is the name of the host right, and known to this machine?",
        [SLIP_HTTP_NO_CONNECT] = "does a registry listen there? look at host and port, firewalls "
                                 "and proxies (HTTPS_PROXY, NO_PROXY)",
        [SLIP_HTTP_NO_TLS] = "if it speaks plain HTTP: --insecure-registry",
        [SLIP_HTTP_UNTRUSTED] = "add the authority that signed its certificate to the trusted ones "
                                "(SSL_CERT_FILE), or use --skip-tls-verify-registry",
    };
    size_t failure = c->answer.failure;
    if (failure < SLIP_COUNT(hints) && hints[failure])
        slip_hint(&c->err, "%s", hints[failure]);
}

/* There is no answer, and there will be none. */
static void fail_without_answer(struct slip_call *c)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(c->err.text));
    enum slip_kind kind = SLIP_E_TEMPORARY;
    if (c->answer.failure == SLIP_HTTP_GIVEN_UP) {
        c->err = c->answer.err;
        return;
    }
    if (c->answer.failure == SLIP_HTTP_UNTRUSTED || c->answer.failure == SLIP_HTTP_TOO_LARGE
        || c->answer.failure == SLIP_HTTP_FORBIDDEN)
        kind = SLIP_E_REGISTRY;
    if (!is_home(c)) {
        add_who(c, &text);
        slip_buf_add_c(&text, ": ");
    }
    slip_buf_add_c(&text, c->answer.err.text);
    if (c->tried > 1)
        slip_buf_add_fmt(&text, " (%u attempts)", c->tried);
    slip_fail(&c->err, kind, "%s", text.ptr);
    name_call(c, &c->err);
    hint_without_answer(c);
}

static void no_answer(struct slip_call *c)
{
    if (may_be_other_scheme(c->answer.failure) && switch_scheme(c)) {
        again(c);
    } else if (may_try_again(c) && failure_may_pass(c)) {
        if (c->repo->host->switched && c->probe) { /* neither was there: begin with the first */
            c->repo->host->switched = false;
            c->repo->host->https = !c->repo->host->https;
        }
        try_later(c, backoff(c, c->tried));
    } else {
        fail_without_answer(c);
        finish(c);
    }
}

static bool status_may_pass(unsigned status)
{
    static const unsigned list[] = { 408, 425, 429, 499, 500, 502, 503, 504, 522 };
    for (size_t i = 0; i < SLIP_COUNT(list); i++)
        if (list[i] == status)
            return true;
    return false;
}

/* GitHub's registry says 403 where it means 429. */
static bool is_rate_limit(const struct slip_call *c)
{
    return c->answer.status == 429
           || (c->answer.status == 403
               && slip_str_find_str(slip_buf_str(&c->answer.body), SLIP_STR("secondary rate limit"))
                      != SLIP_NPOS)
           || (c->answer.status >= 400 && slip_call_complains(c, "TOOMANYREQUESTS"));
}

bool slip_call_pause(const struct slip_call *c, unsigned n, uint64_t *ms)
{
    uint64_t asked;
    *ms = backoff(c, n);
    if (slip_retry_after(&c->answer, &asked) && asked > *ms)
        *ms = asked;
    if (is_rate_limit(c)) {
        slip_http_ease(http_of(c), c->url.ptr);
        if (*ms < 1000)
            *ms = 1000;
    }
    return *ms <= wait_max_ms(c);
}

/* Does trying again make sense, and when? */
static bool worth_waiting(struct slip_call *c, uint64_t *ms)
{
    bool missing = c->missing_may_pass && c->answer.status == 404 && c->tried <= 2;
    return (missing || is_rate_limit(c) || status_may_pass(c->answer.status))
           && slip_call_pause(c, c->tried, ms) && c->waited + *ms <= wait_max_ms(c);
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
        return name_call(c, err);
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
        return name_call(c, err);
    }
    slip_buf_move(out, &url);
    return 0;
}

static void follow(struct slip_call *c)
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(URL_LIMIT);
    if (++c->redirects > REDIRECTS) {
        slip_fail(&c->err, SLIP_E_REGISTRY, "more than %d redirects", REDIRECTS);
        name_call(c, &c->err);
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
    bool home = is_home(c);
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
    else if (c->err.kind == SLIP_OK && worth_waiting(c, &ms) && may_try_again(c))
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
    c->begun = slip_http_now(http_of(c));
    c->tried = c->redirects = c->refusals = c->renewals = 0;
    c->waited = 0;
    slip_error_clear(&c->err);
    c->running = true;
    again(c);
}

void slip_call_cancel(struct slip_call *c)
{
    if (c->exchange)
        slip_http_cancel(http_of(c), c->exchange);
    c->exchange = NULL;
    drop_waiting(&c->repo->host->waiting, c);
    if (c->token)
        drop_waiting(&c->token->waiting, c);
    slip_http_forget(http_of(c), go_later, c);
    slip_http_forget(http_of(c), finish_later, c);
    if (c->probe) { /* let another one find out */
        c->probe = false;
        c->repo->host->state = SLIP_HOST_NEW;
        slip_calls_go(slip_take(c->repo->host->waiting));
    }
}

void slip_call_resume(struct slip_call *c)
{
    if (c->exchange)
        slip_http_resume(http_of(c), c->exchange);
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

bool slip_call_complains(const struct slip_call *c, const char *code)
{
    struct slip_complaint said;
    slip_complaint_parse(slip_buf_str(&c->answer.body), &said);
    return strcmp(said.code, code) == 0;
}

/* What was asked for, what was granted, and the usual cause. */
static void hint_denied(const struct slip_call *c, struct slip_error *err)
{
    const struct slip_repo *repo = c->repo;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(err->hint));
    slip_buf_add_fmt(&text, "asked for repository:%s:%s", repo->path,
                     c->scope == SLIP_SCOPE_PUSH ? "push,pull" : "pull");
    if (c->token && c->token->granted)
        slip_buf_add_fmt(&text, ", granted %s",
                         c->token->granted[0] ? c->token->granted : "nothing");
    if (!slip_credential_is_set(&repo->credential))
        slip_buf_add_fmt(&text, "; no credentials for '%s' were found: docker login %s",
                         repo->host->name, repo->host->name);
    else if (c->answer.status == 401 && !(c->token && c->token->granted))
        slip_buf_add_fmt(&text,
                         "; the credentials from %s were not accepted: they may be wrong or "
                         "have expired",
                         repo->credential.source);
    else
        slip_buf_add_fmt(&text,
                         "; the account in %s lacks this right, or the repository has to be "
                         "created first",
                         repo->credential.source);
    slip_hint(err, "%s", text.ptr);
}

void slip_hint_web_page(const struct slip_http_answer *a, struct slip_error *err)
{
    if (slip_str_starts(slip_http_header(a, "Content-Type", 0), SLIP_STR("text/html")))
        slip_hint(err, "a web page answers there, not a registry: look at host, port and proxies");
}

int slip_call_refused(const struct slip_call *c, struct slip_error *err)
{
    struct slip_complaint said;
    uint64_t wait = 0;
    unsigned status = c->answer.status;
    if (c->err.kind != SLIP_OK) {
        *err = c->err;
        return -1;
    }
    slip_complaint_parse(slip_buf_str(&c->answer.body), &said);
    enum slip_kind kind = SLIP_E_REGISTRY;
    if (status_may_pass(status) || is_rate_limit(c))
        kind = SLIP_E_TEMPORARY;
    else if (status == 401 || status == 403)
        kind = SLIP_E_DENIED;

    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(err->text));
    add_who(c, &text);
    slip_buf_add_fmt(&text, " answered %u", status);
    if (said.code[0])
        slip_buf_add_fmt(&text, " %s", said.code);
    if (said.message[0])
        slip_buf_add_fmt(&text, " '%s'", said.message);
    if (kind == SLIP_E_TEMPORARY && slip_retry_after(&c->answer, &wait) && wait > wait_max_ms(c))
        slip_buf_add_fmt(&text, " and asks to wait for %llu s", (unsigned long long)wait / 1000);
    else if (c->tried > 1 && kind == SLIP_E_TEMPORARY)
        slip_buf_add_fmt(&text, " (%u attempts)", c->tried);
    slip_fail(err, kind, "%s", text.ptr);
    if (kind == SLIP_E_DENIED)
        hint_denied(c, err);
    else if (kind == SLIP_E_REGISTRY)
        slip_hint_web_page(&c->answer, err);
    return name_call(c, err);
}
