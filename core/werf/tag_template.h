/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Destination names with placeholders for the image (`--tag`, werf-config.md section C):
 *
 *     template := (literal | '%' ['- '] word [' -'] '%' | '%/' '*' comment '*' '/%')*
 *     word     := 'image' | 'image_slug' | 'image_safe_slug' | 'image_content_based_tag'
 *
 * Blanks may stand around a word; a dash takes away the blanks of the literal on its side. There is
 * no escape for '%'.
 */
#ifndef SLIP_WERF_TAG_TEMPLATE_H
#define SLIP_WERF_TAG_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum slip_tag_word {
    SLIP_TAG_LITERAL,
    SLIP_TAG_IMAGE,
    SLIP_TAG_IMAGE_SLUG,
    SLIP_TAG_IMAGE_SAFE_SLUG,
    SLIP_TAG_IMAGE_CONTENT_BASED_TAG,
};

struct slip_tag_part {
    enum slip_tag_word word;
    struct slip_str text; /* of a literal; borrowed from the template */
};

struct slip_tag_template {
    struct slip_str text; /* as given, borrowed */
    struct slip_tag_part *parts;
    size_t n_parts;
};

void slip_tag_template_clear(struct slip_tag_template *t);
SLIP_DEFINE_AUTO(slip_tag_template, slip_tag_template_clear);

/* `text` must outlive the template. Errors are of the kind "usage". */
SLIP_MUST_USE int slip_tag_template_parse(struct slip_str text, struct slip_tag_template *out,
                                          struct slip_error *err);

/* Does the word occur? */
bool slip_tag_template_uses(const struct slip_tag_template *t, enum slip_tag_word word);

/* Append the destination of one image. */
void slip_tag_template_expand(const struct slip_tag_template *t, struct slip_str image,
                              struct slip_str content_based_tag, struct slip_buf *out);

/* Is `name` fit to be a destination? */
typedef int slip_tag_check(void *payload, struct slip_str name, struct slip_error *err);

/*
 * Expand for every image, with a content-based tag of the greatest length, and hand the names to
 * `check`. Two images with the same name are refused: one would overwrite the other.
 */
SLIP_MUST_USE int slip_tag_template_check(const struct slip_tag_template *t,
                                          const struct slip_str *images, size_t n_images,
                                          slip_tag_check *check, void *payload,
                                          struct slip_error *err);

#endif
