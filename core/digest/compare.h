/* SPDX-License-Identifier: Apache-2.0 */
/* Why two digests of an image differ: ingredients, and the files behind a checksum. */
#ifndef SLIP_DIGEST_COMPARE_H
#define SLIP_DIGEST_COMPARE_H

#include "digest/digest.h"
#include "digest/select.h"
#include "repo/compare.h"

/* An ingredient that changed; `before` is NULL when it is new, `after` when it is gone. */
struct slip_ingredient_change {
    const struct slip_ingredient *before, *after;
};

struct slip_digest_changes {
    SLIP_VEC(struct slip_ingredient_change);
};
void slip_digest_changes_clear(struct slip_digest_changes *c);
SLIP_DEFINE_AUTO(slip_digest_changes, slip_digest_changes_clear);

/* Everything that differs, in the order of the lists. It points into `before` and `after`. */
void slip_digest_compare(const struct slip_image_digest *before,
                         const struct slip_image_digest *after, struct slip_digest_changes *out);

/*
 * Visit the files that differ between two trees and count in one of the selections (those of two
 * ingredients of kind FILES; either may be NULL).
 */
SLIP_MUST_USE int slip_selection_compare(const struct slip_tree *tree_before,
                                         const struct slip_file_selection *before,
                                         const struct slip_tree *tree_after,
                                         const struct slip_file_selection *after,
                                         slip_compare_visit *visit, void *payload,
                                         struct slip_error *err);

#endif
