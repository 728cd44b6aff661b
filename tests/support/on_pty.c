/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command on a pseudo-terminal of so many columns and prints what it wrote there. For tests
 * of colours and progress: on_pty COLUMNS COMMAND [WORD...]. Its exit status is the command's. The
 * command's stdout is ours when $ON_PTY is "stderr": then only its stderr is the terminal. When the
 * file $ON_PTY_INTERRUPT comes to be there, Ctrl-C is typed, once.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int fail(const char *what)
{
    fprintf(stderr, "on_pty: %s: %s\n", what, strerror(errno));
    return 125;
}

static void run_child(int terminal, char **words)
{
    const char *only = getenv("ON_PTY");
    setsid();
    (void)ioctl(terminal, TIOCSCTTY, 0);
    (void)dup2(terminal, STDIN_FILENO);
    if (!only || strcmp(only, "stderr") != 0)
        (void)dup2(terminal, STDOUT_FILENO);
    (void)dup2(terminal, STDERR_FILENO);
    close(terminal);
    execvp(words[0], words);
    _exit(fail(words[0]));
}

/* Type Ctrl-C when it is time. */
static void interrupt(int master, const char **when)
{
    if (!*when || access(*when, F_OK) < 0)
        return;
    (void)!write(master, "\003", 1);
    *when = NULL;
}

/* Until the last process has closed the terminal: then reading fails with EIO. */
static int copy_out(int master)
{
    char data[4096];
    const char *when = getenv("ON_PTY_INTERRUPT");
    struct pollfd fd = { master, POLLIN, 0 };
    for (;;) {
        interrupt(master, &when);
        if (poll(&fd, 1, when ? 20 : -1) == 0)
            continue;
        ssize_t n = read(master, data, sizeof(data));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 || errno == EIO ? 0 : fail("read");
        if (fwrite(data, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout) != 0)
            return fail("write");
    }
}

int main(int argc, char **argv)
{
    int master, terminal, status;
    struct winsize size = { .ws_row = 24 };
    struct termios raw;
    if (argc < 3) {
        fputs("usage: on_pty COLUMNS COMMAND [WORD...]\n", stderr);
        return 125;
    }
    size.ws_col = (unsigned short)strtoul(argv[1], NULL, 10);
    if (openpty(&master, &terminal, NULL, NULL, &size) < 0)
        return fail("openpty");
    if (tcgetattr(terminal, &raw) == 0) { /* lines as they were written, without CR added */
        raw.c_oflag &= ~(tcflag_t)OPOST;
        tcsetattr(terminal, TCSANOW, &raw);
    }
    pid_t child = fork();
    if (child < 0)
        return fail("fork");
    if (child == 0) {
        close(master);
        run_child(terminal, argv + 2);
    }
    close(terminal);
    int rc = copy_out(master);
    if (waitpid(child, &status, 0) < 0)
        return fail("waitpid");
    if (rc)
        return rc;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
