/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ref/mark.h"

static const struct {
    const char *name, *message;
    bool tag, commit;
} messages[] = {
    { "none", "one\n", false, false },
    { "no message", "", false, false },
    { "alone", "Slipway: skip\n", true, false },
    { "trailer", "one\n\nbody\n\nSigned-off-by: x\nSlipway: skip\n", true, true },
    { "any case, blanks, no end", "one\n\n  slipway :  SKIP ", true, true },
    { "lines of CR LF", "one\r\n\r\nSlipway: skip\r\n", true, true },
    { "not the last paragraph", "one\n\nSlipway: skip\n\nmore\n", true, false },
    { "blank lines behind", "one\n\nSlipway: skip\n\n\n", true, true },
    { "inside a sentence", "one\n\nwrite Slipway: skip here\n", false, false },
    { "another value", "one\n\nSlipway: skipped\n", false, false },
    { "signed", "one\n\nSlipway: skip\n-----BEGIN PGP SIGNATURE-----\nx\n", true, true },
};

static void marks_are_found_where_they_count(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(messages); i++) {
        char object[1000];
        snprintf(object, sizeof(object), "tree x\nslipway: skip\n\n%s", messages[i].message);
        if (slip_mark_of_tag(slip_str_of(object)) != messages[i].tag
            || slip_mark_of_commit(slip_str_of(object)) != messages[i].commit)
            fail_msg("%s", messages[i].name);
    }
    assert_false(slip_mark_of_tag(SLIP_STR("Slipway: skip\n")));
    assert_false(slip_mark_of_commit(SLIP_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_found_where_they_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
