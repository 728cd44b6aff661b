/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress, told to whoever wants to show it. Rooms never print: they call slip_watch_tell, and the
 * program decides what a person sees. A NULL watch, or one without a callback, hears nothing.
 */
#ifndef SLIP_BASE_WATCH_H
#define SLIP_BASE_WATCH_H

#include "base/macro.h"

enum slip_event_kind {
    SLIP_EVENT_STEP,     /* a step of one subject began or ended: `text` says what */
    SLIP_EVENT_PROGRESS, /* `done` of `total` bytes (total 0: unknown) of `subject` */
    SLIP_EVENT_OUTPUT,   /* one line of a child's output, untrusted */
    SLIP_EVENT_ALIVE,    /* work on `subject` goes on without anything to tell */
    SLIP_EVENT_WARNING,  /* something a person should know, work goes on */
};

struct slip_event {
    enum slip_event_kind kind;
    const char *subject; /* image, reference, repository or NULL */
    const char *text;    /* NULL for SLIP_EVENT_PROGRESS and SLIP_EVENT_ALIVE */
    uint64_t done, total;
};

struct slip_watch {
    void (*on_event)(void *payload, const struct slip_event *event);
    void *payload;
};

void slip_watch_tell(const struct slip_watch *w, const struct slip_event *event);
void slip_watch_step(const struct slip_watch *w, const char *subject, const char *fmt, ...)
    SLIP_PRINTF(3, 4);
void slip_watch_warn(const struct slip_watch *w, const char *subject, const char *fmt, ...)
    SLIP_PRINTF(3, 4);

#endif
