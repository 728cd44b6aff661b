/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When to end early: a person's signal, or a time that is over. There is one such wish per process;
 * whoever waits for something slow asks for it.
 */
#ifndef SLIP_BASE_STOP_H
#define SLIP_BASE_STOP_H

#include "base/error.h"

#include <stdint.h>

/* From now on the first SIGINT, SIGTERM or SIGHUP is a wish to end; a second one ends us at once.
 */
void slip_stop_on_signals(void);

/* The number of that signal, or 0. */
int slip_stop_signal(void);

/* The time that is left for what follows; `what` names its limit in messages and lives as long.
 * 0: no limit. */
void slip_stop_after(unsigned seconds, const char *what);

/* Is it time to end? Then `err` (which is clear) says why. */
bool slip_stop_asked(struct slip_error *err);

/* Let so much time pass. -1 when it is time to end before: `err` (which is clear) says why. */
SLIP_MUST_USE int slip_stop_or_wait(int64_t ms, struct slip_error *err);

/* Milliseconds until slip_stop_asked may change by itself; -1: never. */
int slip_stop_patience(void);

/* Has it been so for ten seconds? What was left to finish has had its time. */
bool slip_stop_is_late(void);

#endif
