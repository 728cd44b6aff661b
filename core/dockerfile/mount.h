/* SPDX-License-Identifier: Apache-2.0 */
/* The value of RUN --mount, as BuildKit 0.13.1 reads it: one record of CSV, "key=value" each. */
#ifndef SLIP_DOCKERFILE_MOUNT_H
#define SLIP_DOCKERFILE_MOUNT_H

#include "dockerfile/shell.h"

struct slip_dockerfile_mount {
    struct slip_str type; /* "bind", "cache", "tmpfs", "secret", "ssh" */
    struct slip_str from, source, target, id;
    struct slip_str sharing; /* "" when it is not given */
    bool read_only, required;
    bool has_mode, has_uid, has_gid;
    uint64_t mode, uid, gid;
};

/* `sh` expands the values; what is read lives in the arena. Errors are SLIP_E_CONFIG. */
SLIP_MUST_USE int slip_dockerfile_mount_read(struct slip_str text, const struct slip_shell *sh,
                                             struct slip_arena *a,
                                             struct slip_dockerfile_mount *out,
                                             struct slip_error *err);

#endif
