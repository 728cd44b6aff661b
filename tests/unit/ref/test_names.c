/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ref/slug.h"
#include "ref/url.h"

static void slugs_keep_case_and_dots(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "main", "main" },         { "feature/Login_2.x", "feature-Login_2.x" },
        { "a//b@@c", "a-b-c" },     { "a-/-b", "a---b" },
        { "/.-x-./", "x" },         { "v1+build", "v1-build" },
        { "\xC3\xA4\xC3\xB6", "" }, { "...", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(200);
        slip_ref_slug(slip_str_of(cases[i][0]), &out);
        assert_string_equal(out.ptr, cases[i][1]);
    }
}

static void safe_slugs_never_meet(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "feature-a", "feature-a" },
        { "feature/a", "feature-a-951d42dc" },
        { "-x", "x-a4209624" },
        { "\xC3\xA4", "33e6d73f" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(200);
        slip_ref_safe_slug(slip_str_of(cases[i][0]), &out);
        assert_true(slip_ref_is_tag(slip_buf_str(&out)));
        assert_string_equal(out.ptr, cases[i][1]);
    }
}

static void slugs_fit_into_a_tag(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'a', sizeof(name));
    SLIP_AUTO(slip_buf) slug = SLIP_BUF(400);
    SLIP_AUTO(slip_buf) safe = SLIP_BUF(400);
    slip_ref_slug(slip_str_make(name, sizeof(name)), &slug);
    slip_ref_safe_slug(slip_str_make(name, sizeof(name)), &safe);
    assert_int_equal(slug.len, SLIP_TAG_MAX);
    assert_int_equal(safe.len, SLIP_TAG_MAX);
    assert_false(slip_ref_is_tag(slip_str_make(name, SLIP_TAG_MAX + 1)));
    assert_true(slip_ref_is_tag(slip_str_make(name, SLIP_TAG_MAX)));
}

static void addresses_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *url, *clean, *web, *path;
        bool ssh;
    } cases[] = {
        { "https://user:secret@host.example/acme/Shop.git?x=1",
          "https://host.example/acme/Shop.git", "https://host.example/acme/Shop", "acme/shop",
          false },
        { "https://token@host.example:8443/a/b", "https://host.example:8443/a/b",
          "https://host.example:8443/a/b", "a/b", false },
        { "ssh://git:pw@host.example:22/a/b.git", "ssh://git@host.example:22/a/b.git",
          "https://host.example/a/b", "a/b", true },
        { "git@host.example:a/b.git", "git@host.example:a/b.git", "https://host.example/a/b", "a/b",
          true },
        { "host.example:/a/b/", "host.example:/a/b/", "https://host.example/a/b", "a/b", true },
        { "/srv/git/a.git", "/srv/git/a.git", NULL, NULL, false },
        { "../a.git", "../a.git", NULL, NULL, false },
        { "./a:b", "./a:b", NULL, NULL, false },
        { "file:///srv/a.git", "file:///srv/a.git", NULL, NULL, false },
        { "https://u:p@a@[::1]:5000/x", "https://[::1]:5000/x", "https://[::1]:5000/x", "x",
          false },
        { "git://host.example/x.git", "git://host.example/x.git", "https://host.example/x", "x",
          false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) clean = SLIP_BUF(200);
        SLIP_AUTO(slip_buf) web = SLIP_BUF(200);
        SLIP_AUTO(slip_buf) path = SLIP_BUF(200);
        struct slip_str url = slip_str_of(cases[i].url);
        slip_url_without_secrets(url, &clean);
        assert_string_equal(clean.ptr, cases[i].clean);
        assert_int_equal(slip_url_is_ssh(url), cases[i].ssh);
        assert_int_equal(slip_url_web(url, &web), cases[i].web != NULL);
        assert_string_equal(web.ptr, cases[i].web ? cases[i].web : "");
        assert_int_equal(slip_url_repository_path(url, &path), cases[i].path != NULL);
        assert_string_equal(path.ptr, cases[i].path ? cases[i].path : "");
    }
}

static void what_was_typed_for_a_remote_may_be_an_address(void **state)
{
    (void)state;
    struct slip_str url = SLIP_STR("https://host.example/a");
    assert_false(slip_url_may_be_typed(SLIP_STR("origin"), url));
    assert_true(slip_url_may_be_typed(url, url));
    assert_true(slip_url_may_be_typed(SLIP_STR("short:a"), url));
    assert_true(slip_url_may_be_typed(SLIP_STR("../a"), SLIP_STR("/srv/a")));
    assert_true(slip_url_may_be_typed(SLIP_STR("a.git"), SLIP_STR("a.git")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slugs_keep_case_and_dots),
        cmocka_unit_test(safe_slugs_never_meet),
        cmocka_unit_test(what_was_typed_for_a_remote_may_be_an_address),
        cmocka_unit_test(slugs_fit_into_a_tag),
        cmocka_unit_test(addresses_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
