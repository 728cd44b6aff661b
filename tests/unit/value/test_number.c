/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "value/number.h"

#include <math.h>

static const struct {
    double f;
    const char *go, *json;
} floats[] = {
    { 0.0, "0", "0" },
    { -0.0, "-0", "-0" },
    { 1.0, "1", "1" },
    { 1.10, "1.1", "1.1" },
    { 0.1, "0.1", "0.1" },
    { 123456, "123456", "123456" },
    { 999999, "999999", "999999" },
    { 1e6, "1e+06", "1000000" },
    { 1234567.5, "1.2345675e+06", "1234567.5" },
    { 123456.5, "123456.5", "123456.5" },
    { 0.0001, "0.0001", "0.0001" },
    { 0.00009, "9e-05", "0.00009" },
    { 1e-7, "1e-07", "1e-7" },
    { 1e20, "1e+20", "100000000000000000000" },
    { 1e21, "1e+21", "1e+21" },
    { 1e100, "1e+100", "1e+100" },
    { 18446744073709551616.0, "1.8446744073709552e+19", "18446744073709552000" },
    { 0x1p-44, "5.684341886080802e-14", "5.684341886080802e-14" },
    { 5e-324, "5e-324", "5e-324" },
    { 1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308" },
    { -2.5, "-2.5", "-2.5" },
};

static void floats_have_the_digits_and_forms_of_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(floats); i++) {
        SLIP_AUTO(slip_buf) go = SLIP_BUF(100);
        SLIP_AUTO(slip_buf) json = SLIP_BUF(100);
        slip_float_print_go(floats[i].f, &go);
        assert_string_equal(go.ptr, floats[i].go);
        assert_true(slip_float_print_json(floats[i].f, &json));
        assert_string_equal(json.ptr, floats[i].json);
    }
}

static void what_is_no_number_has_a_name_in_go_and_none_in_json(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(100);
    slip_float_print_go(NAN, &out);
    slip_float_print_go(INFINITY, &out);
    slip_float_print_go(-INFINITY, &out);
    assert_string_equal(out.ptr, "NaN+Inf-Inf");
    assert_false(slip_float_print_json(NAN, &out));
    assert_false(slip_float_print_json(INFINITY, &out));
    assert_string_equal(out.ptr, "NaN+Inf-Inf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_have_the_digits_and_forms_of_go),
        cmocka_unit_test(what_is_no_number_has_a_name_in_go_and_none_in_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
