/* SPDX-License-Identifier: Apache-2.0 */
/* Progress, told to whoever wants to show it. */
#include "base/watch.h"

#include "base/secret.h"

#include <stdarg.h>
#include <stdio.h>

void slip_watch_tell(const struct slip_watch *w, const struct slip_event *event)
{
    if (w && w->on_event)
        w->on_event(w->payload, event);
}

static void tell_text(const struct slip_watch *w, enum slip_event_kind kind, const char *subject,
                      const char *fmt, va_list args)
{
    char text[2048];
    vsnprintf(text, sizeof(text), fmt, args);
    slip_hide_secrets(text, sizeof(text));
    slip_watch_tell(w, &(struct slip_event){ .kind = kind, .subject = subject, .text = text });
}

void slip_watch_step(const struct slip_watch *w, const char *subject, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    tell_text(w, SLIP_EVENT_STEP, subject, fmt, args);
    va_end(args);
}

void slip_watch_warn(const struct slip_watch *w, const char *subject, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    tell_text(w, SLIP_EVENT_WARNING, subject, fmt, args);
    va_end(args);
}
