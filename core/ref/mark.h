/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line "Slipway: skip" by which a person asks that a ref releases nothing (hooks-and-ci.md
 * section 3.6). A mark of a commit never concerns a tag: tags carry their own.
 */
#ifndef SLIP_REF_MARK_H
#define SLIP_REF_MARK_H

#include "base/str.h"

/* Both take an object as `git cat-file` prints it: header lines, an empty line, the message. */

/* Of an annotated tag: any line of its message. */
bool slip_mark_of_tag(struct slip_str object);

/* Of a commit: a line among its trailers, which are the last paragraph, but never the first. */
bool slip_mark_of_commit(struct slip_str object);

#endif
