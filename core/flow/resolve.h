/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From images to stages: their digests, what the stage repository has of them, and what has to be
 * built there first.
 */
#ifndef SLIP_FLOW_RESOLVE_H
#define SLIP_FLOW_RESOLVE_H

#include "build/engine.h"
#include "digest/staged.h"
#include "digest/stapel.h"
#include "flow/project.h"
#include "flow/stage_locks.h"
#include "registry/stages.h"

struct slip_resolution;

enum slip_missing {
    SLIP_MISSING_NOTED, /* a stage that is not there is noted, nothing more */
    SLIP_MISSING_FAILS, /* it is an error (SLIP_E_NOT_BUILT) */
    SLIP_MISSING_BUILDS /* it is built and published */
};

struct slip_resolve_options {
    const char *const *platforms; /* --platform, n_platforms of them */
    size_t n_platforms;
    const char *host_platform;
    enum slip_missing missing;
    /* For SLIP_MISSING_FAILS: what a person does to have it built here, or NULL. */
    const char *to_build;
    /* One per image: the rule that does not let it be built, nor what it needs; NULL: none does.
     * NULL: there are no such rules. */
    const char *const *built_before;
    /* Where stages are looked for that the repository does not have, in this order; an image found
     * there is exported from there. */
    struct slip_store *const *secondary;
    size_t n_secondary;
    struct slip_stapel_switches stapel;
    unsigned staged_version; /* of staged Dockerfiles: slip_staged_version; 0: 1 */
    bool explain; /* what stapel images are made of is wanted, too, at the cost of more requests */
    /* What stands under the name of a base image now (fromLatest), see walk.h. NULL: the registry
     * is asked. */
    int (*base_id)(void *payload, struct slip_str reference, char out[SLIP_DIGEST_LEN + 1],
                   struct slip_error *err);
    /* The environment of a base image of staged Dockerfiles, see struct slip_staged_registry. NULL:
     * the registry is asked. */
    int (*base_env)(void *payload, struct slip_str reference, const char *platform,
                    struct slip_arena *a, struct slip_base_env *out, struct slip_error *err);
    struct slip_registry *registry;
    /* May registries that only the commit names be asked about base images, with what credentials
     * there are for them? */
    bool asks_bases;
    /* For SLIP_MISSING_BUILDS: */
    const struct slip_engine *engine;
    const struct slip_build_host *host;
    int64_t (*now_ms)(void); /* Unix time in milliseconds */
    void (*wait_ms)(int64_t ms);
    const char *tool_version;
    const struct slip_lock_settings *locks; /* for publishing */
    const struct slip_watch *watch;
    struct slip_stages *stages; /* of the same repository, kept by the caller; NULL: own */
    /* Called once before the first build, with what was found so far; -1 stops. NULL: nobody asks.
     */
    int (*before_build)(void *payload, const struct slip_resolution *so_far,
                        struct slip_error *err);
    void *payload;
};

/* One image on one platform. */
struct slip_resolved_platform {
    char *name; /* normalised */
    bool known; /* false: its digest rests on an image that is not built */
    struct slip_image_digest digest;
    bool found, built;
    struct slip_stage stage;  /* when found */
    struct slip_store *store; /* where; borrowed */
};

struct slip_resolved {
    size_t image;             /* index in the set */
    struct slip_store *store; /* where all its stages are; borrowed */
    bool wanted;              /* asked for; others are there because a wanted one needs them */
    bool stapel;              /* nobody but werf builds it */
    struct slip_resolved_platform *at;
    size_t len;
    /* Of several platforms, when all stages are there: the index over them and its tag. */
    char index_tag[SLIP_STAGE_DIGEST_LEN + 1];
    bool complete; /* all of `at` found */
};

struct slip_resolution {
    struct slip_resolved *at; /* in the order of the set; only images that were worked on */
    size_t len;
    struct {
        SLIP_VEC(struct slip_store *);
    } stores;                       /* opened for it alone */
    struct slip_digester *digester; /* keeps alive what ingredients point to */
};

void slip_resolution_clear(struct slip_resolution *r);
SLIP_DEFINE_AUTO(slip_resolution, slip_resolution_clear);

/*
 * `wanted` has one flag per image of the set. `store` may be NULL: digests only. Asks the stage
 * repository once for its tags; images without dependencies are worked on together.
 */
SLIP_MUST_USE int slip_resolve(const struct slip_project *p, const bool *wanted,
                               struct slip_store *store, const struct slip_resolve_options *o,
                               struct slip_resolution *out, struct slip_error *err);

/* The content-based tag of an image: of its stage, or of its index; NULL when it is not complete.
 */
const char *slip_resolved_tag(const struct slip_resolved *r);

/* `out` has one flag per image: can it be resolved, and those it rests on? `looks`: there is a
 * stage repository to look into, as most stapel images need it. */
void slip_resolvable_images(const struct slip_image_set *set, bool looks, bool *out);

/* The error for an image whose digest a commit alone does not tell: SLIP_E_UNSUPPORTED. Gives -1.
 */
int slip_refuse_kind(const struct slip_image *image, struct slip_error *err);

#endif
