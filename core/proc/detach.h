/* SPDX-License-Identifier: Apache-2.0 */
/* A process that stays behind when we are gone. */
#ifndef SLIP_PROC_DETACH_H
#define SLIP_PROC_DETACH_H

#include "base/error.h"

/*
 * Run `argv` (argv[0] a path) in a session of its own, with stdin from nowhere and stdout and
 * stderr appended to `log` (slip_log_open); no other descriptor of ours stays open, so that
 * nobody who waits for the end of our output waits for it. It is nobody's child: its end is not
 * told. Fails when it cannot be started.
 */
SLIP_MUST_USE int slip_detach(const char *const *argv, const char *const *env, const char *log,
                              struct slip_error *err);

#endif
