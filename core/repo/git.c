/* SPDX-License-Identifier: Apache-2.0 */
/* Running git. */
#include "repo/git.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "proc/run.h"
#include "repo/internal.h"

#define DEFAULT_TIMEOUT_MS 30000
/* What one `git ls-remote` is given as patterns; git compares each with each ref of the remote. */
#define PATTERNS_MAX 100
#define PATTERN_BYTES_MAX (64u << 10)

/* The line that says why: the first that is more than a remark, or the last one. ssh says it before
 * git does, and git ends with advice. */
static struct slip_str telling_line(struct slip_str text)
{
    struct slip_str line, last = SLIP_STR("");
    while (slip_str_line(&text, &line)) {
        line = slip_str_trim(line);
        if (line.len == 0)
            continue;
        if (slip_str_starts(line, SLIP_STR("fatal: ")) || slip_str_starts(line, SLIP_STR("error: "))
            || slip_str_starts(line, SLIP_STR("ssh: "))
            || slip_str_find_str(line, SLIP_STR("Permission denied")) != SLIP_NPOS)
            return line;
        last = line;
    }
    return last;
}

/* What people meet most is told as we tell it ourselves. */
static int fail_as_git_says(const struct slip_git *git, const char *command, struct slip_str errors,
                            struct slip_error *err)
{
    static const struct slip_str owner = SLIP_STR("dubious ownership in repository at '");
    struct slip_str why = telling_line(errors), path, rest;
    size_t at = slip_str_find_str(why, owner);
    if (at != SLIP_NPOS) {
        slip_str_cut(slip_str_skip(why, at + owner.len), '\'', &path, &rest);
        return slip_repo_refuse_owner(path, err);
    }
    if (slip_str_starts(why, SLIP_STR("fatal: not a git repository (or any")))
        return slip_repo_fail_absent(git->dir ? git->dir : ".", err);
    return slip_fail(err, SLIP_E_REPO, "git %s: %.*s", command, why.len ? (int)why.len : 11,
                     why.len ? why.ptr : "it failed");
}

int slip_git_run(const struct slip_git *git, const char *const *words, struct slip_buf *out,
                 int *status, struct slip_error *err)
{
    struct {
        SLIP_VEC(const char *);
    } argv = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(out ? out->limit : SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(4096);
    int code = 0;
    slip_vec_push(&argv, "git");
    for (size_t i = 0; words[i]; i++)
        slip_vec_push(&argv, words[i]);
    slip_vec_push(&argv, NULL);
    struct slip_child child = {
        .argv = argv.at,
        .env = git->env,
        .cwd = git->dir,
        .timeout_ms = git->timeout_ms ? git->timeout_ms : DEFAULT_TIMEOUT_MS,
        .out = &text,
        .errors = &errors,
    };
    int rc = slip_child_run(&child, &code, err);
    slip_vec_clear(&argv);
    if (rc < 0)
        return -1;
    if (code != 0 && !status)
        return fail_as_git_says(git, words[0], slip_buf_str(&errors), err);
    if (status)
        *status = code;
    if (text.len && text.ptr[text.len - 1] == '\n')
        slip_buf_cut(&text, text.len - 1);
    if (out)
        slip_buf_move(out, &text);
    return 0;
}

/* ---- environment ---- */

static bool is_variable(const char *entry, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(entry, names[i], len) == 0 && entry[len] == '=')
            return true;
    }
    return false;
}

/* OpenSSH knows -o; another program might not. */
static bool is_openssh(const char *command)
{
    struct slip_str first, rest, word = slip_str_trim(slip_str_of(command)), dir;
    slip_str_cut(word, ' ', &first, &rest);
    if (!slip_str_rcut(first, '/', &dir, &word))
        word = first;
    return slip_str_is(word, "ssh");
}

/* What a person chose for SSH, to be freed: GIT_SSH_COMMAND, else core.sshCommand, else nothing. */
static char *chosen_ssh(const struct slip_git *git)
{
    static const char *const words[] = { "config", "--get", "core.sshCommand", NULL };
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(4096);
    int status = 0;
    const char *told = slip_env_get(git->env, "GIT_SSH_COMMAND");
    if (told)
        return slip_strdup(told);
    if (slip_git_run(git, words, &out, &status, &err) < 0 || status != 0 || out.len == 0)
        return NULL;
    return slip_buf_detach(&out);
}

