/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/unicode.h"

static void case_maps_rune_by_rune(void **state)
{
    (void)state;
    static const struct {
        uint32_t rune, upper, lower, title;
    } cases[] = {
        { 'a', 'A', 'a', 'A' },
        { 'Z', 'Z', 'z', 'Z' },
        { '7', '7', '7', '7' },
        { 0xDF, 0xDF, 0xDF, 0xDF },             /* sharp s has no simple upper case */
        { 0xE9, 0xC9, 0xE9, 0xC9 },             /* e acute */
        { 0x101, 0x100, 0x101, 0x100 },         /* a macron: upper and lower take turns */
        { 0x100, 0x100, 0x101, 0x100 },         /* A macron */
        { 0x1C6, 0x1C4, 0x1C6, 0x1C5 },         /* dz caron: title case of its own */
        { 0x1C5, 0x1C4, 0x1C6, 0x1C5 },         /* Dz caron */
        { 0x10428, 0x10400, 0x10428, 0x10400 }, /* beyond the first plane */
        { 0x130, 0x130, 'i', 0x130 },           /* I with dot */
        { 0x110000, 0x110000, 0x110000, 0x110000 },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        assert_int_equal(slip_unicode_upper(cases[i].rune), cases[i].upper);
        assert_int_equal(slip_unicode_lower(cases[i].rune), cases[i].lower);
        assert_int_equal(slip_unicode_title(cases[i].rune), cases[i].title);
    }
}

static void folding_goes_round(void **state)
{
    (void)state;
    static const uint32_t rounds[][5] = {
        { 'K', 'k', 0x212A, 'K' }, { 'S', 's', 0x17F, 'S' },       { '1', '1' },
        { 'a', 'A', 'a' },         { 0x1C4, 0x1C5, 0x1C6, 0x1C4 }, { 0x131, 0x131 },
    };
    for (size_t i = 0; i < SLIP_COUNT(rounds); i++)
        for (size_t k = 0; rounds[i][k + 1]; k++)
            assert_int_equal(slip_unicode_fold(rounds[i][k]), rounds[i][k + 1]);
}

static void every_fold_comes_back_with_one_key(void **state)
{
    (void)state;
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        uint32_t next = slip_unicode_fold(rune);
        int steps = 1;
        for (; next != rune && steps < 8; steps++)
            next = slip_unicode_fold(next);
        if (next != rune)
            fail_msg("U+%04X does not come back", rune);
        if (steps > 1 && slip_unicode_next_cased(rune) != rune)
            fail_msg("U+%04X folds but has no case", rune);
        if (slip_unicode_fold_key(rune) != slip_unicode_fold_key(slip_unicode_fold(rune)))
            fail_msg("U+%04X has another key than its fold", rune);
    }
}

static void categories_and_scripts_are_found_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t in, out;
    } cases[] = {
        { "L", 'x', '1' },   { "Lu", 'X', 'x' },           { "Nd", 0x664, 'a' },
        { "Zs", ' ', '\t' }, { "Greek", 0x3B1, 'a' },      { "Han", 0x4E2D, 'a' },
        { "Sc", '$', '+' },  { "Cyrillic", 0x416, 0x3B1 }, { "Zanabazar_Square", 0x11A00, 'a' },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        const struct slip_unicode_table *t = slip_unicode_table(slip_str_of(cases[i].name));
        assert_non_null(t);
        assert_true(slip_unicode_in(t, cases[i].in));
        assert_false(slip_unicode_in(t, cases[i].out));
    }
    assert_null(slip_unicode_table(SLIP_STR("greek")));
    assert_null(slip_unicode_table(SLIP_STR("")));
}

static void predicates_agree_with_their_category(void **state)
{
    (void)state;
    assert_true(slip_unicode_is_space(0x85) && slip_unicode_is_space(0x2028));
    assert_false(slip_unicode_is_space(0x200B));
    assert_true(slip_unicode_is_print(' ') && slip_unicode_is_print(0x20AC));
    assert_false(slip_unicode_is_print(0xA0) || slip_unicode_is_print(0x7F));
    assert_false(slip_unicode_is_print(0xAD) || slip_unicode_is_print(0x10FFFF));
    assert_true(slip_unicode_is_letter(0xAA) && !slip_unicode_is_lower(0xAA));
    assert_true(slip_unicode_is_title(0x1C5) && !slip_unicode_is_upper(0x1C5));
    assert_true(slip_unicode_is_number(0xBD) && !slip_unicode_is_digit(0xBD));
    assert_true(slip_unicode_is_punct('_'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_maps_rune_by_rune),
        cmocka_unit_test(folding_goes_round),
        cmocka_unit_test(every_fold_comes_back_with_one_key),
        cmocka_unit_test(categories_and_scripts_are_found_by_name),
        cmocka_unit_test(predicates_agree_with_their_category),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
