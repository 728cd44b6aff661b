/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two trees, directory by directory. */
#include "repo/compare.h"

struct comparing {
    const struct slip_tree *before, *after;
    slip_compare_visit *visit;
    void *payload;
    struct slip_buf path;
};

/* The order of entries in a tree: a directory counts as if a slash stood behind its name. */
static int by_git_order(const struct slip_entry *a, const struct slip_entry *b)
{
    size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = memcmp(a->name.ptr, b->name.ptr, n);
    if (order)
        return order;
    unsigned char x =
        a->name.len > n ? (unsigned char)a->name.ptr[n] : (slip_entry_is_dir(a) ? '/' : 0);
    unsigned char y =
        b->name.len > n ? (unsigned char)b->name.ptr[n] : (slip_entry_is_dir(b) ? '/' : 0);
    return (int)x - (int)y;
}

static int compare_dirs(struct comparing *c, const struct slip_oid *before,
                        const struct slip_oid *after, unsigned depth, struct slip_error *err);

/* Two entries of one place, or one of them NULL. */
static int compare_entries(struct comparing *c, const struct slip_entry *before,
                           const struct slip_entry *after, unsigned depth, struct slip_error *err)
{
    const struct slip_entry *any = before ? before : after;
    if (before && after && before->mode == after->mode && slip_oid_eq(&before->id, &after->id))
        return 0;
    size_t len = c->path.len;
    if (len)
        slip_buf_add_char(&c->path, '/');
    if (!slip_buf_add_str(&c->path, any->name))
        return slip_fail(err, SLIP_E_REPO, "a path of more than %u bytes", SLIP_LIMIT_PATH);
    int rc = slip_entry_is_dir(any)
                 ? compare_dirs(c, before ? &before->id : NULL, after ? &after->id : NULL,
                                depth + 1, err)
                 : c->visit(c->payload, slip_buf_str(&c->path), before, after, err);
    slip_buf_cut(&c->path, len);
    return rc;
}

static int read_dir(const struct slip_tree *t, const struct slip_oid *id, struct slip_entries *out,
                    struct slip_error *err)
{
    return id ? t->ops->read_dir(t->self, id, out, err) : 0;
}

/* Entries of the same name but different kinds stand apart in git's order and so come alone. */
static int compare_dirs(struct comparing *c, const struct slip_oid *before,
                        const struct slip_oid *after, unsigned depth, struct slip_error *err)
{
    SLIP_AUTO(slip_entries) a = SLIP_ENTRIES;
    SLIP_AUTO(slip_entries) b = SLIP_ENTRIES;
    if (depth > SLIP_LIMIT_TREE_DEPTH)
        return slip_fail(err, SLIP_E_REPO, "more than %d directories inside each other",
                         SLIP_LIMIT_TREE_DEPTH);
    if (read_dir(c->before, before, &a, err) < 0 || read_dir(c->after, after, &b, err) < 0)
        return -1;
    for (size_t i = 0, k = 0; i < a.len || k < b.len;) {
        int order = i == a.len ? 1 : k == b.len ? -1 : by_git_order(&a.at[i], &b.at[k]);
        const struct slip_entry *x = order <= 0 ? &a.at[i++] : NULL;
        const struct slip_entry *y = order >= 0 ? &b.at[k++] : NULL;
        if (compare_entries(c, x, y, depth, err) < 0)
            return -1;
    }
    return 0;
}

int slip_tree_compare(const struct slip_tree *before, const struct slip_tree *after,
                      slip_compare_visit *visit, void *payload, struct slip_error *err)
{
    if (slip_oid_eq(&before->root, &after->root))
        return 0;
    struct comparing c = { before, after, visit, payload, SLIP_BUF(SLIP_LIMIT_PATH) };
    int rc = compare_dirs(&c, &before->root, &after->root, 0, err);
    slip_buf_clear(&c.path);
    return rc;
}
