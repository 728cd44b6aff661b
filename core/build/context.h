/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build context of an image: a directory of a commit's tree as a tar stream, and files of this
 * machine that come on top. Modes and links are kept; what the ignore file says is left to the
 * builder, which has rules of its own.
 */
#ifndef SLIP_BUILD_CONTEXT_H
#define SLIP_BUILD_CONTEXT_H

#include "base/error.h"
#include "repo/tree.h"

/* A regular file or a link of this machine. */
struct slip_context_file {
    struct slip_str path; /* in the context */
    const char *file;     /* where it is read, when its turn comes */
    /* The hash of its content then, "" when it was no regular file: another one is an error. NULL:
     * whatever it is. */
    const char *content;
};

struct slip_context_source {
    struct slip_tree tree;
    struct slip_str dir; /* from the root of the tree; "" is the root */
    int64_t mtime;       /* of every member: seconds since 1970 */
    /* Whether to take the entry at `path` (from `dir`); NULL: everything. */
    bool (*want)(void *payload, struct slip_str path, const struct slip_entry *e);
    void *payload;
    /* contextAddFiles: the files, and the paths that they take the place of with all below them. */
    const struct slip_context_file *files;
    size_t n_files;
    const struct slip_str *replaced;
    size_t n_replaced;
};

struct slip_context;

/*
 * Lists the members; their contents are read later, one at a time. The tree is borrowed for the
 * life of the object. A context that is missing, or no directory, is an error; so is a submodule
 * whose content is not here.
 */
SLIP_MUST_USE int slip_context_open(const struct slip_context_source *source,
                                    struct slip_context **out, struct slip_error *err);
void slip_context_free(struct slip_context *c); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_context, slip_context_free);

/* The next bytes of the archive, as slip_child.more_input wants them; `context` is a struct
 * slip_context. `*len` is 0 at the end. */
int slip_context_read(void *context, char *buf, size_t size, size_t *len, struct slip_error *err);

#endif