const char **slip_git_env_quiet(const struct slip_git *git, bool elsewhere)
{
    static const char *const always[] = { "GIT_TERMINAL_PROMPT", "GIT_SSH_COMMAND",
                                          "GIT_ASKPASS",         "SSH_ASKPASS",
                                          "SSH_ASKPASS_REQUIRE", "GCM_INTERACTIVE" };
    /* `git rev-parse --local-env-vars`, less GIT_CONFIG_*, which may carry credentials. */
    static const char *const of_repository[] = { "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                 "GIT_OBJECT_DIRECTORY",
                                                 "GIT_DIR",
                                                 "GIT_WORK_TREE",
                                                 "GIT_IMPLICIT_WORK_TREE",
                                                 "GIT_GRAFT_FILE",
                                                 "GIT_INDEX_FILE",
                                                 "GIT_NO_REPLACE_OBJECTS",
                                                 "GIT_REPLACE_REF_BASE",
                                                 "GIT_PREFIX",
                                                 "GIT_SHALLOW_FILE",
                                                 "GIT_INTERNAL_SUPER_PREFIX",
                                                 "GIT_COMMON_DIR",
                                                 "GIT_QUARANTINE_PATH",
                                                 "GIT_NAMESPACE" };
    struct {
        SLIP_VEC(const char *);
    } quiet = { 0 };
    SLIP_AUTO_FREE char *ssh = chosen_ssh(git);
    bool other_ssh = !ssh && slip_env_get(git->env, "GIT_SSH");
    for (const char *const *e = git->env; *e; e++)
        if (!is_variable(*e, always, SLIP_COUNT(always))
            && !(elsewhere && is_variable(*e, of_repository, SLIP_COUNT(of_repository))))
            slip_vec_push(&quiet, slip_strdup(*e));
    slip_vec_push(&quiet, slip_strdup("GIT_TERMINAL_PROMPT=0"));
    slip_vec_push(&quiet, slip_strdup("GIT_ASKPASS=")); /* empty: no core.askPass either */
    slip_vec_push(&quiet, slip_strdup("SSH_ASKPASS_REQUIRE=never"));
    slip_vec_push(&quiet, slip_strdup("GCM_INTERACTIVE=never"));
    if (!other_ssh)
        slip_vec_push(&quiet, slip_printf("GIT_SSH_COMMAND=%s%s", ssh ? ssh : "ssh",
                                          !ssh || is_openssh(ssh) ? " -o BatchMode=yes" : ""));
    slip_vec_push(&quiet, NULL);
    return quiet.at;
}

void slip_git_env_free(const char **env)
{
    for (size_t i = 0; env && env[i]; i++)
        slip_free((char *)env[i]);
    slip_free(env);
}

/* ---- remotes ---- */

static void copy_id(struct slip_str id, char out[65])
{
    size_t n = id.len < 64 ? id.len : 64;
    memcpy(out, id.ptr, n);
    out[n] = '\0';
}

/* Lines "ID TAB REF". Patterns of ls-remote match the ends of names, so names are compared. */
static void find_refs(struct slip_str lines, const struct slip_map *by_name)
{
    struct slip_str line, id, name, peeled = SLIP_STR("^{}");
    while (slip_str_line(&lines, &line)) {
        if (!slip_str_cut(line, '\t', &id, &name))
            continue;
        bool peels = slip_str_ends(name, peeled);
        struct slip_remote_ref *out =
            slip_map_get(by_name, peels ? slip_str_first(name, name.len - peeled.len) : name);
        if (!out)
            continue;
        if (!peels)
            copy_id(id, out->id);
        if (peels || out->peeled[0] == '\0')
            copy_id(id, out->peeled);
    }
}

/* git takes a name that no remote has for a path. */
static bool is_no_remote(const char *remote, const struct slip_error *err)
{
    SLIP_AUTO_FREE char *said =
        slip_printf("fatal: '%s' does not appear to be a git repository", remote);
    return !strchr(remote, '/') && strstr(err->text, said);
}

static int ls_remote(const struct slip_git *git, const char *const *words, const char *remote,
                     struct slip_buf *out, struct slip_error *err)
{
    const char **env = slip_git_env_quiet(git, false);
    struct slip_git quiet = { .env = env, .dir = git->dir, .timeout_ms = git->timeout_ms };
    int rc = slip_git_run(&quiet, words, out, NULL, err);
    slip_git_env_free(env);
    if (rc == 0)
        return 0;
    if (is_no_remote(remote, err)) {
        slip_error_clear(err);
        slip_fail(err, SLIP_E_REPO, "there is no remote '%s'", remote);
        return slip_hint(err, "git remote add %s URL; or name another one: --remote NAME", remote);
    }
    if (err->kind == SLIP_E_REPO && !err->hint[0])
        err->kind = SLIP_E_DENIED;
    return slip_hint(err, "git has to reach the remote without asking: use an SSH agent or a "
                          "credential helper");
}

