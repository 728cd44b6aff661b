/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "match/re2.h"

static struct slip_re2 *compiled(const char *pattern)
{
    struct slip_error err = { 0 };
    struct slip_re2 *re = NULL;
    if (slip_re2_compile(slip_str_of(pattern), &re, &err) < 0)
        fail_msg("%s", err.text);
    return re;
}

static void a_bad_expression_says_why(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "(a", "missing closing ): `(a`" },
        { "a)", "unexpected ): `a)`" },
        { "[a", "missing closing ]: `[a`" },
        { "x[z-a]", "invalid character class range: `z-a`" },
        { "[[:word:][:foo:]]", "invalid character class range: `[:foo:]`" },
        { "\\p{Foo}", "invalid character class range: `\\p{Foo}`" },
        { "\\8", "invalid escape sequence: `\\8`" },
        { "\\x{110000}", "invalid escape sequence: `\\x{110000`" },
        { "a\\", "trailing backslash at end of expression: ``" },
        { "*a", "missing argument to repetition operator: `*`" },
        { "(|+?)", "missing argument to repetition operator: `+?`" },
        { "a**", "invalid nested repetition operator: `**`" },
        { "a{2}{3}", "invalid nested repetition operator: `{2}{3}`" },
        { "a{1001}", "invalid repeat count: `{1001}`" },
        { "a{3,2}", "invalid repeat count: `{3,2}`" },
        { "((a{100}){10}){2}", "invalid repeat count: `{2}`" },
        { "(?=a)", "invalid or unsupported Perl syntax: `(?=`" },
        { "(?i-)", "invalid or unsupported Perl syntax: `(?i-)`" },
        { "(?P<1 >a)", "invalid named capture: `(?P<1 >`" },
        { "(?P<n", "invalid named capture: `(?P<n`" },
        { "a\xff", "invalid UTF-8: `\xff`" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_re2 *re = NULL;
        assert_int_equal(slip_re2_compile(slip_str_of(cases[i][0]), &re, &err), -1);
        assert_null(re);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
        char want[200];
        snprintf(want, sizeof(want), "error parsing regexp: %s", cases[i][1]);
        assert_string_equal(err.text, want);
    }
}

static void expressions_out_of_all_bounds_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *open, *inner, *close;
        size_t times;
        bool good;
    } cases[] = {
        { "(", "a", ")", 999, true },
        { "(", "a", ")", 1000, false },   /* deeper than 1000 levels */
        { "(?:", "a", ")", 20000, true }, /* which do not count when they group only */
        { "", "", "(?:(?:a{30}){30}){1}", 125, true },
        { "", "", "(?:(?:a{100}){10}){1}", 4000, false }, /* more than 3.3 million instructions */
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 20);
        for (size_t k = 0; k < cases[i].times; k++)
            slip_buf_add_c(&text, cases[i].open);
        slip_buf_add_c(&text, cases[i].inner);
        for (size_t k = 0; k < cases[i].times; k++)
            slip_buf_add_c(&text, cases[i].close);
        struct slip_error err = { 0 };
        SLIP_AUTO_PTR(slip_re2) re = NULL;
        assert_int_equal(slip_re2_compile(slip_buf_str(&text), &re, &err), cases[i].good ? 0 : -1);
    }
}

