/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stapel images: the stages they have and the digest of each (staged-and-stapel-digest.md sections
 * 4 and 5). What a digest is made of depends on the stage before as it was found: on the commits in
 * its labels. So a walk goes from stage to stage: it says which digest to look for, the caller says
 * what it found. Nothing here asks a registry.
 *
 * A digest that cannot be told for sure is an error (SLIP_E_UNSUPPORTED) that says why.
 */
#ifndef SLIP_DIGEST_STAPEL_H
#define SLIP_DIGEST_STAPEL_H

#include "digest/digest.h"
#include "repo/history.h"

/* Settings of werf that change digests, all off by default. */
struct slip_stapel_switches {
    bool import_permissions; /* WERF_EXPERIMENTAL_STAPEL_IMPORT_PERMISSIONS */
    bool import_by_source;   /* WERF_EXPERIMENTAL_IMPORT_BY_SOURCE_IMAGE_TAG */
    bool any_commit;         /* WERF_DISABLE_GIT_COMMIT_ANCESTRY_CHECK */
};

/* The labels of a stage image. */
struct slip_stage_labels {
    struct slip_str (*get)(const void *self, const char *key); /* {NULL, 0}: there is none */
    const void *self;
};

/* Which stages of a digest werf takes: those whose commits are in the history of ours (1.6). */
struct slip_stapel_choice {
    struct slip_repo *repo;
    const struct slip_oid *commit;
    bool any_commit;             /* or those that are here at all */
    const char *const *mappings; /* ids of the git mappings, as labels have them */
    size_t n_mappings;
};

/* Whether the stage with these labels is one of them. Unknown: it may be, but the clone is shallow.
 * Fails (SLIP_E_UNSUPPORTED) when a label names no commit, over which werf fails, too. */
SLIP_MUST_USE int slip_stapel_fits(const struct slip_stapel_choice *c,
                                   const struct slip_stage_labels *labels, enum slip_answer *out,
                                   struct slip_error *err);

/* What is known of an import. */
struct slip_import_facts {
    struct slip_str content;  /* content digest of the source, see slip_stapel_import_content */
    struct slip_str checksum; /* of its files; unused with `import_by_source` */
};

/* One image on one platform. Everything is borrowed for the life of the walk. */
struct slip_stapel_request {
    const struct slip_image_set *set;
    size_t image; /* index in the set, a SLIP_IMAGE_STAPEL or SLIP_IMAGE_ARTIFACT */
    const char *platform;
    struct slip_repo *repo;
    const struct slip_commit *commit;
    const struct slip_tree *tree;             /* of the commit */
    const struct slip_generation *generation; /* NULL: werf 2 */
    const struct slip_stapel_switches *switches;
    struct slip_str base_id;                          /* with fromLatest: what stands there now */
    struct slip_str base_content;                     /* of a base that is an image of the set */
    const struct slip_import_facts *imports;          /* one per import */
    const struct slip_dependency_value *dependencies; /* one per dependency */
    struct slip_image_digest *result; /* stages are added here; cleared by the caller */
};

/* Why no walk can be made for an image, whatever the registry holds; NULL: one can. */
const char *slip_stapel_obstacle(const struct slip_image *image, const struct slip_tree *tree);

/* The content digest that an import of this image counts with, of an image of a registry; of one of
 * the set it is that of its stage `import->stage`, "" for the last. */
struct slip_str slip_stapel_external_content(const struct slip_import *import,
                                             struct slip_arena *a);

/* The tag of the record with the checksum of what an import takes: "import-metadata-" and an id. */
#define SLIP_IMPORT_METADATA "import-metadata-"
void slip_stapel_import_record(const struct slip_import *import, struct slip_str content,
                               const struct slip_stapel_switches *switches, struct slip_buf *out);

struct slip_stapel_walk;
SLIP_MUST_USE int slip_stapel_walk_new(const struct slip_stapel_request *request,
                                       struct slip_stapel_walk **out, struct slip_error *err);
void slip_stapel_walk_free(struct slip_stapel_walk *w); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_stapel_walk, slip_stapel_walk_free);

/*
 * Go to the next stage, which becomes the last one of the result; `*more` false: there is none.
 * After the first call, slip_stapel_walk_found has to be called before the next one.
 */
SLIP_MUST_USE int slip_stapel_walk_next(struct slip_stapel_walk *w, bool *more,
                                        struct slip_error *err);

/* Whether a stage of this digest is one that werf takes, see slip_stapel_fits; of stages that have
 * nothing to do with git every one is. */
SLIP_MUST_USE int slip_stapel_walk_fits(const struct slip_stapel_walk *w,
                                        const struct slip_stage_labels *labels,
                                        enum slip_answer *out, struct slip_error *err);

/* The stage is there, with this content digest. Labels are read at once. */
void slip_stapel_walk_found(struct slip_stapel_walk *w, const struct slip_stage_labels *labels,
                            struct slip_str content);

/*
 * Images of which werf.yaml tells all digests, whatever the registry holds (section 6, rows (i)):
 * without git, imports and ansible (no real build has shown that its tasks count as we think), and
 * made from such an image or from one of a registry.
 */
bool slip_stapel_is_offline(const struct slip_image_set *set, size_t image);

/* The digests of such an image. `request` needs nothing from the registry; its result is filled. */
SLIP_MUST_USE int slip_stapel_offline(const struct slip_stapel_request *request,
                                      struct slip_error *err);

#endif
