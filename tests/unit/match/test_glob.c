/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "match/glob.h"

static void names_match_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *name;
        bool want;
    } cases[] = {
        { "", "", true },
        { "", "a", false },
        { "v1.0", "v1.0", true },
        { "v1.0", "v1x0", false },
        { "v*", "v", true },
        { "v*", "v1.2.3", true },
        { "v*", "v1/2", false },
        { "v**", "v1/2", true },
        { "**/x", "a/b/x", true },
        { "**/x", "x", false },
        { "***", "a/b", true },
        { "a?c", "abc", true },
        { "a?c", "a/c", false },
        { "a?c", "ac", false },
        { "[a-c]x", "bx", true },
        { "[!a-c]x", "bx", false },
        { "[^a-c]x", "dx", true },
        { "[!a]", "/", false },
        { "[]a]", "]", true },
        { "[a-]", "-", true },
        { "[\\]]", "]", true },
        { "[\\a-\\c]", "b", true },
        { "{a,bc,}x", "ax", true },
        { "{a,bc,}x", "bcx", true },
        { "{a,bc,}x", "x", true },
        { "{a,bc,}x", "bx", false },
        { "{a,{b,c}*}", "c123", true },
        { "{a/b,c}", "a/b", true },
        { "{a}", "a", true },
        { "a,b", "a,b", true },
        { "\\*", "*", true },
        { "\\*", "a", false },
        { "*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
        { "A", "a", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO_PTR(slip_glob) g = NULL;
        assert_int_equal(slip_glob_compile(slip_str_of(cases[i].pattern), &g, &err), 0);
        if (slip_glob_match(g, slip_str_of(cases[i].name)) != cases[i].want)
            fail_msg("'%s' against '%s'", cases[i].pattern, cases[i].name);
    }
}

static void malformed_patterns_are_refused_with_a_position(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "a[b", "pattern 'a[b': '[' without ']' at position 2" },
        { "[", "pattern '[': '[' without ']' at position 1" },
        { "[z-a]", "pattern '[z-a]': a range from high to low at position 1" },
        { "{a", "pattern '{a': '{' without '}' at position 1" },
        { "{a,", "pattern '{a,': '{' without '}' at position 1" },
        { "a}", "pattern 'a}': '}' without '{' at position 2" },
        { "a\\", "pattern 'a\\': '\\' with nothing behind it at position 2" },
        { "[\\", "pattern '[\\': '\\' with nothing behind it at position 2" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_glob *g = NULL;
        assert_int_equal(slip_glob_compile(slip_str_of(cases[i][0]), &g, &err), -1);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
        assert_string_equal(err.text, cases[i][1]);
    }
}

static void a_pattern_without_wildcards_is_literal(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "app", "app" }, { "a\\*b", "a*b" }, { "a*", NULL }, { "{a}", NULL }, { "", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO_PTR(slip_glob) g = NULL;
        assert_int_equal(slip_glob_compile(slip_str_of(cases[i][0]), &g, &err), 0);
        const char *literal = slip_glob_literal(g);
        assert_string_equal(literal ? literal : "(none)", cases[i][1] ? cases[i][1] : "(none)");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_match_as_written),
        cmocka_unit_test(malformed_patterns_are_refused_with_a_position),
        cmocka_unit_test(a_pattern_without_wildcards_is_literal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
