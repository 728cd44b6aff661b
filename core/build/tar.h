/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a tar archive, POSIX.1-2001 (pax). */
#ifndef SLIP_BUILD_TAR_H
#define SLIP_BUILD_TAR_H

#include "base/buf.h"

#define SLIP_TAR_BLOCK 512

enum slip_tar_type { SLIP_TAR_FILE = '0', SLIP_TAR_LINK = '2', SLIP_TAR_DIR = '5' };

struct slip_tar_member {
    enum slip_tar_type type;
    struct slip_str path; /* without a slash at the end */
    struct slip_str link; /* target of a LINK */
    unsigned mode;        /* permission bits */
    uint64_t size;        /* of a FILE; its content follows, then slip_tar_padding(size) zeros */
    int64_t mtime;
};

/* Append the header of a member: one block, or three and more when a name is long. Owner is root.
 * False when it does not fit into `out`. */
bool slip_tar_add_header(struct slip_buf *out, const struct slip_tar_member *m);

/* Zeros that follow a content of `size` bytes. */
size_t slip_tar_padding(uint64_t size);

/* Append the two empty blocks that end an archive. */
bool slip_tar_add_end(struct slip_buf *out);

#endif
