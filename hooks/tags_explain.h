/* SPDX-License-Identifier: Apache-2.0 */
/* slipway tags --explain: every ingredient of the digest of an image. */
#ifndef SLIP_HOOKS_TAGS_EXPLAIN_H
#define SLIP_HOOKS_TAGS_EXPLAIN_H

#include "cli.h"
#include "flow/resolve.h"

/* Print those of the wanted image, as text or JSON. */
void slip_tags_explain(struct slip_cli *cli, const struct slip_project *p,
                       const struct slip_resolution *r);

#endif
