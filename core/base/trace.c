/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a trace. */
#include "base/trace.h"

#include "base/secret.h"

#include <errno.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 16384 };

static int trace_fd;

void slip_trace_to(int fd)
{
    trace_fd = fd;
}

bool slip_trace_is_on(void)
{
    return trace_fd > 0;
}

void slip_trace_stamp(int64_t now_ms, struct slip_buf *out)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm utc;
    char stamp[32] = "";
    if (gmtime_r(&seconds, &utc))
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    slip_buf_add_fmt(out, "%s.%03dZ ", stamp, (int)(now_ms % 1000));
}

void slip_trace(const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(LINE);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(LINE - 100);
    struct timespec now;
    int saved = errno;
    if (!slip_trace_is_on())
        return;
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            text.ptr[i] = ' ';
    slip_hide_secrets(text.ptr, text.len + 1);
    clock_gettime(CLOCK_REALTIME, &now);
    slip_trace_stamp((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, &line);
    slip_buf_add_c(&line, text.ptr);
    slip_buf_add_char(&line, '\n');
    ssize_t written = write(trace_fd, line.ptr, line.len);
    (void)written; /* a trace is no reason to fail */
    errno = saved;
}
