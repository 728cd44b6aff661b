/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git runs before it pushes. It decides whether there is anything to do, which nearly always
 * is not so, and costs next to nothing then: it needs libc and libyaml, and one `git cat-file` that
 * reads the rules of the pushed commits. When a rule matches, or anything is not as expected, it
 * becomes the worker, `slipway hook pre-push`, with the same bytes on stdin.
 *
 * usage: pre-push [--chained HOOK] [--remote NAME] REMOTE URL
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proc/run.h"
#include "ref/update.h"
#include "rule/decide.h"

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct invocation {
    const char *self;     /* path of this executable */
    const char *chained;  /* the hook that was here before, or NULL */
    const char *usual;    /* the remote that rules mean when they name none */
    char **args;          /* REMOTE URL, NULL-terminated */
    struct slip_str text; /* all of stdin */
};

static const char *env(const char *name)
{
    return slip_env_get((const char *const *)environ, name);
}

static bool is_off(const char *value)
{
    return value && (strcmp(value, "0") == 0 || strcmp(value, "false") == 0);
}

static void warn(const char *what)
{
    fprintf(stderr, "slipway: warning: pre-push: %s; the push goes on\n", what);
}

/* ---- handing stdin on ---- */

/* A descriptor from which another program reads the same bytes as we did. */
static int stdin_again(struct slip_str text, struct slip_error *err)
{
    int fd = memfd_create("stdin", MFD_CLOEXEC);
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "memfd_create: %s", strerror(errno));
    if (slip_fd_write(fd, "stdin", text, err) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* In our own process group, so that it may ask on the terminal as before. */
static int run_chained(const struct invocation *in)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FD fd = stdin_again(in->text, &err);
    const char *argv[] = { in->chained, in->args[0], in->args[1], NULL };
    const char *by_shell[] = { "sh", in->chained, in->args[0], in->args[1], NULL };
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    if (fd < 0 || access(in->chained, X_OK) < 0)
        return 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, 0);
    int rc = posix_spawn(&pid, in->chained, &actions, NULL, (char *const *)argv, environ);
    if (rc == ENOEXEC) /* no "#!" line: as execvp does */
        rc = posix_spawn(&pid, "/bin/sh", &actions, NULL, (char *const *)by_shell, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0) {
        fprintf(stderr, "slipway: error: cannot run '%s': %s\n", in->chained, strerror(rc));
        return 1;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- becoming the worker ---- */

static char *beside(const char *self, const char *name)
{
    const char *slash = strrchr(self, '/');
    return slip_printf("%.*s/%s", (int)(slash - self), self, name);
}

/* Where `slipway` stands as seen from this file: installed, then in a build directory. */
static char *find_worker(const struct invocation *in)
{
    static const char *const places[] = { SLIP_WORKER_FROM_HERE, "slipway" };
    const char *told = env("SLIPWAY_BIN");
    if (told && told[0])
        return slip_strdup(told);
    for (size_t i = 0; i < SLIP_COUNT(places) && strchr(in->self, '/'); i++) {
        char *path = beside(in->self, places[i]);
        if (access(path, X_OK) == 0)
            return path;
        slip_free(path);
    }
    return slip_strdup("slipway");
}

/* Does not come back when it succeeds. */
static int become_worker(const struct invocation *in)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *path = find_worker(in);
    int fd = stdin_again(in->text, &err);
    const char *argv[] = { path,      "hook",      "pre-push",  "--remote",
                           in->usual, in->args[0], in->args[1], NULL };
    if (fd < 0 || dup2(fd, 0) < 0) {
        fprintf(stderr, "slipway: error: %s\n", err.text);
        return 1;
    }
    execvp(path, (char *const *)argv);
    fprintf(stderr, "slipway: error: cannot run '%s': %s\n", path, strerror(errno));
    fprintf(stderr, "slipway: hint: install slipway again, or push with: git push --no-verify\n");
    return 1;
}

/* ---- the rules of the pushed commits ---- */

static int cmp_commits(const void *a, const void *b)
{
    const struct slip_ref_update *x = a, *y = b;
    return slip_str_cmp(x->new_id, y->new_id);
}

/* Refs of one commit side by side, deletions left out. The order of the push does not matter here.
 */
static void group_by_commit(struct slip_ref_updates *updates)
{
    size_t kept = 0;
    for (size_t i = 0; i < updates->len; i++)
        if (updates->at[i].change != SLIP_REF_DELETE)
            updates->at[kept++] = updates->at[i];
    updates->len = kept;
    if (kept)
        qsort(updates->at, kept, sizeof(*updates->at), cmp_commits);
}

/* The refs of the first commit of `rest`, which moves on. */
static bool next_commit(struct slip_ref_updates *rest, struct slip_ref_updates *refs)
{
    if (rest->len == 0)
        return false;
    *refs = (struct slip_ref_updates){ .at = rest->at };
    while (refs->len < rest->len && slip_str_eq(rest->at[refs->len].new_id, rest->at[0].new_id))
        refs->len++;
    rest->at += refs->len;
    rest->len -= refs->len;
    return true;
}

/* One question per commit and name that the file may have. */
static void ask_for_rules(struct slip_ref_updates rest, struct slip_buf *questions)
{
    struct slip_ref_updates refs;
    while (next_commit(&rest, &refs))
        for (size_t n = 0; n < SLIP_COUNT(slip_rules_names); n++)
            slip_buf_add_fmt(questions, "%.*s:%s\n", SLIP_ARG(refs.at[0].new_id),
                             slip_rules_names[n]);
}

