/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a commit's images and the names wished for to an outcome: stages are found or built, their
 * content is rewritten and uploaded by digest, names are written last.
 */
#ifndef SLIP_FLOW_RELEASE_H
#define SLIP_FLOW_RELEASE_H

#include "export/rewrite.h"
#include "flow/build_reports.h"
#include "flow/listings.h"
#include "lock/lock.h"
#include "report/outcome.h"
#include "rule/rules.h"

/* One destination name for some images. Texts are borrowed. */
struct slip_release_wish {
    struct slip_str rule;          /* name of the rule, empty for a command typed by hand */
    struct slip_str name;          /* with %image% and its kin */
    struct slip_str version;       /* as in struct slip_export_wish */
    const bool *wanted;            /* a flag per image of the set */
    enum slip_if_exists if_exists; /* never AUTO */
    bool floating, latest;         /* written after the others; last of all */
    bool optional;                 /* its failure stops nothing */
    bool require_built;            /* its images, and what they need, are not built by this run */
    struct slip_rewrite how;       /* labels, annotations, platforms */
};

/* How far to go. */
enum slip_phase {
    SLIP_PHASE_PLAN,   /* read only: what would be written */
    SLIP_PHASE_STAGES, /* stages are there, no destination is touched */
    SLIP_PHASE_UPLOAD, /* stages and content, no names */
    SLIP_PHASE_NAMES,  /* everything */
    SLIP_PHASE_CHECK,  /* read only: what is under each name against what would be written */
};

struct slip_release_options {
    enum slip_phase phase;
    struct slip_str stage_repository;               /* "host/path" or "oci:DIR" */
    const struct slip_str *more_stage_repositories; /* where no stage may be written over either */
    size_t n_more;
    const struct slip_str *secondary_repositories; /* looked in for what the first one lacks */
    size_t n_secondary;
    struct slip_registry *registry;
    struct slip_resolve_options resolve;
    /* A build report of werf in place of digests, and its path; `stage_repository` and `resolve`
     * are not asked then, but for names that must not be written over. NULL: none. */
    const struct slip_build_report *use_report;
    const char *use_report_path;
    struct slip_build_report *save_report; /* gets the stages; NULL: nobody wants it */
    /* May this name be written to from here? NULL: all may. Asked before any network access. */
    int (*may_write)(void *payload, struct slip_str name, struct slip_error *err);
    void *payload;
    const struct slip_watch *watch;
    /* Names and digests that were prepared before, "NAME DIGEST" a line; NULL: none. A name among
     * them that would get another digest now stops everything. */
    const char *expected;
    /* For SLIP_PHASE_CHECK: of many checks in one run; NULL: every name is asked for. With it a
     * name whose stage is gone is looked for, too. */
    struct slip_listings *listings;
    /* Before anything is built or uploaded, ask everywhere whether we may write, and look for names
     * that must not be replaced. */
    bool preflight;
    /* Names that may be replaced while they hold this digest ("*": any), in the same form; NULL:
     * none. */
    const char *replaceable;
    /* Write these names, one a line, and no others; NULL: all. */
    const char *only;
    struct slip_locks *name_locks; /* under which names are written; NULL: none */
    bool offline; /* for SLIP_PHASE_PLAN: no registry is asked, so nothing is known of stages */
};

/*
 * Rows are added to `outcome` for every image and name. 0: everything was tried, the rows say how
 * it went. -1: a plan or configuration error, or a stage that is not there: nothing was written
 * under any name, and no rows were added. A stage that disappears on the way is built again, once,
 * where stages are built.
 */
SLIP_MUST_USE int slip_release(const struct slip_project *p, const struct slip_release_wish *wishes,
                               size_t n, const struct slip_release_options *o,
                               struct slip_outcome *outcome, struct slip_error *err);

#endif
