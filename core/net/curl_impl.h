/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the libcurl transport: the exchange (curl_exchange.c), the loop (curl_loop.c) and the
 * library itself (curl_load.c). Not for other rooms.
 */
#ifndef SLIP_NET_CURL_IMPL_H
#define SLIP_NET_CURL_IMPL_H

#include "base/vec.h"
#include "net/http.h"

#include <curl/curl.h>

/* Before any function of libcurl; may be called again. An error when the library is not there. */
#ifdef SLIPWAY_LOAD_CURL
int slip_curl_load(struct slip_error *err);
#else
static inline int slip_curl_load(struct slip_error *err)
{
    (void)err;
    return 0;
}
#endif

struct slip_curl_settings {
    char *user_agent, *http_proxy, *https_proxy, *no_proxy;
    unsigned small_per_host, connect_ms, idle_ms, answer_ms, least_bytes_per_s;
    int trace_fd; /* 0: none */
    bool lean;    /* the system's authorities can be found one by one */
};

/* One scheme, host and port: what runs there at a time. */
struct slip_origin {
    char *key;
    bool https;
    unsigned running, limit;
    struct slip_http_exchange *first, *last; /* waiting, in order */
};

struct slip_http_exchange {
    struct slip_http_exchange *next; /* in the queue of its origin */
    struct slip_origin *origin;
    char *method, *url;
    struct curl_slist *headers;
    struct slip_http_request request; /* its texts are the copies above */
    struct slip_http_handler handler;
    void *payload;

    CURL *easy; /* while it runs */
    char reason[CURL_ERROR_SIZE];
    bool cancelled;
    bool full_trust;               /* the bundle is read after all */
    bool head_done, keep;          /* the header is complete; the body is kept */
    bool take_paused, make_paused; /* a callback said so */
    bool resume;                   /* asked for since the last turn of the loop */
    uint64_t sent;                 /* bytes of the body handed to libcurl */

    uint64_t begun_at;
    uint64_t window_begin, window_bytes; /* throughput */
    uint64_t asked_at;                   /* when the request was out; 0: not yet */

    struct slip_http_answer answer;
};

/* A copy of the request, but for its bodies and trust; no handle yet. */
struct slip_http_exchange *slip_exchange_new(const struct slip_http_request *r,
                                             const struct slip_http_handler *h, void *payload);
void slip_exchange_free(struct slip_http_exchange *x);

/* Make `x->easy` (a fresh or used handle) carry out the request. */
void slip_exchange_prepare(struct slip_http_exchange *x, const struct slip_curl_settings *s,
                           CURLSH *share, uint64_t now);

/* True when it should be carried out once more: what failed is the trust, and not all of the
 * system's authorities were asked. Only the handshake has happened. */
bool slip_exchange_wants_bundle(struct slip_http_exchange *x, const struct slip_curl_settings *s,
                                CURLcode code);

/* Slow or idle? Then its failure is set. */
bool slip_exchange_is_stuck(struct slip_http_exchange *x, const struct slip_curl_settings *s,
                            uint64_t now);

/* Translate libcurl's result into the answer. */
void slip_exchange_conclude(struct slip_http_exchange *x, CURLcode code);

#endif
