/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sandbox.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static SLIP_NORETURN void give_up(const char *what, const char *why)
{
    fprintf(stderr, "sandbox: %s: %s\n", what, why);
    abort();
}

char *sandbox_new(void)
{
    const char *above = getenv("TMPDIR");
    char *dir = slip_printf("%s/slipway-test-XXXXXX", above && above[0] ? above : "/tmp");
    if (!mkdtemp(dir))
        give_up(dir, strerror(errno));
    return dir;
}

void sandbox_free(char *dir)
{
    slip_dir_remove(dir);
    slip_free(dir);
}

static const char *const git_env[][2] = {
    { "GIT_CONFIG_NOSYSTEM", "1" },
    { "GIT_CONFIG_GLOBAL", "/dev/null" },
    { "GIT_AUTHOR_NAME", "t" },
    { "GIT_AUTHOR_EMAIL", "t@example.com" },
    { "GIT_AUTHOR_DATE", "1700000000 +0130" },
    { "GIT_COMMITTER_NAME", "t" },
    { "GIT_COMMITTER_EMAIL", "t@example.com" },
    { "GIT_COMMITTER_DATE", "1700000001 -0200" },
};

static void become_git(char **argv, int out)
{
    for (size_t i = 0; i < SLIP_COUNT(git_env); i++)
        setenv(git_env[i][0], git_env[i][1], 1);
    static const char *const unset[] = { "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE" };
    for (size_t i = 0; i < SLIP_COUNT(unset); i++)
        unsetenv(unset[i]);
    dup2(out, STDOUT_FILENO);
    execvp(argv[0], argv);
    _exit(127);
}

static void run(const char *dir, const char *words, va_list args, struct slip_buf *output)
{
    struct {
        SLIP_VEC(char *);
    } argv = { 0 };
    const char *head[] = {
        "git", "-C", dir, "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"
    };
    for (size_t i = 0; i < SLIP_COUNT(head); i++)
        slip_vec_push(&argv, slip_strdup(head[i]));
    struct slip_str rest = slip_str_of(words), word;
    while (rest.len) {
        slip_str_cut(rest, ' ', &word, &rest);
        slip_vec_push(&argv, slip_str_is(word, "%") ? slip_strdup(va_arg(args, const char *))
                                                    : slip_memdup(word.ptr, word.len));
    }
    slip_vec_push(&argv, NULL);

    int ends[2], status = 0;
    if (pipe(ends) < 0)
        give_up(words, "pipe");
    pid_t pid = fork();
    if (pid == 0)
        become_git(argv.at, ends[1]);
    close(ends[1]);
    struct slip_error err = { 0 };
    if (pid < 0 || slip_fd_read(ends[0], words, output, &err) < 0)
        give_up(words, err.text);
    close(ends[0]);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        give_up(words, "git failed");
    for (size_t i = 0; i < argv.len; i++)
        slip_free(argv.at[i]);
    slip_vec_clear(&argv);
}

void sandbox_git(const char *dir, const char *words, ...)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_FILE);
    va_list args;
    va_start(args, words);
    run(dir, words, args, &out);
    va_end(args);
}

char *sandbox_git_line(const char *dir, const char *words, ...)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_FILE);
    va_list args;
    va_start(args, words);
    run(dir, words, args, &out);
    va_end(args);
    struct slip_str rest = slip_buf_str(&out), line = { 0 };
    slip_str_line(&rest, &line);
    return slip_memdup(line.ptr, line.len);
}

/* The full path of a file to be made, with the directories above it. */
static char *make_room(const char *dir, const char *path)
{
    struct slip_error err = { 0 };
    char *file = slip_printf("%s/%s", dir, path);
    struct slip_str above = slip_path_dir(slip_str_of(file));
    SLIP_AUTO_FREE char *parent = slip_memdup(above.ptr, above.len);
    if (slip_dir_make(parent, 0755, &err) < 0)
        give_up(path, err.text);
    return file;
}

void sandbox_write(const char *dir, const char *path, const char *content)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *file = make_room(dir, path);
    if (slip_file_write(file, slip_str_of(content), 0644, &err) < 0)
        give_up(path, err.text);
}

void sandbox_link(const char *dir, const char *path, const char *target)
{
    SLIP_AUTO_FREE char *file = make_room(dir, path);
    if (symlink(target, file) < 0)
        give_up(path, "symlink");
}
