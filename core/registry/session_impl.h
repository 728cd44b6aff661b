/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a request hand to each other: its way, what may pass, what is said of it. */
#ifndef SLIP_REGISTRY_SESSION_IMPL_H
#define SLIP_REGISTRY_SESSION_IMPL_H

#include "registry/session.h"

static inline struct slip_http *call_http(const struct slip_call *c)
{
    return c->repo->host->registry->http;
}

/* ---- its way: session.c ---- */

/* Is the address at the registry itself, where our credentials may go? */
bool call_is_home(const struct slip_call *c);

/* ---- what may pass: session_patience.c ---- */

/* Longer waits are refused: whoever runs us decides. */
uint64_t call_wait_max_ms(const struct slip_call *c);

/* May the call be sent once more? A body that was streamed cannot, nor an answer half taken. */
bool call_may_try_again(const struct slip_call *c);

/* Doubling, and half of it by chance, so that many clients do not come back together. */
uint64_t call_backoff(const struct slip_call *c, unsigned tried);

/* Of a call without an answer, and of one with an answer: does trying again make sense? */
bool call_failure_may_pass(const struct slip_call *c);
bool call_answer_may_pass(const struct slip_call *c);

/* The same within our patience, and when. */
bool call_worth_waiting(struct slip_call *c, uint64_t *ms);

/* ---- what is said of it: session_words.c ---- */

/* Put in front of a cause what its caller need not say: who, and what was asked. Always -1. */
int call_name(const struct slip_call *c, struct slip_error *err);

/* There is no answer, and there will be none: `c->err` says why. */
void call_fail_without_answer(struct slip_call *c);

#endif
