/* SPDX-License-Identifier: Apache-2.0 */
/* A process that stays behind: two forks, so that it is neither our child nor a session leader. */
#include "proc/detach.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include <sys/wait.h>

static void close_from(int first)
{
    if (close_range((unsigned)first, ~0u, 0) == 0)
        return;
    long max = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < (max > 0 ? max : 1024); fd++)
        close(fd);
}

/* In the grandchild; the errno of what failed. `*report` closes when exec succeeds. */
static int become(const char *const *argv, const char *const *env, int log, int *report)
{
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0
        || dup2(*report, 3) < 0)
        return errno;
    *report = 3;
    if (fcntl(3, F_SETFD, FD_CLOEXEC) < 0)
        return errno;
    close_from(4);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    execve(argv[0], (char *const *)argv, (char *const *)env);
    return errno;
}

/* In the child, which ends at once: whoever was left behind belongs to nobody. */
static _Noreturn void leave_behind(const char *const *argv, const char *const *env, int log,
                                   int report)
{
    setsid();
    pid_t other = fork();
    int why = other < 0 ? errno : other == 0 ? become(argv, env, log, &report) : 0;
    if (why && write(report, &why, sizeof(why)) < 0)
        _exit(126);
    _exit(0);
}

int slip_detach(const char *const *argv, const char *const *env, const char *log,
                struct slip_error *err)
{
    SLIP_AUTO_FD to = slip_log_open(log, err);
    int ends[2], why = 0;
    if (to < 0)
        return -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "pipe: %s", strerror(errno));
    SLIP_AUTO_FD read_end = ends[0];
    pid_t child = fork();
    if (child == 0)
        leave_behind(argv, env, to, ends[1]);
    close(ends[1]);
    if (child < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "fork: %s", strerror(errno));
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    if (read(read_end, &why, sizeof(why)) == (ssize_t)sizeof(why))
        return slip_fail(err, SLIP_E_INTERNAL, "cannot run '%s': %s", argv[0], strerror(why));
    return 0;
}
