/* SPDX-License-Identifier: Apache-2.0 */
/* Played conversations. */
#include "support/played.h"

#include "base/vec.h"

struct slip_http_exchange {
    const struct played *entry;
    struct slip_http_handler handler;
    void *payload;
    struct slip_str body;
    uint64_t body_size;
    size_t answer_limit;
    bool cancelled;
};

struct timer {
    uint64_t due;
    slip_http_timer_fn *fn;
    void *payload;
};

struct player {
    struct slip_http base;
    const struct played *table;
    size_t n;
    bool *used;
    uint64_t now;
    struct {
        SLIP_VEC(struct slip_http_exchange *);
    } queue;
    struct {
        SLIP_VEC(struct timer);
    } timers;
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

static void after(struct slip_http *t, uint64_t ms, slip_http_timer_fn *fn, void *payload)
{
    struct player *p = (struct player *)t;
    slip_vec_push(&p->timers, (struct timer){ p->now + ms, fn, payload });
}

static void forget(struct slip_http *t, slip_http_timer_fn *fn, void *payload)
{
    struct player *p = (struct player *)t;
    for (size_t i = p->timers.len; i-- > 0;)
        if (p->timers.at[i].fn == fn && p->timers.at[i].payload == payload)
            p->timers.at[i] = p->timers.at[--p->timers.len];
}

static void ease(struct slip_http *t, const char *url)
{
    (void)t, (void)url;
}

static uint64_t now(struct slip_http *t)
{
    return ((struct player *)t)->now;
}

static uint32_t no_chance(struct slip_http *t)
{
    (void)t;
    return 0;
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

static void fire(struct player *p)
{
    size_t next = 0;
    for (size_t i = 1; i < p->timers.len; i++)
        if (p->timers.at[i].due < p->timers.at[next].due)
            next = i;
    struct timer due = p->timers.at[next];
    p->timers.at[next] = p->timers.at[--p->timers.len];
    if (due.due > p->now)
        p->now = due.due;
    due.fn(due.payload);
}

static void run(struct slip_http *t)
{
    struct player *p = (struct player *)t;
    while (p->queue.len || p->timers.len)
        if (p->queue.len)
            play(p);
        else
            fire(p);
}

static void free_player(struct slip_http *t)
{
    struct player *p = (struct player *)t;
    slip_vec_clear(&p->queue);
    slip_vec_clear(&p->timers);
    slip_free(p->used);
    slip_free(p);
}

static const struct slip_http_ops ops = {
    .start = start,
    .resume = nothing,
    .cancel = cancel,
    .after = after,
    .forget = forget,
    .ease = ease,
    .now = now,
    .random = no_chance,
    .run = run,
    .free = free_player,
};

struct slip_http *played_new(const struct played *table, size_t n)
{
    struct player *p = slip_new(struct player);
    p->base.ops = &ops;
    p->table = table;
    p->n = n;
    p->used = slip_alloc_array(n, sizeof(bool));
    p->now = 1000;
    return &p->base;
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
    return ((const struct player *)t)->now - 1000;
}
