/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "match/doublestar.h"

enum { NO = SLIP_DOUBLESTAR_NO, YES = SLIP_DOUBLESTAR_YES, BAD = SLIP_DOUBLESTAR_BAD };

static void patterns_match_as_in_the_original(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *name;
        int want;
    } cases[] = {
        { "", "", YES },
        { "a", "", NO },
        { "*", "", YES },
        { "**/*", "", NO },
        { "*", ".git", YES },
        { "*", "a/b", NO },
        { "a/**", "a", YES },
        { "a/**", "a/b/c", YES },
        { "a/**/b", "a/b", YES },
        { "a/**/b", "a/x/y/b", YES },
        { "a/**b", "a/x/b", NO },
        { "a**", "ab/c", NO },
        { "**/b", "b", YES },
        { "**/b", "x/y/b", YES },
        { "**/b", "x/yb", NO },
        { "a/", "a", NO },
        { "a?c",
          "a\xC3\xA9"
          "c",
          YES },
        { "a?c", "a/c", NO },
        { "[a-c]", "b", YES },
        { "[!a-c]", "b", NO },
        { "[^a-c]", "d", YES },
        { "[!x]", "/", YES },
        { "[a-]", "-", YES },
        { "[\\]]", "]", YES },
        { "[]a]", "]", BAD },
        { "{a,b/c}", "b/c", YES },
        { "{a,{b,c}d}e", "cde", YES },
        { "x{}", "x", YES },
        { "{a,b}*", "bcd", YES },
        { "\\*", "*", YES },
        { "\\*", "a", NO },
        { "a]", "a]", YES },
        { "a]", "b", NO },
        { "a}", "a}", YES },
        { "a}", "b", BAD },
        { "a[", "b", BAD },
        { "{a", "b", BAD },
        { "a\\", "b", BAD },
        { "*.go/[", "x", BAD },
        { "**/a/*b/c", "x/a/a/bb/c", YES },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++)
        if ((int)slip_doublestar_match(slip_str_of(cases[i].pattern), slip_str_of(cases[i].name))
            != cases[i].want)
            fail_msg("'%s' against '%s'", cases[i].pattern, cases[i].name);
}

static void absurd_patterns_end_soon(void **state)
{
    (void)state;
    char braces[2000] = { 0 }, nested[500] = { 0 }, name[100] = { 0 };
    for (size_t i = 0; i < 300; i++)
        memcpy(braces + 6 * i, "{a,aa}", 6);
    memset(nested, '{', 200);
    memset(nested + 200, '}', 200);
    memset(name, 'a', 99);
    assert_int_equal(slip_doublestar_match(slip_str_of(braces), slip_str_of(name)), BAD);
    assert_int_equal(slip_doublestar_match(slip_str_of(nested), slip_str_of(name)), BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_in_the_original),
        cmocka_unit_test(absurd_patterns_end_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