/* An answer of `git cat-file --batch`: "ID blob SIZE LF content LF" or "NAME missing LF". */
static bool next_answer(struct slip_str *rest, struct slip_str *id, struct slip_str *content,
                        bool *found)
{
    struct slip_str line, type;
    uint64_t size;
    if (!slip_str_line(rest, &line))
        return false;
    *found = false;
    if (slip_str_ends(line, SLIP_STR(" missing")))
        return true;
    if (!slip_str_cut(line, ' ', id, &type) || !slip_str_starts(type, SLIP_STR("blob "))
        || !slip_str_to_u64(slip_str_skip(type, 5), &size) || size >= rest->len)
        return false;
    *content = slip_str_first(*rest, (size_t)size);
    *rest = slip_str_skip(*rest, (size_t)size + 1);
    *found = true;
    return true;
}

enum verdict { NOTHING_TO_DO, ASK_THE_WORKER };

/* Rules are read once per content, whatever the number of commits that have it. */
struct known_rules {
    struct slip_str id; /* of the blob */
    struct slip_rules rules;
};

static enum verdict decide(const struct invocation *in, const struct slip_ref_updates *refs,
                           const struct slip_rules *rules)
{
    struct slip_remote remote = { slip_str_of(in->args[0]), slip_str_of(in->args[1]),
                                  slip_str_of(in->usual) };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    slip_rules_decide(rules, refs, SLIP_TRIGGER_PRE_PUSH, &remote, SLIP_STR(""), &decisions);
    return decisions.len ? ASK_THE_WORKER : NOTHING_TO_DO;
}

/* The rules file of one commit, whose answers come next. */
static enum verdict read_commit(const struct invocation *in, const struct slip_ref_updates *refs,
                                struct slip_str *answers, struct known_rules *known)
{
    struct slip_error err = { 0 };
    struct slip_str id, content, file_id = { NULL, 0 }, file = { NULL, 0 };
    const char *name = NULL;
    for (size_t n = 0; n < SLIP_COUNT(slip_rules_names); n++) {
        bool found;
        if (!next_answer(answers, &id, &content, &found) || (found && name))
            return ASK_THE_WORKER; /* which says what is wrong */
        if (found) {
            name = slip_rules_names[n];
            file_id = id;
            file = content;
        }
    }
    if (!name)
        return NOTHING_TO_DO;
    if (!slip_str_eq(known->id, file_id)
        && slip_rules_read(file, name, &known->rules, NULL, &err) < 0)
        return ASK_THE_WORKER;
    known->id = file_id;
    return decide(in, refs, &known->rules);
}

static enum verdict read_answers(const struct invocation *in, struct slip_ref_updates rest,
                                 struct slip_str answers)
{
    struct known_rules known = { 0 };
    struct slip_ref_updates refs;
    enum verdict verdict = NOTHING_TO_DO;
    while (verdict == NOTHING_TO_DO && next_commit(&rest, &refs))
        verdict = read_commit(in, &refs, &answers, &known);
    slip_rules_clear(&known.rules);
    return verdict;
}

static enum verdict ask_git(const struct invocation *in, struct slip_ref_updates *updates)
{
    static const char *const argv[] = { "git", "cat-file", "--batch", "--buffer", NULL };
    SLIP_AUTO(slip_buf) questions = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    SLIP_AUTO(slip_buf) answers = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    struct slip_error err = { 0 };
    int status;
    group_by_commit(updates);
    ask_for_rules(*updates, &questions);
    if (questions.len == 0)
        return NOTHING_TO_DO;
    struct slip_child git = {
        .argv = argv,
        .env = (const char *const *)environ,
        .input = slip_buf_str(&questions),
        .out = &answers,
    };
    if (slip_child_run(&git, &status, &err) < 0 || status != 0)
        return ASK_THE_WORKER;
    return read_answers(in, *updates, slip_buf_str(&answers));
}

/* ---- what earlier pushes left behind ---- */

static bool has_job(const char *git_dir, const char *between)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s%s/slipway/jobs/new", git_dir, between);
    DIR *d = opendir(path);
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d)))
        found = slip_str_ends(slip_str_of(e->d_name), SLIP_STR(".json"));
    if (d)
        closedir(d);
    return found;
}

/* Names that wait since a push whose machine was switched off. In a linked work tree git tells
 * GIT_DIR, <common>/worktrees/NAME. A place we do not find is left to the next push. */
static bool jobs_wait(void)
{
    const char *git_dir = env("GIT_DIR");
    if (!git_dir || !git_dir[0])
        return has_job(".git", "");
    return has_job(git_dir, "") || has_job(git_dir, "/../..");
}

/* ---- */

static bool read_args(int argc, char **argv, struct invocation *in)
{
    *in = (struct invocation){ .self = argv[0], .usual = "origin" };
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--chained") == 0)
            in->chained = argv[i + 1];
        else if (strcmp(argv[i], "--remote") == 0)
            in->usual = argv[i + 1];
        else
            return false;
    }
    in->args = argv + i;
    return argc - i == 2;
}

int main(int argc, char **argv)
{
    struct invocation in;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    bool cut;
    if (!read_args(argc, argv, &in)) {
        fprintf(stderr, "slipway: error: pre-push is run by git: pre-push REMOTE URL\n");
        return 1;
    }
    if (slip_fd_read(0, "stdin", &text, &err) < 0) {
        warn(err.text);
        return 0;
    }
    in.text = slip_buf_str(&text);
    int status = in.chained ? run_chained(&in) : 0;
    if (status != 0 || text.len == 0 || is_off(env("SLIPWAY")))
        return status;
    if (slip_ref_read_push(in.text, &updates, &cut, &err) < 0) {
        warn(err.text);
        return 0;
    }
    return jobs_wait() || ask_git(&in, &updates) == ASK_THE_WORKER ? become_worker(&in) : 0;
}
