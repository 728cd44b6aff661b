/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a commit: read from its tree, never from the work tree. */
#ifndef SLIP_FLOW_RULES_FILE_H
#define SLIP_FLOW_RULES_FILE_H

#include "repo/git.h"
#include "repo/tree.h"
#include "rule/rules.h"

/*
 * The same with what a person says now (an option, a variable; it must be there) or has configured
 * (slipway.rulesFile; a commit without it has no rules). Either may be NULL.
 */
SLIP_MUST_USE int slip_rules_as_told(const struct slip_tree *tree, const char *now,
                                     const char *configured, struct slip_rules *out, bool *found,
                                     struct slip_rule_issues *issues, struct slip_error *err);

/*
 * The same for a commit of the repository where git would run; `rev` NULL is HEAD.
 * `*top` (to be freed) is what relative `oci:` paths are relative to.
 */
SLIP_MUST_USE int slip_rules_of_commit(const struct slip_git *git, const char *rev,
                                       const char *path, struct slip_rules *out, bool *found,
                                       char **top, struct slip_error *err);

/*
 * For advice where a commit has no rules: the name of the file with some in the work tree where git
 * would run, or NULL.
 */
const char *slip_rules_in_work_tree(const struct slip_git *git);

#endif
