/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file locks of werf: in $WERF_HOME/service/locks a file for each name, held with flock. A real
 * werf on this machine with `--synchronization :local` and we exclude each other.
 */
#ifndef SLIP_LOCK_FILES_H
#define SLIP_LOCK_FILES_H

#include "lock/lock.h"

/* `dir` is made when it is not there; files in it stay, as werf leaves them. `watch` hears of
 * waiting. A killed holder holds nothing. */
struct slip_locks *slip_file_locks_new(const char *dir, const struct slip_watch *watch);

/* The file of a name inside the directory. */
void slip_file_lock_name(const char *name, char out[16]);

#endif
