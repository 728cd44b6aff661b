/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One `git cat-file --batch-check` on a socket: a line with an id goes out, a line comes back.
 *
 *     answer := id SP ("missing" | type SP size) LF
 */
#include "repo/fetch.h"

#include "base/file.h"
#include "base/mem.h"
#include "proc/run.h"
#include "repo/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
    ANSWER_MS = 120 * 1000, /* git may have to ask a remote */
    FETCH_MS = 1800 * 1000, /* a whole build context */
};

struct slip_fetcher {
    pid_t pid;
    int socket;
};

static int spawn(const char *program, const char *const *argv, const char *const *env, int socket,
                 pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int rc = posix_spawn(pid, program, &actions, NULL, (char *const *)argv, (char *const *)env);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int start(const char *program, const char *const *env, const char *git_dir,
                 struct slip_fetcher *f, struct slip_error *err)
{
    const char *const argv[] = { "git", "--git-dir", git_dir, "cat-file", "--batch-check", NULL };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "socketpair: %s", strerror(errno));
    int rc = spawn(program, argv, env, ends[1], &f->pid);
    close(ends[1]);
    f->socket = ends[0];
    if (rc == 0)
        return 0;
    f->pid = 0;
    return slip_fail(err, SLIP_E_REPO, "starting %s: %s", program, strerror(rc));
}

int slip_fetcher_new(const char *const *env, const char *git_dir, struct slip_fetcher **out,
                     struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_fetcher) f = slip_new(struct slip_fetcher);
    f->socket = -1;
    SLIP_AUTO_FREE char *program = slip_program_find(env, "git");
    if (!program)
        return slip_fail(err, SLIP_E_REPO, "git is not in PATH");
    const struct slip_git git = { .env = env };
    const char **quiet = slip_git_env_quiet(&git, true);
    int rc = start(program, quiet, git_dir, f, err);
    slip_git_env_free(quiet);
    if (rc < 0)
        return -1;
    *out = slip_take(f);
    return 0;
}

/* git ends when its input does; one that waits for a remote is told to. */
void slip_fetcher_free(struct slip_fetcher *f)
{
    if (!f)
        return;
    if (f->socket >= 0)
        close(f->socket);
    if (f->pid > 0) {
        kill(f->pid, SIGTERM);
        while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    slip_free(f);
}

static int send_all(int socket, const char *text, size_t len, struct slip_error *err)
{
    while (len) {
        ssize_t n = send(socket, text, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return slip_fail(err, SLIP_E_REPO, "git cat-file: %s", strerror(errno));
        text += n;
        len -= (size_t)n;
    }
    return 0;
}

static int wait_for_answer(int socket, struct slip_error *err)
{
    struct pollfd p = { .fd = socket, .events = POLLIN };
    int n;
    do
        n = poll(&p, 1, ANSWER_MS);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        return 0;
    return slip_fail(err, SLIP_E_TEMPORARY, "git did not get an object within %d s",
                     ANSWER_MS / 1000);
}

/* Only one question is ever open, so nothing can stand behind the line. */
static int read_line(int socket, struct slip_buf *line, struct slip_error *err)
{
    while (line->len == 0 || line->ptr[line->len - 1] != '\n') {
        char chunk[256];
        if (wait_for_answer(socket, err) < 0)
            return -1;
        ssize_t n = recv(socket, chunk, sizeof(chunk), 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || !slip_buf_add(line, chunk, (size_t)n))
            return slip_fail(err, SLIP_E_REPO, "git could not fetch an object");
    }
    return 0;
}

int slip_fetcher_want(struct slip_fetcher *f, const struct slip_oid *id, bool *found,
                      struct slip_error *err)
{
    char question[SLIP_OID_HEX + 2];
    slip_oid_hex(id, question);
    question[SLIP_OID_HEX] = '\n';
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(4096);
    if (send_all(f->socket, question, SLIP_OID_HEX + 1, err) < 0
        || read_line(f->socket, &answer, err) < 0)
        return -1;
    *found = !slip_str_ends(slip_buf_str(&answer), SLIP_STR(" missing\n"));
    return 0;
}

/* The words are those with which git itself gets what is missing. */
int slip_fetch_objects(const char *const *env, const char *git_dir, const char *remote,
                       const struct slip_oids *ids, struct slip_error *err)
{
    const char *const argv[] = { "git",
                                 "--git-dir",
                                 git_dir,
                                 "-c",
                                 "gc.auto=0",
                                 "-c",
                                 "fetch.negotiationAlgorithm=noop",
                                 "fetch",
                                 remote,
                                 "--no-tags",
                                 "--no-write-fetch-head",
                                 "--quiet",
                                 "--recurse-submodules=no",
                                 "--no-auto-maintenance",
                                 "--filter=blob:none",
                                 "--stdin",
                                 NULL };
    const struct slip_git git = { .env = env };
    SLIP_AUTO(slip_buf) input = SLIP_BUF(SIZE_MAX);
    for (size_t i = 0; i < ids->len; i++) {
        char hex[SLIP_OID_HEX + 2];
        slip_oid_hex(&ids->at[i], hex);
        hex[SLIP_OID_HEX] = '\n';
        slip_buf_add(&input, hex, SLIP_OID_HEX + 1);
    }
    const char **quiet = slip_git_env_quiet(&git, true);
    const struct slip_child child = {
        .argv = argv, .env = quiet, .input = slip_buf_str(&input), .timeout_ms = FETCH_MS
    };
    int status = 0, rc = slip_child_run(&child, &status, err);
    slip_git_env_free(quiet);
    if (rc < 0)
        return -1;
    return status == 0 ? 0 : slip_fail(err, SLIP_E_REPO, "git fetch %s: it failed", remote);
}
