/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why an operation failed. Lives on the caller's stack, owns no memory, needs no release.
 *
 * One kind per row of the exit table (hooks-and-ci section 8.3): a kind tells the reader what to do
 * next, chooses the exit status and says whether trying again may help.
 *
 * Texts: lower case, no full stop, the thing in single quotes, "file:line:col: " in front when
 * there is a position. `hint` is the exact next step, or empty. `excerpt` holds numbered lines of
 * the text around that position, or nothing: base/excerpt.h.
 */
#ifndef SLIP_BASE_ERROR_H
#define SLIP_BASE_ERROR_H

#include "base/macro.h"

enum slip_kind {
    SLIP_OK = 0,
    SLIP_E_INTERNAL,    /* exit 1: a bug or the operating system */
    SLIP_E_USAGE,       /* 2: the command line */
    SLIP_E_CONFIG,      /* 3: werf.yaml, a template, a Dockerfile or a rule: fix the file */
    SLIP_E_UNSUPPORTED, /* 4: we cannot do this: use werf */
    SLIP_E_NOT_BUILT,   /* 5: the stage is missing and building is not allowed */
    SLIP_E_REGISTRY,    /* 6: the registry answered no for good */
    SLIP_E_DENIED,      /* 7: 401, 403: fix credentials */
    SLIP_E_CONFLICT,    /* 8: what is there differs */
    SLIP_E_BUILD,       /* 9: the builder failed */
    SLIP_E_PARTIAL,     /* 10: some names written, some not: run again */
    SLIP_E_POLICY,      /* 11: not allowed here */
    SLIP_E_REPO,        /* 12: the git repository */
    SLIP_E_TEMPORARY,   /* 75: no usable answer after all attempts: try again later */
    SLIP_KINDS
};

struct slip_error {
    enum slip_kind kind;
    char text[2048];
    char hint[512];
    char excerpt[1024];
};

/* Record the first cause. Always returns -1, so that callers write `return slip_fail(...)`. */
int slip_fail(struct slip_error *err, enum slip_kind kind, const char *fmt, ...) SLIP_PRINTF(3, 4);

/* Put "what we were doing" and ": " before a recorded cause. Always returns -1. */
int slip_while(struct slip_error *err, const char *fmt, ...) SLIP_PRINTF(2, 3);

/* Add the next step to a recorded cause; an earlier hint stays. Always returns -1. */
int slip_hint(struct slip_error *err, const char *fmt, ...) SLIP_PRINTF(2, 3);

/* The same in the place of an earlier hint, from one who knows better. */
void slip_hint_instead(struct slip_error *err, const char *fmt, ...) SLIP_PRINTF(2, 3);

/* Add a line of advice behind those that are there. */
void slip_hint_also(struct slip_error *err, const char *fmt, ...) SLIP_PRINTF(2, 3);

/* Forget a cause that was dealt with. */
void slip_error_clear(struct slip_error *err);

/*
 * The same as expressions of which compilers and analysers see that they are -1, so that what
 * follows a failed call is not taken for reachable.
 */
#define slip_fail(...)                                                                             \
    ({                                                                                             \
        (slip_fail)(__VA_ARGS__);                                                                  \
        -1;                                                                                        \
    })
#define slip_while(...)                                                                            \
    ({                                                                                             \
        (slip_while)(__VA_ARGS__);                                                                 \
        -1;                                                                                        \
    })
#define slip_hint(...)                                                                             \
    ({                                                                                             \
        (slip_hint)(__VA_ARGS__);                                                                  \
        -1;                                                                                        \
    })

/* The exit status of a kind; how a kind is called in reports ("config", "denied", ...). */
int slip_kind_exit(enum slip_kind kind);
const char *slip_kind_name(enum slip_kind kind);

/* The kind that ends with this status, SLIP_E_INTERNAL when none does. */
enum slip_kind slip_kind_of_exit(int status);

/* Of two kinds the one with the larger impact (8.3: 10, 8, 7, 9, 6, 75, others). */
enum slip_kind slip_kind_worse(enum slip_kind a, enum slip_kind b);

#endif
