/* SPDX-License-Identifier: Apache-2.0 */
/* Which images a command line names (werf-config.md A.9). */
#ifndef SLIP_WERF_SELECT_H
#define SLIP_WERF_SELECT_H

#include "base/vec.h"
#include "werf/image_set.h"

struct slip_selection {
    SLIP_VEC(size_t); /* indexes in the set, ascending */
};

/*
 * Images that the patterns include and none excludes ("!pattern"); without an including pattern all
 * are. A name that is spelled out cannot be excluded. A pattern is that of Go's filepath.Match. A
 * pattern that includes no image is an error. `final_only` leaves out images with `final: false`
 * without a word: `skipped` (may be NULL) counts those that a pattern includes.
 */
SLIP_MUST_USE int slip_images_select(const struct slip_image_set *set,
                                     const struct slip_str *patterns, size_t n, bool final_only,
                                     struct slip_selection *out, size_t *skipped,
                                     struct slip_error *err);

void slip_selection_clear(struct slip_selection *s);
SLIP_DEFINE_AUTO(slip_selection, slip_selection_clear);

#endif
