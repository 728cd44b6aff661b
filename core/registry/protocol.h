/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of the registry protocol: challenges, error bodies, pages, ranges, waits. Pure functions;
 * the requests are made in session.c and above.
 */
#ifndef SLIP_REGISTRY_PROTOCOL_H
#define SLIP_REGISTRY_PROTOCOL_H

#include "net/http.h"

enum slip_auth_scheme { SLIP_AUTH_NONE, SLIP_AUTH_BASIC, SLIP_AUTH_BEARER };

/* What a 401 asks for. Texts are empty when they were not given. */
struct slip_challenge {
    enum slip_auth_scheme scheme;
    struct slip_buf realm, service, scope;
};
void slip_challenge_clear(struct slip_challenge *c);
SLIP_DEFINE_AUTO(slip_challenge, slip_challenge_clear);

/* The first Basic or Bearer challenge of an answer; SLIP_AUTH_NONE when there is none that we know.
 * A Bearer challenge without a realm is none. */
void slip_challenge_parse(const struct slip_http_answer *a, struct slip_challenge *out);

/* The registry's own words about a failure: its first code and message, made printable, or the
 * first line of a body in another form. */
struct slip_complaint {
    char code[64];
    char message[512];
};
void slip_complaint_parse(struct slip_str body, struct slip_complaint *out);

/* Append `text` with everything but printable ASCII and UTF-8 letters escaped, cut at `max`. */
void slip_printable_add(struct slip_str text, size_t max, struct slip_buf *out);

/* The address of the next page: the value of a "Link" header whose rel is "next"; `ptr` NULL when
 * there is none. Quotes around "next" may be missing. */
struct slip_str slip_link_next(const struct slip_http_answer *a);

/* How many bytes of an upload have arrived, from "Range: 0-499" (also "bytes=0-499"); false when
 * there is no such header. "0-0" is one byte, or none: registries mean both. */
bool slip_upload_range(const struct slip_http_answer *a, uint64_t *arrived);

/* The first byte of a partial answer, from "Content-Range: bytes 5-9/10"; false when absent. */
bool slip_content_range_start(const struct slip_http_answer *a, uint64_t *start);

/* Content-Length of the answer; false when absent. */
bool slip_content_length(const struct slip_http_answer *a, uint64_t *length);

/* Milliseconds to wait from Retry-After: seconds (a fraction too), or a date, which is compared
 * with the answer's own Date. False when there is none that can be understood. */
bool slip_retry_after(const struct slip_http_answer *a, uint64_t *ms);

#endif
