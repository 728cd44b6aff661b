/* SPDX-License-Identifier: Apache-2.0 */
/* The function tables, as the evaluator and the manual page use them. */
#include "unit/cmocka_all.h"

#include "tmpl/func.h"

static bool is_signature(const char *s)
{
    size_t letters = strspn(s, "avsbiIufDLSTVC");
    return s[letters] == '\0' || (letters > 0 && strcmp(s + letters, ".") == 0);
}

static void every_function_is_found_once_and_in_order(void **state)
{
    (void)state;
    struct slip_tmpl_names names;
    slip_tmpl_names_init(&names);
    size_t n = 0;
    const struct slip_tmpl_func *f = NULL, *last = NULL;
    while ((f = slip_tmpl_func_after(f))) {
        if (slip_tmpl_func_find(&names, slip_str_of(f->name)) != f)
            fail_msg("'%s' is in no table that is sorted by name", f->name);
        if (!is_signature(f->signature))
            fail_msg("'%s' has the signature '%s'", f->name, f->signature);
        if (!f->call || !f->summary || !f->summary[0])
            fail_msg("'%s' lacks its function or its summary", f->name);
        if (last)
            assert_true(strcmp(last->name, f->name) < 0);
        last = f;
        n++;
    }
    assert_true(n > 100);
    assert_null(slip_tmpl_func_find(&names, SLIP_STR("expandenv")));
    assert_null(slip_tmpl_func_find(&names, SLIP_STR("")));
}

/* sprig's `slice` hides that of the language, werf's functions hide those of sprig. */
static void an_earlier_table_wins(void **state)
{
    (void)state;
    struct slip_tmpl_names names;
    slip_tmpl_names_init(&names);
    assert_string_equal(slip_tmpl_func_find(&names, SLIP_STR("slice"))->signature, "aa.");
    assert_string_equal(slip_tmpl_func_find(&names, SLIP_STR("fail"))->signature, "s");
    assert_string_equal(slip_tmpl_func_find(&names, SLIP_STR("env"))->signature, "as.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_is_found_once_and_in_order),
        cmocka_unit_test(an_earlier_table_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
