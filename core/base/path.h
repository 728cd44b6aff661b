/* SPDX-License-Identifier: Apache-2.0 */
/* Slash-separated paths as text; nothing here looks at a file system. */
#ifndef SLIP_BASE_PATH_H
#define SLIP_BASE_PATH_H

#include "base/buf.h"

/* Append the shortest equal path (as Go's path.Clean: "a/./b/../c//" -> "a/c", "" -> "."). */
void slip_path_clean(struct slip_str path, struct slip_buf *out);

/* Append clean(a + "/" + b), leaving out empty parts; nothing when both are empty (path.Join). */
void slip_path_join(struct slip_str a, struct slip_str b, struct slip_buf *out);

/* True when `path` is not absolute and stays inside its base after cleaning. */
bool slip_path_is_inside(struct slip_str path);

/* True when `path` is `dir` or lies below it, component by component; "" and "." hold all. */
bool slip_path_is_below(struct slip_str path, struct slip_str dir);

/* The part after the last slash; the part before it ("" when there is none). */
struct slip_str slip_path_base(struct slip_str path);
struct slip_str slip_path_dir(struct slip_str path);

/* Next component of `rest`, skipping slashes; false at the end. */
bool slip_path_next(struct slip_str *rest, struct slip_str *component);

#endif
