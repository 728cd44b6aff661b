/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content digests of Dockerfile images, bit for bit those of werf (dockerfile-digest.md). Pure:
 * a commit's tree, a checked image set and, for images that import from others, what the registry
 * said about those. Nothing here asks a registry.
 */
#ifndef SLIP_DIGEST_DIGEST_H
#define SLIP_DIGEST_DIGEST_H

#include "digest/add_files.h"
#include "digest/generation.h"
#include "digest/select_memo.h"
#include "digest/stage_rules.h"
#include "hash/hash.h"
#include "repo/tree.h"
#include "werf/image_set.h"

/* ---- what comes out ---- */

enum slip_ingredient_kind {
    SLIP_INGREDIENT_HOST,          /* an addHost entry */
    SLIP_INGREDIENT_BASE,          /* the name of a base image, nothing more of it */
    SLIP_INGREDIENT_INSTRUCTION,   /* the text of an instruction, expanded where it is */
    SLIP_INGREDIENT_FILES,         /* the checksum of what a COPY or ADD selects */
    SLIP_INGREDIENT_CACHE_VERSION, /* cacheVersion of werf.yaml */
    SLIP_INGREDIENT_IMAGE_SPEC,    /* a setting of imageSpec */
    SLIP_INGREDIENT_SETTING,       /* another setting of a stapel image */
    SLIP_INGREDIENT_IMAGE,         /* what counts of another image: a content digest, a name */
    SLIP_INGREDIENT_PATCH,         /* the hash of a patch, which may be large */
};

/* One dependency string, in the order in which they are hashed. */
struct slip_ingredient {
    enum slip_ingredient_kind kind;
    struct slip_str text;   /* the string itself */
    struct slip_str origin; /* "svc/Dockerfile:12", "werf.yaml: addHost", for people */
    struct slip_str detail; /* FILES: the sources as they were used; IMAGE_SPEC: the setting */
    size_t entries;         /* FILES: how many files and whole directories were selected */
    /* FILES: what is selected, see compare.h. Lives as long as the digester. */
    const struct slip_file_selection *selection;
};

struct slip_stage_digest {
    const char *name; /* "dockerfile", "imageSpec" */
    struct slip_ingredient *ingredients;
    size_t n_ingredients;
    /* The hash of the ingredients; of stapel images it may be one of hashes. */
    char dependencies[SLIP_SHA256_HEX + 1];
    /* What the stage before gives to the digest: a hash of its commits, or "". */
    char given[SLIP_SHA256_HEX + 1];
    char digest[SLIP_SHA3_224_HEX + 1];  /* of the stage */
    char content[SLIP_SHA3_224_HEX + 1]; /* its content digest, when it is built now */
    struct slip_str base; /* of the first stage of a staged Dockerfile: counts beside them */
};

struct slip_image_digest {
    struct slip_arena arena;          /* holds the texts of the ingredients */
    size_t image;                     /* index in the set */
    char *platform;                   /* as it was given */
    struct slip_stage_digest *stages; /* in the arena */
    size_t n_stages;                  /* the last one is the image's */
    /* werf may take the checksum of the files of another image, `rival`, for that of this one when
     * it works on both in one run (6.8). Each digest here is that of the image alone. */
    bool has_rival;
    size_t rival;                /* index in the set */
    struct slip_add_files added; /* contextAddFiles as they were then */
};

void slip_image_digest_clear(struct slip_image_digest *d);
SLIP_DEFINE_AUTO(slip_image_digest, slip_image_digest_clear);

/* The digest of the image: that of its last stage. */
const char *slip_image_digest_text(const struct slip_image_digest *d);

/*
 * The platforms to work out for an image (2.5), normalised, without repetitions, in order: those of
 * --platform (each may be a comma list) when there are any, else the image's own, else `host`.
 * Freed with slip_platforms_clear.
 */
struct slip_platforms {
    SLIP_VEC(char *);
};
SLIP_MUST_USE int slip_image_platforms(const struct slip_image *image, const char *const *flags,
                                       size_t n_flags, const char *host, struct slip_platforms *out,
                                       struct slip_error *err);
void slip_platforms_clear(struct slip_platforms *p);
SLIP_DEFINE_AUTO(slip_platforms, slip_platforms_clear);

/* ---- what goes in ---- */

/* One commit. Everything is borrowed for the life of the digester. */
struct slip_digest_source {
    const struct slip_image_set *set;
    struct slip_tree tree;                    /* of the commit */
    const struct slip_generation *generation; /* NULL: werf 2 */
    const char *host_platform;                /* BUILDPLATFORM and friends; NULL: of this machine */
    /* For contextAddFiles: the top of a work tree whose HEAD is the commit. NULL: there is none,
     * and `no_work_tree` says why ("HEAD is another commit"). */
    const char *work_tree, *no_work_tree;
    struct slip_select_memo *memo; /* shared by digesters of many commits; may be NULL */
};

struct slip_digester;
struct slip_digester *slip_digester_new(const struct slip_digest_source *source);
void slip_digester_free(struct slip_digester *d);
SLIP_DEFINE_AUTO_PTR(slip_digester, slip_digester_free);

struct slip_digest_request {
    size_t image;         /* index in the set, a SLIP_IMAGE_DOCKERFILE */
    const char *platform; /* normalised; "" counts as the host's */
    const struct slip_dependency_value *dependencies; /* one per dependency of the image */
    /* out; cleared by the caller */
    struct slip_image_digest result;
    struct slip_error err;
};

/*
 * Work out many images: the tree is walked once for all of them, and equal selections are made
 * once. Each is tried; -1 when any failed, and the request's err says why.
 */
SLIP_MUST_USE int slip_digest_images(struct slip_digester *d, struct slip_digest_request *requests,
                                     size_t n);

#endif
