/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about stapel images share. */
#ifndef SLIP_DIGEST_STAPEL_IMPL_H
#define SLIP_DIGEST_STAPEL_IMPL_H

#include "digest/stapel.h"
#include "match/filter.h"

/* Stages in their order (4.1). */
enum slip_stapel_stage {
    SLIP_STAPEL_FROM,
    SLIP_STAPEL_BEFORE_INSTALL,
    SLIP_STAPEL_DEPENDENCIES_BEFORE_INSTALL,
    SLIP_STAPEL_GIT_ARCHIVE,
    SLIP_STAPEL_INSTALL,
    SLIP_STAPEL_DEPENDENCIES_AFTER_INSTALL,
    SLIP_STAPEL_BEFORE_SETUP,
    SLIP_STAPEL_DEPENDENCIES_BEFORE_SETUP,
    SLIP_STAPEL_SETUP,
    SLIP_STAPEL_DEPENDENCIES_AFTER_SETUP,
    SLIP_STAPEL_GIT_CACHE,
    SLIP_STAPEL_GIT_LATEST_PATCH,
    SLIP_STAPEL_DOCKER_INSTRUCTIONS,
    SLIP_STAPEL_IMAGE_SPEC,
    SLIP_STAPEL_STAGES
};

/* What the labels of a stage say of a git mapping. Texts are empty where they say nothing. */
struct stapel_place {
    struct slip_str commit;
    bool of_merge;             /* made for a merge that only a CI system knows */
    struct slip_str of_commit; /* the commit that was merged then */
};

struct stapel_mapping {
    const struct slip_git_mapping *git;
    char id[SLIP_SHA256_HEX + 1];                      /* paramshash (4.4) */
    char files[SLIP_USER_STAGES][SLIP_SHA256_HEX + 1]; /* of stageDependencies, "" for none (4.5) */
    struct stapel_place place;                         /* of the stage before */
};

struct slip_stapel_walk {
    struct slip_stapel_request in;
    const struct slip_image *image;
    const struct slip_stapel *stapel;
    struct stapel_mapping *mappings; /* one per git mapping */
    enum slip_stapel_stage at;       /* the stage at hand */
    bool begun;
    char next[SLIP_SHA256_HEX + 1]; /* what the stage before gives to the one at hand */
    char commit_hex[SLIP_OID_HEX + 1];
    struct slip_arena arena; /* for texts of labels */
};

/* The ingredients of a stage while they are collected. */
struct stapel_list {
    struct slip_arena *arena; /* of the result */
    SLIP_VEC(struct slip_ingredient);
};

/* Add one; texts are copied but for `origin`, which lives in the arena or is static. */
void stapel_add(struct stapel_list *l, enum slip_ingredient_kind kind, const char *origin,
                struct slip_str text);

/* The hash over what was collected, as it is in the digest for most stages. */
void stapel_hash(const struct stapel_list *l, char out[SLIP_SHA256_HEX + 1]);

/* ---- stapel_deps.c: stages that look at werf.yaml and other images ---- */

void stapel_from(const struct slip_stapel_walk *w, struct stapel_list *l);
void stapel_docker(const struct slip_stapel_walk *w, struct stapel_list *l);
bool stapel_has_user_stage(const struct slip_stapel_walk *w, enum slip_user_stage stage);
void stapel_user(const struct slip_stapel_walk *w, enum slip_user_stage stage,
                 struct stapel_list *l);
bool stapel_has_place(const struct slip_stapel_walk *w, enum slip_stapel_place place);
void stapel_dependencies(const struct slip_stapel_walk *w, enum slip_stapel_place place,
                         struct stapel_list *l);

/* ---- stapel_git.c: stages that look at git ---- */

/* Ids of the mappings and checksums of their files; fails when one holds no file at all. */
int stapel_read_mappings(struct slip_stapel_walk *w, struct slip_error *err);
void stapel_read_places(struct slip_stapel_walk *w, const struct slip_stage_labels *labels);
/* What a stage with these labels gives to the next one; fails when a label is missing. */
int stapel_give(const struct slip_stapel_walk *w, const char *stage, char out[SLIP_SHA256_HEX + 1],
                struct slip_error *err);

/* SD of 4.5: the checksum over all mappings of what a user stage depends on. */
void stapel_stage_files(const struct slip_stapel_walk *w, enum slip_user_stage stage,
                        struct stapel_list *l, char out[SLIP_SHA256_HEX + 1]);

void stapel_archive(const struct slip_stapel_walk *w, struct stapel_list *l);

/* `*any` false: the stage is left out. `out` is the hash of its ingredients. */
int stapel_cache(const struct slip_stapel_walk *w, struct stapel_list *l, bool *any,
                 char out[SLIP_SHA256_HEX + 1], struct slip_error *err);
int stapel_patch(const struct slip_stapel_walk *w, struct stapel_list *l, bool *any,
                 char out[SLIP_SHA256_HEX + 1], struct slip_error *err);

#endif
