/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The imageSpec stage: the image of the stage before it with another config, layers untouched
 * (staged-and-stapel-digest.md section 5). Pure.
 */
#ifndef SLIP_BUILD_IMAGE_SPEC_H
#define SLIP_BUILD_IMAGE_SPEC_H

#include "build/stage_image.h"
#include "werf/image_set.h"

struct slip_image_spec_input {
    const struct slip_image_spec *spec;
    struct slip_str project, image;        /* for %project% and %image% in labels */
    const struct slip_stage_label *labels; /* of this stage (slip_stage_labels) */
    size_t n_labels;
};

/* Append the changed config of the stage before. Publish it without further labels. */
SLIP_MUST_USE int slip_image_spec_apply(struct slip_str config,
                                        const struct slip_image_spec_input *in,
                                        struct slip_buf *out, struct slip_error *err);

#endif
