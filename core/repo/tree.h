/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read-only view of one tree of files, named by object ids. What stands behind it is a git
 * repository, or a tree in memory in tests.
 */
#ifndef SLIP_REPO_TREE_H
#define SLIP_REPO_TREE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/vec.h"

struct slip_oid {
    unsigned char bytes[20];
};

#define SLIP_OID_HEX 40
void slip_oid_hex(const struct slip_oid *id, char out[SLIP_OID_HEX + 1]);
bool slip_oid_parse(struct slip_str hex, struct slip_oid *out);
bool slip_oid_eq(const struct slip_oid *a, const struct slip_oid *b);
bool slip_oid_is_zero(const struct slip_oid *id);

enum slip_mode { /* the modes git stores */
                 SLIP_MODE_TREE = 0040000,
                 SLIP_MODE_FILE = 0100644,
                 SLIP_MODE_EXEC = 0100755,
                 SLIP_MODE_LINK = 0120000,
                 SLIP_MODE_COMMIT = 0160000, /* submodule */
};

struct slip_entry {
    struct slip_str name; /* one component */
    unsigned mode;        /* as stored; compare with slip_entry_is_dir and friends */
    struct slip_oid id;
};

static inline bool slip_entry_is_dir(const struct slip_entry *e)
{
    return (e->mode & 0170000) == SLIP_MODE_TREE;
}
static inline bool slip_entry_is_link(const struct slip_entry *e)
{
    return (e->mode & 0170000) == SLIP_MODE_LINK;
}
static inline bool slip_entry_is_submodule(const struct slip_entry *e)
{
    return (e->mode & 0170000) == SLIP_MODE_COMMIT;
}

/* Entries of one directory in git's order; the names point into `raw`. */
struct slip_entries {
    SLIP_VEC(struct slip_entry);
    struct slip_buf raw;
};
#define SLIP_ENTRIES                                                                               \
    {                                                                                              \
        .raw = SLIP_BUF(SLIP_LIMIT_TREE)                                                           \
    }
void slip_entries_clear(struct slip_entries *e);
SLIP_DEFINE_AUTO(slip_entries, slip_entries_clear);

/* Read the content of a tree object; what `out` held is replaced. A damaged one is an error. */
SLIP_MUST_USE int slip_entries_parse(struct slip_str raw, struct slip_entries *out,
                                     struct slip_error *err);

/* Look up one entry in the content of a tree object, which is read no further than to there. The
 * name in `out` is `name`. */
SLIP_MUST_USE int slip_entries_find(struct slip_str raw, struct slip_str name,
                                    struct slip_entry *out, bool *found, struct slip_error *err);

struct slip_tree;

struct slip_tree_ops {
    /* Both fail when the object is missing. `out` is replaced (read_dir) or appended to. */
    int (*read_dir)(void *self, const struct slip_oid *id, struct slip_entries *out,
                    struct slip_error *err);
    int (*read_blob)(void *self, const struct slip_oid *id, struct slip_buf *out,
                     struct slip_error *err);
    /* As read_dir and slip_entries_find. NULL: there is no better way. */
    int (*find)(void *self, const struct slip_oid *dir, struct slip_str name,
                struct slip_entry *out, bool *found, struct slip_error *err);
    /* The tree of `commit` in the submodule at `path` (from the root of `super`). Fails when that
     * repository or commit is not here. */
    int (*submodule)(const struct slip_tree *super, struct slip_str path,
                     const struct slip_oid *commit, struct slip_tree *out, struct slip_error *err);
    /* These will be asked for: get at once what would cost a request each. What cannot be had shows
     * when it is read. NULL: nothing is gained by it. */
    void (*prefetch)(void *self, const struct slip_oid *ids, size_t n);
};

struct slip_oids {
    SLIP_VEC(struct slip_oid);
};

struct slip_tree {
    const struct slip_tree_ops *ops;
    void *self;
    struct slip_oid root;
};

static inline void slip_tree_prefetch(const struct slip_tree *t, const struct slip_oids *ids)
{
    if (t->ops->prefetch && ids->len)
        t->ops->prefetch(t->self, ids->at, ids->len);
}

/* `*found` false: no such path (also when a component is not a directory). "" is the root. Links
 * are not followed. The name in `out` points into `path`. */
SLIP_MUST_USE int slip_tree_find(const struct slip_tree *t, struct slip_str path,
                                 struct slip_entry *out, bool *found, struct slip_error *err);

/* Where a path leads when submodules on the way are entered. */
struct slip_tree_place {
    struct slip_tree tree;   /* of the commit, or of the innermost submodule that was entered */
    struct slip_entry entry; /* in it; a submodule at the end of the path is not entered */
    struct slip_str path;    /* of the entry in that tree: what is left of the path */
    size_t entered;          /* how many submodules */
};

/* As slip_tree_find; a submodule that leads on and whose objects are not here is an error. `path`
 * has no more slashes than it needs. */
SLIP_MUST_USE int slip_tree_find_place(const struct slip_tree *t, struct slip_str path,
                                       struct slip_tree_place *out, bool *found,
                                       struct slip_error *err);

/* Append the content of a regular file (or of a link: its target). `*found` false: nothing there,
 * or a directory or submodule. */
SLIP_MUST_USE int slip_tree_read_file(const struct slip_tree *t, struct slip_str path,
                                      struct slip_buf *out, bool *found, struct slip_error *err);

/*
 * As slip_tree_find, but links on the way and at the end are followed inside the tree (at most 40);
 * a link out of the tree, absolute or in a circle is an error. `resolved` (may be NULL) gets the
 * path where it was found; the name in `out` is empty. With `in`, submodules are entered, and it
 * gets the tree that holds the entry; a link in a submodule may lead out of that into what holds
 * it.
 */
SLIP_MUST_USE int slip_tree_find_through_links(const struct slip_tree *t, struct slip_str path,
                                               struct slip_buf *resolved, struct slip_tree *in,
                                               struct slip_entry *out, bool *found,
                                               struct slip_error *err);

/*
 * Visit everything below `dir`, depth first in git's order (entries of a directory as stored).
 * `visit` gives 1 to walk into a directory, 0 to go on, -1 (with err) to stop.
 */
typedef int slip_tree_visit(void *payload, struct slip_str path, const struct slip_entry *e,
                            struct slip_error *err);
SLIP_MUST_USE int slip_tree_walk(const struct slip_tree *t, struct slip_str dir,
                                 slip_tree_visit *visit, void *payload, struct slip_error *err);

#endif
