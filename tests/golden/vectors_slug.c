/* SPDX-License-Identifier: Apache-2.0 */
/* Slugs of names as werf's own functions gave them. */
#include "golden/golden.h"

#include "hash/hash.h"
#include "werf/slug.h"

static void limited42(struct slip_str s, struct slip_buf *out)
{
    slip_werf_limited_slug(s, 42, out);
}
static void limited48(struct slip_str s, struct slip_buf *out)
{
    slip_werf_limited_slug(s, 48, out);
}
static void limited114(struct slip_str s, struct slip_buf *out)
{
    slip_werf_limited_slug(s, 114, out);
}
static void murmur3(struct slip_str s, struct slip_buf *out)
{
    char hex[SLIP_MURMUR3_HEX + 1];
    slip_murmur3_hex(s, hex);
    slip_buf_add_c(out, hex);
}

static const struct {
    const char *key;
    void (*make)(struct slip_str s, struct slip_buf *out);
} functions[] = {
    { "slug", slip_werf_slug }, { "docker_tag", slip_werf_docker_tag },
    { "limited42", limited42 }, { "project", slip_werf_project_slug },
    { "limited48", limited48 }, { "limited114", limited114 },
    { "murmur3", murmur3 },
};

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct slip_str in = golden_text(c, "in");
    enum golden_result result = GOLDEN_GOOD;
    for (size_t i = 0; i < SLIP_COUNT(functions); i++) {
        SLIP_AUTO(slip_buf) got = SLIP_BUF(SIZE_MAX);
        functions[i].make(in, &got);
        if (golden_same(why, functions[i].key, slip_buf_str(&got), golden_text(c, functions[i].key))
            != GOLDEN_GOOD)
            result = GOLDEN_BAD;
    }
    if (slip_werf_is_docker_tag(in) != json_is_true(json_object_get(c, "valid_docker_tag")))
        result = golden_bad(why, "valid_docker_tag differs");
    if (slip_werf_is_project(in) != json_is_true(json_object_get(c, "valid_project")))
        result = golden_bad(why, "valid_project differs");
    return result;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "slug.jsonl", run);
}
