/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "werf/select.h"

static struct slip_image images[] = {
    { .name = { "base", 4 } },
    { .name = { "app", 3 }, .final = true },
    { .name = { "web/front", 9 }, .final = true },
    { .name = { "web/back", 8 }, .final = true },
    { .name = { "", 0 }, .final = true },
};
static const struct slip_image_set set = { .at = images, .len = SLIP_COUNT(images) };

static const struct {
    const char *patterns[4];
    const char *want; /* names with a blank behind each, or the message */
} cases[] = {
    { { NULL }, "app web/front web/back  " },
    { { "app" }, "app " },
    { { "base" }, "" },
    { { "*" }, "app  " },
    { { "web/*" }, "web/front web/back " },
    { { "web/*", "!web/b*" }, "web/front " },
    { { "!web/*" }, "app  " },
    { { "!nothing" }, "app web/front web/back  " },
    { { "app", "!a*" }, "app " },
    { { "a*", "!app" }, "" },
    { { "" }, " " },
    { { "ap" }, "no image matches pattern \"ap\"" },
    { { "~" }, "no image matches pattern \"~\"" },
    { { "**" }, "invalid image pattern '**': recursive glob (**) not supported" },
    { { "a$" }, "invalid image pattern 'a$': special characters not allowed" },
    { { "!a[" }, "invalid image pattern '!a[': syntax error in pattern" },
};

static void patterns_choose_final_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_selection) got = { 0 };
        SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
        struct slip_str patterns[4];
        size_t n = 0;
        for (; n < 4 && cases[i].patterns[n]; n++)
            patterns[n] = slip_str_of(cases[i].patterns[n]);
        int rc = slip_images_select(&set, patterns, n, true, &got, NULL, &err);
        for (size_t k = 0; k < got.len; k++)
            slip_buf_add_fmt(&text, "%.*s ", SLIP_ARG(set.at[got.at[k]].name));
        assert_string_equal(rc < 0 ? err.text : text.ptr, cases[i].want);
    }
}

static void others_are_counted_and_a_near_name_is_offered(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_selection) got = { 0 };
    size_t skipped;
    struct slip_str base = SLIP_STR("base"), near = SLIP_STR("bse");
    assert_int_equal(slip_images_select(&set, &base, 1, true, &got, &skipped, &err), 0);
    assert_int_equal(skipped, 1);
    assert_int_equal(slip_images_select(&set, &base, 1, false, &got, &skipped, &err), 0);
    assert_int_equal(got.len, 1);
    assert_int_equal(slip_images_select(&set, &near, 1, false, &got, &skipped, &err), -1);
    assert_string_equal(err.hint, "did you mean 'base'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_choose_final_images),
        cmocka_unit_test(others_are_counted_and_a_near_name_is_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
