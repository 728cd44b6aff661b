/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be done from here, whatever a commit asks for: a commit must not choose where this
 * machine's credentials go (design.md section 5). The answers stand in local git config.
 */
#ifndef SLIP_FLOW_POLICY_H
#define SLIP_FLOW_POLICY_H

#include "repo/git.h"
#include "rule/rules.h"

/* Keys of git config, as `git config -z --list` spells them. */
#define SLIP_KEY_REPO "slipway.repo"
#define SLIP_KEY_ALLOW "slipway.allowdestination" /* may be there more than once */
#define SLIP_KEY_BUILD "slipway.allowbuild"
#define SLIP_KEY_REMOTE "slipway.remote"
#define SLIP_KEY_ENABLED "slipway.enabled"
#define SLIP_KEY_RULES_FILE "slipway.rulesfile"
#define SLIP_KEY_PUSH_TIMEOUT "slipway.pushtimeout"     /* seconds */
#define SLIP_KEY_VERIFY_TIMEOUT "slipway.verifytimeout" /* seconds */

struct slip_policy {
    const struct slip_git_config *config; /* borrowed */
    const char *top;                      /* where relative `oci:` paths begin; borrowed */
    bool strict;     /* a hook: what is not allowed is refused; else only when any key is set */
    const char *rev; /* of the rules that ask; NULL: HEAD */
};

/*
 * May this reference, with all placeholders filled in, be written to? SLIP_E_POLICY with a hint to
 * `slipway trust` when not. Prefixes are compared at path boundaries; links on the way of an `oci:`
 * path are followed first.
 */
SLIP_MUST_USE int slip_policy_check_destination(const struct slip_policy *p,
                                                struct slip_str reference, struct slip_error *err);

/* May stages be read from and built into this repository? */
SLIP_MUST_USE int slip_policy_check_repo(const struct slip_policy *p, struct slip_str repo,
                                         struct slip_error *err);

/* May Dockerfiles of a commit be run? */
bool slip_policy_may_build(const struct slip_policy *p);

/* ---- what `slipway install` and `slipway trust` record ---- */

struct slip_policy_wants {
    struct slip_arena arena;
    struct slip_str repo; /* stage repository, or empty */
    struct {
        SLIP_VEC(struct slip_str);
    } prefixes; /* each once */
    struct {
        SLIP_VEC(struct slip_str);
    } unknown; /* destinations that begin with a placeholder: nothing can be recorded for them */
};
void slip_policy_wants_clear(struct slip_policy_wants *w);
SLIP_DEFINE_AUTO(slip_policy_wants, slip_policy_wants_clear);

/* What the rules need: of each destination the components before its first placeholder. */
void slip_policy_wants_of(const struct slip_rules *rules, struct slip_policy_wants *out);

/* One thing that is allowed, and whether it was before. */
struct slip_policy_entry {
    const char *key;       /* of git config */
    struct slip_str value; /* borrowed from `wants` */
    const char *was;       /* what stood there, or NULL; only for keys with one value */
    bool fresh;            /* was not allowed before */
};
struct slip_policy_entries {
    SLIP_VEC(struct slip_policy_entry);
};
void slip_policy_entries_clear(struct slip_policy_entries *e);
SLIP_DEFINE_AUTO(slip_policy_entries, slip_policy_entries_clear);

/* All that the rules want, in the order to show it. */
void slip_policy_compare(const struct slip_policy *p, const struct slip_policy_wants *wants,
                         struct slip_policy_entries *out);

/* Write what is fresh to local git config. */
SLIP_MUST_USE int slip_policy_record(const struct slip_git *git,
                                     const struct slip_policy_entries *entries,
                                     struct slip_error *err);

#endif
