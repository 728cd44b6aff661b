/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks of werf's lock server: JSON over POST (registry-export.md 1.8). A lock is a lease of ten
 * seconds; a thread renews it while it is held, so that a slow registry does not lose it. This room
 * watches a clock, because a lease is a time; it goes on while the machine sleeps.
 */
#ifndef SLIP_LOCK_SERVER_H
#define SLIP_LOCK_SERVER_H

#include "base/buf.h"
#include "lock/lock.h"
#include "net/http.h"

struct slip_lock_server {
    const char *url;                      /* "https://host[:port][/path]" */
    const struct slip_http_options *http; /* proxies and user agent; time limits are our own */
    const struct slip_http_trust *trust;  /* NULL: the system's certificates */
    const struct slip_watch *watch;       /* hears of waiting */
    /* Milliseconds; 0: as werf has them (3000, 10000, 2000). `retry_ms`: before a request that got
     * no usable answer is sent again, each time longer by as much; 0: 500. */
    unsigned renew_ms, lease_ms, poll_ms, retry_ms;
};

/* Ask for an id under which a project keeps its locks. */
SLIP_MUST_USE int slip_lock_server_new_client(const struct slip_lock_server *s,
                                              struct slip_buf *client_id, struct slip_error *err);

/* `s` and `client_id` are copied, what they point to inside `s` is borrowed. No request yet. */
struct slip_locks *slip_server_locks_new(const struct slip_lock_server *s, const char *client_id);

#endif
