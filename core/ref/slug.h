/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ref names as parts of image references (hooks-and-ci.md section 6). Not the slugs of image names:
 * these keep case and dots.
 */
#ifndef SLIP_REF_SLUG_H
#define SLIP_REF_SLUG_H

#include "base/buf.h"

#define SLIP_TAG_MAX 128 /* bytes of a tag in a registry */

/* A tag that every registry accepts: [A-Za-z0-9_][A-Za-z0-9._-]{0,127}. */
bool slip_ref_is_tag(struct slip_str s);

/* Append the slug; nothing is appended when no character of `name` can stay. */
void slip_ref_slug(struct slip_str name, struct slip_buf *out);

/* Append a tag that no other name gives: the name itself when it is a tag, else a cut slug and the
 * beginning of the name's SHA-256. */
void slip_ref_safe_slug(struct slip_str name, struct slip_buf *out);

#endif
