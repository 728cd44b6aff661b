/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories that are needed for a while only, and what a run that was killed leaves of them.
 *
 * Who makes such a thing locks it (flock) for as long as it is needed: what nobody has locked is
 * left over. The kernel gives the lock back, however a process ends.
 */
#ifndef SLIP_BASE_TEMP_DIR_H
#define SLIP_BASE_TEMP_DIR_H

#include "base/error.h"

struct slip_temp_dir {
    char *path;
    int owner; /* a descriptor, shared by processes that are forked */
};

/*
 * A private directory (0700) under $TMPDIR or /tmp whose name begins with "slipway-tmp-"; `tmpdir`
 * is what the caller found in the environment, or NULL. Those that are left over there are removed.
 */
SLIP_MUST_USE int slip_temp_dir_make(const char *tmpdir, struct slip_temp_dir **out,
                                     struct slip_error *err);

/* Remove those that are left over, without making one. */
void slip_temp_dir_sweep(const char *tmpdir);

/* Remove it with all it holds. NULL is fine. */
void slip_temp_dir_remove(struct slip_temp_dir *d);

/* Forget it, but leave it to another process that has it, too. */
void slip_temp_dir_leave(struct slip_temp_dir *d);

/* Lock what was just made. False: a sweep was faster, make another one. */
bool slip_owned(int fd);

/* Open `name` in the directory `at` when it is left over, locked from then on; else -1. Where files
 * cannot be locked nothing is. */
int slip_left_over_open(int at, const char *name, int flags);

/* Make the private directory PREFIX and six characters, which no sweep takes as long as `*owner` is
 * open. -1: the reason is in errno. */
SLIP_MUST_USE int slip_own_dir_make(const char *prefix, char **path, int *owner);

/* Remove directories of that kind that are left over, as far as `may_go` says so of them. */
void slip_own_dir_sweep(const char *prefix, bool (*may_go)(int fd));

#endif
