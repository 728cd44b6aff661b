/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules an update asks for, and what they shall do. Pure; nothing of the commit is needed. */
#ifndef SLIP_RULE_DECIDE_H
#define SLIP_RULE_DECIDE_H

#include "ref/update.h"
#include "rule/rules.h"

/* One rule that matched one update. Borrows from the rules and the update's text. */
struct slip_decision {
    const struct slip_rule *rule;
    struct slip_ref_update update;
    struct slip_captures captures; /* of the pattern that matched */
    enum slip_action action;       /* never NONE */
    bool skipped;                  /* a person named the rule in SLIPWAY_SKIP */
};

struct slip_decisions {
    SLIP_VEC(struct slip_decision);
};
void slip_decisions_clear(struct slip_decisions *d);
SLIP_DEFINE_AUTO(slip_decisions, slip_decisions_clear);

/* Where a push goes. */
struct slip_remote {
    struct slip_str name, url; /* as git gives them to pre-push; equal for a push to an address */
    struct slip_str usual;     /* the remote that rules without `remotes` mean ("origin") */
};

/*
 * All rules that match, in the order of updates, then of rules. `remote` is that of a push (NULL:
 * whichever it is). `skip`: names of rules with commas between, or empty. Deletions ask for
 * nothing.
 */
void slip_rules_decide(const struct slip_rules *rules, const struct slip_ref_updates *updates,
                       enum slip_trigger trigger, const struct slip_remote *remote,
                       struct slip_str skip, struct slip_decisions *out);

/* Does the rule ask for this ref, whatever the trigger? */
bool slip_rule_matches(const struct slip_rule *rule, enum slip_ref_kind kind, struct slip_str ref,
                       struct slip_str name, struct slip_captures *captures);

#endif
