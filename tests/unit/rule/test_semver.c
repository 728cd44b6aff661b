/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "rule/semver.h"

static void versions_are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *prefix;
        bool loose;
        const char *want; /* printed in full, or the error */
        bool good;
    } cases[] = {
        { "1.2.3", "auto", false, "1.2.3", true },
        { "v1.2.3", "auto", false, "1.2.3", true },
        { "V0.0.0", "auto", false, "0.0.0", true },
        { "1.2.3-rc.1+build.5", "auto", false, "1.2.3-rc.1+build.5", true },
        { "1.2.3--", "auto", false, "1.2.3--", true },
        { "1.2.3+001", "auto", false, "1.2.3+001", true },
        { "9223372036854775807.0.0", "auto", false, "9223372036854775807.0.0", true },
        { "1", "auto", true, "1.0.0", true },
        { "1.2-rc1", "auto", true, "1.2.0-rc1", true },
        { "api/v1.2.3", "api/v", false, "1.2.3", true },
        { "1.2", "auto", false, "missing patch number", false },
        { "v", "auto", false, "missing major number", false },
        { "1.", "auto", true, "missing minor number", false },
        { "01.2.3", "auto", false, "major number has a leading zero", false },
        { "1.2.3-01", "auto", false, "prerelease has a number with a leading zero", false },
        { "1.2.3-", "auto", false, "prerelease has an empty part", false },
        { "1.2.3-a..b", "auto", false, "prerelease has an empty part", false },
        { "1.2.3+", "auto", false, "build metadata has an empty part", false },
        { "1.2.3 ", "auto", false, "unexpected text ' '", false },
        { "1.2.3.4", "auto", false, "unexpected text '.4'", false },
        { "9223372036854775808.0.0", "auto", false, "major number is too large", false },
        { "1.2.3", "web/v", false, "it does not begin with 'web/v'", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_semver v;
        SLIP_AUTO(slip_buf) out = SLIP_BUF(200);
        int rc = slip_semver_parse(slip_str_of(cases[i].text), slip_str_of(cases[i].prefix),
                                   cases[i].loose, &v, &err);
        assert_int_equal(rc, cases[i].good ? 0 : -1);
        if (rc == 0)
            slip_semver_print(&v, true, &out);
        assert_string_equal(rc == 0 ? out.ptr : err.text, cases[i].want);
    }
}

static void precedence_is_that_of_the_standard(void **state)
{
    (void)state;
    static const char *const rising[] = {
        "0.9.9",
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.1.0",
        "2.0.0",
    };
    for (size_t i = 0; i < SLIP_COUNT(rising); i++) {
        for (size_t j = 0; j < SLIP_COUNT(rising); j++) {
            struct slip_error err = { 0 };
            struct slip_semver a, b;
            assert_int_equal(
                slip_semver_parse(slip_str_of(rising[i]), SLIP_STR("auto"), false, &a, &err), 0);
            assert_int_equal(
                slip_semver_parse(slip_str_of(rising[j]), SLIP_STR("auto"), false, &b, &err), 0);
            int c = slip_semver_cmp(&a, &b);
            assert_int_equal(c < 0 ? -1 : c > 0, i < j ? -1 : i > j);
        }
    }
}

static void build_metadata_does_not_count(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    struct slip_semver a, b;
    assert_int_equal(slip_semver_parse(SLIP_STR("1.0.0+a"), SLIP_STR("auto"), false, &a, &err), 0);
    assert_int_equal(slip_semver_parse(SLIP_STR("1.0.0+b"), SLIP_STR("auto"), false, &b, &err), 0);
    assert_int_equal(slip_semver_cmp(&a, &b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_read_or_refused),
        cmocka_unit_test(precedence_is_that_of_the_standard),
        cmocka_unit_test(build_metadata_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
