/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "match/file_match.h"

static const struct {
    const char *pattern, *name;
    enum slip_file_match want;
} cases[] = {
    { "", "", SLIP_FILE_MATCH_YES },
    { "", "a", SLIP_FILE_MATCH_NO },
    { "abc", "abc", SLIP_FILE_MATCH_YES },
    { "*", "abc", SLIP_FILE_MATCH_YES },
    { "*", "a/b", SLIP_FILE_MATCH_NO },
    { "*", "", SLIP_FILE_MATCH_YES },
    { "*c", "abc", SLIP_FILE_MATCH_YES },
    { "a*", "abc", SLIP_FILE_MATCH_YES },
    { "a*/b", "abc/b", SLIP_FILE_MATCH_YES },
    { "a*/b", "a/c/b", SLIP_FILE_MATCH_NO },
    { "a*b*c*d*e*", "axbxcxdxexxx", SLIP_FILE_MATCH_YES },
    { "a*b?c*x", "abxbbxdbxebxczzx", SLIP_FILE_MATCH_YES },
    { "a*b?c*x", "abxbbxdbxebxczzy", SLIP_FILE_MATCH_NO },
    { "*a", "aa", SLIP_FILE_MATCH_YES },
    { "ab[c]", "abc", SLIP_FILE_MATCH_YES },
    { "ab[b-d]", "abc", SLIP_FILE_MATCH_YES },
    { "ab[e-g]", "abc", SLIP_FILE_MATCH_NO },
    { "ab[^c]", "abc", SLIP_FILE_MATCH_NO },
    { "ab[^e-g]", "abc", SLIP_FILE_MATCH_YES },
    { "[!a]", "b", SLIP_FILE_MATCH_NO },
    { "[!a]", "!", SLIP_FILE_MATCH_YES },
    { "a\\*b", "a*b", SLIP_FILE_MATCH_YES },
    { "a\\*b", "ab", SLIP_FILE_MATCH_NO },
    { "a?b",
      "a\xe2\x98\xba"
      "b",
      SLIP_FILE_MATCH_YES },
    { "a[^a]b",
      "a\xe2\x98\xba"
      "b",
      SLIP_FILE_MATCH_YES },
    { "a???b",
      "a\xe2\x98\xba"
      "b",
      SLIP_FILE_MATCH_NO },
    { "[a-\xce\xb6]*", "\xce\xb1", SLIP_FILE_MATCH_YES },
    { "*[a-\xce\xb6]", "A", SLIP_FILE_MATCH_NO },
    { "a?b", "a/b", SLIP_FILE_MATCH_NO },
    { "[\\]a]", "]", SLIP_FILE_MATCH_YES },
    { "[\\-x]", "x", SLIP_FILE_MATCH_YES },
    { "[x\\-]", "z", SLIP_FILE_MATCH_NO },
    { "[*]x", "*x", SLIP_FILE_MATCH_YES },
    { "{a,b}", "a", SLIP_FILE_MATCH_NO },
    { "*x", "xxx", SLIP_FILE_MATCH_YES },

    { "[]a]", "]", SLIP_FILE_MATCH_BAD },
    { "[-]", "-", SLIP_FILE_MATCH_BAD },
    { "[x-]", "x", SLIP_FILE_MATCH_BAD },
    { "[a-b-c]", "a", SLIP_FILE_MATCH_BAD },
    { "[", "a", SLIP_FILE_MATCH_BAD },
    { "[^", "a", SLIP_FILE_MATCH_BAD },
    { "[^bc", "a", SLIP_FILE_MATCH_BAD },
    { "a[", "a", SLIP_FILE_MATCH_BAD },
    { "a[", "x", SLIP_FILE_MATCH_BAD },
    { "a/b[", "x", SLIP_FILE_MATCH_BAD },
    { "\\", "a", SLIP_FILE_MATCH_BAD },
    { "[\xff]", "a", SLIP_FILE_MATCH_BAD },
};

static void patterns_match_as_in_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        print_message("  %s %s\n", cases[i].pattern, cases[i].name);
        assert_int_equal(slip_file_match(slip_str_of(cases[i].pattern), slip_str_of(cases[i].name)),
                         cases[i].want);
    }
}

static void malformed_text_behind_a_mismatch_goes_unnoticed(void **state)
{
    (void)state;
    assert_int_equal(slip_file_match_lazy(SLIP_STR("c*["), SLIP_STR(".")), SLIP_FILE_MATCH_NO);
    assert_int_equal(slip_file_match_lazy(SLIP_STR("c["), SLIP_STR(".")), SLIP_FILE_MATCH_BAD);
    assert_int_equal(slip_file_match_lazy(SLIP_STR(".*["), SLIP_STR(".")), SLIP_FILE_MATCH_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_in_go),
        cmocka_unit_test(malformed_text_behind_a_mismatch_goes_unnoticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
