/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of transports of tests. */
#include "support/transport.h"

void transport_after(struct slip_http *t, uint64_t ms, slip_http_timer_fn *fn, void *payload)
{
    struct transport_base *b = (struct transport_base *)t;
    slip_vec_push(&b->timers, (struct transport_timer){ b->now + ms, fn, payload });
}

void transport_forget(struct slip_http *t, slip_http_timer_fn *fn, void *payload)
{
    struct transport_base *b = (struct transport_base *)t;
    for (size_t i = b->timers.len; i-- > 0;)
        if (b->timers.at[i].fn == fn && b->timers.at[i].payload == payload)
            b->timers.at[i] = b->timers.at[--b->timers.len];
}

void transport_ease(struct slip_http *t, const char *url)
{
    (void)t, (void)url;
}

uint64_t transport_now(struct slip_http *t)
{
    return ((struct transport_base *)t)->now;
}

uint32_t transport_random(struct slip_http *t)
{
    (void)t;
    return 0;
}

void transport_fire(struct transport_base *t)
{
    size_t next = 0;
    for (size_t i = 1; i < t->timers.len; i++)
        if (t->timers.at[i].due < t->timers.at[next].due)
            next = i;
    struct transport_timer due = t->timers.at[next];
    t->timers.at[next] = t->timers.at[--t->timers.len];
    if (due.due > t->now)
        t->now = due.due;
    due.fn(due.payload);
}
