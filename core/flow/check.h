/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of rules against the images of their commit, before anything is pushed. */
#ifndef SLIP_FLOW_CHECK_H
#define SLIP_FLOW_CHECK_H

#include "flow/policy.h"
#include "rule/rules.h"
#include "werf/image_set.h"

/* What the rules are held against. */
struct slip_check {
    const struct slip_image_set *images;
    const struct slip_policy *policy; /* of this machine; NULL: everything is allowed */
    struct slip_str stage_repository; /* that is used whatever the rules say; may be empty */
    struct slip_str default_branch;   /* empty: unknown */
    bool over_ssh;                    /* that is how pushes go */
};

/*
 * Image patterns without placeholders are tried: a plain name that is no final image, and a rule
 * that is left without images, are told; so are destinations that are no reference whatever the
 * placeholders give, that would stand among the stages or are not allowed here, and names that
 * several images would share. Issues whose id begins with "W" are warnings.
 */
void slip_check_rules(const struct slip_rules *rules, const struct slip_check *with,
                      struct slip_rule_issues *issues);

#endif
