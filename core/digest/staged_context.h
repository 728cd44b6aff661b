/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build context of a staged Dockerfile as werf has it in a directory of its own, and the
 * checksums it makes of that (staged-and-stapel-digest.md 3.8). Contents and names count, modes and
 * object ids do not.
 */
#ifndef SLIP_DIGEST_STAGED_CONTEXT_H
#define SLIP_DIGEST_STAGED_CONTEXT_H

#include "digest/add_files.h"
#include "digest/files.h"
#include "hash/hash.h"
#include "repo/tree.h"

struct slip_staged_context;

/*
 * The files of the commit below `files->context` that the ignore file leaves, those of `added` in
 * the place of what has their paths, and the Dockerfile in any case. Nothing is read yet but
 * directories. `tree` and `added` are borrowed; `added` may be NULL.
 */
SLIP_MUST_USE int slip_staged_context_new(const struct slip_tree *tree,
                                          const struct slip_image *image,
                                          const struct slip_image_files *files,
                                          struct slip_add_files *added,
                                          struct slip_staged_context **out, struct slip_error *err);
void slip_staged_context_free(struct slip_staged_context *c);
SLIP_DEFINE_AUTO_PTR(slip_staged_context, slip_staged_context_free);

/* Of the sources of a COPY or ADD; `*entries`: how many paths they match. A source that nothing
 * matches is an error when it has no wildcards, or when it is no different for the others. */
SLIP_MUST_USE int slip_staged_context_globs(struct slip_staged_context *c,
                                            const struct slip_str *sources, size_t n,
                                            char out[SLIP_SHA256_HEX + 1], size_t *entries,
                                            struct slip_error *err);

/* Of the sources of the bind mounts of a RUN: paths, not globs. */
SLIP_MUST_USE int slip_staged_context_paths(struct slip_staged_context *c,
                                            const struct slip_str *paths, size_t n,
                                            char out[SLIP_SHA256_HEX + 1], struct slip_error *err);

#endif
