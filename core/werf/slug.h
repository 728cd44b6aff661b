/* SPDX-License-Identifier: Apache-2.0 */
/* Image and project names as parts of tags, as werf folds them (werf-config.md section B). */
#ifndef SLIP_WERF_SLUG_H
#define SLIP_WERF_SLUG_H

#include "base/buf.h"

#define SLIP_DOCKER_TAG_MAX 128
#define SLIP_PROJECT_MAX 50

/* %image_slug%: letters, digits and single dashes. Not unique, may be empty. */
void slip_werf_slug(struct slip_str name, struct slip_buf *out);

/* %image_safe_slug%: the name itself when it is a tag or empty, else its slug, cut, and a hash. */
void slip_werf_docker_tag(struct slip_str name, struct slip_buf *out);
bool slip_werf_is_docker_tag(struct slip_str s);

/* The project name that werf would suggest. */
void slip_werf_project_slug(struct slip_str name, struct slip_buf *out);
bool slip_werf_is_project(struct slip_str s);

/* A slug of at most `max` bytes (at least 10): directories of mounts, managed image records. */
void slip_werf_limited_slug(struct slip_str name, size_t max, struct slip_buf *out);

#endif
