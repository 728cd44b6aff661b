/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only git itself can say: its configuration with all scopes and includes, where hooks belong,
 * what a remote has. git runs as a child and never asks for anything.
 */
#ifndef SLIP_REPO_GIT_H
#define SLIP_REPO_GIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/* How git is run. */
struct slip_git {
    const char *const *env; /* the whole environment */
    const char *dir;        /* where to run it, or NULL for here */
    unsigned timeout_ms;    /* 0: 30 s */
};

/*
 * Run git with these words (NULL-terminated, without "git" itself); stdout without the last line
 * end goes to `out` (or NULL). `status` NULL: anything but 0 is an error with the line of git that
 * says why.
 */
SLIP_MUST_USE int slip_git_run(const struct slip_git *git, const char *const *words,
                               struct slip_buf *out, int *status, struct slip_error *err);

/*
 * An environment for git commands that must not ask anything: no terminal prompt, SSH in batch mode
 * (the command a person chose is kept, and told to batch when it is OpenSSH's). With
 * `elsewhere`, variables that point to a repository (GIT_DIR and its like) are left out, but what
 * `git -c` was told stays. Free with slip_git_env_free.
 */
const char **slip_git_env_quiet(const struct slip_git *git, bool elsewhere);
void slip_git_env_free(const char **env);

/* ---- configuration ---- */

struct slip_git_setting {
    const char *key;   /* section and name in lower case: "slipway.repo", "remote.Origin.url" */
    const char *value; /* "true" for a key without one */
};
struct slip_git_config {
    struct slip_buf raw;
    struct {
        SLIP_VEC(struct slip_git_setting);
    } list; /* later ones win */
};

void slip_git_config_clear(struct slip_git_config *c);
SLIP_DEFINE_AUTO(slip_git_config, slip_git_config_clear);

/* All settings git sees from there. */
SLIP_MUST_USE int slip_git_config_read(const struct slip_git *git, struct slip_git_config *out,
                                       struct slip_error *err);

/* The output of `git config -z --list`, which `out` takes over. */
void slip_git_config_parse(struct slip_buf *raw, struct slip_git_config *out);

/* The value that counts, or NULL. As a boolean by git's words; `fallback` when absent or none. */
const char *slip_git_config_get(const struct slip_git_config *c, const char *key);
bool slip_git_config_bool(const struct slip_git_config *c, const char *key, bool fallback);

/* Set, add to, or remove (`value` NULL: all values of the key) in the repository's own file. */
SLIP_MUST_USE int slip_git_config_set(const struct slip_git *git, const char *key,
                                      const char *value, struct slip_error *err);
SLIP_MUST_USE int slip_git_config_add(const struct slip_git *git, const char *key,
                                      const char *value, struct slip_error *err);

/* ---- remotes ---- */

/*
 * What a remote has under a ref now: the id of the object, and of the commit behind an annotated
 * tag (equal otherwise). Both are empty when it has no such ref.
 */
struct slip_remote_ref {
    char id[65], peeled[65];
};

/*
 * Ask for `n` refs at once; `out` has as many elements. `remote` is an address or the name of a
 * remote. SLIP_E_DENIED with a hint when git cannot reach it without asking a person.
 */
SLIP_MUST_USE int slip_git_ls_remote(const struct slip_git *git, const char *remote,
                                     const char *const *refs, size_t n, struct slip_remote_ref *out,
                                     struct slip_error *err);

/* Names of all tags of a remote, one a line, without refs/tags/. */
SLIP_MUST_USE int slip_git_remote_tags(const struct slip_git *git, const char *remote,
                                       struct slip_buf *out, struct slip_error *err);

/* The same with what each of them is. */
struct slip_remote_tag {
    struct slip_str name; /* without refs/tags/, ended by NUL */
    struct slip_remote_ref at;
};
struct slip_remote_tags {
    struct slip_arena arena;
    SLIP_VEC(struct slip_remote_tag);
};
void slip_remote_tags_clear(struct slip_remote_tags *t);
SLIP_DEFINE_AUTO(slip_remote_tags, slip_remote_tags_clear);

/* All tags of a remote (a name or an address), in the order of git; asks it, without prompts. */
SLIP_MUST_USE int slip_git_remote_tags_read(const struct slip_git *git, const char *remote,
                                            struct slip_remote_tags *out, struct slip_error *err);

/* The output of `git ls-remote --tags`. */
void slip_remote_tags_parse(struct slip_str text, struct slip_remote_tags *out);

#endif
