/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `.Files` over the tree of a commit.
 *
 * Of a glob the leading components without special characters are a directory, or a file, that is
 * looked at; the rest is matched against the paths below it.
 */
#include "werf/files.h"

#include "base/path.h"
#include "match/doublestar.h"
#include "match/filter.h"

#define PATH_LIMIT (64u << 10)
#define PATH_BUF SLIP_BUF(PATH_LIMIT)

/* The path from the top of the repository; false: it leads out of it. */
static bool full_path(const struct slip_werf_files *f, struct slip_str path, struct slip_buf *out)
{
    while (path.len > 0 && path.ptr[0] == '/')
        path = slip_str_skip(path, 1);
    slip_path_join(f->project_dir, path, out);
    if (slip_str_is(slip_buf_str(out), "."))
        slip_buf_reset(out);
    return !out->full && slip_path_is_inside(slip_buf_str(out))
           && !slip_str_is(slip_buf_str(out), "..");
}

/* ---- links that lead nowhere ---- */

/* What a link at `path` (whose directory really is `real_dir`) is made of, when it is one. */
static int read_link(const struct slip_tree *t, struct slip_str real_dir, struct slip_str path,
                     struct slip_buf *target, bool *is_link, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) real = PATH_BUF;
    struct slip_tree_place at;
    bool found;
    slip_path_join(real_dir, slip_path_base(path), &real);
    *is_link = false;
    if (slip_tree_find_place(t, slip_buf_str(&real), &at, &found, err) < 0)
        return -1;
    if (!found || !slip_entry_is_link(&at.entry))
        return 0;
    *is_link = true;
    return at.tree.ops->read_blob(at.tree.self, &at.entry.id, target, err);
}

static int fail_link(struct slip_str path, struct slip_str target, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) entry = PATH_BUF;
    if (target.len > 0 && target.ptr[0] == '/')
        slip_buf_add_str(&entry, target);
    else
        slip_path_join(slip_path_dir(path), target, &entry);
    return slip_fail(err, SLIP_E_CONFIG,
                     "symlink \"%.*s\" check failed: commit tree entry \"%s\" not found in the "
                     "repository",
                     SLIP_ARG(path), entry.ptr);
}

/* Look up through links and into submodules, for an entry of `at`. What leads out of the repository
 * counts as not found. */
static int find(const struct slip_tree *t, struct slip_str path, struct slip_buf *real,
                struct slip_tree_place *at, bool *found, struct slip_error *err)
{
    *found = false;
    if (slip_tree_find_through_links(t, path, real, &at->tree, &at->entry, found, err) == 0)
        return 0;
    if (err->kind != SLIP_E_CONFIG)
        return -1;
    slip_error_clear(err);
    return 0;
}

/* Nothing was found at `path`: that is an error when a link on the way leads nowhere. */
static int check_links(const struct slip_tree *t, struct slip_str path, struct slip_error *err)
{
    for (size_t end = 1; end <= path.len; end++) {
        if (end < path.len && path.ptr[end] != '/')
            continue;
        struct slip_str part = slip_str_first(path, end);
        SLIP_AUTO(slip_buf) dir = PATH_BUF;
        SLIP_AUTO(slip_buf) target = PATH_BUF;
        struct slip_tree_place at;
        bool found, is_link;
        if (find(t, slip_path_dir(part), &dir, &at, &found, err) < 0)
            return -1;
        if (!found)
            return 0;
        if (read_link(t, slip_buf_str(&dir), part, &target, &is_link, err) < 0)
            return -1;
        if (!is_link)
            continue;
        SLIP_AUTO(slip_buf) real = PATH_BUF;
        if (find(t, part, &real, &at, &found, err) < 0)
            return -1;
        if (!found)
            return fail_link(part, slip_buf_str(&target), err);
    }
    return 0;
}

static int find_or_explain(const struct slip_tree *t, struct slip_str path, struct slip_buf *real,
                           struct slip_tree_place *at, bool *found, struct slip_error *err)
{
    if (find(t, path, real, at, found, err) < 0)
        return -1;
    return *found ? 0 : check_links(t, path, err);
}

/* ---- Get, Exists, IsDir ---- */

static int not_there(struct slip_str path, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_CONFIG,
                     "the file \"%.*s\" not found in the project git repository. If the file "
                     "exists locally, configure werf-giterminism.yaml to allow uncommitted files",
                     SLIP_ARG(path));
}

