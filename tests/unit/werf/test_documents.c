/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "werf/documents.h"

static const struct {
    const char *text;
    struct {
        const char *text;
        unsigned line;
    } want[3];
} cases[] = {
    { "", { { NULL, 0 } } },
    { "a", { { "a", 1 } } },
    { "a\n---\nb", { { "a\n", 1 }, { "b", 3 } } },
    { "a\n---#c", { { "a\n", 1 } } },
    { "a\n--- \t\r\nb", { { "a\n", 1 }, { "b", 3 } } },
    { "a\n--- # c\nb", { { "a\n", 1 }, { "b", 3 } } },
    { "a\n--- # front-end\nb", { { "a\n--- # front-end\nb", 1 } } },
    { "a\n--- x\nb", { { "a\n--- x\nb", 1 } } },
    { "a\n----\nb", { { "a\n----\nb", 1 } } },
    { " ---\na", { { " ---\na", 1 } } },
    { "a\n...\nb", { { "a\n...\nb", 1 } } },
    { "---\n\n# c\n \t\r\n---\n---\nb\n", { { "b\n", 7 } } },
    { "a\n---\n", { { "a\n", 1 } } },
};

static void separators_are_found_by_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_documents got = { 0 };
        size_t n = 0;
        while (n < 3 && cases[i].want[n].text)
            n++;
        slip_documents_split(slip_str_of(cases[i].text), &got);
        assert_int_equal(got.len, n);
        for (size_t k = 0; k < n; k++) {
            assert_str(got.at[k].text, cases[i].want[k].text);
            assert_int_equal(got.at[k].first_line, cases[i].want[k].line);
        }
        slip_vec_clear(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(separators_are_found_by_lines) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
