/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of stages in lower case. To BuildKit `AS Build` and `--from=build` are the same stage;
 * other builders compare letter by letter. Nothing else of the text changes, not even its length.
 */
#ifndef SLIP_DOCKERFILE_LOWER_H
#define SLIP_DOCKERFILE_LOWER_H

#include "base/buf.h"
#include "dockerfile/dockerfile.h"

/* Append `text`, the file that `d` was parsed from, with the names of its stages in lower case
 * where they are given and where they are used. */
void slip_dockerfile_lower_stages(const struct slip_dockerfile *d, struct slip_str text,
                                  struct slip_buf *out);

#endif
