/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that images of many stages have in common, staged Dockerfiles and stapel
 * (staged-and-stapel-digest.md section 1). The formulas are those of generation.h.
 */
#ifndef SLIP_DIGEST_STAGE_RULES_H
#define SLIP_DIGEST_STAGE_RULES_H

#include "hash/hash.h"
#include "werf/image_set.h"

/* The last stage of another image for the same platform, as found in the registry. */
struct slip_dependency_value {
    struct slip_str name;   /* full name, "<repository>:<digest>-<milliseconds>" */
    struct slip_str id;     /* of the image: digest of its config */
    struct slip_str digest; /* of its manifest */
};

/* What an import takes from it; borrowed. A name without a colon is all repository. */
struct slip_str slip_import_value(const struct slip_dependency_value *v,
                                  enum slip_import_type type);

/* All build arguments that a Dockerfile image takes from those it depends on, one value for each
 * dependency; a later import of the same argument wins. In the arena, not sorted. */
struct slip_str_map slip_imports_collect(const struct slip_image *image,
                                         const struct slip_dependency_value *values,
                                         struct slip_arena *a);

/* The name of a stage in its digest (1.1): "importsBeforeInstall" of dependenciesBeforeInstall and
 * its like, else the name itself. Borrowed. */
struct slip_str slip_stage_digest_name(struct slip_str stage);

/*
 * What a stage that holds files of git gives to the one behind it (1.2): the hash of one commit per
 * git mapping, in the order of bytes. `commits` may be in any order and empty. Stages of the other
 * kinds give "".
 */
void slip_stage_next(const struct slip_str *commits, size_t n, char out[SLIP_SHA256_HEX + 1]);

/* The name of a stage image (1.5): `repository` as the canonical name of a store, `tag` its tag.
 * In the arena. */
struct slip_str slip_stage_name(struct slip_arena *a, struct slip_str repository,
                                struct slip_str tag);

#endif
