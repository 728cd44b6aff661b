/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git runs before it pushes. It decides whether there is anything to do, which nearly always
 * is not so, and costs next to nothing then: it needs libc and libyaml, and `git cat-file`, which
 * reads the rules of the pushed commits. When a rule matches, or anything is not as expected, it
 * becomes the worker, `slipway hook pre-push`, with the same bytes on stdin.
 *
 * `slipway install` copies this executable into a repository, as the hook itself: a text for sh
 * that starts it costs as much again as it does (design.md section 7 allows 0.8 times `git
 * --version`; a shell before it makes that 1.2). Unlike a link into an installation, which git
 * passes over without a word once it is dangling, a copy can say that slipway is gone. Where the
 * worker is, and which remote counts, stands behind its last byte (proc/record.h); a hook that was
 * there before stands beside it.
 *
 * usage: pre-push [--chained HOOK] [--remote NAME] [--rules-file FILE] REMOTE URL
 */
#include "pre-push-rules.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proc/record.h"
#include "proc/run.h"
#include "ref/url.h"

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct invocation {
    const char *self;       /* path of this executable */
    const char *chained;    /* the hook that was here before, or NULL */
    const char *usual;      /* the remote that rules mean when they name none; NULL: as recorded */
    char **args;            /* REMOTE URL, NULL-terminated */
    struct slip_str text;   /* all of stdin */
    struct slip_str worker; /* as recorded, or empty */
    bool other_rules;       /* the rules file has another name, which the worker finds out */
};

static const char *env(const char *name)
{
    return slip_env_get((const char *const *)environ, name);
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

static int fail_chained(const struct invocation *in, const char *why)
{
    fprintf(stderr, "slipway: error: cannot run '%s': %s\n", in->chained, why);
    return 1;
}

/* In our own process group, so that it may ask on the terminal as before. */
static int run_chained(const struct invocation *in)
{
    struct slip_error err = { 0 };
    const char *argv[] = { in->chained, in->args[0], in->args[1], NULL };
    const char *by_shell[] = { "sh", in->chained, in->args[0], in->args[1], NULL };
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    if (access(in->chained, X_OK) < 0)
        return 0;
    SLIP_AUTO_FD fd = stdin_again(in->text, &err);
    if (fd < 0)
        return fail_chained(in, err.text);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, 0);
    int rc = posix_spawn(&pid, in->chained, &actions, NULL, (char *const *)argv, environ);
    if (rc == ENOEXEC) /* no "#!" line: as execvp does */
        rc = posix_spawn(&pid, "/bin/sh", &actions, NULL, (char *const *)by_shell, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return fail_chained(in, strerror(rc));
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

/* The first `slipway` that can be started: as told, as recorded, beside this executable (installed,
 * then in a build directory), on PATH. NULL: there is none any more. */
static char *find_worker(const struct invocation *in)
{
    static const char *const places[] = { SLIP_WORKER_FROM_HERE, "slipway" };
    const char *told = env("SLIPWAY_BIN");
    if (told && told[0] && access(told, X_OK) == 0)
        return slip_strdup(told);
    SLIP_AUTO_FREE char *recorded = slip_memdup(in->worker.ptr, in->worker.len);
    if (recorded[0] && access(recorded, X_OK) == 0)
        return slip_strdup(recorded);
    for (size_t i = 0; i < SLIP_COUNT(places) && strchr(in->self, '/'); i++) {
        char *path = beside(in->self, places[i]);
        if (access(path, X_OK) == 0)
            return path;
        slip_free(path);
    }
    return slip_program_find((const char *const *)environ, "slipway");
}

/* Does this repository want pushes to fail when slipway is gone? */
static bool is_required(void)
{
    static const char *const argv[] = { "git", "config", "--bool", "slipway.required", NULL };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(64);
    struct slip_error err = { 0 };
    int status;
    struct slip_child git = { .argv = argv, .env = (const char *const *)environ, .out = &out };
    return slip_child_run(&git, &status, &err) == 0 && status == 0
           && slip_str_is(slip_str_trim(slip_buf_str(&out)), "true");
}

static int worker_is_gone(const struct invocation *in)
{
    fprintf(stderr, "slipway: warning: slipway is not installed any more, nothing is released by "
                    "this push\n");
    fprintf(stderr, "slipway: hint: install it, or remove this hook: %s\n", in->self);
    return is_required() ? 1 : 0;
}

/* Does not come back when it succeeds. */
static int become_worker(const struct invocation *in)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *path = find_worker(in);
    if (!path)
        return worker_is_gone(in);
    int fd = stdin_again(in->text, &err);
    const char *argv[] = { path,      "hook",      "pre-push",  "--remote",
                           in->usual, in->args[0], in->args[1], NULL };
    if (fd < 0 || dup2(fd, 0) < 0) {
        fprintf(stderr, "slipway: error: %s\n", err.text);
        return 1;
    }
    execv(path, (char *const *)argv);
    fprintf(stderr, "slipway: error: cannot run '%s': %s\n", path, strerror(errno));
    fprintf(stderr, "slipway: hint: install slipway again, or push with: git push --no-verify\n");
    return 1;
}

/* ---- what earlier pushes left behind ---- */

static bool has_job_in(const char *git_dir, const char *between, const char *state)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s%s/slipway/jobs/%s", git_dir, between, state);
    DIR *d = opendir(path);
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d)))
        found = slip_str_ends(slip_str_of(e->d_name), SLIP_STR(".json"));
    if (d)
        closedir(d);
    return found;
}

