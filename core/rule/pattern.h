/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern of the rules file: `/regular expression/` (RE2) or a glob, both for the whole text. One
 * matcher for refs, remotes and image names, in time linear in the text whatever a commit asks for.
 */
#ifndef SLIP_RULE_PATTERN_H
#define SLIP_RULE_PATTERN_H

#include "base/error.h"
#include "base/str.h"

#define SLIP_PATTERN_GROUPS 10     /* 0 is the whole match */
#define SLIP_PATTERN_MAX 1024      /* bytes of a pattern */
#define SLIP_PATTERN_NAME_MAX 4096 /* bytes of a name; a longer one matches nothing */

/* What the groups of a pattern matched, as parts of the text. `len` counts group 0 too; a group
 * that took no part has a NULL pointer. */
struct slip_captures {
    struct slip_str at[SLIP_PATTERN_GROUPS];
    size_t len;
};

struct slip_re2;
struct slip_glob;

struct slip_pattern {
    struct slip_str text; /* as written, borrowed */
    struct slip_re2 *re2; /* one of these two */
    struct slip_glob *glob;
    size_t groups; /* of a regular expression, without group 0 */
};

/* `text` must outlive the pattern. Errors end in the ids E-REGEX or E-GLOB. */
SLIP_MUST_USE int slip_pattern_compile(struct slip_str text, struct slip_pattern *out,
                                       struct slip_error *err);
void slip_pattern_clear(struct slip_pattern *p);
SLIP_DEFINE_AUTO(slip_pattern, slip_pattern_clear);

/* `captures` may be NULL. */
bool slip_pattern_match(const struct slip_pattern *p, struct slip_str text,
                        struct slip_captures *captures);

/* The only text that a pattern without wildcards matches; NULL for any other. */
const char *slip_pattern_literal(const struct slip_pattern *p);

#endif
