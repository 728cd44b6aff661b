/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a commit. */
#include "flow/rules_file.h"

#include "base/limits.h"
#include "base/mem.h"
#include "flow/policy.h"
#include "repo/repo.h"

#include <unistd.h>

static int read_named(const struct slip_tree *tree, const char *path, struct slip_buf *text,
                      bool *found, struct slip_error *err)
{
    return slip_tree_read_file(tree, slip_str_of(path), text, found, err);
}

static int read_default(const struct slip_tree *tree, const char **name, struct slip_buf *text,
                        struct slip_error *err)
{
    *name = NULL;
    for (size_t i = 0; i < SLIP_COUNT(slip_rules_names); i++) {
        bool found;
        if (read_named(tree, slip_rules_names[i], text, &found, err) < 0)
            return -1;
        if (found && *name)
            return slip_fail(err, SLIP_E_CONFIG, "both '%s' and '%s' are there: keep one", *name,
                             slip_rules_names[i]);
        if (found)
            *name = slip_rules_names[i];
    }
    return 0;
}

/*
 * `path` inside the commit, or NULL for .slipway.yaml or .slipway.yml (both: an error). `*found`
 * false: there is no such file and `out` is untouched; a `path` that was asked for must be there.
 * `issues` as in slip_rules_read.
 */
static int rules_of_tree(const struct slip_tree *tree, const char *path, struct slip_rules *out,
                         bool *found, struct slip_rule_issues *issues, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_RULES + 1);
    const char *name = path;
    bool there = true;
    int rc =
        path ? read_named(tree, path, &text, &there, err) : read_default(tree, &name, &text, err);
    if (rc < 0)
        return -1;
    if (!there)
        return slip_fail(err, SLIP_E_CONFIG, "there is no '%s' in this commit", path);
    *found = name != NULL;
    return name ? slip_rules_read(slip_buf_str(&text), name, out, issues, err) : 0;
}

int slip_rules_as_told(const struct slip_tree *tree, const char *now, const char *configured,
                       struct slip_rules *out, bool *found, struct slip_rule_issues *issues,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_RULES + 1);
    if (now || !configured || !configured[0])
        return rules_of_tree(tree, now, out, found, issues, err);
    if (read_named(tree, configured, &text, found, err) < 0)
        return slip_while(err, "slipway.rulesFile");
    return *found ? slip_rules_read(slip_buf_str(&text), configured, out, issues, err) : 0;
}

int slip_rules_of_commit(const struct slip_git *git, const char *rev, const char *path,
                         struct slip_rules *out, bool *found, char **top, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    struct slip_commit commit;
    if (slip_repo_open(git->dir, git->env, &repo, err) < 0
        || slip_repo_resolve(repo, rev ? rev : "HEAD", &commit, err) < 0)
        return -1;
    struct slip_tree tree = slip_repo_tree(repo, &commit);
    SLIP_AUTO(slip_git_config) config = { 0 };
    if (slip_git_config_read(git, &config, err) < 0
        || slip_rules_as_told(&tree, path, slip_git_config_get(&config, SLIP_KEY_RULES_FILE), out,
                              found, NULL, err)
               < 0)
        return -1;
    const char *work_tree = slip_repo_work_tree(repo);
    *top = slip_strdup(work_tree ? work_tree : slip_repo_git_dir(repo));
    return 0;
}

const char *slip_rules_in_work_tree(const struct slip_git *git)
{
    static const char *const words[] = { "rev-parse", "--show-toplevel", NULL };
    SLIP_AUTO(slip_buf) top = SLIP_BUF(SLIP_LIMIT_PATH);
    struct slip_error none = { 0 };
    int status = 0;
    if (slip_git_run(git, words, &top, &status, &none) < 0 || status != 0)
        return NULL;
    for (size_t i = 0; i < SLIP_COUNT(slip_rules_names); i++) {
        SLIP_AUTO_FREE char *path = slip_printf("%s/%s", top.ptr, slip_rules_names[i]);
        if (access(path, R_OK) == 0)
            return slip_rules_names[i];
    }
    return NULL;
}
