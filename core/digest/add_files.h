/* SPDX-License-Identifier: Apache-2.0 */
/* contextAddFiles: files of the work tree that count besides the commit (dockerfile-digest.md 6.6).
 */
#ifndef SLIP_DIGEST_ADD_FILES_H
#define SLIP_DIGEST_ADD_FILES_H

#include "base/error.h"
#include "base/vec.h"
#include "hash/hash.h"
#include "match/filter.h"
#include "werf/image_set.h"

struct slip_add_file {
    char *path;   /* relative to `dir` */
    bool counted; /* some hash was made of it */
    /* Of the content that was hashed; empty when the path alone was, since it is no regular file.
     */
    char content[SLIP_SHA256_HEX + 1];
};

/* All files below the items, in order, each once. All zeros is none. */
struct slip_add_files {
    SLIP_VEC(struct slip_add_file);
    char *dir; /* the project directory in the work tree */
};

/* An item that is not there is an error. */
SLIP_MUST_USE int slip_add_files_find(const char *work_tree, struct slip_str project_dir,
                                      const struct slip_image *image, struct slip_add_files *out,
                                      struct slip_error *err);
void slip_add_files_clear(struct slip_add_files *f);
SLIP_DEFINE_AUTO(slip_add_files, slip_add_files_clear);

/* The hash of those the filter matches; `*any` false: it matches none. A file whose content is not
 * what another hash was made of is an error. */
SLIP_MUST_USE int slip_add_files_hash(struct slip_add_files *f, struct slip_filter *filter,
                                      char out[SLIP_SHA256_HEX + 1], bool *any,
                                      struct slip_error *err);

/* Record that a file is no longer what the digest was made of. Always -1. */
int slip_add_file_changed(const char *path, struct slip_error *err);

#endif
