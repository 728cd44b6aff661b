/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git makes of a blob when it checks it out: the `.gitattributes` of a commit may ask for
 * other line ends, or for filters that only the machine of the builder knows.
 */
#ifndef SLIP_DIGEST_CHECKOUT_H
#define SLIP_DIGEST_CHECKOUT_H

#include "repo/tree.h"

struct slip_checkout;

/* `tree` of the whole commit, borrowed. */
struct slip_checkout *slip_checkout_new(const struct slip_tree *tree);
void slip_checkout_free(struct slip_checkout *c); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_checkout, slip_checkout_free);

/*
 * Make of the content of the regular file at `path` (from the root of the commit) what stands in a
 * work tree, with core.autocrlf=false and the native line end LF. SLIP_E_UNSUPPORTED when a filter,
 * an encoding or $Id$ has a part in it.
 */
SLIP_MUST_USE int slip_checkout_convert(struct slip_checkout *c, struct slip_str path,
                                        struct slip_buf *content, struct slip_error *err);

#endif
