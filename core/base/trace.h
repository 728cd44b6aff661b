/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for people who look for what takes time, or does not do what it should: each with the time
 * it was written at, written at once, so that processes may share a file. One trace per process;
 * off until a descriptor is given.
 */
#ifndef SLIP_BASE_TRACE_H
#define SLIP_BASE_TRACE_H

#include "base/buf.h"

/* Where lines go from now on; 0: nowhere. The descriptor stays the caller's. */
void slip_trace_to(int fd);
bool slip_trace_is_on(void);

/* Append "2026-11-26T04:45:30.123Z " for milliseconds of Unix time. */
void slip_trace_stamp(int64_t now_ms, struct slip_buf *out);

/* A line. What looks like a secret is blotted out, control characters too. Does not touch errno. */
void slip_trace(const char *fmt, ...) SLIP_PRINTF(1, 2);

#endif
