/* SPDX-License-Identifier: Apache-2.0 */
/* A line for each exchange, for people whose registry does not do what it should. */
#ifndef SLIP_NET_TRACE_H
#define SLIP_NET_TRACE_H

#include "net/http.h"

struct slip_http_trace {
    const char *method, *url;
    const struct slip_http_answer *answer;
    uint64_t ms;             /* from its start, without the time in the queue */
    uint64_t sent, received; /* bytes of the bodies */
};

/*
 * Append "TIME METHOD URL STATUS MS SENT RECEIVED", the failure's words in place of a status that
 * never came. Of the address no user and no query, which may hold a signature; of headers and
 * bodies nothing.
 */
void slip_http_trace_line(const struct slip_http_trace *t, int64_t now_ms, struct slip_buf *out);

/* Write it to the descriptor, at once, so that processes may share a file. */
void slip_http_trace_write(const struct slip_http_trace *t, int fd);

#endif
