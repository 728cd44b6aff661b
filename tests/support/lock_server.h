/* SPDX-License-Identifier: Apache-2.0 */
/* Start and end tests/support/lock_server.c from a test; needs LOCK_SERVER. */
#ifndef SLIP_TESTS_LOCK_SERVER_H
#define SLIP_TESTS_LOCK_SERVER_H

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

struct lock_server {
    pid_t pid;
    char url[64];
    char *log;
};

/* `option` and its value, or NULL. */
static inline void lock_server_start(struct lock_server *s, const char *dir, const char *option,
                                     const char *value)
{
    static unsigned n;
    int out[2];
    unsigned port = 0;
    s->log = slip_printf("%s/locks%u.log", dir, n++);
    assert_int_equal(pipe(out), 0);
    s->pid = fork();
    if (s->pid == 0) {
        dup2(out[1], 1);
        close(out[0]);
        close(out[1]);
        execl(LOCK_SERVER, "lock_server", "-l", s->log, option ? option : "-t",
              option ? value : "60000", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    assert_int_equal(fscanf(f, "ready %u", &port), 1);
    fclose(f);
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", port);
}

static inline void lock_server_kill(struct lock_server *s)
{
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    s->pid = 0;
}

static inline void lock_server_stop(struct lock_server *s)
{
    lock_server_kill(s);
    slip_free(s->log);
}

/* How often a text stands in the log. */
static inline unsigned lock_server_count(const struct lock_server *s, const char *text)
{
    struct slip_buf log = SLIP_BUF(1 << 20);
    struct slip_error err = { 0 };
    unsigned n = 0;
    if (slip_file_read(s->log, &log, &err) == 0)
        for (const char *at = log.ptr; (at = strstr(at, text)); at++)
            n++;
    slip_buf_clear(&log);
    return n;
}

/* Wait until it stands there so often. */
static inline void lock_server_wait(const struct lock_server *s, const char *text, unsigned n)
{
    for (int i = 0; i < 6000 && lock_server_count(s, text) < n; i++)
        usleep(10000);
    assert_true(lock_server_count(s, text) >= n);
}

#endif