/* All matches as "[0 2 1 2][3 4 - -]". */
static void matches_are_leftmost_first(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "a+", "baaac", "[1 4]" },
        { "a+?", "aa", "[0 1][1 2]" },
        { "a|ab", "ab", "[0 1]" },
        { "(a)|(b)", "ba", "[0 1 - - 0 1][1 2 1 2 - -]" },
        { "(a*)*", "b", "[0 0 0 0][1 1 1 1]" },
        { "(a*)+", "b", "[0 0 0 0][1 1 1 1]" },
        { "(|a)*", "aa", "[0 0 0 0][1 1 1 1][2 2 2 2]" },
        { "(|a)+", "aa", "[0 0 0 0][1 1 1 1][2 2 2 2]" },
        { "(?:(a)|b){2,3}", "abab", "[0 3 2 3]" },
        { "x*", "axa", "[0 0][1 2][3 3]" },
        { "^", "ab", "[0 0]" },
        { "(?m)^", "a\nb", "[0 0][2 2]" },
        { "(?m)$", "a\nb", "[1 1][3 3]" },
        { "\\bb", "b bb ab", "[0 1][2 3]" },
        { "\\Bb", "b bb ab", "[3 4][6 7]" },
        { "(?i)k", "kK\xe2\x84\xaa", "[0 1][1 2][2 5]" },
        { "(?i)[^k]", "kaK", "[1 2]" },
        { "(?i:a)b", "Ab AB", "[0 2]" },
        { "(?s)a.b", "a\nb", "[0 3]" },
        { "a.b", "a\nb", "" },
        { ".", "\xff\xc3\xa9", "[0 1][1 3]" },
        { "\\x{FFFD}", "\xff", "[0 1]" },
        { "[^a]", "\xff", "[0 1]" },
        { "(?P<y>\\d{4})-(?<m>\\d\\d)", "on 2024-05", "[3 10 3 7 8 10]" },
        { "\\pL+", "a1\xd0\x96", "[0 1][2 4]" },
        { "[[:alpha:]_]+", "a_1", "[0 2]" },
        { "a{,2}", "a{,2}", "[0 5]" },
        { "(?U)a+", "aa", "[0 1][1 2]" },
        { "\\Qa.b\\E+", "a.bb axb", "[0 4]" },
        { "(a){0}b", "ab", "[1 2 - -]" },
        { "\\Bx|b", "b1 bx", "[0 1][3 4][4 5]" },
        { "[^\\x00-\\x{10FFFF}]", "a", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(slip_re2) re = compiled(cases[i][0]);
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        struct slip_re2_span spans[4];
        struct slip_re2_walk walk = { .re = re, .text = slip_str_of(cases[i][1]) };
        while (slip_re2_next(&walk, spans, 1 + slip_re2_groups(re)))
            for (size_t k = 0; k <= slip_re2_groups(re); k++) {
                slip_buf_add_c(&got, k ? " " : "[");
                if (spans[k].start == SLIP_NPOS)
                    slip_buf_add_c(&got, "- -");
                else
                    slip_buf_add_fmt(&got, "%zu %zu", spans[k].start, spans[k].end);
                if (k == slip_re2_groups(re))
                    slip_buf_add_c(&got, "]");
            }
        if (strcmp(got.ptr, cases[i][2]) != 0)
            fail_msg("%s on %s: %s", cases[i][0], cases[i][1], got.ptr);
        assert_int_equal(slip_re2_match(re, slip_str_of(cases[i][1])), cases[i][2][0] != 0);
    }
}

static void what_stands_before_the_start_counts(void **state)
{
    (void)state;
    struct slip_re2_span span;
    SLIP_AUTO_PTR(slip_re2) begin = compiled("^b");
    assert_false(slip_re2_find(begin, SLIP_STR("ab"), 1, &span, 1));
    SLIP_AUTO_PTR(slip_re2) word = compiled("\\bb");
    assert_false(slip_re2_find(word, SLIP_STR("ab"), 1, &span, 1));
    assert_true(slip_re2_find(word, SLIP_STR("-b"), 1, &span, 1));
    assert_false(slip_re2_find(word, SLIP_STR("b"), 2, &span, 1));
}

static void groups_have_names(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_re2) re = compiled("(?P<year>a)(b)");
    assert_int_equal(slip_re2_groups(re), 2);
    struct slip_re2_span spans[4];
    assert_true(slip_re2_find(re, SLIP_STR("xab"), 0, spans, 4));
    assert_int_equal(spans[2].start, 2);
    assert_true(spans[3].start == SLIP_NPOS);
}

