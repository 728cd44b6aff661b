/* SPDX-License-Identifier: Apache-2.0 */
/* Repositories of submodules: where git keeps them, below modules/ of the one that holds them. */
#include "repo/internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "repo/gitmodules.h"

#include <string.h>
#include <unistd.h>

struct slip_submodule {
    char *path; /* in the tree that was asked about */
    struct slip_repo *repo;
    struct slip_submodule *next;
};

void slip_submodules_free(struct slip_submodule *s)
{
    while (s) {
        struct slip_submodule *next = s->next;
        slip_repo_free(s->repo);
        slip_free(s->path);
        slip_free(s);
        s = next;
    }
}

static int not_here(const char *path, struct slip_error *err)
{
    slip_fail(err, SLIP_E_REPO, "the objects of submodule '%s' are not in this repository", path);
    return slip_hint(err, "run `git submodule update --init --recursive`");
}

/* The name comes out of a commit: it may not lead out of modules/. */
static char *module_dir(const struct slip_repo *super, const struct slip_tree *tree,
                        struct slip_str path, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_PATH);
    bool found;
    if (slip_gitmodules_name(tree, path, &name, &found, err) < 0)
        return NULL;
    if (!found || !slip_path_is_inside(slip_buf_str(&name))) {
        slip_gitmodules_unlisted(path, err);
        return NULL;
    }
    return slip_printf("%s/modules/%s", super->common_dir, name.ptr);
}

/* Clones of old have their git dir, not a link to modules/, in the work tree. */
static int open_module(const struct slip_repo *super, const char *path, const char *dir,
                       struct slip_repo **out, struct slip_error *err)
{
    if (access(dir, F_OK) == 0)
        return slip_repo_open(dir, super->env, out, err);
    SLIP_AUTO_FREE char *inside =
        super->work_tree ? slip_printf("%s/%s/.git", super->work_tree, path) : NULL;
    if (inside && access(inside, F_OK) == 0)
        return slip_repo_open(inside, super->env, out, err);
    return not_here(path, err);
}

static struct slip_repo *find_module(struct slip_repo *super, const struct slip_tree *tree,
                                     struct slip_str path, struct slip_error *err)
{
    for (struct slip_submodule *s = super->submodules; s; s = s->next)
        if (slip_str_is(path, s->path))
            return s->repo;
    SLIP_AUTO_FREE char *text = slip_memdup(path.ptr, path.len);
    SLIP_AUTO_FREE char *dir = module_dir(super, tree, path, err);
    struct slip_repo *repo = NULL;
    if (!dir || open_module(super, text, dir, &repo, err) < 0)
        return NULL;
    struct slip_submodule *s = slip_new(struct slip_submodule);
    *s = (struct slip_submodule){ slip_take(text), repo, super->submodules };
    super->submodules = s;
    return repo;
}

int slip_submodule_tree(const struct slip_tree *super, struct slip_str path,
                        const struct slip_oid *commit, struct slip_tree *out,
                        struct slip_error *err)
{
    struct slip_repo *repo = find_module(super->self, super, path, err);
    if (!repo)
        return -1;
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(commit, hex);
    struct slip_commit c;
    if (slip_repo_resolve(repo, hex, &c, err) < 0) {
        slip_while(err, "submodule '%.*s'", SLIP_ARG(path));
        return slip_hint(err, "run `git submodule update --init --recursive`");
    }
    *out = slip_repo_tree(repo, &c);
    return 0;
}
