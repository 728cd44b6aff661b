/* SPDX-License-Identifier: Apache-2.0 */
/* What the imageSpec stage depends on (dockerfile-digest.md 2.6). */
#ifndef SLIP_DIGEST_SPEC_H
#define SLIP_DIGEST_SPEC_H

#include "digest/digest.h"

/* The ingredients in the order in which they are hashed, in `a`. */
void slip_spec_ingredients(const struct slip_image_spec *spec, struct slip_arena *a,
                           struct slip_ingredient **out, size_t *n);

#endif
