/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport that plays a conversation: requests must be those of the table, each once, in any
 * order among the ones that are under way. Time stands still but for timers.
 */
#ifndef SLIP_TESTS_PLAYED_H
#define SLIP_TESTS_PLAYED_H

#include "net/http.h"

struct played {
    const char *request; /* "METHOD URL" */
    const char *line;    /* a header line that must be among the request's; "-Name" must not be; or
                            NULL */
    const char *sent;    /* the request's body, or NULL for any */
    unsigned status;     /* 0: no answer, because of `failure` */
    const char *header;  /* lines that end in CR LF, or NULL */
    const char *body;    /* or NULL */
    enum slip_http_failure failure; /* after the body, when there is a status */
};

/* The table is borrowed. Unexpected requests end the program, naming themselves. */
struct slip_http *played_new(const struct played *table, size_t n);

/* How many of the table were not asked for; how much time the timers took. */
size_t played_left(const struct slip_http *t);
uint64_t played_ms(const struct slip_http *t);

#endif
