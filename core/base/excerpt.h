/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines around the place of an error, for people:
 *
 *       11 | image: api
 *     > 12 | dockerfil: api/Dockerfile
 *          | ^
 *       13 | context: api
 */
#ifndef SLIP_BASE_EXCERPT_H
#define SLIP_BASE_EXCERPT_H

#include "base/error.h"
#include "base/str.h"

/*
 * Add to a recorded cause the lines of `text` around `line` and a mark below the character `col`
 * (both from 1; `col` 0: no mark). `first_line` is the number of the first line of `text`. A long
 * line is cut around the mark, others at their end. A place that is not in the text, or an excerpt
 * that is there already, changes nothing.
 */
void slip_error_show(struct slip_error *err, struct slip_str text, unsigned first_line,
                     unsigned line, unsigned col);

#endif
