/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of rules against the images of their commit, before anything is pushed. */
#ifndef SLIP_FLOW_CHECK_H
#define SLIP_FLOW_CHECK_H

#include "rule/rules.h"
#include "werf/image_set.h"

/*
 * Image patterns without placeholders are tried: a plain name that is no final image, and a rule
 * that is left without images, are told; so are destinations that are no reference whatever the
 * placeholders give, and names that several images would share. Issues whose id begins with "W" are
 * warnings.
 */
void slip_check_images(const struct slip_rules *rules, const struct slip_image_set *set,
                       struct slip_rule_issues *issues);

#endif
