/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs of our own rules: refs, remotes and image names (hooks-and-ci.md 5.3). Bytes, case counts,
 * the whole name has to match.
 *
 *     glob := item*
 *     item := '*'            any run without '/'
 *           | '**'           any run
 *           | '?'            one byte but '/'
 *           | '[' set ']'    one byte of a set ('[!' or '[^': not of it), never '/'
 *           | '{' glob (',' glob)* '}'
 *           | '\' byte | byte
 */
#ifndef SLIP_MATCH_GLOB_H
#define SLIP_MATCH_GLOB_H

#include "base/error.h"
#include "base/str.h"

#define SLIP_GLOB_MAX 4096 /* bytes of a pattern */

struct slip_glob;

/* A malformed or too long pattern is an error of the kind "config". */
SLIP_MUST_USE int slip_glob_compile(struct slip_str pattern, struct slip_glob **out,
                                    struct slip_error *err);
void slip_glob_free(struct slip_glob *g); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_glob, slip_glob_free);

/* Takes time in proportion to pattern times name, whatever they are. */
bool slip_glob_match(const struct slip_glob *g, struct slip_str name);

/* The only name a pattern without wildcards matches, unescaped; NULL when it has any. */
const char *slip_glob_literal(const struct slip_glob *g);

#endif
