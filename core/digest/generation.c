/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas of werf's stage digests and the constants in them. */
#include "digest/generation.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

/* What every digest begins with: the platform, unless it is the one of old, and the version. */
static void begin(struct slip_hash_join *j, const struct slip_generation *g,
                  struct slip_str platform)
{
    slip_hash_join_begin(j, SLIP_HASH_SHA3_224);
    if (platform.len && !slip_str_is(platform, "linux/amd64"))
        slip_hash_join_add(j, platform);
    slip_hash_join_add(j, slip_str_of(g->build_cache_version));
}

static void stage_digest(const struct slip_generation *g, const struct slip_stage_parts *p,
                         char out[SLIP_SHA3_224_HEX + 1])
{
    struct slip_hash_join j;
    begin(&j, g, p->platform);
    slip_hash_join_add(&j, p->name);
    slip_hash_join_add(&j, p->dependencies);
    if (p->previous.len) {
        slip_hash_join_add(&j, p->previous);
        slip_hash_join_add(&j, p->next); /* counts when it is empty, too */
    }
    if (p->base.ptr)
        slip_hash_join_add(&j, p->base);
    slip_hash_join_end(&j, out);
}

static void content_digest(const struct slip_generation *g, struct slip_str platform,
                           struct slip_str stage_name, struct slip_str digest, struct slip_str next,
                           char out[SLIP_SHA3_224_HEX + 1])
{
    SLIP_AUTO_FREE char *name = slip_printf("%.*s-content", SLIP_ARG(stage_name));
    struct slip_hash_join j;
    begin(&j, g, platform);
    slip_hash_join_add(&j, slip_str_of(name));
    slip_hash_join_add(&j, SLIP_STR(""));
    slip_hash_join_add(&j, digest);
    slip_hash_join_add(&j, next);
    slip_hash_join_end(&j, out);
}

static int by_platform(const void *a, const void *b)
{
    return slip_str_cmp(((const struct slip_platform_stage *)a)->platform,
                        ((const struct slip_platform_stage *)b)->platform);
}

static void index_digest(const struct slip_platform_stage *stages, size_t n,
                         char out[SLIP_SHA3_224_HEX + 1])
{
    SLIP_AUTO_FREE struct slip_platform_stage *sorted = slip_alloc_array(n, sizeof(*sorted));
    memcpy(sorted, stages, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_platform);
    struct slip_hash_join j;
    slip_hash_join_begin(&j, SLIP_HASH_SHA3_224);
    for (size_t i = 0; i < n; i++)
        slip_hash_join_add(&j, sorted[i].id);
    slip_hash_join_end(&j, out);
}

const struct slip_generation slip_generation_2 = {
    .name = "werf 2",
    .build_cache_version = "1.2",
    .major = 2,
    .stage_digest = stage_digest,
    .content_digest = content_digest,
    .index_digest = index_digest,
};

bool slip_generation_made(const struct slip_generation *g, struct slip_str werf_version)
{
    struct slip_str major;
    uint64_t number;
    if (slip_str_starts(werf_version, SLIP_STR("v")))
        werf_version = slip_str_skip(werf_version, 1);
    slip_str_cut(werf_version, '.', &major, &werf_version);
    return !slip_str_to_u64(major, &number) || number == 0 || number == g->major;
}

void slip_generation_label(const struct slip_generation *g, const char *tool_version,
                           struct slip_buf *out)
{
    slip_buf_add_fmt(out, "v%" PRIu64 ".0.0+slipway.%s", g->major, tool_version);
}
