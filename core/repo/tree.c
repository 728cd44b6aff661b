/* SPDX-License-Identifier: Apache-2.0 */
/* Paths in a tree: look-up, links, walk. Knows nothing of what stands behind the tree. */
#include "repo/tree.h"

#include "base/path.h"

/* The entry called `name` in the directory `dir`, which may be that of `out`. */
static int find_in_dir(const struct slip_tree *t, const struct slip_oid *dir, struct slip_str name,
                       struct slip_entry *out, bool *found, struct slip_error *err)
{
    const struct slip_oid id = *dir;
    if (t->ops->find)
        return t->ops->find(t->self, &id, name, out, found, err);
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    if (t->ops->read_dir(t->self, &id, &entries, err) < 0)
        return -1;
    return slip_entries_find(slip_buf_str(&entries.raw), name, out, found, err);
}

static struct slip_entry root_entry(const struct slip_tree *t)
{
    return (struct slip_entry){ .name = SLIP_STR(""), .mode = SLIP_MODE_TREE, .id = t->root };
}

int slip_tree_find(const struct slip_tree *t, struct slip_str path, struct slip_entry *out,
                   bool *found, struct slip_error *err)
{
    struct slip_entry at = root_entry(t);
    struct slip_str name;
    bool here = true;
    while (here && slip_path_next(&path, &name)) {
        if (!slip_entry_is_dir(&at))
            here = false;
        else if (find_in_dir(t, &at.id, name, &at, &here, err) < 0)
            return -1;
    }
    if (here)
        *out = at;
    *found = here;
    return 0;
}

/* Go on in the submodule `e`, which stands at `path` in *t. */
static int enter(struct slip_tree *t, struct slip_str path, const struct slip_entry *e,
                 struct slip_error *err)
{
    struct slip_tree sub;
    if (!t->ops->submodule)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "submodule '%.*s' cannot be read here",
                         SLIP_ARG(path));
    if (t->ops->submodule(t, path, &e->id, &sub, err) < 0)
        return -1;
    *t = sub;
    return 0;
}

int slip_tree_find_place(const struct slip_tree *t, struct slip_str path,
                         struct slip_tree_place *out, bool *found, struct slip_error *err)
{
    struct slip_tree_place p = { *t, root_entry(t), path, 0 };
    struct slip_str rest = path, name;
    bool here = true;
    while (here && slip_path_next(&rest, &name)) {
        size_t at = (size_t)(name.ptr - p.path.ptr);
        if (slip_entry_is_submodule(&p.entry)) {
            if (enter(&p.tree, slip_str_first(p.path, at - 1), &p.entry, err) < 0)
                return -1;
            p.path = slip_str_skip(p.path, at);
            p.entry = root_entry(&p.tree);
            p.entered++;
        }
        if (!slip_entry_is_dir(&p.entry))
            here = false;
        else if (find_in_dir(&p.tree, &p.entry.id, name, &p.entry, &here, err) < 0)
            return -1;
    }
    if (here)
        *out = p;
    *found = here;
    return 0;
}

int slip_tree_read_file(const struct slip_tree *t, struct slip_str path, struct slip_buf *out,
                        bool *found, struct slip_error *err)
{
    struct slip_entry e;
    bool here;
    if (slip_tree_find(t, path, &e, &here, err) < 0)
        return -1;
    here = here && !slip_entry_is_dir(&e) && !slip_entry_is_submodule(&e);
    if (here && t->ops->read_blob(t->self, &e.id, out, err) < 0)
        return slip_while(err, "reading '%.*s'", SLIP_ARG(path));
    *found = here;
    return 0;
}

/*
 * A look-up that follows links. `done` names `at` and holds no link; `todo` is what follows. A link
 * is followed by putting its target, which is relative to `done`, in front of what is left to do.
 */
struct resolving {
    const struct slip_tree *t;
    bool submodules; /* are entered */
    struct slip_buf done, todo;
    struct slip_str rest; /* of todo */
    struct slip_tree in;  /* holds `at` */
    size_t in_base;       /* of done: where `in` begins */
    struct slip_entry at;
    bool found;
    unsigned links;
};

static void resolving_clear(struct resolving *r)
{
    slip_buf_clear(&r->done);
    slip_buf_clear(&r->todo);
}
SLIP_DEFINE_AUTO(resolving, resolving_clear);

static int follow_link(struct resolving *r, const struct slip_entry *e, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) next = SLIP_BUF(SLIP_LIMIT_PATH);
    if (r->in.ops->read_blob(r->in.self, &e->id, &next, err) < 0)
        return -1;
    if (next.len == 0 || next.ptr[0] == '/' || memchr(next.ptr, '\0', next.len))
        return slip_fail(err, SLIP_E_CONFIG, "the link '%.*s' points out of the repository",
                         SLIP_ARG(e->name));
    if (++r->links > SLIP_LIMIT_LINKS)
        return slip_fail(err, SLIP_E_CONFIG, "links in a circle, or more than %d of them",
                         SLIP_LIMIT_LINKS);
    slip_buf_add_char(&next, '/');
    if (!slip_buf_add_str(&next, r->rest))
        return slip_fail(err, SLIP_E_CONFIG, "a path of more than %u bytes", SLIP_LIMIT_PATH);
    slip_buf_move(&r->todo, &next);
    r->rest = slip_buf_str(&r->todo);
    return 0;
}

