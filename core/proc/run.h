/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a child process: argument vector, environment, limits, captured output. Never a shell. Should
 * we be killed, the child gets a TERM.
 */
#ifndef SLIP_PROC_RUN_H
#define SLIP_PROC_RUN_H

#include "base/buf.h"
#include "base/error.h"

struct slip_child {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH of `env` */
    const char *const *env;  /* NULL-terminated "NAME=value" list, the whole environment */
    const char *cwd;         /* or NULL */
    struct slip_str input;   /* written to its stdin; empty: /dev/null */
    /* When set, called again and again for more stdin after `input`: bytes written into `buf`, 0 at
     * the end, -1 (with err) to give up. */
    int (*more_input)(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err);
    void *payload;
    unsigned timeout_ms;  /* 0: none. On expiry TERM, then KILL after 2 s, to its process group */
    struct slip_buf *out; /* stdout, or NULL to throw it away; a full buffer ends the child */
    /* When set, called with stdout as it comes, instead: -1 (with err) to give up. */
    int (*take_out)(void *take_payload, struct slip_str data, struct slip_error *err);
    void *take_payload;
    struct slip_buf
        *errors; /* stderr: its last bytes are kept when it is full; NULL: thrown away */
    /* Each line of stdout and stderr as it comes, or NULL. */
    void (*on_line)(void *line_payload, bool is_stderr, struct slip_str line);
    void *line_payload;
    /* Called again and again while the child says nothing for that long, or NULL. */
    void (*on_idle)(void *line_payload);
    unsigned idle_ms;
    /* A signal that reached us, and that the child got too, is about to be raised again for us: the
     * process may end. Tidy up what must not stay. NULL: nothing. */
    void (*before_signal)(void *signal_payload);
    void *signal_payload;
};

/* 0: the child ended; `*status` is its exit status, or 128 + the signal that ended it. -1: it could
 * not be started, timed out, or was given up. SIGINT and SIGTERM of ours reach it. */
SLIP_MUST_USE int slip_child_run(const struct slip_child *c, int *status, struct slip_error *err);

/* The path of a program, looked up in PATH of `env` when `name` has no slash (only in absolute
 * directories); freed with slip_free. NULL when it is not there. */
char *slip_program_find(const char *const *env, const char *name);

/* The value of NAME in an environment list, or NULL. */
const char *slip_env_get(const char *const *env, const char *name);

#endif