static void templates_are_filled(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        { "a(x*)b", "-ab-axxb-", "$1", "--xx-" },
        { "a(x*)b", "-ab-axxb-", "${1}W", "-W-xxW-" },
        { "a(x*)b", "-ab-axxb-", "$1W", "---" },
        { "(?P<n>a)", "ba", "[$n$$$0$01]", "b[a$a]" },
        { "(?P<n>b)|(?P<n>a)", "ab", "<$n>", "<a><b>" },
        { "a", "a", "$", "$" },
        { "a", "a", "${", "${" },
        { "a", "a", "${a-}", "${a-}" },
        { "x*", "abxd", "-", "-a-b-d-" },
        { "", "\xc3\xa9", "-", "-\xc3\xa9-" },
        { "(a)", "a", "$2|$9", "|" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(slip_re2) re = compiled(cases[i][0]);
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        slip_re2_replace_all(re, slip_str_of(cases[i][1]), slip_str_of(cases[i][2]), &got);
        assert_string_equal(got.ptr, cases[i][3]);
    }
    SLIP_AUTO_PTR(slip_re2) re = compiled("(a)");
    SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
    slip_re2_replace_all_literal(re, SLIP_STR("xay"), SLIP_STR("$1"), &got);
    assert_string_equal(got.ptr, "x$1y");
}

static void text_is_split_between_matches(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        int limit;
        const char *want;
    } cases[] = {
        { ",", "a,b,c", -1, "[a][b][c]" },
        { ",", "a,b,c", 2, "[a][b,c]" },
        { ",", "a,b,c", 1, "[a,b,c]" },
        { ",", "a,b,c", 0, "" },
        { ",", "", -1, "[]" },
        { "", "", -1, "" },
        { "", "abc", -1, "[a][b][c]" },
        { "x*", "axbxc", -1, "[a][b][c]" },
        { ",", ",a,", -1, "[][a][]" },
        { "a", "aaa", 2, "[][aa]" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(slip_re2) re = compiled(cases[i].pattern);
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        struct slip_re2_split split = { .walk = { .re = re, .text = slip_str_of(cases[i].text) },
                                        .limit = cases[i].limit };
        struct slip_str part;
        while (slip_re2_next_part(&split, &part))
            slip_buf_add_fmt(&got, "[%.*s]", SLIP_ARG(part));
        assert_string_equal(got.ptr, cases[i].want);
    }
}

static void quoted_text_matches_itself(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
    slip_re2_quote(SLIP_STR("a.b*(c)[d]{e}^$|\\+?-"), &got);
    assert_string_equal(got.ptr, "a\\.b\\*\\(c\\)\\[d\\]\\{e\\}\\^\\$\\|\\\\\\+\\?-");
    SLIP_AUTO_PTR(slip_re2) re = compiled(got.ptr);
    assert_true(slip_re2_match(re, SLIP_STR("a.b*(c)[d]{e}^$|\\+?-")));
}

static void time_is_linear_in_the_text(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_re2) re = compiled("(?:(?:a*)*)*(a|aa)+$");
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 20);
    for (int i = 0; i < 20000; i++)
        slip_buf_add_c(&text, "a");
    slip_buf_add_c(&text, "b");
    assert_false(slip_re2_match(re, slip_buf_str(&text)));
}

static void work_can_be_limited(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_re2) re = compiled("(?:a?){500}b");
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 20);
    for (int i = 0; i < 20000; i++)
        slip_buf_add_c(&text, "a");
    slip_buf_add_c(&text, "b");
    slip_re2_limit_work(re, 100000);
    assert_true(slip_re2_match(re, SLIP_STR("ab")));
    assert_false(slip_re2_exhausted(re));
    assert_false(slip_re2_match(re, slip_buf_str(&text)));
    assert_true(slip_re2_exhausted(re));
    assert_false(slip_re2_match(re, SLIP_STR("ab")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_expression_says_why),
        cmocka_unit_test(expressions_out_of_all_bounds_are_refused),
        cmocka_unit_test(matches_are_leftmost_first),
        cmocka_unit_test(what_stands_before_the_start_counts),
        cmocka_unit_test(groups_have_names),
        cmocka_unit_test(templates_are_filled),
        cmocka_unit_test(text_is_split_between_matches),
        cmocka_unit_test(quoted_text_matches_itself),
        cmocka_unit_test(time_is_linear_in_the_text),
        cmocka_unit_test(work_can_be_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
