/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log commands of CI systems (hooks-and-ci.md section 4.4). Names of tags and the like are written
 * by strangers: what is appended here can start no command of the log.
 */
#ifndef SLIP_CI_LOG_H
#define SLIP_CI_LOG_H

#include "base/buf.h"
#include "ci/provider.h"

enum slip_ci_level { SLIP_CI_ERROR, SLIP_CI_WARNING, SLIP_CI_NOTICE };

/* One line for the log: in GitHub's dialect an annotation, else "error: TEXT". */
void slip_ci_log_line(enum slip_ci_dialect dialect, enum slip_ci_level level, struct slip_str text,
                      struct slip_buf *out);

/* A part of the log that can be folded; nothing where there is no such thing but a plain title. */
void slip_ci_log_group(enum slip_ci_dialect dialect, struct slip_str title, int64_t now,
                       struct slip_buf *out);
void slip_ci_log_group_end(enum slip_ci_dialect dialect, int64_t now, struct slip_buf *out);

/* Between these two, output of others (a builder's) is not searched for commands. `token` is known
 * to nobody else. */
void slip_ci_log_stop(enum slip_ci_dialect dialect, struct slip_str token, struct slip_buf *out);
void slip_ci_log_resume(enum slip_ci_dialect dialect, struct slip_str token, struct slip_buf *out);

/* A whole line as one that is no command of any log: control characters escaped, "::" at its start
 * and "##" anywhere broken up. */
void slip_ci_log_plain(struct slip_str text, struct slip_buf *out);

#endif