static bool all_begin_with(const char *const *refs, size_t n, const char *begin)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(refs[i], begin, strlen(begin)) != 0)
            return false;
    return true;
}

static bool fit_into_patterns(const char *const *refs, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += 2 * (strlen(refs[i]) + 4);
    return n <= PATTERNS_MAX && bytes <= PATTERN_BYTES_MAX;
}

/*
 * Only what `--tags` or `--heads` says keeps the remote from telling all its refs, and those of a
 * forge's pull requests can be very many; patterns are git's own. Both patterns of a ref: that of a
 * tag does not bring what it peels to. Many refs are asked for without any.
 */
static const char **question(const char *remote, const char *const *refs, size_t n,
                             struct slip_arena *arena)
{
    size_t len = 0;
    const char **words = slip_arena_array(arena, 2 * n + 5, sizeof(*words));
    words[len++] = "ls-remote";
    if (all_begin_with(refs, n, "refs/tags/"))
        words[len++] = "--tags";
    else if (all_begin_with(refs, n, "refs/heads/"))
        words[len++] = "--heads";
    words[len++] = "--";
    words[len++] = remote;
    bool patterns = fit_into_patterns(refs, n);
    for (size_t i = 0; patterns && i < n; i++) {
        words[len++] = refs[i];
        words[len++] = slip_arena_printf(arena, "%s^{}", refs[i]);
    }
    return words;
}

int slip_git_ls_remote(const struct slip_git *git, const char *remote, const char *const *refs,
                       size_t n, struct slip_remote_ref *out, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    SLIP_AUTO_PTR(slip_map) by_name = slip_map_new(NULL);
    if (ls_remote(git, question(remote, refs, n, &arena), remote, &text, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct slip_remote_ref){ 0 };
        slip_map_set(by_name, slip_str_of(refs[i]), &out[i]);
    }
    find_refs(slip_buf_str(&text), by_name);
    for (size_t i = 0; i < n; i++) /* one that is asked for twice has one place */
        out[i] = *(struct slip_remote_ref *)slip_map_get(by_name, slip_str_of(refs[i]));
    return 0;
}

int slip_git_remote_tags(const struct slip_git *git, const char *remote, struct slip_buf *out,
                         struct slip_error *err)
{
    const char *const words[] = { "ls-remote", "--tags", "--refs", "--", remote, NULL };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    if (ls_remote(git, words, remote, &text, err) < 0)
        return -1;
    struct slip_str rest = slip_buf_str(&text), line, id, name;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, '\t', &id, &name) && slip_str_starts(name, SLIP_STR("refs/tags/")))
            slip_buf_add_fmt(out, "%.*s\n", (int)(name.len - 10), name.ptr + 10);
    return 0;
}

void slip_remote_tags_clear(struct slip_remote_tags *t)
{
    slip_vec_clear(t);
    slip_arena_clear(&t->arena);
}

/* What an annotated tag peels to stands in a line of its own behind it: "ID TAB refs/tags/x^{}". */
void slip_remote_tags_parse(struct slip_str text, struct slip_remote_tags *out)
{
    struct slip_str line, id, ref, start = SLIP_STR("refs/tags/"), peeled = SLIP_STR("^{}");
    while (slip_str_line(&text, &line)) {
        if (!slip_str_cut(line, '\t', &id, &ref) || !slip_str_starts(ref, start)
            || id.len >= sizeof(((struct slip_remote_ref *)0)->id))
            continue;
        struct slip_str name = slip_str_skip(ref, start.len);
        struct slip_remote_tag *last = out->len ? &out->at[out->len - 1] : NULL;
        bool ends = slip_str_ends(name, peeled);
        if (ends && last && slip_str_eq(last->name, slip_str_first(name, name.len - peeled.len))) {
            snprintf(last->at.peeled, sizeof(last->at.peeled), "%.*s", SLIP_ARG(id));
        } else if (!ends) {
            struct slip_remote_tag *tag = slip_vec_add(out);
            tag->name = slip_arena_str(&out->arena, name);
            snprintf(tag->at.id, sizeof(tag->at.id), "%.*s", SLIP_ARG(id));
            snprintf(tag->at.peeled, sizeof(tag->at.peeled), "%.*s", SLIP_ARG(id));
        }
    }
}

int slip_git_remote_tags_read(const struct slip_git *git, const char *remote,
                              struct slip_remote_tags *out, struct slip_error *err)
{
    const char *const words[] = { "ls-remote", "--tags", "--", remote, NULL };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    if (ls_remote(git, words, remote, &text, err) < 0)
        return -1;
    slip_remote_tags_parse(slip_buf_str(&text), out);
    return 0;
}
