/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image of a layout as builders of the containers project can read it. They take no images with
 * Docker's media types out of a layout, but do out of the form "dir:".
 */
#ifndef SLIP_BUILD_BASE_DIR_H
#define SLIP_BUILD_BASE_DIR_H

#include "registry/stored.h"

/*
 * Make the directory `path` (its parent is there) for an image of the layout in the directory
 * `layout`; blobs are links into it. SLIP_E_BUILD when that cannot be.
 */
SLIP_MUST_USE int slip_base_dir_make(const char *layout, const struct slip_stored *image,
                                     const char *path, struct slip_error *err);

#endif
