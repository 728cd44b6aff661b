/* SPDX-License-Identifier: Apache-2.0 */
/* Stages of another generation of werf: they are never found, and building beside them surprises.
 */
#ifndef SLIP_FLOW_OTHER_GENERATION_H
#define SLIP_FLOW_OTHER_GENERATION_H

#include "digest/generation.h"
#include "registry/stages.h"

/*
 * Warn when stages are there, but the newest of them are all of another generation than `g`. Looks
 * at a few; costs two requests each. Call it when a stage is missing, before it is built.
 */
void slip_tell_other_generation(struct slip_stages *s, const struct slip_generation *g,
                                const char *repository, const struct slip_watch *watch);

#endif
