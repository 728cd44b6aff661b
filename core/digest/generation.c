/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas of werf's stage digests and the constants in them. */
#include "digest/generation.h"

#include "hash/hash.h"

const struct slip_generation slip_generation_2 = {
    .name = "werf 2",
    .build_cache_version = "1.2",
    .major = 2,
};

bool slip_generation_made(const struct slip_generation *g, struct slip_str werf_version)
{
    struct slip_str major;
    uint64_t number;
    if (slip_str_starts(werf_version, SLIP_STR("v")))
        werf_version = slip_str_skip(werf_version, 1);
    slip_str_cut(werf_version, '.', &major, &werf_version);
    return !slip_str_to_u64(major, &number) || number == g->major;
}

/* What every digest begins with: the platform, unless it is the one of old, and the version. */
static void begin(struct slip_hash_join *j, const struct slip_generation *g,
                  struct slip_str platform)
{
    slip_hash_join_begin(j, SLIP_HASH_SHA3_224);
    if (platform.len && !slip_str_is(platform, "linux/amd64"))
        slip_hash_join_add(j, platform);
    slip_hash_join_add(j, slip_str_of(g->build_cache_version));
}

void slip_stage_digest_make(const struct slip_generation *g, struct slip_str platform,
                            struct slip_str stage_name, struct slip_str dependencies,
                            struct slip_str previous, char *out)
{
    struct slip_hash_join j;
    begin(&j, g, platform);
    slip_hash_join_add(&j, stage_name);
    slip_hash_join_add(&j, dependencies);
    if (previous.len) {
        slip_hash_join_add(&j, previous);
        slip_hash_join_add(&j, SLIP_STR("")); /* what a Dockerfile stage says of its next one */
    }
    slip_hash_join_end(&j, out);
}

void slip_content_digest_make(const struct slip_generation *g, struct slip_str platform,
                              struct slip_str stage_name, struct slip_str digest, char *out)
{
    char name[64];
    snprintf(name, sizeof(name), "%.*s-content", SLIP_ARG(stage_name));
    struct slip_hash_join j;
    begin(&j, g, platform);
    slip_hash_join_add(&j, slip_str_of(name));
    slip_hash_join_add(&j, SLIP_STR(""));
    slip_hash_join_add(&j, digest);
    slip_hash_join_add(&j, SLIP_STR(""));
    slip_hash_join_end(&j, out);
}
