/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes between generations of werf: constants that go into every digest. We equal werf 2;
 * stages of another generation have other digests and are told apart by their label `werf-version`.
 */
#ifndef SLIP_DIGEST_GENERATION_H
#define SLIP_DIGEST_GENERATION_H

#include "base/str.h"

struct slip_generation {
    const char *name;                /* "werf 2" */
    const char *build_cache_version; /* BuildCacheVersion */
    uint64_t major;                  /* of the versions that werf writes into labels */
};

extern const struct slip_generation slip_generation_2;

/* Whether the value of a stage's label `werf-version` belongs to this generation. Versions without
 * a number ("dev") count as ours. */
bool slip_generation_made(const struct slip_generation *g, struct slip_str werf_version);

/*
 * The digest of a stage (2.1): `previous` is the digest of the stage before, or empty for the first
 * one; after a Dockerfile stage nothing else of that stage enters. `platform` is left out when it
 * is empty or linux/amd64.
 */
void slip_stage_digest_make(const struct slip_generation *g, struct slip_str platform,
                            struct slip_str stage_name, struct slip_str dependencies,
                            struct slip_str previous, char *out);

/* The content digest of a stage that is built now (2.2). */
void slip_content_digest_make(const struct slip_generation *g, struct slip_str platform,
                              struct slip_str stage_name, struct slip_str digest, char *out);

#endif
