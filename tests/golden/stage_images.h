/* SPDX-License-Identifier: Apache-2.0 */
/* Images of a stage repository, as the vectors describe them. */
#ifndef SLIP_TESTS_GOLDEN_STAGE_IMAGES_H
#define SLIP_TESTS_GOLDEN_STAGE_IMAGES_H

#include <jansson.h>

#include "registry/store.h"

/* Put an image with these labels into a store of mem_store.h, different from that of every other
 * tag. `broken`: its config is not there. */
void golden_add_stage(struct slip_store *s, const char *tag, json_t *labels, bool broken);

/* The same with an environment ("NAME=value", a list; may be NULL), and whole. */
void golden_add_stage_with_env(struct slip_store *s, const char *tag, json_t *labels, json_t *env);

#endif
