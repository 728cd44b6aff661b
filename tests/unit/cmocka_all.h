/* SPDX-License-Identifier: Apache-2.0 */
/* What cmocka wants included before itself, and a table runner. */
#ifndef SLIP_TESTS_CMOCKA_ALL_H
#define SLIP_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

/* It gave no error, or the test ends with what it says. */
static inline void must(int rc, const struct slip_error *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

/* A view equals a C string. */
#define assert_str(s, want)                                                                        \
    do {                                                                                           \
        struct slip_str slip_got_ = (s);                                                           \
        struct slip_str slip_want_ = slip_str_of(want);                                            \
        if (!slip_str_eq(slip_got_, slip_want_))                                                   \
            fail_msg("'%.*s' != '%s'", SLIP_ARG(slip_got_), slip_want_.ptr);                       \
    } while (0)

#endif
