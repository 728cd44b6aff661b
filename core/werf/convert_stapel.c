/* SPDX-License-Identifier: Apache-2.0 */
/* Stapel images and artifacts (werf-config.md A.8). */
#include "werf/convert.h"

int slip_convert_stapel(struct slip_convert *c, const struct slip_draft *draft,
                        struct slip_image *out)
{
    (void)out;
    return slip_decode_fail(&c->d, draft->where, "stapel images are not known yet");
}
