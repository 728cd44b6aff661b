/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "dockerfile/platform.h"

static void the_host_completes_one_word(void **state)
{
    (void)state;
    static const struct {
        struct slip_platform host;
        const char *text, *parsed, *normalized;
    } cases[] = {
        { { "linux", "arm64", "v8" }, "linux", "linux/arm64", "linux/arm64" },
        { { "linux", "arm64", "v8" }, "local", NULL, "linux/arm64" },
        { { "linux", "arm", "v6" }, "linux", "linux/arm/v6", "linux/arm/v6" },
        { { "linux", "arm", "v7" }, "LOCAL", NULL, "linux/arm/v7" },
        { { "linux", "amd64", "" }, "arm64", "linux/arm64", "linux/arm64" },
        { { "linux", "amd64", "" }, "linux/arm64/v8", "linux/arm64/v8", "linux/arm64" },
        { { "linux", "amd64", "" }, "linux/arm", "linux/arm", "linux/arm/v7" },
        { { "linux", "amd64", "" }, "darwin", "darwin/amd64", "darwin/amd64" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_platform p;
        struct slip_error err = { 0 };
        char text[3 * SLIP_PLATFORM_MAX + 3];
        if (cases[i].parsed) {
            assert_int_equal(
                slip_platform_parse(slip_str_of(cases[i].text), &cases[i].host, &p, &err), 0);
            slip_platform_print(&p, text);
            assert_string_equal(text, cases[i].parsed);
        }
        assert_int_equal(
            slip_platform_normalize(slip_str_of(cases[i].text), &cases[i].host, &p, &err), 0);
        slip_platform_print(&p, text);
        assert_string_equal(text, cases[i].normalized);
    }
}

static void this_machine_has_a_platform_that_parses(void **state)
{
    (void)state;
    struct slip_platform host, again;
    struct slip_error err = { 0 };
    char text[3 * SLIP_PLATFORM_MAX + 3], parsed[sizeof(text)];
    slip_platform_host(&host);
    slip_platform_print(&host, text);
    assert_int_equal(slip_platform_parse(slip_str_of(text), &host, &again, &err), 0);
    slip_platform_print(&again, parsed);
    assert_string_equal(parsed, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_completes_one_word),
        cmocka_unit_test(this_machine_has_a_platform_that_parses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
