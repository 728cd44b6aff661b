/* SPDX-License-Identifier: Apache-2.0 */
/* slipway tags --diff: why an image was built anew between two commits. */
#ifndef SLIP_HOOKS_TAGS_DIFF_H
#define SLIP_HOOKS_TAGS_DIFF_H

#include "settings.h"

struct slip_tags_diff {
    const struct slip_commit_options *commit; /* all but the revision */
    const char *before, *after, *image;
    const char *const *platforms;
    size_t n_platforms;
};

/* Prints what differs between the digests of one image in two commits: 0, also when nothing does.
 */
int slip_tags_diff(struct slip_cli *cli, const struct slip_tags_diff *d);

#endif
