/* SPDX-License-Identifier: Apache-2.0 */
/* Running git diff. */
#include "repo/patch.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/vec.h"
#include "proc/run.h"
#include "repo/internal.h"

#define TIMEOUT_MS (600 * 1000)
#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

struct words {
    SLIP_VEC(const char *);
};

/* What werf says itself, then the defaults of what a repository may set otherwise. */
static const char *const settings[] = {
    "core.autocrlf=false",        "gc.auto=0",
    "commit.gpgsign=false",       "core.untrackedCache=false",
    "core.splitIndex=false",      "diff.renames=false",
    "core.quotePath=false",       "core.attributesFile=/dev/null",
    "core.bigFileThreshold=512m", "color.ui=false",
    "diff.algorithm=default",     "diff.context=3",
    "diff.dstPrefix=b/",          "diff.ignoreSubmodules=none",
    "diff.indentHeuristic=true",  "diff.interHunkContext=0",
    "diff.mnemonicPrefix=false",  "diff.noprefix=false",
    "diff.orderFile=/dev/null",   "diff.relative=false",
    "diff.srcPrefix=a/",          "diff.suppressBlankEmpty=false",
};

static void add_words(const struct slip_repo *r, const struct slip_patch *what,
                      struct slip_arena *a, struct words *out)
{
    char before[SLIP_OID_HEX + 1], after[SLIP_OID_HEX + 1];
    slip_oid_hex(what->before, before);
    slip_oid_hex(what->after, after);
    slip_vec_push(out, "git");
    for (size_t i = 0; i < SLIP_COUNT(settings); i++) {
        slip_vec_push(out, "-c");
        slip_vec_push(out, settings[i]);
    }
    if (what->whole) {
        slip_vec_push(out, "-c");
        slip_vec_push(out, "diff.context=999999999");
    }
    slip_vec_push(out, slip_arena_printf(a, "--git-dir=%s", r->git_dir));
    slip_vec_push(out, "diff");
    slip_vec_push(out, "--no-ext-diff");
    slip_vec_push(out, "--full-index");
    slip_vec_push(out, "--submodule=log");
    if (what->whole)
        slip_vec_push(out, "--binary");
    slip_vec_push(out, slip_arena_strdup(a, slip_str_of(before)));
    slip_vec_push(out, slip_arena_strdup(a, slip_str_of(after)));
    slip_vec_push(out, "--");
    if (what->scope.len)
        slip_vec_push(out, slip_arena_printf(a, ":(literal)%.*s", SLIP_ARG(what->scope)));
    slip_vec_push(out, NULL);
}

/* Of git's variables only those that say where objects are, when the repository was found by them;
 * of others, none that leads to settings of a person. */
static bool is_kept(const struct slip_repo *r, const char *entry)
{
    static const char *const objects[] = {
        "GIT_OBJECT_DIRECTORY=", "GIT_ALTERNATE_OBJECT_DIRECTORIES=", "GIT_QUARANTINE_PATH="
    };
    for (size_t i = 0; i < SLIP_COUNT(objects) && r->from_env; i++)
        if (strncmp(entry, objects[i], strlen(objects[i])) == 0)
            return true;
    return strncmp(entry, "GIT_", 4) != 0 && strncmp(entry, "HOME=", 5) != 0
           && strncmp(entry, "XDG_CONFIG_HOME=", 16) != 0;
}

static void add_environment(const struct slip_repo *r, struct words *out)
{
    for (const char *const *e = r->env; e && *e; e++)
        if (is_kept(r, *e))
            slip_vec_push(out, *e);
    slip_vec_push(out, "GIT_ATTR_NOSYSTEM=1");
    slip_vec_push(out, "GIT_ATTR_SOURCE=" EMPTY_TREE); /* a bare repository's are those of HEAD */
    slip_vec_push(out, "GIT_CONFIG_GLOBAL=/dev/null");
    slip_vec_push(out, "GIT_CONFIG_NOSYSTEM=1");
    slip_vec_push(out, "GIT_TERMINAL_PROMPT=0");
    slip_vec_push(out, NULL);
}

static int fail(const struct slip_buf *errors, struct slip_error *err)
{
    struct slip_str rest = slip_buf_str(errors), line = SLIP_STR("");
    slip_str_line(&rest, &line);
    return slip_fail(err, SLIP_E_REPO, "git diff: %s%.*s", line.len ? "" : "it failed",
                     SLIP_ARG(line));
}

int slip_repo_patch(struct slip_repo *r, const struct slip_patch *what,
                    int (*take)(void *payload, struct slip_str text, struct slip_error *err),
                    void *payload, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(4096);
    struct words argv = { 0 }, env = { 0 };
    int status = 0;
    add_words(r, what, &arena, &argv);
    add_environment(r, &env);
    const struct slip_child child = { .argv = argv.at,
                                      .env = env.at,
                                      .cwd = r->git_dir,
                                      .timeout_ms = TIMEOUT_MS,
                                      .take_out = take,
                                      .take_payload = payload,
                                      .errors = &errors };
    int rc = slip_child_run(&child, &status, err);
    slip_vec_clear(&argv);
    slip_vec_clear(&env);
    if (rc < 0)
        return -1;
    return status == 0 ? 0 : fail(&errors, err);
}
