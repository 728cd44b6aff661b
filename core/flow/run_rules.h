/* SPDX-License-Identifier: Apache-2.0 */
/* Carry out the rules that one update asks for: one release of all of them together. */
#ifndef SLIP_FLOW_RUN_RULES_H
#define SLIP_FLOW_RUN_RULES_H

#include "flow/metadata.h"
#include "flow/release.h"
#include "repo/git.h"
#include "rule/decide.h"
#include "rule/expand.h"

struct slip_rules_run {
    const struct slip_rules *rules;
    const struct slip_decision *decisions; /* of one update; skipped ones are passed over */
    size_t n;
    const char *remote;               /* name or address, for the series of versions; NULL: none */
    const struct slip_series *series; /* when it is known already: the remote is not asked */
    struct slip_str source_url;       /* of the repository, without secrets; may be empty */
    const struct slip_git *git;
    int64_t epoch;                                       /* SOURCE_DATE_EPOCH, or -1 */
    const char *(*env)(void *payload, const char *name); /* for %env:NAME% */
    void *env_payload;
    struct slip_str ci_run_id, ci_run_number;
    struct slip_str stage_repository;    /* wins over the rules' own; may be empty */
    struct slip_release_options release; /* its stage_repository is filled in here */
};

/* The stage repository that a run will use: given, or the rules'. Empty when there is none. */
struct slip_str slip_rules_stage_repository(const struct slip_rules *rules, struct slip_str given);

/*
 * As slip_release. `p` has its images read. Notices of rules (names held back, versions that do not
 * count) go to the watch.
 */
SLIP_MUST_USE int slip_run_rules(const struct slip_project *p, const struct slip_rules_run *run,
                                 struct slip_outcome *outcome, struct slip_error *err);

/* Only fill in the names, without any network (`series` is given): what is wrong with each decision
 * goes to `on_error`. */
void slip_check_names(const struct slip_project *p, const struct slip_rules_run *run,
                      void (*on_error)(void *payload, const struct slip_error *err), void *payload);

#endif
