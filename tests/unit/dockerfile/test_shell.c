/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "dockerfile/pattern.h"
#include "dockerfile/shell.h"

static bool lookup(void *payload, struct slip_str name, struct slip_str *value)
{
    (void)payload;
    *value = SLIP_STR("val");
    return slip_str_is(name, "V");
}

static const struct slip_shell shell = { .lookup = lookup };

static void mistakes_name_the_word(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "a 'b", "cannot expand 'a 'b': no matching single quote" },
        { "a \"b", "cannot expand 'a \"b': no matching double quote" },
        { "${", "cannot expand '${': no '}' after '${'" },
        { "${}", "cannot expand '${}': no name after '${'" },
        { "${V", "cannot expand '${V': no '}' after '${'" },
        { "${V:=x}", "cannot expand '${V:=x}': ':=' after the name in '${' is not supported" },
        { "${V-x", "cannot expand '${V-x': no '}' after '${'" },
        { "${V/a}", "cannot expand '${V/a}': no '/' after '${'" },
        { "${V#}", "cannot expand '${V#}': '#' with nothing to remove" },
        { "${X?}", "cannot expand '${X?}': X may not be unset" },
        { "${X?why not}", "cannot expand '${X?why not}': X: why not" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1024);
        struct slip_error err = { 0 };
        assert_int_equal(slip_shell_expand(&shell, slip_str_of(cases[i][0]), &out, &err), -1);
        assert_string_equal(err.text, cases[i][1]);
        assert_int_equal(out.len, 0);
    }
}

static void depth_and_size_have_limits(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) deep = SLIP_BUF(1 << 20), wide = SLIP_BUF(1 << 20);
    for (size_t i = 0; i < 10000; i++) {
        slip_buf_add_c(&deep, "${X:-");
        slip_buf_add_c(&wide, "$V");
    }
    for (size_t i = 0; i < 10000; i++)
        slip_buf_add_char(&deep, '}');
    struct slip_buf *const texts[] = { &deep, &wide };
    for (size_t i = 0; i < SLIP_COUNT(texts); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        struct slip_error err = { 0 };
        assert_int_equal(slip_shell_expand(&shell, slip_buf_str(texts[i]), &out, &err), -1);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
        assert_int_equal(out.len, 0);
    }
}

static void a_costly_pattern_is_refused(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) pattern = SLIP_BUF(1 << 20), value = SLIP_BUF(1 << 24);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 24);
    for (size_t i = 0; i < 20000; i++)
        slip_buf_add_c(&pattern, "*a");
    for (size_t i = 0; i < 20000; i++)
        slip_buf_add_c(&value, "aaaaaaaaaaaaaaaa");
    struct slip_error err = { 0 };
    assert_int_equal(
        slip_pattern_trim_prefix(slip_buf_str(&pattern), slip_buf_str(&value), true, &out, &err),
        -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_name_the_word),
        cmocka_unit_test(depth_and_size_have_limits),
        cmocka_unit_test(a_costly_pattern_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
