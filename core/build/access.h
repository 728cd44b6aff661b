/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a builder of the containers project gets at base images: it reads files of its own, so what
 * we know besides them is written into such files.
 */
#ifndef SLIP_BUILD_ACCESS_H
#define SLIP_BUILD_ACCESS_H

#include "base/arena.h"
#include "build/engine.h"

struct slip_access {
    char *registries; /* a registries.conf(5): the machine's own, and what is missing there */
    char *auth;       /* a containers-auth.json(5), or NULL: the machine's will do; holds secrets */
};

/* Write what is needed into the private directory `dir`; names are of the arena. */
SLIP_MUST_USE int slip_access_write(const struct slip_build_host *host,
                                    const struct slip_build_request *request, const char *dir,
                                    struct slip_arena *arena, struct slip_access *out,
                                    struct slip_error *err);

/*
 * Append one containers-auth.json(5) for several files in docker's format; of equal keys the first
 * that says something counts. Text that is no JSON object is passed over. Wipe `out`.
 */
void slip_auth_merge(const struct slip_str *texts, size_t n, struct slip_buf *out);

#endif
