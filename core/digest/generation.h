/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes between generations of werf: formulas, and constants that go into every digest. We
 * equal werf 2; stages of another generation have other digests and are told apart by their label
 * `werf-version`. A further generation is a further table.
 */
#ifndef SLIP_DIGEST_GENERATION_H
#define SLIP_DIGEST_GENERATION_H

#include "base/buf.h"
#include "hash/hash.h"

/* What the digest of a stage is made from (staged-and-stapel-digest.md 1.1). */
struct slip_stage_parts {
    struct slip_str platform;     /* left out when it is empty or linux/amd64 */
    struct slip_str name;         /* of the stage, as digests have it: slip_stage_digest_name */
    struct slip_str dependencies; /* the hash of its ingredients */
    struct slip_str previous;     /* the digest of the stage before; empty for the first one */
    struct slip_str next;         /* what the stage before gives to this one (1.2), mostly "" */
    struct slip_str base;         /* of the first stage of a staged Dockerfile; NULL: none */
};

/* A stage of one platform of an image. */
struct slip_platform_stage {
    struct slip_str platform, id; /* "linux/arm64", "<digest>-<milliseconds>" */
};

struct slip_generation {
    const char *name;                /* "werf 2" */
    const char *build_cache_version; /* BuildCacheVersion */
    uint64_t major;                  /* of the versions that werf writes into labels */

    void (*stage_digest)(const struct slip_generation *g, const struct slip_stage_parts *p,
                         char out[SLIP_SHA3_224_HEX + 1]);
    /* Of a stage with that digest that is built now, which gives `next` to the stage behind it
     * (1.3). `name` is that of the stage, not the one in digests. */
    void (*content_digest)(const struct slip_generation *g, struct slip_str platform,
                           struct slip_str name, struct slip_str digest, struct slip_str next,
                           char out[SLIP_SHA3_224_HEX + 1]);
    /* 2.4: the tag of an image of several platforms. The order of the stages does not matter. */
    void (*index_digest)(const struct slip_platform_stage *stages, size_t n,
                         char out[SLIP_SHA3_224_HEX + 1]);
};

extern const struct slip_generation slip_generation_2;

/* Whether the value of a stage's label `werf-version` belongs to this generation. Versions without
 * a number ("dev"), and those before 1, count as ours. */
bool slip_generation_made(const struct slip_generation *g, struct slip_str werf_version);

/* The value of the label on stages that we build: of this generation, and which program it was. */
void slip_generation_label(const struct slip_generation *g, const char *tool_version,
                           struct slip_buf *out);

#endif
