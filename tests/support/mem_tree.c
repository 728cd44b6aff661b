/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mem_tree.h"

#include "base/map.h"
#include "base/path.h"
#include "hash/hash.h"

#include <stdlib.h>
#include <string.h>

struct node {
    char *name;
    unsigned mode;
    struct slip_oid id;
    struct mem_tree *sub;
    struct {
        SLIP_VEC(struct node *);
    } children;
};

struct mem_tree {
    struct node root;
    struct slip_map *objects; /* hex id -> slip_buf */
};

static void free_object(void *p)
{
    slip_buf_clear(p);
    slip_free(p);
}

struct mem_tree *mem_tree_new(void)
{
    struct mem_tree *m = slip_new(struct mem_tree);
    m->root.mode = SLIP_MODE_TREE;
    m->objects = slip_map_new(free_object);
    return m;
}

static void clear_node(struct node *n)
{
    for (size_t i = 0; i < n->children.len; i++) {
        clear_node(n->children.at[i]);
        slip_free(n->children.at[i]);
    }
    slip_vec_clear(&n->children);
    slip_free(n->name);
}

void mem_tree_free(struct mem_tree *m)
{
    if (!m)
        return;
    clear_node(&m->root);
    slip_map_free(m->objects);
    slip_free(m);
}

struct slip_oid mem_object_id(const char *type, struct slip_str content)
{
    char head[64];
    int len = snprintf(head, sizeof(head), "%s %zu", type, content.len);
    struct slip_hash h;
    struct slip_oid id;
    slip_hash_begin(&h, SLIP_HASH_SHA1);
    slip_hash_add(&h, head, (size_t)len + 1);
    slip_hash_add_str(&h, content);
    slip_hash_end(&h, id.bytes);
    return id;
}

static struct slip_oid store(struct mem_tree *m, const char *type, struct slip_str content)
{
    struct slip_oid id = mem_object_id(type, content);
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(&id, hex);
    struct slip_buf *copy = slip_new(struct slip_buf);
    slip_buf_init(copy, SLIP_LIMIT_FILE);
    slip_buf_add_str(copy, content);
    slip_map_set(m->objects, slip_str_of(hex), copy);
    return id;
}

static struct node *child(struct node *dir, struct slip_str name)
{
    for (size_t i = 0; i < dir->children.len; i++)
        if (slip_str_is(name, dir->children.at[i]->name))
            return dir->children.at[i];
    struct node *n = slip_new(struct node);
    n->name = slip_memdup(name.ptr, name.len);
    n->mode = SLIP_MODE_TREE;
    slip_vec_push(&dir->children, n);
    return n;
}

static struct node *make_path(struct mem_tree *m, struct slip_str path)
{
    struct node *n = &m->root;
    struct slip_str name;
    while (slip_path_next(&path, &name))
        n = child(n, name);
    return n;
}

void mem_tree_add(struct mem_tree *m, struct slip_str path, unsigned mode, struct slip_str content)
{
    struct node *n = make_path(m, path);
    n->mode = mode;
    n->id = store(m, "blob", content);
}

void mem_tree_add_submodule(struct mem_tree *m, struct slip_str path, const struct slip_oid *commit,
                            struct mem_tree *sub)
{
    struct node *n = make_path(m, path);
    n->mode = SLIP_MODE_COMMIT;
    n->id = *commit;
    n->sub = sub;
}

static bool cut_at(struct slip_str text, struct slip_str mark, struct slip_str *head,
                   struct slip_str *tail)
{
    size_t at = slip_str_find_str(text, mark);
    if (at == SLIP_NPOS)
        return false;
    *head = slip_str_first(text, at);
    *tail = slip_str_skip(text, at + mark.len);
    return true;
}