static int go_down(struct resolving *r, struct slip_str name, struct slip_error *err)
{
    struct slip_entry e;
    bool here = false;
    if (r->submodules && slip_entry_is_submodule(&r->at)) {
        if (enter(&r->in, slip_str_skip(slip_buf_str(&r->done), r->in_base), &r->at, err) < 0)
            return -1;
        r->in_base = r->done.len + 1;
        r->at = root_entry(&r->in);
    }
    if (slip_entry_is_dir(&r->at) && find_in_dir(&r->in, &r->at.id, name, &e, &here, err) < 0)
        return -1;
    if (here && slip_entry_is_link(&e))
        return follow_link(r, &e, err);
    if (here) {
        if (r->done.len)
            slip_buf_add_char(&r->done, '/');
        slip_buf_add_str(&r->done, name);
        r->at = e;
    }
    r->found = here;
    return 0;
}

static int go_up(struct resolving *r, struct slip_error *err)
{
    if (r->done.len == 0)
        return slip_fail(err, SLIP_E_CONFIG, "a path that leads out of the repository");
    slip_buf_cut(&r->done, slip_path_dir(slip_buf_str(&r->done)).len);
    struct slip_tree_place place;
    if (slip_tree_find_place(r->t, slip_buf_str(&r->done), &place, &r->found, err) < 0)
        return -1;
    r->in = place.tree;
    r->in_base = r->done.len - place.path.len;
    r->at = place.entry;
    return 0;
}

static int resolve(struct resolving *r, struct slip_error *err)
{
    struct slip_str name;
    while (r->found && slip_path_next(&r->rest, &name)) {
        if (slip_str_is(name, "."))
            continue;
        if ((slip_str_is(name, "..") ? go_up(r, err) : go_down(r, name, err)) < 0)
            return -1;
    }
    return 0;
}

int slip_tree_find_through_links(const struct slip_tree *t, struct slip_str path,
                                 struct slip_buf *resolved, struct slip_tree *in,
                                 struct slip_entry *out, bool *found, struct slip_error *err)
{
    SLIP_AUTO(resolving)
    r = { .t = t,
          .submodules = in != NULL,
          .in = *t,
          .done = SLIP_BUF(2 * SLIP_LIMIT_PATH),
          .todo = SLIP_BUF(SLIP_LIMIT_PATH),
          .rest = path,
          .at = root_entry(t),
          .found = true };
    if (resolve(&r, err) < 0)
        return slip_while(err, "following '%.*s'", SLIP_ARG(path));
    if (r.found) {
        *out = r.at;
        out->name = SLIP_STR("");
        if (in)
            *in = r.in;
        if (resolved)
            slip_buf_add_str(resolved, slip_buf_str(&r.done));
    }
    *found = r.found;
    return 0;
}

struct walking {
    const struct slip_tree *t;
    slip_tree_visit *visit;
    void *payload;
    struct slip_buf path;
};

static int walk_dir(struct walking *w, const struct slip_oid *dir, unsigned depth,
                    struct slip_error *err)
{
    if (depth > SLIP_LIMIT_TREE_DEPTH)
        return slip_fail(err, SLIP_E_REPO, "more than %d directories inside each other",
                         SLIP_LIMIT_TREE_DEPTH);
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    if (w->t->ops->read_dir(w->t->self, dir, &entries, err) < 0)
        return -1;
    size_t len = w->path.len;
    for (size_t i = 0; i < entries.len; i++) {
        struct slip_entry *e = &entries.at[i];
        if (len)
            slip_buf_add_char(&w->path, '/');
        if (!slip_buf_add_str(&w->path, e->name))
            return slip_fail(err, SLIP_E_REPO, "a path of more than %u bytes", SLIP_LIMIT_PATH);
        int into = w->visit(w->payload, slip_buf_str(&w->path), e, err);
        if (into < 0)
            return -1;
        if (into > 0 && slip_entry_is_dir(e) && walk_dir(w, &e->id, depth + 1, err) < 0)
            return -1;
        slip_buf_cut(&w->path, len);
    }
    return 0;
}

int slip_tree_walk(const struct slip_tree *t, struct slip_str dir, slip_tree_visit *visit,
                   void *payload, struct slip_error *err)
{
    struct slip_entry top;
    struct slip_str name;
    bool found;
    if (slip_tree_find(t, dir, &top, &found, err) < 0)
        return -1;
    if (!found || !slip_entry_is_dir(&top))
        return slip_fail(err, SLIP_E_REPO, "no directory '%.*s' in the commit", SLIP_ARG(dir));
    struct walking w = { t, visit, payload, SLIP_BUF(SLIP_LIMIT_PATH) };
    while (slip_path_next(&dir, &name)) {
        if (w.path.len)
            slip_buf_add_char(&w.path, '/');
        slip_buf_add_str(&w.path, name);
    }
    int rc = walk_dir(&w, &top.id, 0, err);
    slip_buf_clear(&w.path);
    return rc;
}
