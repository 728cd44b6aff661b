/* SPDX-License-Identifier: Apache-2.0 */
/* Versions by Semantic Versioning 2.0.0, and when a name that moves may move. */
#ifndef SLIP_RULE_SEMVER_H
#define SLIP_RULE_SEMVER_H

#include "base/buf.h"
#include "base/error.h"

struct slip_semver {
    uint64_t major, minor, patch;      /* at most 2^63-1 */
    struct slip_str prerelease, build; /* without "-" and "+"; borrowed from the text */
    struct slip_str text;              /* the version as it stood in the text, without the prefix */
};

/*
 * `prefix`: what must stand before the version, or "auto" for an optional v or V. `loose` takes "1"
 * and "1.2" too, missing parts being 0. The error says what is wrong ("missing patch number").
 */
SLIP_MUST_USE int slip_semver_parse(struct slip_str text, struct slip_str prefix, bool loose,
                                    struct slip_semver *out, struct slip_error *err);

/* Precedence: below, equal, above zero. Build metadata does not count. */
int slip_semver_cmp(const struct slip_semver *a, const struct slip_semver *b);

static inline bool slip_semver_is_stable(const struct slip_semver *v)
{
    return v->prerelease.len == 0;
}

/* Append "X.Y.Z", with "-prerelease" and "+build" when `full`. */
void slip_semver_print(const struct slip_semver *v, bool full, struct slip_buf *out);

#endif