/* Waiting, or being worked on, perhaps by one that was killed. */
static bool has_job(const char *git_dir, const char *between)
{
    return has_job_in(git_dir, between, "new") || has_job_in(git_dir, between, "cur");
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
    *in = (struct invocation){ .self = argv[0] };
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--chained") == 0)
            in->chained = argv[i + 1];
        else if (strcmp(argv[i], "--remote") == 0)
            in->usual = argv[i + 1];
        else if (strcmp(argv[i], "--rules-file") == 0)
            in->other_rules = true;
        else
            return false;
    }
    in->args = argv + i;
    return argc - i == 2;
}

/* What `slipway install` wrote behind this executable; the installed one has nothing there. */
static char *read_record(struct invocation *in, struct slip_buf *tail)
{
    struct slip_error err = { 0 };
    struct slip_record record = { .remote = SLIP_STR("origin") };
    if (slip_record_read_own(in->self, tail, &err) == 0
        && slip_record_find(slip_buf_str(tail), &record))
        in->worker = record.worker;
    in->other_rules = in->other_rules || record.rules.len > 0;
    return slip_memdup(record.remote.ptr, record.remote.len);
}

/* A tag without images, and no word about it, would be a riddle. */
static void say_elsewhere(const struct slip_tags_elsewhere *e, struct slip_str remote)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (e->n == 0)
        return;
    slip_url_without_secrets(remote, &name);
    fprintf(stderr, "slipway: %.*s", SLIP_ARG(e->first));
    if (e->n > 1)
        fprintf(stderr, " and %zu more", e->n - 1);
    fprintf(stderr, ": nothing is released, the rules are not for the remote '%s'\n", name.ptr);
}

/* There is something on stdin. */
static int look_at_push(struct invocation *in)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) tail = SLIP_BUF(SLIP_RECORD_MAX);
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    bool cut;
    if (slip_ref_read_push(in->text, &updates, &cut, &err) < 0) {
        warn(err.text);
        return 0;
    }
    SLIP_AUTO_FREE char *recorded = read_record(in, &tail);
    if (!in->usual)
        in->usual = recorded;
    if (env("SLIPWAY_RULES_FILE") || in->other_rules) /* the worker knows how to find it */
        return become_worker(in);
    /* An address in place of a name may be that of the usual remote: the worker knows. */
    struct slip_str name = slip_str_of(in->args[0]), url = slip_str_of(in->args[1]);
    struct slip_str usual = slip_str_of(in->usual);
    struct slip_remote remote = { slip_url_may_be_typed(name, url) ? usual : name, url, usual };
    struct slip_tags_elsewhere elsewhere = { 0 };
    if (slip_pre_push_decide(&updates, &remote, (const char *const *)environ, &elsewhere)
        == ASK_THE_WORKER)
        return become_worker(in);
    say_elsewhere(&elsewhere, name);
    return jobs_wait() ? become_worker(in) : 0;
}

int main(int argc, char **argv)
{
    struct invocation in;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    if (!read_args(argc, argv, &in)) {
        fprintf(stderr, "slipway: error: pre-push is run by git: pre-push REMOTE URL\n");
        return 1;
    }
    if (slip_fd_read(0, "stdin", &text, &err) < 0) {
        warn(err.text);
        return 0;
    }
    in.text = slip_buf_str(&text);
    SLIP_AUTO_FREE char *beside_us = in.chained ? NULL : slip_printf("%s.pre-slipway", in.self);
    if (beside_us && strchr(in.self, '/') && access(beside_us, X_OK) == 0)
        in.chained = beside_us;
    int status = in.chained ? run_chained(&in) : 0;
    if (status != 0 || text.len == 0)
        return status;
    if (slip_str_switch(slip_str_of(env("SLIPWAY"))) == SLIP_SWITCH_OFF) {
        fprintf(stderr, "slipway: skipped (SLIPWAY=%s)\n", env("SLIPWAY"));
        return 0;
    }
    return look_at_push(&in);
}
