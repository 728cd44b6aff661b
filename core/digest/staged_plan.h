/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Dockerfile as werf takes it apart into images of many stages: variables filled in as far as
 * they are known before the base image is (staged-and-stapel-digest.md 3.2 and 3.3), stages that
 * rest on each other, and what cannot be built that way.
 */
#ifndef SLIP_DIGEST_STAGED_PLAN_H
#define SLIP_DIGEST_STAGED_PLAN_H

#include "dockerfile/dockerfile.h"
#include "dockerfile/platform.h"
#include "dockerfile/shell.h"
#include "werf/image_set.h"

/* An instruction that becomes a stage: all but ARG. */
struct slip_staged_instruction {
    const struct slip_dockerfile_command *command;
    struct slip_str word; /* as it was typed */
    size_t n_env;         /* so many entries of the stage's `env` were set before it */
    /* The words that are expanded, after the first time (slip_staged_words). */
    struct slip_str *words;
    size_t n_words;
};

/* A stage of the Dockerfile: an image of werf. */
struct slip_staged_stage {
    const struct slip_dockerfile_stage *stage;
    struct slip_str image;     /* the name of that image */
    struct slip_str base;      /* expanded; variables that are not known stay */
    size_t base_stage;         /* the stage that it names, SLIP_NPOS: none */
    bool reached;              /* the target needs it */
    struct slip_str_pair *env; /* in the order in which it is set */
    size_t n_env;
    struct slip_staged_instruction *instructions;
    size_t n_instructions;
};

struct slip_staged_plan {
    const struct slip_dockerfile *file;
    const char *name; /* of the Dockerfile, for messages */
    struct slip_staged_stage *stages;
    size_t n_stages, target;
};

struct slip_staged_input {
    const struct slip_dockerfile *file;
    const char *name;
    const struct slip_image *image;
    struct slip_platform target, host;
    unsigned version; /* 1 or 2, of WERF_STAGED_DOCKERFILE_VERSION */
};

/* `in` is borrowed for the life of the plan, which lives in the arena. Refuses what werf does, or
 * would mix up, with SLIP_E_CONFIG or SLIP_E_UNSUPPORTED. */
SLIP_MUST_USE int slip_staged_plan_make(const struct slip_staged_input *in, struct slip_arena *a,
                                        struct slip_staged_plan *out, struct slip_error *err);

/* The stage that a `from` of COPY or RUN --mount names, SLIP_NPOS when it is none. */
size_t slip_staged_from(const struct slip_staged_plan *p, struct slip_str from);

/*
 * Expand the words of an instruction; `in` are those of the time before. Of ENV and LABEL key and
 * value by turns; of ADD --chown, --checksum, sources, destination; of COPY the same without
 * --checksum; of EXPOSE ports, of which one may become several.
 */
SLIP_MUST_USE int slip_staged_words(const struct slip_shell *sh, enum slip_instruction kind,
                                    const struct slip_str *in, size_t n, struct slip_arena *a,
                                    struct slip_str **out, size_t *n_out, struct slip_error *err);

#endif
