/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digests of a staged Dockerfile image (`staged: true`), bit for bit those of werf
 * (staged-and-stapel-digest.md section 3): each instruction of a stage of the Dockerfile makes a
 * stage of an image, and each stage of the Dockerfile that the target needs makes an image.
 *
 * What a digest takes from registries comes in through a table of functions, asked only where it
 * counts.
 */
#ifndef SLIP_DIGEST_STAGED_H
#define SLIP_DIGEST_STAGED_H

#include "digest/digest.h"

/* A stage image; what it points to lives in the arena that was given. */
struct slip_staged_found {
    bool found;
    int64_t created_ms;
    struct slip_str name;       /* full name, "<repository>:<digest>-<milliseconds>" */
    const struct slip_str *env; /* "NAME=value", of its config, when that was asked for */
    size_t n_env;
};

/* The environment of a base image for a platform. */
struct slip_base_env {
    const struct slip_str *env;
    size_t n_env;
    /* It is another one for another platform of the same name. What werf takes then depends on
     * what its builder has pulled before (3.5). */
    bool differs;
};

struct slip_staged_registry {
    void *payload;
    /* These will be looked for: where one listing can tell about several. May be NULL. */
    void (*want)(void *payload, const char *digest);
    /* The oldest stage of a digest that is not older than its parent (1.4). Without `with_config`
     * the tags alone may tell. */
    int (*find)(void *payload, const char *digest, int64_t not_before_ms, bool with_config,
                struct slip_arena *a, struct slip_staged_found *out, struct slip_error *err);
    int (*base_env)(void *payload, struct slip_str reference, const char *platform,
                    struct slip_arena *a, struct slip_base_env *out, struct slip_error *err);
};

/* What a stage's own dependencies come from, besides the commit. */
enum slip_staged_need {
    SLIP_NEED_BASE_ENV = 1,
    SLIP_NEED_STAGE_TAG = 2,
    SLIP_NEED_STAGE_ENV = 4,
};

/* An image that the target needs, or the target itself. */
struct slip_staged_unit {
    struct slip_str image; /* its name: "app/stage/builder" */
    struct slip_stage_digest *stages;
    unsigned *needs; /* one per stage */
    size_t n_stages;
};

struct slip_staged_result {
    struct slip_image_digest digest; /* of the image itself; its arena holds all the rest, too */
    struct slip_staged_unit *units;  /* in the order in which they are built; the target last */
    size_t n_units;
    /* With a registry: of the stages before the last one, all are there, and the last one may not
     * be older than this; else the first that is missing. */
    bool earlier_found;
    int64_t not_before_ms;
    const char *missing;
    /* The base image whose environment counts and differs between platforms; empty: none. The
     * digest is then the one of this platform's environment, but does not tell which stage werf
     * takes. */
    struct slip_str unsure;
};

void slip_staged_result_clear(struct slip_staged_result *r);
SLIP_DEFINE_AUTO(slip_staged_result, slip_staged_result_clear);

struct slip_staged;

/* `source` is borrowed; its memo is not used. `version` is 1 or 2, and 0 is 1. */
struct slip_staged *slip_staged_new(const struct slip_digest_source *source, unsigned version);
void slip_staged_free(struct slip_staged *s);
SLIP_DEFINE_AUTO_PTR(slip_staged, slip_staged_free);

/* WERF_STAGED_DOCKERFILE_VERSION: "", "v1" and "v2"; anything else is SLIP_E_USAGE. */
SLIP_MUST_USE int slip_staged_version(const char *text, unsigned *out, struct slip_error *err);

struct slip_staged_request {
    size_t image;                                     /* index in the set, a SLIP_IMAGE_STAGED */
    const char *platform;                             /* normalised; "" counts as the host's */
    const struct slip_dependency_value *dependencies; /* one per dependency of the image */
    const struct slip_staged_registry *registry;      /* NULL: there is none to ask */
};

/*
 * Work out one image. SLIP_E_NOT_BUILT: the digest rests on a stage that is not there, which the
 * message names; SLIP_E_UNSUPPORTED: on a registry that there is none of, or werf does not build
 * such a thing.
 */
SLIP_MUST_USE int slip_staged_digest(struct slip_staged *s, const struct slip_staged_request *q,
                                     struct slip_staged_result *out, struct slip_error *err);

#endif
