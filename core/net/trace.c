/* SPDX-License-Identifier: Apache-2.0 */
/* Lines about exchanges. */
#include "net/trace.h"

#include "base/trace.h"

#include <time.h>
#include <unistd.h>

enum { LINE = 16384 };

/* "scheme://" and what stands behind a user, up to the query. */
static void add_address(struct slip_str url, struct slip_buf *out)
{
    struct slip_str rest = url, path, query, user, host, behind;
    size_t scheme = slip_str_find_str(url, SLIP_STR("://"));
    if (scheme != SLIP_NPOS) {
        slip_buf_add_str(out, slip_str_first(url, scheme + 3));
        rest = slip_str_skip(url, scheme + 3);
    }
    bool has_query = slip_str_cut(rest, '?', &rest, &query);
    size_t slash = slip_str_find(rest, '/');
    path = slash == SLIP_NPOS ? SLIP_STR("") : slip_str_skip(rest, slash);
    host = slip_str_first(rest, rest.len - path.len);
    slip_buf_add_str(out, slip_str_rcut(host, '@', &user, &behind) ? behind : host);
    slip_buf_add_str(out, path);
    if (has_query)
        slip_buf_add_c(out, "?...");
}

void slip_http_trace_line(const struct slip_http_trace *t, int64_t now_ms, struct slip_buf *out)
{
    slip_trace_stamp(now_ms, out);
    slip_buf_add_fmt(out, "%s ", t->method);
    add_address(slip_str_of(t->url), out);
    if (t->answer->failure)
        slip_buf_add_fmt(out, " failed (%s)", t->answer->err.text);
    if (t->answer->status)
        slip_buf_add_fmt(out, " %u", t->answer->status);
    slip_buf_add_fmt(out, " %ju ms, %ju sent, %ju received\n", (uintmax_t)t->ms, (uintmax_t)t->sent,
                     (uintmax_t)t->received);
}

void slip_http_trace_write(const struct slip_http_trace *t, int fd)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(LINE);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    slip_http_trace_line(t, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, &line);
    ssize_t written = write(fd, line.ptr, line.len);
    (void)written; /* a trace is no reason to fail */
}
