/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that are an flock on an open file: they go with the process, however that ends. */
#ifndef SLIP_LOCK_HELD_FILE_H
#define SLIP_LOCK_HELD_FILE_H

#include "lock/lock.h"

/* Try for the exclusive lock of a file for so long (0: once). -1 when there can be none, or when we
 * are asked to end meanwhile. */
SLIP_MUST_USE int slip_flock_try(int fd, unsigned ms, bool *ours, struct slip_error *err);

/* The lock that is held with `fd`, which it takes over. Nobody can take it away. */
struct slip_lock *slip_held_file_new(int fd);

#endif
