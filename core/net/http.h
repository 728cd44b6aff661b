/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP exchanges on one event loop: requests are plain structs, answers arrive in callbacks.
 *
 * One exchange is one request and its answer: no redirect is followed, nothing is tried again, no
 * challenge is met. That is the business of the protocol above. All transports stand behind one
 * table of functions, so that tests can play recorded conversations.
 */
#ifndef SLIP_NET_HTTP_H
#define SLIP_NET_HTTP_H

#include "base/buf.h"
#include "base/error.h"

struct slip_http;          /* a transport */
struct slip_http_exchange; /* one running exchange; gone once `done` has returned */

/* Whom to believe, and how to show who we are. Borrowed until the exchange is done. */
struct slip_http_trust {
    bool unverified;     /* any certificate will do */
    const char *ca_file; /* in place of the system's bundle; its certificate directory stays */
    const char *ca_pem;  /* the same as text; wins over `ca_file` */
    const char *cert_file, *key_file; /* client certificate */
};

struct slip_http_request {
    const char *method;
    const char *url;
    const char *const *headers;          /* NULL-terminated "Name: value" lines, or NULL */
    const struct slip_http_trust *trust; /* NULL: the system's certificates */
    struct slip_str body;                /* borrowed until done; unless the handler produces it */
    uint64_t body_size;                  /* of what the handler produces */
    bool has_body;                       /* send a Content-Length even when it is 0 */
    bool bulk;           /* moves a blob: large buffers; not counted among the small requests */
    bool public_only;    /* refuse to talk to private, loopback and link-local addresses */
    size_t answer_limit; /* bytes of the answer's body kept for `done` */
};

/* Why there is no complete answer. */
enum slip_http_failure {
    SLIP_HTTP_FINE = 0,
    SLIP_HTTP_NO_HOST,    /* the name has no address */
    SLIP_HTTP_NO_CONNECT, /* refused, unreachable, timed out */
    SLIP_HTTP_NO_TLS,     /* the other side does not speak TLS as we do */
    SLIP_HTTP_UNTRUSTED,  /* its certificate is not believed, or ours could not be used */
    SLIP_HTTP_CUT,        /* the connection broke or the answer was no HTTP */
    SLIP_HTTP_SLOW,       /* idle, or below the least throughput */
    SLIP_HTTP_TOO_LARGE,  /* more than `answer_limit` */
    SLIP_HTTP_GIVEN_UP,   /* a callback said so; its error stands in the answer */
    SLIP_HTTP_FORBIDDEN,  /* `public_only` and the address is not public */
};

struct slip_http_answer {
    unsigned status;        /* 0 when none arrived */
    struct slip_buf header; /* lines as received, "Name: value\r\n", without the status line */
    struct slip_buf body;   /* what no callback took */
    bool private_peer;      /* the address was private, loopback or link-local */
    enum slip_http_failure failure;
    struct slip_error err; /* set with `failure`: SLIP_E_TEMPORARY unless given up; names no URL */
};

/* What a callback for bytes answers, besides -1 (with err): give up. */
enum slip_http_flow {
    SLIP_HTTP_GO = 0,
    SLIP_HTTP_KEEP = 1,  /* of `head` alone */
    SLIP_HTTP_PAUSE = 2, /* nothing was taken or produced; go on after slip_http_resume */
    SLIP_HTTP_FULL = 3,  /* of `take` alone: taken; no more is read before slip_http_resume. What
                            was read already, SLIP_HTTP_PIECE bytes at most, still comes. */
};

/* Bytes of a bulk body that are read at a time. Whoever says SLIP_HTTP_FULL while there is still
 * room for so many spares the transport to keep what finds none. */
#define SLIP_HTTP_PIECE (64u << 10)

/*
 * Callbacks of one exchange; each but `done` may be NULL. `head`, `take` and `produce` run inside
 * the transport: they may start, resume and cancel other exchanges, but not wait.
 */