void mem_tree_add_short(struct mem_tree *m, struct slip_str text)
{
    struct slip_str path = text, tail;
    struct slip_oid id;
    if (cut_at(text, SLIP_STR("->"), &path, &tail)) {
        mem_tree_add(m, path, SLIP_MODE_LINK, tail);
    } else if (cut_at(text, SLIP_STR("@@"), &path, &tail) && slip_oid_parse(tail, &id)) {
        mem_tree_add_submodule(m, path, &id, NULL);
    } else {
        bool exec = slip_str_ends(text, SLIP_STR("*x"));
        path = slip_str_first(text, text.len - (exec ? 2 : 0));
        SLIP_AUTO(slip_buf) content = SLIP_BUF(SLIP_LIMIT_PATH);
        slip_buf_add_str(&content, path);
        slip_buf_add_char(&content, '\n');
        mem_tree_add(m, path, exec ? SLIP_MODE_EXEC : SLIP_MODE_FILE, slip_buf_str(&content));
    }
}

/* git sorts a directory as if its name ended with a slash. */
static int by_git_order(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    SLIP_AUTO(slip_buf) xs = SLIP_BUF(SLIP_LIMIT_PATH), ys = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_buf_add_fmt(&xs, "%s%s", x->name, x->mode == SLIP_MODE_TREE ? "/" : "");
    slip_buf_add_fmt(&ys, "%s%s", y->name, y->mode == SLIP_MODE_TREE ? "/" : "");
    return slip_str_cmp(slip_buf_str(&xs), slip_buf_str(&ys));
}

static void write_trees(struct mem_tree *m, struct node *dir)
{
    SLIP_AUTO(slip_buf) raw = SLIP_BUF(SLIP_LIMIT_TREE);
    if (dir->children.len)
        qsort(dir->children.at, dir->children.len, sizeof(*dir->children.at), by_git_order);
    for (size_t i = 0; i < dir->children.len; i++) {
        struct node *n = dir->children.at[i];
        if (n->mode == SLIP_MODE_TREE)
            write_trees(m, n);
        slip_buf_add_fmt(&raw, "%o %s", n->mode, n->name);
        slip_buf_add_char(&raw, '\0');
        slip_buf_add(&raw, n->id.bytes, sizeof(n->id.bytes));
    }
    dir->id = store(m, "tree", slip_buf_str(&raw));
}

static struct slip_buf *find_object(void *self, const struct slip_oid *id, struct slip_error *err)
{
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(id, hex);
    struct slip_buf *b = slip_map_get(((struct mem_tree *)self)->objects, slip_str_of(hex));
    if (!b)
        slip_fail(err, SLIP_E_REPO, "no object %s in memory", hex);
    return b;
}

static int read_dir(void *self, const struct slip_oid *id, struct slip_entries *out,
                    struct slip_error *err)
{
    struct slip_buf *b = find_object(self, id, err);
    return b ? slip_entries_parse(slip_buf_str(b), out, err) : -1;
}

static int read_blob(void *self, const struct slip_oid *id, struct slip_buf *out,
                     struct slip_error *err)
{
    struct slip_buf *b = find_object(self, id, err);
    if (!b)
        return -1;
    return slip_buf_add_str(out, slip_buf_str(b)) ? 0 : slip_fail(err, SLIP_E_REPO, "too large");
}

static int submodule(const struct slip_tree *super, struct slip_str path,
                     const struct slip_oid *commit, struct slip_tree *out, struct slip_error *err)
{
    (void)commit;
    struct node *n = make_path(super->self, path);
    if (!n->sub)
        return slip_fail(err, SLIP_E_REPO, "submodule '%.*s' is not here", SLIP_ARG(path));
    *out = mem_tree_view(n->sub);
    return 0;
}

static const struct slip_tree_ops ops = { .read_dir = read_dir,
                                          .read_blob = read_blob,
                                          .submodule = submodule };

struct slip_tree mem_tree_view(struct mem_tree *m)
{
    write_trees(m, &m->root);
    return (struct slip_tree){ .ops = &ops, .self = m, .root = m->root.id };
}
