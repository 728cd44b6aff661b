/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a .dockerignore: lines to patterns (dockerfile-digest.md 6.8, first half). What a pattern
 * matches is decided in match/.
 */
#ifndef SLIP_DOCKERFILE_IGNORE_FILE_H
#define SLIP_DOCKERFILE_IGNORE_FILE_H

#include "base/arena.h"
#include "base/error.h"

struct slip_ignore_patterns {
    struct slip_str *at;
    size_t len;
};

/*
 * The patterns of the file in order, cleaned, exceptions with their "!" in front. They live in `a`.
 * The automatic exception for the Dockerfile is the caller's. `name` stands in messages.
 */
SLIP_MUST_USE int slip_ignore_file_read(struct slip_str text, const char *name,
                                        struct slip_arena *a, struct slip_ignore_patterns *out,
                                        struct slip_error *err);

#endif
