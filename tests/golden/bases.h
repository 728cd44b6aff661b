/* SPDX-License-Identifier: Apache-2.0 */
/* Base images, as the vectors of staged images describe them. */
#ifndef SLIP_TESTS_GOLDEN_BASES_H
#define SLIP_TESTS_GOLDEN_BASES_H

#include <jansson.h>

#include "digest/staged.h"

/* The environment of `reference` for `platform` by the "base_images" of a case. */
SLIP_MUST_USE int golden_base_env(json_t *c, struct slip_str reference, const char *platform,
                                  struct slip_arena *a, struct slip_base_env *out,
                                  struct slip_error *err);

/* The texts of a list, in the arena. */
const struct slip_str *golden_texts(json_t *list, struct slip_arena *a, size_t *n);

#endif
