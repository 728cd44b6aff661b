/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a repository the way git does. libgit2 1.5 needs help with: extensions it does not know
 * but which change nothing for reading, config.worktree, GIT_WORK_TREE and further object
 * directories.
 */
#include "repo/internal.h"

#include "base/map.h"
#include "base/mem.h"
#include "repo/git.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

int slip_repo_fail(struct slip_error *err, const char *what)
{
    const git_error *e = git_error_last();
    return slip_fail(err, SLIP_E_REPO, "%s: %s", what, e ? e->message : "unknown reason");
}

/* The value of NAME in an environment list, or NULL. */
static const char *env_value(const char *const *env, const char *name)
{
    size_t len = strlen(name);
    for (; env && *env; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=' && (*env)[len + 1])
            return *env + len + 1;
    return NULL;
}

/* Absolute, without a slash at the end. */
static char *absolute(const char *path)
{
    char *real = realpath(path, NULL);
    if (real)
        return real;
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    return slip_memdup(path, len);
}

int slip_repo_refuse_owner(struct slip_str path, struct slip_error *err)
{
    slip_fail(err, SLIP_E_REPO, "the repository at '%.*s' belongs to another user",
              SLIP_ARG(slip_str_first(path, PATH_MAX)));
    return slip_hint(err, "if you trust it: git config --global --add safe.directory '%.*s'",
                     SLIP_ARG(slip_str_first(path, PATH_MAX)));
}

int slip_repo_fail_absent(const char *path, struct slip_error *err)
{
    slip_fail(err, SLIP_E_REPO, "no git repository at or above '%s'", path);
    return slip_hint(err, "start in a directory of the repository, or name one: -C DIR");
}

static int open_failed(int rc, const char *path, struct slip_error *err)
{
    return rc == GIT_ENOTFOUND ? slip_repo_fail_absent(path, err) : slip_repo_fail(err, path);
}

static int open_git(struct slip_repo *r, const char *path, struct slip_error *err)
{
    const char *git_dir = path ? NULL : env_value(r->env, "GIT_DIR");
    unsigned flags = git_dir ? GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_NO_DOTGIT : 0;
    if (!path && env_value(r->env, "GIT_DISCOVERY_ACROSS_FILESYSTEM"))
        flags |= GIT_REPOSITORY_OPEN_CROSS_FS;
    const char *ceiling = path ? NULL : env_value(r->env, "GIT_CEILING_DIRECTORIES");
    const char *start = git_dir ? git_dir : path ? path : ".";
    int rc = git_repository_open_ext(&r->git, start, flags, ceiling);
    return rc < 0 ? open_failed(rc, start, err) : 0;
}

static bool is_set(git_config *c, const char *name)
{
    int value = 0;
    return git_config_get_bool(&value, c, name) == 0 && value;
}

/* A value that is there and is not `expected`: refused. */
static int refuse_unless(git_config *c, const char *name, const char *expected, const char *what,
                         struct slip_error *err)
{
    git_buf value = { 0 };
    int rc = git_config_get_string_buf(&value, c, name);
    if (rc == 0 && strcasecmp(value.ptr, expected) != 0) {
        slip_fail(err, SLIP_E_UNSUPPORTED, "a repository with %s '%s' (%s) cannot be read", what,
                  value.ptr, name);
        rc = -1;
    } else {
        rc = 0;
    }
    git_buf_dispose(&value);
    return rc;
}

static int check_formats(git_config *c, struct slip_error *err)
{
    return refuse_unless(c, "extensions.objectformat", "sha1", "object format", err) < 0
                   || refuse_unless(c, "extensions.refstorage", "files", "ref storage", err) < 0
               ? -1
               : 0;
}

/* What config.worktree adds to, which libgit2 does not read. NULL when there is none. */
static git_config *open_worktree_config(const struct slip_repo *r, git_config *common)
{
    if (!is_set(common, "extensions.worktreeconfig"))
        return NULL;
    char *path = slip_printf("%s/config.worktree", r->git_dir);
    git_config *own = NULL;
    if (access(path, R_OK) != 0 || git_config_open_ondisk(&own, path) < 0)
        own = NULL;
    slip_free(path);
    return own;
}

static char *config_path(git_config *c, const char *name)
{
    git_buf value = { 0 };
    char *path = NULL;
    if (c && git_config_get_path(&value, c, name) == 0)
        path = slip_strdup(value.ptr);
    git_buf_dispose(&value);
    return path;
}

/* Where core.worktree of config.worktree leads; it is relative to the git dir. */
static char *worktree_from_config(const struct slip_repo *r, git_config *own)
{
    char *path = config_path(own, "core.worktree");
    if (!path || path[0] == '/')
        return path;
    char *joined = slip_printf("%s/%s", r->git_dir, path);
    slip_free(path);
    return joined;
}

/* The rules of git: GIT_WORK_TREE, core.worktree, core.bare, and with GIT_DIR alone "here". */
static void find_work_tree(struct slip_repo *r, git_config *common, bool from_env)
{
    const char *env_tree = from_env ? env_value(r->env, "GIT_WORK_TREE") : NULL;
    git_config *own = open_worktree_config(r, common);
    char *own_tree = worktree_from_config(r, own);
    const char *dir = git_repository_workdir(r->git);
    int own_bare = -1;
    if (own && git_config_get_bool(&own_bare, own, "core.bare") < 0)
        own_bare = -1;

    if (env_tree)
        dir = env_tree;
    else if (own_tree)
        dir = own_tree;
    else if (own_bare == 1)
        dir = NULL;
    else if (dir && from_env && env_value(r->env, "GIT_DIR")
             && !git_repository_is_worktree(r->git)) {
        char *set = config_path(common, "core.worktree");
        if (!set)
            dir = ".";
        slip_free(set);
    }
    r->work_tree = dir ? absolute(dir) : NULL;
    slip_free(own_tree);
    git_config_free(own);
}

/* Further places with objects that git passes to hooks (quarantine) and takes from the user. */
static int add_object_dirs(struct slip_repo *r, struct slip_error *err)
{
    const char *dir = env_value(r->env, "GIT_OBJECT_DIRECTORY");
    if (dir && git_odb_add_disk_alternate(r->odb, dir) < 0)
        return slip_repo_fail(err, dir);
    struct slip_str rest = slip_str_of(env_value(r->env, "GIT_ALTERNATE_OBJECT_DIRECTORIES"));
    while (rest.len) {
        struct slip_str one;
        slip_str_cut(rest, ':', &one, &rest);
        if (one.len == 0)
            continue;
        char *path = slip_memdup(one.ptr, one.len);
        int rc = git_odb_add_disk_alternate(r->odb, path);
        if (rc < 0)
            slip_repo_fail(err, path);
        slip_free(path);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* The name in "remote.NAME.promisor", when that is the key and its value says yes. */
static struct slip_str promisor_of(const git_config_entry *entry)
{
    const struct slip_str prefix = SLIP_STR("remote."), suffix = SLIP_STR(".promisor");
    struct slip_str key = slip_str_of(entry->name);
    int yes = 0;
    if (key.len <= prefix.len + suffix.len || !slip_str_starts(key, prefix)
        || !slip_str_ends(key, suffix) || git_config_parse_bool(&yes, entry->value) < 0 || !yes)
        return (struct slip_str){ 0 };
    return slip_str_skip(slip_str_first(key, key.len - suffix.len), prefix.len);
}

/*
 * A remote that promised to have what was left out; older clones name it in an extension. All
 * entries are looked at: libgit2's search by regular expression leaks 20 KB for each of them.
 */
static bool is_partial(git_config *config, char **remote)
{
    git_buf extension = { 0 };
    if (git_config_get_string_buf(&extension, config, "extensions.partialclone") == 0)
        *remote = slip_memdup(extension.ptr, extension.size);
    git_buf_dispose(&extension);
    git_config_iterator *i = NULL;
    git_config_entry *entry;
    if (!*remote && git_config_iterator_new(&i, config) == 0)
        while (!*remote && git_config_next(&entry, i) == 0) {
            struct slip_str name = promisor_of(entry);
            if (name.ptr)
                *remote = slip_memdup(name.ptr, name.len);
        }
    git_config_iterator_free(i);
    return *remote;
}

static int set_up(struct slip_repo *r, bool from_env, struct slip_error *err)
{
    git_config *config = NULL;
    if (git_repository_config(&config, r->git) < 0 || git_repository_odb(&r->odb, r->git) < 0) {
        git_config_free(config);
        return slip_repo_fail(err, "opening the repository");
    }
    r->git_dir = absolute(git_repository_path(r->git));
    r->common_dir = absolute(git_repository_commondir(r->git));
    r->partial = is_partial(config, &r->promisor);
    find_work_tree(r, config, from_env);
    int rc = check_formats(config, err);
    git_config_free(config);
    if (rc == 0 && from_env)
        rc = add_object_dirs(r, err);
    return rc;
}

static bool is_of_another(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && st.st_uid != geteuid();
}

/* Whom to trust (safe.directory, sudo, what GIT_DIR names) git itself knows best. */
static int check_owner(const struct slip_repo *r, const char *path, struct slip_error *err)
{
    static const char *const words[] = { "rev-parse", "--git-dir", NULL };
    static const char *const no_env[] = { NULL };
    if (!is_of_another(r->git_dir) && !is_of_another(r->work_tree))
        return 0;
    struct slip_git git = { .env = r->env ? r->env : no_env, .dir = path };
    return slip_git_run(&git, words, NULL, NULL, err);
}

int slip_repo_open(const char *path, const char *const *env, struct slip_repo **out,
                   struct slip_error *err)
{
    if (slip_repo_start(err) < 0)
        return -1;
    SLIP_AUTO_PTR(slip_repo) r = slip_new(struct slip_repo);
    r->env = env;
    r->from_env = path == NULL;
    if (open_git(r, path, err) < 0 || set_up(r, path == NULL, err) < 0
        || check_owner(r, path, err) < 0)
        return -1;
    *out = slip_take(r);
    return 0;
}

void slip_repo_free(struct slip_repo *r)
{
    if (!r)
        return;
    slip_submodules_free(r->submodules);
    slip_map_free(r->ancestors);
    slip_kept_dirs_clear(r);
    slip_blob_cache_clear(r);
    slip_fetcher_free(r->fetcher);
    git_odb_free(r->odb);
    git_repository_free(r->git);
    git_libgit2_shutdown();
    slip_free(r->work_tree);
    slip_free(r->git_dir);
    slip_free(r->common_dir);
    slip_free(r->promisor);
    slip_free(r);
}

const char *slip_repo_work_tree(const struct slip_repo *r)
{
    return r->work_tree;
}

const char *slip_repo_git_dir(const struct slip_repo *r)
{
    return r->git_dir;
}

const char *slip_repo_common_dir(const struct slip_repo *r)
{
    return r->common_dir;
}
