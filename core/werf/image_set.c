/* SPDX-License-Identifier: Apache-2.0 */
/* The checked content of a werf.yaml. */
#include "werf/image_set.h"

void slip_image_set_clear(struct slip_image_set *set)
{
    slip_arena_clear(&set->arena);
    *set = (struct slip_image_set){ 0 };
}

size_t slip_image_set_find(const struct slip_image_set *set, struct slip_str name)
{
    for (size_t i = 0; i < set->len; i++)
        if (slip_str_eq(set->at[i].name, name))
            return i;
    return SLIP_NPOS;
}
