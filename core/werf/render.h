/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying out the templates of a werf.yaml (werf-config.md A.2); inside this room only. */
#ifndef SLIP_WERF_RENDER_H
#define SLIP_WERF_RENDER_H

#include "werf/config.h"

/* Replace `text`, the content of werf.yaml (at `path`), by its rendering. An error begins with the
 * place in the file of the commit where it is ("file:line:col: ", the innermost of a chain of
 * templates), shows the lines around, and goes on with Go's text. */
SLIP_MUST_USE int slip_werf_render(const struct slip_tree *tree, const struct slip_commit *commit,
                                   const struct slip_config_options *o,
                                   const struct slip_giterminism *giterminism, const char *path,
                                   struct slip_buf *text, struct slip_error *err);

#endif
