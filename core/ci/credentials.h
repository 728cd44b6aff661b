/* SPDX-License-Identifier: Apache-2.0 */
/* What a CI job may use at its provider's own registry without being configured. */
#ifndef SLIP_CI_CREDENTIALS_H
#define SLIP_CI_CREDENTIALS_H

#include "base/buf.h"
#include "ci/provider.h"

/*
 * Append a document in the form of docker's config.json, with the one credential that the job's
 * variables hold (hooks-and-ci.md section 4.3). False, and nothing appended, when there is none. It
 * is a secret: clear the buffer with slip_wipe.
 */
bool slip_ci_credentials(const struct slip_ci_provider *provider, struct slip_ci_env env,
                         struct slip_buf *out);

/*
 * Append the stage repository that `werf ci-env` would choose; false when there is none. `project`
 * is werf's project name.
 */
bool slip_ci_stage_repository(const struct slip_ci_provider *provider, struct slip_ci_env env,
                              struct slip_str project, struct slip_buf *out);

#endif
