/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ci/properties.h"

static void values_are_read_as_java_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want; /* NULL: there is no "key" */
    } rows[] = {
        { "", NULL },
        { "key=value\n", "value" },
        { "key=value", "value" },
        { "key value", "value" },
        { "  key : value  \r\n", "value  " },
        { "key=", "" },
        { "key", "" },
        { "keys=value", NULL },
        { "# key=value\n! key=value\n", NULL },
        { "key=one\nkey=two\n", "two" },
        { "key=refs\\:/tags\\=1\\\\\n", "refs:/tags=1\\" },
        { "key=a\\tb\\u00e9\\u0041\n", "a\tb\xc3\xa9"
                                       "A" },
        { "key=\\uzzzz", "\xef\xbf\xbd" },
        { "key=one\\\n   two\n", "onetwo" },
        { "key=one\\", "one" },
        { "a=1\\\\\nkey=2\n", "2" },
        { "k\\ey=3\n", "3" },
    };
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        print_message("  %s\n", rows[i].text);
        bool found = slip_ci_property(slip_str_of(rows[i].text), "key", &out);
        assert_int_equal(found, rows[i].want != NULL);
        assert_string_equal(out.ptr ? out.ptr : "", rows[i].want ? rows[i].want : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_as_java_reads_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
