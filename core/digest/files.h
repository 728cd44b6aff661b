/* SPDX-License-Identifier: Apache-2.0 */
/* The files that say what an image is made of: Dockerfile, ignore file, context. */
#ifndef SLIP_DIGEST_FILES_H
#define SLIP_DIGEST_FILES_H

#include "dockerfile/ignore_file.h"
#include "repo/tree.h"
#include "werf/image_set.h"

/*
 * Append "!<dockerfile>" when the patterns would ignore the Dockerfile itself (6.8). A malformed
 * pattern is an error.
 */
SLIP_MUST_USE int slip_ignore_except(struct slip_ignore_patterns *patterns,
                                     struct slip_str dockerfile, struct slip_arena *a,
                                     struct slip_error *err);

/*
 * What the digest of an image reads, and what building it needs, links followed. Paths are from the
 * root of the tree; everything lives in the arena that was given.
 */
struct slip_image_files {
    struct slip_str context;            /* a directory, "" is the root */
    struct slip_str dockerfile_path;    /* as named by werf.yaml */
    struct slip_str dockerfile;         /* its content */
    struct slip_str ignore_path;        /* "" when there is none */
    struct slip_str ignore_text;        /* its content */
    struct slip_ignore_patterns ignore; /* with the automatic exception */
};
SLIP_MUST_USE int slip_image_files_read(const struct slip_tree *tree, struct slip_str project_dir,
                                        const struct slip_image *image, struct slip_arena *a,
                                        struct slip_image_files *out, struct slip_error *err);

/* What can be said of these files without other images: they are there, the Dockerfile can be read
 * and has the stage that is wanted. */
SLIP_MUST_USE int slip_image_files_check(const struct slip_tree *tree, struct slip_str project_dir,
                                         const struct slip_image *image, struct slip_error *err);

/* Add the ids of the blobs that slip_image_files_read will read; what is not there is left out. */
void slip_image_files_ids(const struct slip_tree *tree, struct slip_str project_dir,
                          const struct slip_image *image, struct slip_oids *out);

#endif
