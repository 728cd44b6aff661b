/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of requests: taking them apart, and following references inside answers. */
#ifndef SLIP_NET_URL_H
#define SLIP_NET_URL_H

#include "base/buf.h"
#include "base/error.h"

struct slip_url {
    bool https;
    struct slip_str host; /* "host" or "[::1]" as written, without port */
    unsigned port;        /* 80 or 443 when none was written */
    struct slip_str rest; /* from the first slash on; may be empty */
};

/* An absolute http or https address of printable ASCII, without user information. The parts point
 * into `text`. */
SLIP_MUST_USE bool slip_url_parse(struct slip_str text, struct slip_url *out);

/*
 * What `reference` means in an answer from `base` (RFC 3986 section 5.2, without a fragment):
 * absolute, "//host/..", "/path", "?query" or relative. False when it is none that we would follow.
 */
SLIP_MUST_USE bool slip_url_resolve(struct slip_str base, struct slip_str reference,
                                    struct slip_buf *out);

/* Same scheme, host (without case) and port. */
bool slip_url_same_origin(struct slip_str a, struct slip_str b);

/* Add "name=value" to the query, the value percent-encoded. */
void slip_url_add_query(struct slip_buf *url, const char *name, struct slip_str value);

/* Append with everything but RFC 3986 unreserved characters percent-encoded. */
void slip_url_encode(struct slip_str text, struct slip_buf *out);

#endif
