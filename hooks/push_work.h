/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One release of a push, in a process of its own: so it can be left behind when the push must go
 * on, or be ended, and what it made for the time being is taken away whatever happens to it.
 */
#ifndef SLIP_HOOKS_PUSH_WORK_H
#define SLIP_HOOKS_PUSH_WORK_H

#include "session.h"

#include "proc/handover.h"

struct slip_push_work {
    struct slip_session *session;
    struct slip_session_run run; /* tmpdir is filled in here */
    const char *ref;
    const char *log;     /* where it writes when it is left behind; NULL: it is ended instead */
    unsigned timeout_ms; /* 0: none */
    unsigned tell_ms;    /* how often to say that it goes on; 0: every 30 s */
};

struct slip_push_done {
    struct slip_handover_result how;
    /* The rest is for SLIP_HANDOVER_DONE. Failures of rows were shown by it already. */
    enum slip_kind kind;   /* SLIP_OK, or how it failed */
    struct slip_error err; /* why nothing was tried; of kind SLIP_OK when rows say it all */
    size_t rows;
    struct slip_buf uploaded, wrote; /* "NAME DIGEST" a line */
};
void slip_push_done_clear(struct slip_push_done *d);
SLIP_DEFINE_AUTO(slip_push_done, slip_push_done_clear);

/* -1: the process itself could not be had. */
SLIP_MUST_USE int slip_push_work_run(const struct slip_push_work *w, struct slip_push_done *out,
                                     struct slip_error *err);

#endif
