/* SPDX-License-Identifier: Apache-2.0 */
/* Other processes, as /proc shows them. Where there is no /proc, nothing is known of them. */
#ifndef SLIP_PROC_PROCESS_H
#define SLIP_PROC_PROCESS_H

#include "base/str.h"

/* The `git push` that a hook belongs to. */
struct slip_push_process {
    int64_t pid; /* 0: not found */
    int64_t started;
    bool dry_run;
    bool skip; /* -o slipway.skip */
};

/* Look for it among the nearest ancestors (at most 8) of this process. */
void slip_push_process_find(struct slip_push_process *out);

/* When a process started, in ticks since boot: with its number it is a name that is not used twice.
 * 0: there is no such process. */
int64_t slip_process_started(int64_t pid);

/*
 * Is an argument vector (words with a NUL behind each) that of `git push`? Then `dry_run` and
 * `skip` are what its options say. Options of git itself before the word `push` are passed over.
 */
bool slip_argv_is_push(struct slip_str argv, struct slip_push_process *out);

#endif
