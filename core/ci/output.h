/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a job hands to the next one: variables, and a summary for people (hooks-and-ci.md section
 * 4.4). Providers limit both; with many images only totals and the path of the report are left.
 */
#ifndef SLIP_CI_OUTPUT_H
#define SLIP_CI_OUTPUT_H

#include "base/buf.h"

#define SLIP_CI_VARIABLES_MAX 40
#define SLIP_CI_OUTPUT_MAX 4096
#define SLIP_CI_SUMMARY_MAX (1u << 20)

/* One name that was written or found unchanged. */
struct slip_ci_name {
    struct slip_str image, reference, digest;
    struct slip_str action; /* "written", "unchanged", ... */
};

/* Empty where there is nothing to say. */
struct slip_ci_outputs {
    struct slip_str status; /* exported, unchanged, nothing, failed, partial */
    struct slip_str ref, version, commit;
    struct slip_str report; /* path of the JSON document */
    const struct slip_ci_name *names;
    size_t n_names;
};

/* Were there more than providers take, so that only totals are left? */
bool slip_ci_output_is_cut(const struct slip_ci_outputs *o);

/* KEY=value lines, keys in upper case with SLIPWAY_ in front: for `artifacts:reports:dotenv`. */
void slip_ci_output_dotenv(const struct slip_ci_outputs *o, struct slip_buf *out);

/* key=value lines for $GITHUB_OUTPUT; texts of several lines stand between lines of `delimiter`,
 * which nobody else can guess. */
void slip_ci_output_github(const struct slip_ci_outputs *o, struct slip_str delimiter,
                           struct slip_buf *out);

/* A table in Markdown. */
void slip_ci_output_summary(const struct slip_ci_outputs *o, struct slip_buf *out);

#endif
