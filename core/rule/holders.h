/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tag of the remote holds a name that moves: the newest stable version of a series (the tags
 * of one rule whose groups beside the version are equal) for which a template gives that name.
 */
#ifndef SLIP_RULE_HOLDERS_H
#define SLIP_RULE_HOLDERS_H

#include "base/map.h"
#include "rule/rules.h"
#include "rule/template.h"

/* What is known about the other tags of the remote, for names that move. */
struct slip_series {
    bool known;
    const struct slip_str *tags; /* short names of all tags of the remote */
    size_t len;
    struct slip_str default_branch; /* empty: unknown */
    /* What was worked out before for rules of the same words, so that many updates cost no more
     * than one: slip_holders_memory. NULL: nothing is kept. */
    struct slip_map *memory;
};

/* Must not outlive the tags of the series. */
struct slip_map *slip_holders_memory(void);

/* The name that an update of a version wants. */
struct slip_holder_question {
    const struct slip_rule *rule;
    const struct slip_facts *facts; /* of the update, with captures and version */
    struct slip_str template, name; /* `name`: filled in */
};

/* The newest tag of the remote whose version is stable and newer, and that wants the same name,
 * too; {NULL, 0}: there is none. */
struct slip_str slip_newer_holder(const struct slip_series *series,
                                  const struct slip_holder_question *q);

/* The version of a tag by the rule's `semver`; `text` gets what it was read from, and what is read
 * borrows from it. */
SLIP_MUST_USE int slip_rule_read_version(const struct slip_rule *rule,
                                         const struct slip_facts *facts, struct slip_buf *text,
                                         struct slip_semver *out, struct slip_error *err);

#endif
