/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "match/filter.h"

struct question {
    const char *pattern, *path;
    bool match, through;
};

static void ask(struct slip_filter *f, const struct question *q)
{
    struct slip_error err = { 0 };
    bool match, through;
    assert_int_equal(slip_filter_match(f, slip_str_of(q->path), &match, &err), 0);
    assert_int_equal(slip_filter_through(f, slip_str_of(q->path), &through, &err), 0);
    if (match != q->match || through != q->through)
        fail_msg("'%s' against '%s': match %d, through %d", q->pattern, q->path, match, through);
}

/* It is one with its neighbours for the walk-through rule, which so never leads into "src". */
static void an_escaped_slash_ends_no_component_of_a_source(void **state)
{
    (void)state;
    static const struct question cases[] = {
        { "src\\/a.txt", "src/a.txt", true, false }, { "src\\/a.txt", "src", false, false },
        { "src/b\\/c", "src", false, true },         { "src/b\\/c", "src/b", false, false },
        { "src/b\\/c/d", "src/b/c/d", true, false }, { "a\\\\/b", "a\\", false, false },
        { "a\\/**/*", "a", false, false },           { "a\\/b\\/c/d", "a/b/c/d", true, false },
        { "a\\\\/b/c", "a\\", false, false },        { "*/b/c", "a\\", false, true },
        { "*/b/c", "a\\/b", false, false },          { "**/c", "a\\/b", false, true },
        { "a\\/c/d", "a\\/c", false, false },        { "*/b/c", "x\\/a/b", false, false },
        { "x/*/b/c", "x/a\\/b", false, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
        const struct slip_str glob = slip_str_of(cases[i].pattern);
        slip_filter_include(f, &glob, 1);
        ask(f, &cases[i]);
    }
}

static void an_escaped_slash_ends_no_component_of_an_ignore_pattern(void **state)
{
    (void)state;
    static const struct question cases[] = {
        { "src\\/a.txt", "src/a.txt", false, false },
        { "src\\/a.txt", "src", true, false },
        { "src/b\\/c", "src", true, true },
        { "src/b\\/c", "src/b", true, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
        const struct slip_str pattern = slip_str_of(cases[i].pattern);
        assert_int_equal(slip_filter_ignore(f, &pattern, 1, &err), 0);
        ask(f, &cases[i]);
    }
}

/* Reading the file trims lines, but what is cleaned afterwards may have blanks at its ends again.
 */
static void blanks_at_the_ends_of_ignore_patterns_do_not_count(void **state)
{
    (void)state;
    static const struct question cases[] = {
        { "x ", "x ", true, false },      { "x ", "x", false, false },
        { " x", "x", false, false },      { "\xC2\xA0x", "x", false, false },
        { "\xC2\xA0", "x", true, false }, { "x /y", "x /y", false, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
        const struct slip_str pattern = slip_str_of(cases[i].pattern);
        assert_int_equal(slip_filter_ignore(f, &pattern, 1, &err), 0);
        ask(f, &cases[i]);
    }
}

/* Globs are tried in their order as bytes until one matches: what comes later is not looked at. */
static void a_source_that_is_everything_comes_before_a_malformed_one(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(SLIP_STR(""));
    const struct slip_str globs[] = { SLIP_STR("*/b\\"), SLIP_STR(".") };
    slip_filter_include(f, globs, SLIP_COUNT(globs));
    bool match;
    assert_int_equal(slip_filter_match(f, SLIP_STR("x/y"), &match, &err), 0);
    assert_true(match);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_escaped_slash_ends_no_component_of_a_source),
        cmocka_unit_test(an_escaped_slash_ends_no_component_of_an_ignore_pattern),
        cmocka_unit_test(blanks_at_the_ends_of_ignore_patterns_do_not_count),
        cmocka_unit_test(a_source_that_is_everything_comes_before_a_malformed_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
