/* SPDX-License-Identifier: Apache-2.0 */
/* How the tools of these tests talk; TOOL is the name of the one that includes this. */
#ifndef SLIP_TESTS_TOOL_H
#define SLIP_TESTS_TOOL_H

#include "base/error.h"
#include "base/watch.h"

#include <stdio.h>

static inline int print_error(const struct slip_error *err)
{
    fprintf(stderr, TOOL ": %s\n", err->text);
    if (err->hint[0])
        fprintf(stderr, TOOL ": hint: %s\n", err->hint);
    return slip_kind_exit(err->kind);
}

static inline void on_event(void *payload, const struct slip_event *e)
{
    (void)payload;
    if (e->kind == SLIP_EVENT_WARNING)
        fprintf(stderr, TOOL ": warning: %s: %s\n", e->subject ? e->subject : "", e->text);
}

#endif
