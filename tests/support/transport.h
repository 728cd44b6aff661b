/* SPDX-License-Identifier: Apache-2.0 */
/* What transports of tests have in common: a clock that jumps to the next timer, no chance. */
#ifndef SLIP_TESTS_TRANSPORT_H
#define SLIP_TESTS_TRANSPORT_H

#include "base/vec.h"
#include "net/http.h"

#define TRANSPORT_START_MS 1000

struct transport_timer {
    uint64_t due;
    slip_http_timer_fn *fn;
    void *payload;
};

/* First member of a transport; `now` begins at TRANSPORT_START_MS. */
struct transport_base {
    struct slip_http http;
    uint64_t now;
    struct {
        SLIP_VEC(struct transport_timer);
    } timers;
};

/* For the table of functions. */
void transport_after(struct slip_http *t, uint64_t ms, slip_http_timer_fn *fn, void *payload);
void transport_forget(struct slip_http *t, slip_http_timer_fn *fn, void *payload);
void transport_ease(struct slip_http *t, const char *url);
uint64_t transport_now(struct slip_http *t);
uint32_t transport_random(struct slip_http *t);

/* Let the time pass until the next timer is due, and call it. There is one. */
void transport_fire(struct transport_base *t);

#endif
