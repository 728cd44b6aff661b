/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the cases of one vector file (JSON lines). The file is read from tests/golden/, and when the
 * variable SLIPWAY_VECTORS names a directory, from there instead (a file that is absent there is
 * skipped). Prints "FILE: GOOD of ALL" and the ids that fail. Ids in tests/golden/not-yet.txt
 * ("FILE ID" a line) may fail.
 */
#ifndef SLIP_TESTS_GOLDEN_H
#define SLIP_TESTS_GOLDEN_H

#include <jansson.h>

#include "base/buf.h"

enum golden_result {
    GOLDEN_GOOD,
    GOLDEN_BAD,      /* `why` says what differs */
    GOLDEN_NOT_HERE, /* needs the corpus, which is not here */
};

typedef enum golden_result golden_case_fn(json_t *c, struct slip_buf *why);

/* The exit status of a test program: 0 when every case is good, not here, or listed. */
int golden_main(int argc, char **argv, const char *file, golden_case_fn *run);

/* Text of a string member (with its NULs), also of `<key>_b64`; {NULL, 0} when absent or null. The
 * bytes live as long as the case. */
struct slip_str golden_text(json_t *c, const char *key);

/* Text of a string, or of {"b64": ...}; {NULL, 0} of anything else. */
struct slip_str golden_text_of(json_t *v);

/* Base64 text of a string value, decoded; {NULL, 0} when `v` is none. Lives as long as the case. */
struct slip_str golden_base64(json_t *v);

/* Append to `why` and give GOLDEN_BAD. */
enum golden_result golden_bad(struct slip_buf *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Compare and say where they differ. */
enum golden_result golden_same(struct slip_buf *why, const char *what, struct slip_str got,
                               struct slip_str want);

/* The corpus directory (SLIPWAY_CORPUS), or NULL. */
const char *golden_corpus(void);

#endif