static int get(void *payload, struct slip_str path, struct slip_buf *out, struct slip_error *err)
{
    const struct slip_werf_files *f = payload;
    SLIP_AUTO(slip_buf) full = PATH_BUF;
    SLIP_AUTO(slip_buf) real = PATH_BUF;
    struct slip_tree_place at;
    bool found = false;
    if (full_path(f, path, &full)
        && find_or_explain(f->tree, slip_buf_str(&full), &real, &at, &found, err) < 0)
        return -1;
    if (!found)
        return not_there(path, err);
    if (slip_entry_is_dir(&at.entry) || slip_entry_is_submodule(&at.entry)) {
        char id[SLIP_OID_HEX + 1];
        slip_oid_hex(&at.entry.id, id);
        return slip_fail(err, SLIP_E_CONFIG, "unable to get blob \"%s\" object: object not found",
                         id);
    }
    return at.tree.ops->read_blob(at.tree.self, &at.entry.id, out, err);
}

static int exists(void *payload, struct slip_str path, bool *out, struct slip_error *err)
{
    const struct slip_werf_files *f = payload;
    SLIP_AUTO(slip_buf) full = PATH_BUF;
    SLIP_AUTO(slip_buf) real = PATH_BUF;
    struct slip_tree_place at;
    *out = false;
    if (!full_path(f, path, &full))
        return 0;
    return find_or_explain(f->tree, slip_buf_str(&full), &real, &at, out, err);
}

/* True for a submodule and for a link to a directory too, but false for what is reached through a
 * link: as werf does. */
static int is_dir(void *payload, struct slip_str path, bool *out, struct slip_error *err)
{
    const struct slip_werf_files *f = payload;
    SLIP_AUTO(slip_buf) full = PATH_BUF;
    SLIP_AUTO(slip_buf) real = PATH_BUF;
    struct slip_tree_place at;
    bool found;
    *out = false;
    if (!full_path(f, path, &full))
        return 0;
    if (slip_tree_find_place(f->tree, slip_buf_str(&full), &at, &found, err) < 0)
        return -1;
    if (found && slip_entry_is_link(&at.entry)
        && find_or_explain(f->tree, slip_buf_str(&full), &real, &at, &found, err) < 0)
        return -1;
    *out = found && (slip_entry_is_dir(&at.entry) || slip_entry_is_submodule(&at.entry));
    return 0;
}

/* ---- Glob ---- */

/* A directory that is being walked. Entering it again through a link would never end. */
struct open_dir {
    const struct open_dir *parent;
    struct slip_str real;
};

struct globbing {
    const struct slip_tree *tree; /* of the commit */
    struct slip_tree at;          /* the one at hand: that, or of a submodule */
    size_t at_base;               /* of real paths: where `at` begins */
    struct slip_filter *filter;   /* the pattern, to ask which submodules matter */
    struct slip_str project_dir;
    size_t base_len;       /* of the path below which the rest of the pattern counts */
    struct slip_str rest;  /* of the pattern */
    struct slip_str plain; /* the rest without "*" and "**" at its end */
    struct slip_buf below; /* `plain` with all that is below it; empty: `plain` is */
    struct slip_buf path;  /* being looked at, from the top of the repository, links as named */
    size_t entries;
    struct slip_oids *wanted; /* only collect what would be read, or NULL */
    int (*each)(void *payload, struct slip_str path, struct slip_str content,
                struct slip_error *err);
    void *each_payload;
};

static void globbing_clear(struct globbing *g)
{
    slip_filter_free(g->filter);
    slip_buf_clear(&g->below);
    slip_buf_clear(&g->path);
}
SLIP_DEFINE_AUTO(globbing, globbing_clear);

static int match_one(struct slip_str pattern, struct slip_str name, bool *out,
                     struct slip_error *err)
{
    enum slip_doublestar m = slip_doublestar_match(pattern, name);
    if (m == SLIP_DOUBLESTAR_BAD)
        return slip_fail(err, SLIP_E_CONFIG, "bad pattern '%.*s'", SLIP_ARG(pattern));
    *out = m == SLIP_DOUBLESTAR_YES;
    return 0;
}

/* A path matches the rest of the pattern, or what is left of it without trailing stars, or lies
 * below such a path. */
static int matches(struct globbing *g, bool *out, struct slip_error *err)
{
    struct slip_str name = slip_str_skip(slip_buf_str(&g->path), g->base_len);
    while (name.len > 0 && name.ptr[0] == '/')
        name = slip_str_skip(name, 1);
    *out = g->plain.len == 0;
    if (!*out && match_one(g->rest, name, out, err) < 0)
        return -1;
    if (!*out && match_one(g->plain, name, out, err) < 0)
        return -1;
    return *out ? 0 : match_one(slip_buf_str(&g->below), name, out, err);
}

