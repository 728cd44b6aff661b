/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of Go's filepath.Match: `*` and `?` take no '/', `[a-z]` and `[^a-z]` are sets, `\x` is
 * x itself; the whole name has to match. Nothing else is special, `[!a]` means '!' or 'a'.
 */
#ifndef SLIP_MATCH_FILE_MATCH_H
#define SLIP_MATCH_FILE_MATCH_H

#include "base/str.h"

enum slip_file_match {
    SLIP_FILE_MATCH_NO,
    SLIP_FILE_MATCH_YES,
    SLIP_FILE_MATCH_BAD, /* malformed, whatever the name is */
};

/* Takes time in proportion to pattern times name: limit the length of patterns from outside. */
enum slip_file_match slip_file_match(struct slip_str pattern, struct slip_str name);

/* As Go does it: what is malformed behind a mismatch is not noticed. */
enum slip_file_match slip_file_match_lazy(struct slip_str pattern, struct slip_str name);

#endif
