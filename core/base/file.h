/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories of the machine (not of a commit: that is repo/). */
#ifndef SLIP_BASE_FILE_H
#define SLIP_BASE_FILE_H

#include "base/buf.h"
#include "base/error.h"

#include <unistd.h>

/* Close what is open: `*fd` is -1 afterwards. */
static inline SLIP_UNUSED void slip_fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
static inline SLIP_UNUSED void slip_fd_auto(int *fd)
{
    slip_fd_close(fd);
}
#define SLIP_AUTO_FD __attribute__((cleanup(slip_fd_auto))) int

/* Read a whole file or descriptor. `out` keeps its old content when this fails. */
SLIP_MUST_USE int slip_file_read(const char *path, struct slip_buf *out, struct slip_error *err);
SLIP_MUST_USE int slip_fd_read(int fd, const char *name, struct slip_buf *out,
                               struct slip_error *err);

/* As slip_file_read, but a file that is not there is no error: `*found` says. */
SLIP_MUST_USE int slip_file_read_if_there(const char *path, struct slip_buf *out, bool *found,
                                          struct slip_error *err);

/*
 * Write a whole file so that a reader sees the old or the new content: a temporary file beside it,
 * fsync, rename, fsync of the directory. `mode` is what the new file gets.
 */
SLIP_MUST_USE int slip_file_write(const char *path, struct slip_str content, unsigned mode,
                                  struct slip_error *err);

/* Write all of it. When this fails some may have been written; `name` is for the message. */
SLIP_MUST_USE int slip_fd_write(int fd, const char *name, struct slip_str content,
                                struct slip_error *err);

/*
 * A descriptor that appends to a log of ours, made with mode 0600, or -1. A log that has grown to
 * SLIP_LIMIT_LOG becomes NAME.1 first, in place of an older one.
 */
SLIP_MUST_USE int slip_log_open(const char *path, struct slip_error *err);

/* Make `path` and what is missing above it. */
SLIP_MUST_USE int slip_dir_make(const char *path, unsigned mode, struct slip_error *err);

/* Remove a directory with all it holds; never follows a link; NULL and absent are fine. */
void slip_dir_remove(const char *path);

#endif