static int give(struct globbing *g, const struct slip_entry *e, struct slip_error *err)
{
    bool matched;
    if (matches(g, &matched, err) < 0)
        return -1;
    if (!matched)
        return 0;
    if (g->wanted) {
        if (g->at.self == g->tree->self)
            slip_vec_push(g->wanted, e->id);
        return 0;
    }
    SLIP_AUTO(slip_buf) content = SLIP_BUF(SLIP_LIMIT_FILE);
    if (g->at.ops->read_blob(g->at.self, &e->id, &content, err) < 0)
        return -1;
    struct slip_str path = slip_buf_str(&g->path);
    if (g->project_dir.len > 0 && slip_path_is_below(path, g->project_dir))
        path = slip_str_skip(path, g->project_dir.len + 1);
    return g->each(g->each_payload, path, slip_buf_str(&content), err);
}

static int look_at(struct globbing *g, const struct open_dir *parent, struct slip_str real,
                   const struct slip_entry *e, struct slip_error *err);

/* Go on at another place, and come back. */
static int look_elsewhere(struct globbing *g, const struct open_dir *parent, struct slip_str real,
                          struct slip_error *err)
{
    const struct slip_tree before = g->at;
    const size_t base = g->at_base;
    struct slip_tree_place at;
    bool found;
    if (slip_tree_find_place(g->tree, real, &at, &found, err) < 0)
        return -1;
    g->at = at.tree;
    g->at_base = real.len - at.path.len;
    int rc = found ? look_at(g, parent, real, &at.entry, err) : 0;
    g->at = before;
    g->at_base = base;
    return rc;
}

/* A link counts as what it leads to; one that leads nowhere is an error when its name matches. */
static int look_through(struct globbing *g, const struct open_dir *parent, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) real = PATH_BUF;
    struct slip_tree_place at;
    bool found, matched;
    struct slip_str path = slip_buf_str(&g->path);
    if (find(g->tree, path, &real, &at, &found, err) < 0)
        return -1;
    if (found)
        return look_elsewhere(g, parent, slip_buf_str(&real), err);
    if (matches(g, &matched, err) < 0)
        return -1;
    return matched ? check_links(g->tree, path, err) : 0;
}

static int look_into(struct globbing *g, const struct open_dir *parent, struct slip_str real,
                     const struct slip_entry *dir, struct slip_error *err)
{
    for (const struct open_dir *d = parent; d; d = d->parent)
        if (slip_str_eq(d->real, real))
            return slip_fail(err, SLIP_E_CONFIG, "symlink \"%.*s\" leads in a circle",
                             SLIP_ARG(slip_buf_str(&g->path)));
    struct open_dir here = { parent, real };
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    if (g->at.ops->read_dir(g->at.self, &dir->id, &entries, err) < 0)
        return -1;
    size_t len = g->path.len;
    for (size_t i = 0; i < entries.len; i++) {
        SLIP_AUTO(slip_buf) below = PATH_BUF;
        slip_path_join(real, entries.at[i].name, &below);
        if (len > 0)
            slip_buf_add_char(&g->path, '/');
        if (!slip_buf_add_str(&g->path, entries.at[i].name))
            return slip_fail(err, SLIP_E_CONFIG, "a path of more than %u bytes", PATH_LIMIT);
        if (look_at(g, &here, slip_buf_str(&below), &entries.at[i], err) < 0)
            return -1;
        slip_buf_cut(&g->path, len);
    }
    return 0;
}

/* Whether something below the directory at hand may match. */
static int may_match_below(struct globbing *g, bool *out, struct slip_error *err)
{
    struct slip_str path = slip_buf_str(&g->path);
    if (slip_filter_match(g->filter, path, out, err) < 0)
        return -1;
    return *out ? 0 : slip_filter_through(g->filter, path, out, err);
}

static int look_into_submodule(struct globbing *g, const struct open_dir *parent,
                               struct slip_str real, const struct slip_entry *e,
                               struct slip_error *err)
{
    const struct slip_tree super = g->at;
    const size_t base = g->at_base;
    struct slip_str path = slip_str_skip(real, base);
    bool wanted;
    if (may_match_below(g, &wanted, err) < 0)
        return -1;
    if (!wanted)
        return 0;
    if (!super.ops->submodule)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "submodule '%.*s' cannot be read here",
                         SLIP_ARG(path));
    if (super.ops->submodule(&super, path, &e->id, &g->at, err) < 0)
        return -1;
    g->at_base = real.len + 1;
    const struct slip_entry top = { .mode = SLIP_MODE_TREE, .id = g->at.root };
    int rc = look_into(g, parent, real, &top, err);
    g->at = super;
    g->at_base = base;
    return rc;
}

