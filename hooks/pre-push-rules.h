/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of pushed commits say, with as few questions to git as can be. */
#ifndef SLIP_HOOKS_PRE_PUSH_RULES_H
#define SLIP_HOOKS_PRE_PUSH_RULES_H

#include "ref/update.h"
#include "rule/decide.h"

enum slip_verdict { NOTHING_TO_DO, ASK_THE_WORKER };

/* Tags that rules match, but not for this remote: whoever pushes one may wait for its images. */
struct slip_tags_elsewhere {
    struct slip_str first; /* "v1.0.0"; points into the updates */
    size_t n;
};

/*
 * Does a rule of its own commit match any of these updates? ASK_THE_WORKER also when anything is
 * not as expected: the worker finds out again and says what. `elsewhere` is for NOTHING_TO_DO.
 */
enum slip_verdict slip_pre_push_decide(const struct slip_ref_updates *updates,
                                       const struct slip_remote *remote, const char *const *env,
                                       struct slip_tags_elsewhere *elsewhere);

#endif
