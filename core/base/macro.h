/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler attributes and the cleanup idiom used everywhere. */
#ifndef SLIP_BASE_MACRO_H
#define SLIP_BASE_MACRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLIP_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SLIP_MUST_USE __attribute__((warn_unused_result))
#define SLIP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SLIP_UNUSED __attribute__((unused))
#define SLIP_NORETURN __attribute__((noreturn))

/*
 * A local of type `struct t` that is cleared when it leaves its scope. Initialise it where it is
 * declared, and use no goto in that function:
 *
 *     SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
 */
#define SLIP_AUTO(t) __attribute__((cleanup(t##_auto))) struct t

/* Define once per type, after its _clear function. */
#define SLIP_DEFINE_AUTO(t, clear)                                                                 \
    static inline SLIP_UNUSED void t##_auto(struct t *p)                                           \
    {                                                                                              \
        clear(p);                                                                                  \
    }                                                                                              \
    struct t

/* The same for a pointer to an object with a _free function: SLIP_AUTO_PTR(slip_repo) repo = NULL;
 */
#define SLIP_AUTO_PTR(t) __attribute__((cleanup(t##_auto_ptr))) struct t *
#define SLIP_DEFINE_AUTO_PTR(t, free_fn)                                                           \
    static inline SLIP_UNUSED void t##_auto_ptr(struct t **p)                                      \
    {                                                                                              \
        free_fn(*p);                                                                               \
    }                                                                                              \
    struct t

/* Hand a pointer over: gives its value and leaves NULL behind, so a cleanup does nothing. */
#define slip_take(p)                                                                               \
    ({                                                                                             \
        __typeof__(p) slip_taken_ = (p);                                                           \
        (p) = NULL;                                                                                \
        slip_taken_;                                                                               \
    })

#endif
