/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/path.h"

static void clean_is_the_shortest_equal_path(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "", "." },
        { "a/./b/../c//", "a/c" },
        { "/..", "/" },
        { "../a", "../a" },
        { "a/../..", ".." },
        { "/a/../../b", "/b" },
        { "../../a/..", "../.." },
        { "//a", "/a" },
        { "abc/def/..", "abc" },
        { "./", "." },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(100);
        slip_path_clean(slip_str_of(cases[i][0]), &out);
        assert_string_equal(out.ptr, cases[i][1]);
    }
}

static void join_leaves_out_empty_parts(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(100);
    slip_path_join(SLIP_STR(""), SLIP_STR(""), &out);
    assert_string_equal(out.ptr, "");
    slip_path_join(SLIP_STR("a"), SLIP_STR("../b"), &out);
    assert_string_equal(out.ptr, "b");
}

static void inside_and_below(void **state)
{
    (void)state;
    assert_true(slip_path_is_inside(SLIP_STR("a/../b")));
    assert_false(slip_path_is_inside(SLIP_STR("a/../../b")));
    assert_false(slip_path_is_inside(SLIP_STR("/a")));
    assert_true(slip_path_is_below(SLIP_STR("a/b"), SLIP_STR("a")));
    assert_false(slip_path_is_below(SLIP_STR("ab"), SLIP_STR("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_is_the_shortest_equal_path),
        cmocka_unit_test(join_leaves_out_empty_parts),
        cmocka_unit_test(inside_and_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
