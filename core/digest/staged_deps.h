/* SPDX-License-Identifier: Apache-2.0 */
/* What an instruction of a staged Dockerfile depends on (staged-and-stapel-digest.md 3.7). */
#ifndef SLIP_DIGEST_STAGED_DEPS_H
#define SLIP_DIGEST_STAGED_DEPS_H

#include "digest/digest.h"
#include "digest/staged_context.h"
#include "digest/staged_plan.h"
#include "digest/staged_vars.h"

struct slip_staged_deps {
    const struct slip_staged_plan *plan;
    const struct slip_staged_instruction *instruction;
    struct slip_staged_vars *vars; /* advanced to it */
    struct slip_arena *arena;
    void *payload;
    /* The full name of the last stage of another stage of the Dockerfile. */
    int (*stage_name)(void *payload, size_t stage, struct slip_str *out, struct slip_error *err);
    /* The build context; kept by whom it is asked of. */
    int (*context)(void *payload, struct slip_staged_context **out, struct slip_error *err);
};

/* Fills ingredients and dependencies of `out`. Errors name the line. */
SLIP_MUST_USE int slip_staged_depend(const struct slip_staged_deps *d,
                                     struct slip_stage_digest *out, struct slip_error *err);

/* The same of FROM itself, which makes a stage in version 2: its reference ("" for a stage of the
 * Dockerfile) and the cache version of werf.yaml. */
void slip_staged_depend_on_base(const struct slip_staged_plan *p, unsigned line,
                                struct slip_str reference, struct slip_str cache_version,
                                struct slip_arena *a, struct slip_stage_digest *out);

#endif
