/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of a base image, as its registry has it now (staged-and-stapel-digest.md 3.5). */
#ifndef SLIP_FLOW_BASE_ENV_H
#define SLIP_FLOW_BASE_ENV_H

#include "digest/staged.h"
#include "registry/store.h"

struct slip_base_envs;

/* `r` is borrowed. No request yet. */
struct slip_base_envs *slip_base_envs_new(struct slip_registry *r);
void slip_base_envs_free(struct slip_base_envs *b); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_base_envs, slip_base_envs_free);

/*
 * Read manifest and config of `reference`, once; of an index those of all its platforms, to tell
 * whether they agree. What `out` points to lives as long as `b`. Fails when it cannot be had, or
 * has no such platform (SLIP_E_NOT_BUILT).
 */
SLIP_MUST_USE int slip_base_envs_read(struct slip_base_envs *b, struct slip_str reference,
                                      const char *platform, struct slip_base_env *out,
                                      struct slip_error *err);

#endif
