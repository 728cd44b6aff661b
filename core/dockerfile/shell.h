/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell words as BuildKit's lexer processes them (dockerfile-digest.md section 5): quotes, escapes,
 * $name and ${name<op>word}.
 */
#ifndef SLIP_DOCKERFILE_SHELL_H
#define SLIP_DOCKERFILE_SHELL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* The value of a variable; false when it is not set. `*value` must live as long as the call. */
typedef bool slip_shell_lookup(void *payload, struct slip_str name, struct slip_str *value);

struct slip_shell {
    slip_shell_lookup *lookup; /* NULL: nothing is set */
    void *payload;
    char escape;      /* backslash or backtick; 0 means backslash */
    bool keep_unset;  /* an unset variable stays as it was written */
    bool raw_quotes;  /* quotes stay */
    bool raw_escapes; /* escape characters stay */
};

/* Append the expansion of `word` to `out`. Nothing is appended when it fails; the error
 * (SLIP_E_CONFIG) names the word. */
SLIP_MUST_USE int slip_shell_expand(const struct slip_shell *sh, struct slip_str word,
                                    struct slip_buf *out, struct slip_error *err);

struct slip_shell_words {
    struct slip_str *at;
    size_t len;
};

/* The expansion cut into words at blanks outside quotes; values are cut too. They live in `a`. An
 * expansion of more than three times the text and 1 MiB is an error. */
SLIP_MUST_USE int slip_shell_split(const struct slip_shell *sh, struct slip_str text,
                                   struct slip_arena *a, struct slip_shell_words *out,
                                   struct slip_error *err);

#endif
