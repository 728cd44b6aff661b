/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an error of a template. Inside this room only. */
#ifndef SLIP_WERF_ADVICE_H
#define SLIP_WERF_ADVICE_H

#include "base/error.h"
#include "base/str.h"

/*
 * Add the next step to a recorded error, where there is one. `message` is Go's text, `source` the
 * text of the template and `line` where in it the mistake was noticed.
 */
void slip_werf_advise(struct slip_str message, struct slip_str source, unsigned line,
                      struct slip_error *err);

#endif
