/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a build context in one sorted list, in which a directory is a range of paths. */
#ifndef SLIP_DIGEST_STAGED_FILES_H
#define SLIP_DIGEST_STAGED_FILES_H

#include "base/path.h"
#include "base/vec.h"
#include "digest/add_files.h"
#include "digest/checkout.h"
#include "digest/files.h"
#include "hash/hash.h"
#include "repo/tree.h"

struct slip_staged_file {
    struct slip_str path; /* from the context */
    unsigned mode;
    struct slip_oid id;
    const char *place; /* on this machine, or NULL */
    bool is_text;      /* `text` is the content */
    bool hashed;       /* `content` is there */
    struct slip_str text;
    unsigned char content[SLIP_SHA256_LEN]; /* its hash */
};

struct slip_staged_context {
    struct slip_tree tree;
    struct slip_str dir; /* of the context in the tree */
    struct slip_checkout *checkout;
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct slip_staged_file);
    } files; /* sorted by path */
    struct slip_buf blob;
};

/* The first file at or behind `path` in the order of bytes. */
size_t slip_staged_lower_bound(const struct slip_staged_context *c, struct slip_str path);

/* Content of a file as it is in a work tree, or the target of a link; valid until the next call. */
SLIP_MUST_USE int slip_staged_load(struct slip_staged_context *c, const struct slip_staged_file *f,
                                   struct slip_str *out, struct slip_error *err);

/* Where a path leads. */
struct slip_staged_node {
    enum {
        SLIP_NODE_NONE,
        SLIP_NODE_DIR,
        SLIP_NODE_FILE,
        SLIP_NODE_LINK,
    } kind;
    struct slip_staged_file *file; /* FILE, LINK */
    struct slip_buf path;          /* without links on the way; of the root "" */
};
void slip_staged_node_clear(struct slip_staged_node *n);
SLIP_DEFINE_AUTO(slip_staged_node, slip_staged_node_clear);
#define SLIP_STAGED_NODE                                                                           \
    {                                                                                              \
        .path = SLIP_BUF(SLIP_LIMIT_PATH)                                                          \
    }

/*
 * Look up a clean path from the root of the context. Links on the way are followed, the last one
 * with `follow`; a link that leads out of the context leads nowhere.
 */
SLIP_MUST_USE int slip_staged_look(struct slip_staged_context *c, struct slip_str path, bool follow,
                                   struct slip_staged_node *out, struct slip_error *err);

#endif
