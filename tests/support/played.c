/* SPDX-License-Identifier: Apache-2.0 */
/* Played conversations. */
#include "support/played.h"

#include "support/transport.h"

struct slip_http_exchange {
    const struct played *entry;
    struct slip_http_handler handler;
    void *payload;
    struct slip_str body;
    uint64_t body_size;
    size_t answer_limit;
    bool cancelled;
};

struct player {
    struct transport_base base;
    const struct played *table;
    size_t n;
    bool *used;
    struct {
        SLIP_VEC(struct slip_http_exchange *);
    } queue;
};

static bool has_line(const struct slip_http_request *r, const char *line)
{
    bool forbidden = line[0] == '-';
    size_t len = strlen(line + forbidden);
    for (const char *const *h = r->headers; h && *h; h++)
        if (forbidden ? strncmp(*h, line + 1, len) == 0 : strcmp(*h, line) == 0)
            return !forbidden;
    return forbidden;
}

static void give_up(const struct slip_http_request *r)
{
    fprintf(stderr, "not in the conversation: %s %s\n", r->method, r->url);
    for (const char *const *h = r->headers; h && *h; h++)
        fprintf(stderr, "    %s\n", *h);
    exit(1);
}

static struct slip_http_exchange *start(struct slip_http *t, const struct slip_http_request *r,
                                        const struct slip_http_handler *h, void *payload)
{
    struct player *p = (struct player *)t;
    char name[4096];
    snprintf(name, sizeof(name), "%s %s", r->method, r->url);
    for (size_t i = 0; i < p->n; i++) {
        const struct played *e = &p->table[i];
        if (p->used[i] || strcmp(e->request, name) != 0 || (e->line && !has_line(r, e->line)))
            continue;
        p->used[i] = true;
        struct slip_http_exchange *x = slip_new(struct slip_http_exchange);
        *x = (struct slip_http_exchange){ .entry = e,
                                          .handler = *h,
                                          .payload = payload,
                                          .body = r->body,
                                          .body_size = h->produce ? r->body_size : r->body.len,
                                          .answer_limit = r->answer_limit };
        slip_vec_push(&p->queue, x);
        return x;
    }
    give_up(r);
    return NULL;
}

static void nothing(struct slip_http *t, struct slip_http_exchange *x)
{
    (void)t, (void)x;
}

static void cancel(struct slip_http *t, struct slip_http_exchange *x)
{
    (void)t;
    x->cancelled = true;
}

/* Read the request's body and compare it. */
static void take_request(struct slip_http_exchange *x)
{
    char buf[4096] = "";
    size_t len = 0, n = 0;
    struct slip_error err = { 0 };
    if (!x->handler.produce) {
        snprintf(buf, sizeof(buf), "%.*s", SLIP_ARG(x->body));
    } else {
        while (len < x->body_size && len < sizeof(buf) - 1) {
            if (x->handler.produce(x->payload, buf + len, sizeof(buf) - 1 - len, &n, &err) != 0)
                break;
            len += n;
        }
        buf[len] = '\0';
    }
    if (x->entry->sent && strcmp(buf, x->entry->sent) != 0) {
        fprintf(stderr, "%s: sent '%s', not '%s'\n", x->entry->request, buf, x->entry->sent);
        exit(1);
    }
}

static void answer(struct slip_http_exchange *x, struct slip_http_answer *a)
{
    const struct played *e = x->entry;
    int flow = SLIP_HTTP_KEEP;
    struct slip_str body = slip_str_of(e->body);
    a->status = e->status;
    slip_buf_add_c(&a->header, e->header ? e->header : "");
    if (e->status != 0 && x->handler.head)
        flow = x->handler.head(x->payload, a, &a->err);
    if (flow == SLIP_HTTP_GO && body.len > 0)
        flow = x->handler.take(x->payload, body, &a->err);
    else if (flow == SLIP_HTTP_KEEP && !slip_buf_add_str(&a->body, body))
        a->failure = SLIP_HTTP_TOO_LARGE;
    if (flow < 0)
        a->failure = SLIP_HTTP_GIVEN_UP;
    else if (e->failure)
        a->failure = e->failure;
    if (a->failure && a->err.kind == SLIP_OK)
        slip_fail(&a->err, SLIP_E_TEMPORARY, "played failure %d", (int)a->failure);
}

static void play(struct player *p)
{
    struct slip_http_exchange *x = p->queue.at[0];
    memmove(p->queue.at, p->queue.at + 1, --p->queue.len * sizeof(*p->queue.at));
    if (!x->cancelled) {
        struct slip_http_answer a = { .header = SLIP_BUF(1u << 16),
                                      .body = SLIP_BUF(x->answer_limit) };
        take_request(x);
        answer(x, &a);
        x->handler.done(x->payload, &a);
        slip_buf_clear(&a.header);
        slip_buf_clear(&a.body);
    }
    slip_free(x);
}

static void run(struct slip_http *t)
{
    struct player *p = (struct player *)t;
    while (p->queue.len || p->base.timers.len)
        if (p->queue.len)
            play(p);
        else
            transport_fire(&p->base);
}

static void free_player(struct slip_http *t)
{
    struct player *p = (struct player *)t;
    slip_vec_clear(&p->queue);
    slip_vec_clear(&p->base.timers);
    slip_free(p->used);
    slip_free(p);
}

static const struct slip_http_ops ops = {
    .start = start,
    .resume = nothing,
    .cancel = cancel,
    .after = transport_after,
    .forget = transport_forget,
    .ease = transport_ease,
    .now = transport_now,
    .random = transport_random,
    .run = run,
    .free = free_player,
};

struct slip_http *played_new(const struct played *table, size_t n)
{
    struct player *p = slip_new(struct player);
    p->base.http.ops = &ops;
    p->table = table;
    p->n = n;
    p->used = slip_alloc_array(n, sizeof(bool));
    p->base.now = TRANSPORT_START_MS;
    return &p->base.http;
}

size_t played_left(const struct slip_http *t)
{
    const struct player *p = (const struct player *)t;
    size_t left = 0;
    for (size_t i = 0; i < p->n; i++)
        left += !p->used[i];
    return left;
}

uint64_t played_ms(const struct slip_http *t)
{
    return ((const struct player *)t)->base.now - TRANSPORT_START_MS;
}
