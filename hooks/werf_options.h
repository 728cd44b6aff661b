/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of `werf export` that have no meaning here (registry-export.md 2.12): scripts written for
 * werf go on working, and what would change the result is refused with the way to say it here.
 */
#ifndef SLIP_HOOKS_WERF_OPTIONS_H
#define SLIP_HOOKS_WERF_OPTIONS_H

#include "base/str.h"

struct slip_werf_option {
    const char *name;
    bool takes_value;
    const char *instead; /* NULL: taken without a word; else refused, and this is what to do */
};

/* NULL when werf has none of that name, or slipway has it as well. */
const struct slip_werf_option *slip_werf_option_find(struct slip_str name);

#endif
