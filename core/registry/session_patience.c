/* SPDX-License-Identifier: Apache-2.0 */
/* What may pass, and how long to wait for it. */
#include "registry/session_impl.h"

#define ATTEMPTS 6
#define CONNECT_ATTEMPTS 3
#define CONNECT_PATIENCE_MS 20000
#define BACKOFF_MS 250u
#define BACKOFF_MAX_MS 30000u
#define WAIT_MAX_MS 300000u

static const struct slip_registry_options *options_of(const struct slip_call *c)
{
    return &c->repo->host->registry->options;
}

static unsigned attempts_of(const struct slip_call *c)
{
    unsigned most = options_of(c)->attempts ? options_of(c)->attempts : ATTEMPTS;
    return c->attempts && c->attempts < most ? c->attempts : most;
}

uint64_t call_wait_max_ms(const struct slip_call *c)
{
    unsigned seconds = options_of(c)->wait_max_s;
    return seconds ? (uint64_t)seconds * 1000 : WAIT_MAX_MS;
}

bool call_may_try_again(const struct slip_call *c)
{
    return !c->produce && !c->taken && c->tried < attempts_of(c) && c->waited < call_wait_max_ms(c);
}

uint64_t call_backoff(const struct slip_call *c, unsigned tried)
{
    unsigned first = c->repo->host->registry->options.backoff_ms;
    uint64_t ms = (uint64_t)(first ? first : BACKOFF_MS) << (tried < 8 ? tried : 8) >> 1;
    if (ms > BACKOFF_MAX_MS)
        ms = BACKOFF_MAX_MS;
    return ms / 2 + slip_http_random(call_http(c)) % (ms / 2 + 1);
}

bool call_failure_may_pass(const struct slip_call *c)
{
    switch (c->answer.failure) {
    case SLIP_HTTP_NO_HOST:
    case SLIP_HTTP_NO_CONNECT:
    case SLIP_HTTP_NO_TLS:
        return c->tried < CONNECT_ATTEMPTS
               && slip_http_now(call_http(c)) - c->begun < CONNECT_PATIENCE_MS;
    case SLIP_HTTP_CUT:
    case SLIP_HTTP_SLOW:
        return true;
    default:
        return false;
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

bool call_answer_may_pass(const struct slip_call *c)
{
    return is_rate_limit(c) || status_may_pass(c->answer.status);
}

bool slip_call_pause(const struct slip_call *c, unsigned n, uint64_t *ms)
{
    uint64_t asked;
    *ms = call_backoff(c, n);
    if (slip_retry_after(&c->answer, &asked) && asked > *ms)
        *ms = asked;
    if (is_rate_limit(c)) {
        slip_http_ease(call_http(c), c->url.ptr);
        if (*ms < 1000)
            *ms = 1000;
    }
    return *ms <= call_wait_max_ms(c);
}

bool call_worth_waiting(struct slip_call *c, uint64_t *ms)
{
    bool missing = c->missing_may_pass && c->answer.status == 404 && c->tried <= 2;
    return (missing || call_answer_may_pass(c)) && slip_call_pause(c, c->tried, ms)
           && c->waited + *ms <= call_wait_max_ms(c);
}
