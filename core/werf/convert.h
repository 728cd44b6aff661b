/* SPDX-License-Identifier: Apache-2.0 */
/* From what a document says to images of the set; inside this room only. */
#ifndef SLIP_WERF_CONVERT_H
#define SLIP_WERF_CONVERT_H

#include "base/map.h"
#include "base/vec.h"
#include "werf/decode.h"
#include "werf/raw.h"

#define SLIP_LIMIT_IMAGES 10000

/* An image before its document is checked. One document can define several. */
struct slip_draft {
    const struct slip_value *where;
    struct slip_str name;
    bool artifact;
    const struct slip_raw_dockerfile *dockerfile; /* one of the two */
    const struct slip_raw_stapel *stapel;
};

struct slip_convert {
    struct slip_decoder d; /* its arena is gone after decoding */
    const struct slip_decode_options *o;
    struct slip_image_set *set; /* what images keep lives in its arena */
    const struct slip_raw_meta *meta;
    struct {
        SLIP_VEC(struct slip_draft);
    } drafts; /* Dockerfile images first, then stapel ones, both in the order of the text */
    struct slip_map *by_name; /* name -> struct slip_draft */
};

/* Which setting would allow what was refused just now; -1. */
int slip_convert_advise_to_allow(struct slip_convert *c, const char *setting);

/* A lasting copy. */
struct slip_str slip_convert_str(struct slip_convert *c, struct slip_str s);
struct slip_str_list slip_convert_list(struct slip_convert *c, const struct slip_raw_list *raw);
/* The same with every path cleaned. */
struct slip_str_list slip_convert_paths(struct slip_convert *c, const struct slip_raw_list *raw);
struct slip_str slip_convert_path(struct slip_convert *c, struct slip_str path);
/* Sorted by key; the values as written, or as Go prints them. */
struct slip_str_map slip_convert_map(struct slip_convert *c, const struct slip_raw_list *raw);
struct slip_str_map slip_convert_args(struct slip_convert *c, const struct slip_raw_list *raw);

/* A reference with a tag or digest: never an image of the config. */
bool slip_convert_is_external(struct slip_str name);

/* Index of the draft with that name, or SLIP_NPOS. */
size_t slip_convert_find(const struct slip_convert *c, struct slip_str name);

/* The names an `image:` key gives, NULL key included: nothing then. */
SLIP_MUST_USE int slip_convert_names(struct slip_convert *c, const struct slip_value *image,
                                     struct slip_raw_list *out);

SLIP_MUST_USE int slip_convert_meta(struct slip_convert *c);

/* The indexes in the image are those of drafts until they are put in order. */
SLIP_MUST_USE int slip_convert_dockerfile(struct slip_convert *c, const struct slip_draft *draft,
                                          struct slip_image *out);
SLIP_MUST_USE int slip_convert_stapel(struct slip_convert *c, const struct slip_draft *draft,
                                      struct slip_image *out);

/* `git:` and `import:` of a stapel image. */
SLIP_MUST_USE int slip_convert_copies(struct slip_convert *c, const struct slip_raw_stapel *raw,
                                      struct slip_stapel *out);

/* Parts that both kinds of image have. */
SLIP_MUST_USE int slip_convert_dependencies(struct slip_convert *c, const struct slip_raw_list *raw,
                                            bool stapel, struct slip_image *out);
/* `before` or `after` one of two stages: exactly one of both is given. */
SLIP_MUST_USE int slip_convert_place(struct slip_convert *c, const struct slip_value *where,
                                     struct slip_str before, struct slip_str after,
                                     enum slip_stapel_place *out);
SLIP_MUST_USE int slip_convert_secrets(struct slip_convert *c, const struct slip_raw_list *raw,
                                       struct slip_image *out);
/* cacheVersion and platform, of the image or of `build:`. */
void slip_convert_defaults(struct slip_convert *c, struct slip_str cache_version,
                           const struct slip_raw_list *platform, struct slip_image *out);
void slip_convert_image_spec(struct slip_convert *c, const struct slip_raw_spec *raw,
                             struct slip_image *out);

/* Refuses documents whose platforms lack a counterpart among those that they need (A.10). */
SLIP_MUST_USE int slip_convert_check_platforms(struct slip_convert *c);

/* Refuses names that clash (A.9). */
SLIP_MUST_USE int slip_convert_check_names(struct slip_convert *c);

/* Fills `needs` of the images, which stand in the order of the drafts, refuses circles, and puts
 * them into the set so that each follows what it needs. */
SLIP_MUST_USE int slip_convert_order(struct slip_convert *c, struct slip_image *images);

#endif
