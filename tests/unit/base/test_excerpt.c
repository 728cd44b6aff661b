/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "base/excerpt.h"
#include "base/utf8.h"

#define TENS "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"

static const struct {
    const char *name, *text;
    unsigned first_line, line, col;
    const char *want;
} places[] = {
    { "in the middle", "a\nb\nc\nd d\ne\nf\ng\n", 1, 4, 3,
      "      2 | b\n      3 | c\n>     4 | d d\n        |   ^\n      5 | e\n      6 | f\n" },
    { "the first line of a part", "x\r\ny", 10, 10, 1, ">    10 | x\n        | ^\n     11 | y\n" },
    { "blanks stand for tabs, above the mark too", "\té\tx", 1, 1, 4,
      ">     1 |     é   x\n        |         ^\n" },
    { "behind a line with tabs", "\t\n", 1, 1, 3, ">     1 |     \n        |      ^\n" },
    { "a line without a mark", "x\n", 1, 1, 0, ">     1 | x\n" },
    { "behind the end", "a: [\n", 1, 2, 1, "      1 | a: [\n" },
    { "before the text", "x\n", 5, 2, 1, "" },
    { "far behind the text", "x\n", 1, 9, 1, "" },
    { "nothing", "", 1, 1, 1, "" },
    { "ends of characters alone", "x\n" TENS TENS TENS TENS TENS TENS TENS TENS "\n", 1, 1, 1,
      ">     1 | x\n        | ^\n      2 | ...\n" },
};

static void lines_around_a_place_are_shown_with_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(places); i++) {
        struct slip_error err = { 0 };
        print_message("  %s\n", places[i].name);
        slip_fail(&err, SLIP_E_CONFIG, "x");
        slip_error_show(&err, slip_str_of(places[i].text), places[i].first_line, places[i].line,
                        places[i].col);
        assert_string_equal(err.excerpt, places[i].want);
    }
}

static void the_first_excerpt_stays_and_goes_with_its_cause(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    slip_error_show(&err, SLIP_STR("a"), 1, 1, 0);
    assert_string_equal(err.excerpt, ""); /* no cause, nothing to show */
    slip_fail(&err, SLIP_E_CONFIG, "x");
    slip_error_show(&err, SLIP_STR("a"), 1, 1, 0);
    slip_error_show(&err, SLIP_STR("b"), 1, 1, 0);
    slip_while(&err, "y");
    assert_string_equal(err.excerpt, ">     1 | a\n");
    slip_error_clear(&err);
    assert_string_equal(err.excerpt, "");
    slip_fail(&err, SLIP_E_CONFIG, "z");
    assert_string_equal(err.excerpt, "");
}

/* Five lines of the longest characters fit, and the mark is below the right one. */
static void long_lines_are_cut_around_the_mark(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(100000);
    for (int line = 0; line < 5; line++) {
        for (int i = 0; i < 1000; i++)
            slip_buf_add_rune(&text, i == 499 ? 'X' : 0x10400);
        slip_buf_add_char(&text, '\n');
    }
    struct slip_error err = { 0 };
    slip_fail(&err, SLIP_E_CONFIG, "x");
    slip_error_show(&err, slip_buf_str(&text), 1, 3, 500);
    assert_true(slip_utf8_valid(slip_str_of(err.excerpt)));
    const char *line = strstr(err.excerpt, ">     3 | ...");
    const char *mark = strstr(err.excerpt, "        | ");
    assert_non_null(line);
    assert_non_null(mark);
    assert_null(strstr(err.excerpt, "      5 | ..."));
    assert_non_null(strstr(err.excerpt, "      5 | "));
    struct slip_str before = slip_str_make(line, (size_t)(strchr(line, 'X') - line));
    assert_int_equal(slip_utf8_count(before), strchr(mark, '^') - mark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_around_a_place_are_shown_with_numbers),
        cmocka_unit_test(the_first_excerpt_stays_and_goes_with_its_cause),
        cmocka_unit_test(long_lines_are_cut_around_the_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
