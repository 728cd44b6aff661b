/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `run`, `ci`, the hook and the finisher have in common: one commit with its rules and images,
 * and what may be done from this machine.
 */
#ifndef SLIP_HOOKS_SESSION_H
#define SLIP_HOOKS_SESSION_H

#include "outcome.h"
#include "settings.h"

#include "flow/policy.h"
#include "flow/run_rules.h"
#include "flow/series.h"

/* How a session is opened. All may be NULL or zero. */
struct slip_session_flags {
    struct slip_commit_options commit;
    struct slip_registry_flags registry;
    struct slip_build_flags build;
    const char *rules_file; /* inside the commit */
    const char *rules_from; /* the commit whose rules count, instead of the one that is released */
    bool require_built;
};

/* clang-format off */
#define SLIP_SESSION_OPTIONS(type, member)                                                         \
    SLIP_COMMIT_OPTIONS(type, member.commit), SLIP_BUILD_OPTIONS(type, member.build),              \
        SLIP_RULES_OPTIONS(type, member),                                                          \
    { "require-built-images", 'Z', SLIP_OPTION_FLAG, offsetof(type, member.require_built), NULL,   \
      "SLIPWAY_REQUIRE_BUILT_IMAGES WERF_REQUIRE_BUILT_IMAGES",                                    \
      "do not build: a missing stage is an error" }

/* Of a command that looks at many commits and builds nothing. */
#define SLIP_SESSION_MORE_OPTIONS(type, member)                                                    \
    SLIP_WERF_OPTIONS(type, member.commit), SLIP_RULES_OPTIONS(type, member)

#define SLIP_RULES_OPTIONS(type, member)                                                           \
    SLIP_REGISTRY_OPTIONS(type, member.registry),                                                  \
    { "rules-file", 0, SLIP_OPTION_TEXT, offsetof(type, member.rules_file), "FILE",                \
      "SLIPWAY_RULES_FILE", "another name for .slipway.yaml, inside the commit" },                 \
    { "rules-from", 0, SLIP_OPTION_TEXT, offsetof(type, member.rules_from), "REV", NULL,           \
      "the rules of this commit, for refs that are older than the rules" }
/* clang-format on */

struct slip_session {
    struct slip_cli *cli;
    struct slip_session_flags flags;
    struct slip_git git;
    struct slip_git_config config;
    struct slip_project project;
    struct slip_rules rules;
    bool has_rules;
    bool strict; /* a hook: nothing is allowed that was not trusted */
    bool has_images;
    char *top;
    char rev_text[13];
    const char *rev; /* as in struct slip_policy */
    struct slip_settings settings;
    struct slip_registry *registry;
};

void slip_session_clear(struct slip_session *s);
SLIP_DEFINE_AUTO(slip_session, slip_session_clear);

/* Open repository and commit and read the rules; images are read when they are needed. `s` is all
 * zeros before. */
SLIP_MUST_USE int slip_session_open(struct slip_cli *cli, const struct slip_session_flags *flags,
                                    const char *rev, bool strict, struct slip_session *s,
                                    struct slip_error *err);

/* Go on with another commit: its rules and images, on the connections that are open. When this
 * fails the session has no commit, and another one may be tried. */
SLIP_MUST_USE int slip_session_switch(struct slip_session *s, const char *rev,
                                      struct slip_error *err);

/* Read werf.yaml, unless that was done already. */
SLIP_MUST_USE int slip_session_read_images(struct slip_session *s, struct slip_error *err);

/* Keep the decisions of the rules with these names; of all when there are none. */
void slip_choose_rules(const struct slip_words *names, struct slip_decisions *decisions);

/* A name that no rule has is the command line's fault. */
SLIP_MUST_USE int slip_check_rule_names(const struct slip_words *names,
                                        const struct slip_rules *rules, struct slip_error *err);

/* How far to go with the decisions of one update; `remote` is a name or an address, or NULL. */
struct slip_session_run {
    const struct slip_decision *decisions;
    size_t n;
    enum slip_phase phase;
    const char *remote;
    struct slip_str source_url;               /* without secrets */
    struct slip_str ci_run_id, ci_run_number; /* of a CI job, else empty */
    struct slip_listings *listings;           /* as in struct slip_release_options */
    const struct slip_series *series;         /* as in struct slip_rules_run */
    const char *expected, *replaceable;       /* as in struct slip_release_options */
    const char *only;                         /* likewise */
    const char *tmpdir;                       /* for temporary files, instead of $TMPDIR */
    bool offline;                             /* as in struct slip_release_options */
};
SLIP_MUST_USE int slip_session_run(struct slip_session *s, const struct slip_session_run *run,
                                   struct slip_outcome *outcome, struct slip_error *err);

/* The address of a remote by its name, without secrets; empty when there is none. */
void slip_session_remote_url(const struct slip_session *s, const char *remote,
                             struct slip_buf *out);

#endif
