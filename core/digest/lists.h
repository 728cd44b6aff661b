/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dependency strings of every stage of a Dockerfile (dockerfile-digest.md 3.3 to 3.6):
 * variables filled in, then what stages take from each other.
 */
#ifndef SLIP_DIGEST_LISTS_H
#define SLIP_DIGEST_LISTS_H

#include "base/vec.h"
#include "digest/digest.h"
#include "dockerfile/dockerfile.h"
#include "dockerfile/platform.h"

/* Strings of one stage; the same ingredient may stand in several lists, and more than once. */
struct slip_list {
    SLIP_VEC(struct slip_ingredient *);
};

struct slip_lists {
    struct slip_list *stages;   /* one per stage */
    struct slip_list *on_build; /* what its ONBUILD triggers add to stages made FROM it */
    size_t len;
};

/*
 * Fill in an ingredient for the files that `sources` (expanded, as written otherwise) select; both
 * live in the arena of the lists. The text may come later, but before it is hashed.
 */
typedef int slip_files_fn(void *payload, struct slip_ingredient *files,
                          const struct slip_str *sources, size_t n, struct slip_error *err);

struct slip_lists_input {
    const struct slip_dockerfile *file;
    const char *name;            /* of the Dockerfile, for messages and origins */
    struct slip_str_map args;    /* of werf.yaml */
    struct slip_str_map imports; /* build args from dependencies: they win; sorted likewise */
    struct slip_str_list add_host;
    struct slip_platform target, host;
    slip_files_fn *files;
    void *payload;
    struct slip_arena *arena; /* of ingredients and their texts */
};

SLIP_MUST_USE int slip_lists_make(const struct slip_lists_input *in, struct slip_lists *out,
                                  struct slip_error *err);
void slip_lists_clear(struct slip_lists *l);
SLIP_DEFINE_AUTO(slip_lists, slip_lists_clear);

#endif
