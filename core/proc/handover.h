/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work in a process of its own, that we wait for only so long. When the time is over it is left
 * behind and goes on by itself, or it is ended; a signal that would end us ends it, too.
 */
#ifndef SLIP_PROC_HANDOVER_H
#define SLIP_PROC_HANDOVER_H

#include "base/buf.h"
#include "base/error.h"

struct slip_handover {
    /* Called in the other process, a copy of this one; what it adds to `answer`, a buffer
     * with the limit of ours, comes back to us. Connections opened before belong to both: it must
     * not use them. */
    void (*work)(void *payload, struct slip_buf *answer);
    void *payload;
    /* Where its stdout and stderr go from the hand-over on (slip_log_open). NULL: there is
     * none, the process is ended when the time is over. */
    const char *log;
    unsigned timeout_ms; /* 0: we wait as long as it takes */
    unsigned tick_ms;    /* how often to call `on_tick` while waiting; 0: never */
    void (*on_tick)(void *tick_payload, unsigned seconds);
    void *tick_payload;
    /* A signal ended the work and is about to be raised again for us: tidy up. NULL: nothing. */
    void (*before_signal)(void *signal_payload);
    void *signal_payload;
};

enum slip_handover_end {
    SLIP_HANDOVER_DONE,    /* `answer` is complete */
    SLIP_HANDOVER_LEFT,    /* it goes on: `pid` and `started` (slip_process_started) are its name */
    SLIP_HANDOVER_EXPIRED, /* the time was over and it was ended */
};

struct slip_handover_result {
    enum slip_handover_end end;
    int64_t pid, started;
};

/* -1: it could not be started, or was ended by something else than us. */
SLIP_MUST_USE int slip_handover_run(const struct slip_handover *h, struct slip_buf *answer,
                                    struct slip_handover_result *out, struct slip_error *err);

#endif