/* `real` is where the entry stands, `g->path` how it is named. */
static int look_at(struct globbing *g, const struct open_dir *parent, struct slip_str real,
                   const struct slip_entry *e, struct slip_error *err)
{
    if (++g->entries > SLIP_WERF_GLOB_ENTRIES)
        return slip_fail(err, SLIP_E_CONFIG, "a glob that looks at more than %d files",
                         SLIP_WERF_GLOB_ENTRIES);
    if (slip_entry_is_link(e))
        return look_through(g, parent, err);
    if (slip_entry_is_dir(e))
        return look_into(g, parent, real, e, err);
    return slip_entry_is_submodule(e) ? look_into_submodule(g, parent, real, e, err)
                                      : give(g, e, err);
}

static bool is_special(struct slip_str component)
{
    for (size_t i = 0; i < component.len; i++)
        if (strchr("*?[{\\", component.ptr[i]))
            return true;
    return false;
}

/* The first part of a pattern, without special characters; `rest` is what follows. */
static struct slip_str take_base(struct slip_str pattern, struct slip_str *rest)
{
    struct slip_str todo = pattern, component;
    size_t end = 0;
    *rest = pattern;
    while (slip_path_next(&todo, &component) && !is_special(component)) {
        end = (size_t)(component.ptr + component.len - pattern.ptr);
        *rest = todo;
    }
    while (rest->len > 0 && rest->ptr[0] == '/')
        *rest = slip_str_skip(*rest, 1);
    return slip_str_first(pattern, end);
}

static struct slip_str without_stars(struct slip_str rest)
{
    struct slip_str last = slip_path_base(rest);
    while (slip_str_is(last, "*") || slip_str_is(last, "**")) {
        rest = slip_path_dir(rest);
        last = slip_path_base(rest);
    }
    return rest;
}

/* Walk through what may match, from the directory or file at `base` on. */
static int look_below(struct globbing *g, struct slip_str base, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) real = PATH_BUF;
    struct slip_tree_place at;
    bool found;
    slip_buf_reset(&g->path);
    slip_buf_add_str(&g->path, base);
    g->entries = 0;
    if (find_or_explain(g->tree, base, &real, &at, &found, err) < 0)
        return -1;
    return found ? look_elsewhere(g, NULL, slip_buf_str(&real), err) : 0;
}

/* All files of a glob at once, where each would cost a request. */
static void prefetch(struct globbing *g, struct slip_str base)
{
    struct slip_oids ids = { 0 };
    struct slip_error seen_later = { 0 };
    if (!g->tree->ops->prefetch)
        return;
    g->wanted = &ids;
    if (look_below(g, base, &seen_later) == 0)
        slip_tree_prefetch(g->tree, &ids);
    g->wanted = NULL;
    slip_vec_clear(&ids);
}

static int glob(void *payload, struct slip_str pattern,
                int (*each)(void *each_payload, struct slip_str path, struct slip_str content,
                            struct slip_error *err),
                void *each_payload, struct slip_error *err)
{
    const struct slip_werf_files *f = payload;
    SLIP_AUTO(slip_buf) full = PATH_BUF;
    SLIP_AUTO(globbing)
    g = { .tree = f->tree,
          .at = *f->tree,
          .project_dir = f->project_dir,
          .below = PATH_BUF,
          .path = PATH_BUF,
          .each = each,
          .each_payload = each_payload };
    if (!slip_doublestar_is_valid(pattern))
        return slip_fail(err, SLIP_E_CONFIG, "the glob '%.*s': syntax error in pattern",
                         SLIP_ARG(pattern));
    if (!full_path(f, pattern, &full))
        return 0;
    struct slip_str base = take_base(slip_buf_str(&full), &g.rest);
    g.base_len = base.len;
    g.plain = without_stars(g.rest);
    slip_buf_add_str(&g.below, g.plain);
    slip_buf_add_c(&g.below, "/**/*");
    g.filter = slip_filter_new(base);
    slip_filter_include(g.filter, &g.rest, 1);
    prefetch(&g, base);
    return look_below(&g, base, err);
}

void slip_werf_files_table(struct slip_werf_files *f, struct slip_tmpl_files *out)
{
    *out = (struct slip_tmpl_files){
        .payload = f, .get = get, .glob = glob, .exists = exists, .is_dir = is_dir
    };
}
