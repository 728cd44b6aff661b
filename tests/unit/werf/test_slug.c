/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "hash/hash.h"
#include "werf/slug.h"
#include "werf/slug_table.h"

/* werf-config.md section B gives the sum of the lines "XXXX=out" of all code points. */
static void the_table_is_that_of_werf(void **state)
{
    (void)state;
    char sum[SLIP_SHA256_HEX + 1];
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(SIZE_MAX);
    size_t n = 0;
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        const char *out = slip_slug_of_rune(rune);
        if (!out)
            continue;
        slip_buf_add_fmt(&lines, "%04X=%s\n", rune, out);
        n++;
    }
    slip_hash_hex(SLIP_HASH_SHA256, slip_buf_str(&lines), sum);
    assert_int_equal(n, 971);
    assert_string_equal(sum, "66ddb506196142cfef10d470c2b4a7a694de6a433cc0da21187d0d5c139c2908");
}

static const struct {
    const char *name, *limited; /* to 42 bytes, and to 48 where it is that long */
    size_t max;
} limited[] = {
    { "A", "a-54dcf7ce", 42 },
    { "", "", 42 },
    { "web", "web", 42 },
    { "a--b", "a--b", 42 },
    { "a---b", "a-b-5080f036", 42 },
    { "php_fpm_exporter-monitoring-dev-encrypt-1",
      "php-fpm-exporter-monitoring-dev-encrypt--83286e5", 48 },
};

static void long_names_end_with_their_hash(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(limited); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(100);
        slip_werf_limited_slug(slip_str_of(limited[i].name), limited[i].max, &out);
        assert_string_equal(out.len ? out.ptr : "", limited[i].limited);
    }
}

static const struct {
    const char *name, *slug, *tag, *project;
} worked[] = {
    { "~", "", "9905b33e", "" },
    { "web/backend", "web-backend", "web-backend-a07e394", "web-backend" },
    { "app.v1", "app-v1", "app.v1", "app-v1" },
    { "a--b", "a-b", "a--b", "a--b" },
    { "trail-", "trail", "trail-", "trail" },
    { "_under", "under", "_under", "under" },
    { "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbb\xd0\xbe\xd0\xb6\xd0\xb5\xd0\xbd\xd0\xb8\xd0\xb5",
      "prilozhyeniye", "prilozhyeniye-a9752b7", "prilozhyeniye" },
    { "\xd0\x81\xd0\xbb\xd0\xba\xd0\xb0-\xd1\x91\xd0\xb6", "yolka-yozh", "yolka-yozh-35f1eada",
      "yolka-yozh" },
    { "\xe6\x97\xa5\xe6\x9c\xac", "", "c4d9f942", "" },
    { "A B", "a-b", "a-b-a581f84", "a-b" },
    { "v1+build", "v1-build", "v1-build-1627acca", "v1-build" },
    { "\xe2\x84\xaa", "k", "k-fb616550", "k" },
    { "-data", "data", "data-a871d86e", "data" },
    { "a\n", "a", "a-bbe21e9e", "a" },
};

static void names_become_slugs_tags_and_projects(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(worked); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(400);
        slip_werf_slug(slip_str_of(worked[i].name), &out);
        slip_buf_add_char(&out, '|');
        slip_werf_docker_tag(slip_str_of(worked[i].name), &out);
        slip_buf_add_char(&out, '|');
        slip_werf_project_slug(slip_str_of(worked[i].name), &out);
        SLIP_AUTO(slip_buf) want = SLIP_BUF(400);
        slip_buf_add_fmt(&want, "%s|%s|%s", worked[i].slug, worked[i].tag, worked[i].project);
        assert_string_equal(out.ptr, want.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_that_of_werf),
        cmocka_unit_test(names_become_slugs_tags_and_projects),
        cmocka_unit_test(long_names_end_with_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
