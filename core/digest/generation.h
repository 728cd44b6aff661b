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

/* What the digest of a stage is made from. */
struct slip_stage_parts {
    struct slip_str platform;     /* left out when it is empty or linux/amd64 */
    struct slip_str name;         /* of the stage */
    struct slip_str dependencies; /* the hash of its ingredients */
    struct slip_str previous;     /* the digest of the stage before; empty for the first one */
};

/* A stage of one platform of an image. */
struct slip_platform_stage {
    struct slip_str platform, id; /* "linux/arm64", "<digest>-<milliseconds>" */
};

struct slip_generation {
    const char *name;                /* "werf 2" */
    const char *build_cache_version; /* BuildCacheVersion */
    uint64_t major;                  /* of the versions that werf writes into labels */

    /* 2.1: after a Dockerfile stage nothing but its digest enters. */
    void (*stage_digest)(const struct slip_generation *g, const struct slip_stage_parts *p,
                         char out[SLIP_SHA3_224_HEX + 1]);
    /* 2.2: of a stage with that digest that is built now. */
    void (*content_digest)(const struct slip_generation *g, struct slip_str platform,
                           struct slip_str name, struct slip_str digest,
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