struct slip_http_handler {
    /* Status and header are complete. 0: the body goes to `take`; SLIP_HTTP_KEEP: it is kept in
     * `a->body` after all (an error message, for example); -1 gives up. */
    int (*head)(void *payload, const struct slip_http_answer *a, struct slip_error *err);
    /* Bytes of the answer: all of them are taken, or none. NULL: they are kept in `a->body`. */
    int (*take)(void *payload, struct slip_str bytes, struct slip_error *err);
    /* Up to `size` bytes of the request's body; together they are `body_size`. */
    int (*produce)(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err);
    /* The end, in any case but cancellation. Not called inside slip_http_start. */
    void (*done)(void *payload, struct slip_http_answer *a);
};

typedef void slip_http_timer_fn(void *payload);

struct slip_http_ops {
    struct slip_http_exchange *(*start)(struct slip_http *t, const struct slip_http_request *r,
                                        const struct slip_http_handler *h, void *payload);
    void (*resume)(struct slip_http *t, struct slip_http_exchange *x);
    void (*cancel)(struct slip_http *t, struct slip_http_exchange *x);
    void (*after)(struct slip_http *t, uint64_t ms, slip_http_timer_fn *fn, void *payload);
    void (*forget)(struct slip_http *t, slip_http_timer_fn *fn, void *payload);
    void (*ease)(struct slip_http *t, const char *url);
    uint64_t (*now)(struct slip_http *t);
    uint32_t (*random)(struct slip_http *t);
    void (*run)(struct slip_http *t);
    void (*free)(struct slip_http *t);
};

struct slip_http {
    const struct slip_http_ops *ops;
};

/* Queue an exchange. The request is copied, but for the bodies and the trust. */
static inline struct slip_http_exchange *slip_http_start(struct slip_http *t,
                                                         const struct slip_http_request *r,
                                                         const struct slip_http_handler *h,
                                                         void *payload)
{
    return t->ops->start(t, r, h, payload);
}

/* Go on with a paused direction; harmless when none is paused. */
static inline void slip_http_resume(struct slip_http *t, struct slip_http_exchange *x)
{
    t->ops->resume(t, x);
}

/* End it without `done`. No callback of it runs any more. */
static inline void slip_http_cancel(struct slip_http *t, struct slip_http_exchange *x)
{
    t->ops->cancel(t, x);
}

/* Call `fn` once, `ms` from now; forget it again (harmless when it has been called). */
static inline void slip_http_after(struct slip_http *t, uint64_t ms, slip_http_timer_fn *fn,
                                   void *payload)
{
    t->ops->after(t, ms, fn, payload);
}
static inline void slip_http_forget(struct slip_http *t, slip_http_timer_fn *fn, void *payload)
{
    t->ops->forget(t, fn, payload);
}

/* This host asked for fewer requests: halve how many run at a time, for the rest of the run. */
static inline void slip_http_ease(struct slip_http *t, const char *url)
{
    t->ops->ease(t, url);
}

/* Milliseconds of a clock that only moves forward; and a random number, to spread retries. */
static inline uint64_t slip_http_now(struct slip_http *t)
{
    return t->ops->now(t);
}
static inline uint32_t slip_http_random(struct slip_http *t)
{
    return t->ops->random(t);
}

/* Work until no exchange and no timer is left. Not from inside a callback. */
static inline void slip_http_run(struct slip_http *t)
{
    t->ops->run(t);
}

void slip_http_free(struct slip_http *t); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_http, slip_http_free);

/* The n-th value of a header (names compare without case), trimmed; `ptr` is NULL when absent. */
struct slip_str slip_http_header(const struct slip_http_answer *a, const char *name, size_t n);

/* The real transport. */
struct slip_http_options {
    const char *user_agent;
    const char *http_proxy, *https_proxy; /* by the scheme of the request; NULL or "": none */
    const char *no_proxy;                 /* "host,.domain,..." or "*" */
    unsigned small_per_host;              /* requests at a time that are not bulk; 0: 16 */
    unsigned connect_ms;                  /* 0: 10 s */
    unsigned idle_ms;                     /* no byte moved, neither side paused by us; 0: 30 s */
    unsigned answer_ms;                   /* from the end of the request to the header; 0: 120 s */
    unsigned least_bytes_per_s;           /* measured over `idle_ms`; 0: 1024 */
    int trace_fd;                         /* gets a line per exchange (net/trace.h); 0: none */
};
struct slip_http *slip_http_curl_new(const struct slip_http_options *o);

#endif
