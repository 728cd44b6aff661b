/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "digest/checkout.h"
#include "support/mem_tree.h"

static void attributes_change_content(void **state)
{
    (void)state;
    static const struct {
        const char *top, *below;    /* .gitattributes at the top and in "d" */
        const char *content, *want; /* NULL: refused */
    } cases[] = {
        { "", "", "a\nb\n", "a\nb\n" },
        { "*.txt text eol=crlf\n", "", "a\nb\n", "a\r\nb\r\n" },
        { "*.txt eol=crlf\n", "", "a\r\nb\n", "a\r\nb\r\n" },
        { "*.txt eol=crlf\n", "", "a\rb\n", "a\rb\r\n" },
        { "*.txt text=auto eol=crlf\n", "", "a\nb\n", "a\r\nb\r\n" },
        { "*.txt text=auto eol=crlf\n", "", "a\r\nb\n", "a\r\nb\n" },
        { "*.txt text=auto eol=crlf\n", "", "a\001\002\n", "a\001\002\n" },
        { "*.txt text\n", "", "a\n", "a\n" },
        { "*.txt eol=lf\n", "", "a\r\n", "a\r\n" },
        { "*.txt -text eol=crlf\n", "", "a\n", "a\n" },
        { "*.txt binary eol=crlf\n", "", "a\n", "a\n" },
        { "*.txt eol=crlf\n*.txt -text\n", "", "a\n", "a\n" },
        { "*.txt eol=crlf\n", "*.txt eol=lf\n", "a\n", "a\n" },
        { "*.txt eol=lf\n", "x.txt eol=crlf\n", "a\n", "a\r\n" },
        { "*.txt eol=crlf\n", "x.txt !eol\n", "a\n", "a\n" },
        { "*.txt text=input eol=crlf\n", "", "a\n", "a\r\n" },
        { "*.txt crlf=input eol=crlf\n", "", "a\n", "a\r\n" },
        { "# *.txt eol=crlf\n  \n", "", "a\n", "a\n" },
        { "/x.txt eol=crlf\n", "", "a\n", "a\n" },
        { "/d/x.txt eol=crlf\n", "", "a\n", "a\r\n" },
        { "d/*.txt eol=crlf\n", "", "a\n", "a\r\n" },
        { "**/x.txt eol=crlf\n", "", "a\n", "a\r\n" },
        { "d/** eol=crlf\n", "", "a\n", "a\r\n" },
        { "d eol=crlf\n", "", "a\n", "a\n" },
        { "\"x.txt\" eol=crlf\n", "", "a\n", "a\r\n" },
        { "{x}.txt eol=crlf\n", "", "a\n", "a\n" },
        { "*.bin filter=lfs\n", "", "a\n", "a\n" },
        { "*.txt filter=lfs diff=lfs merge=lfs -text\n", "", "a\n", NULL },
        { "*.txt filter=lfs\n", "*.txt -filter\n", "a\n", "a\n" },
        { "*.txt working-tree-encoding=UTF-16\n", "", "a\n", NULL },
        { "*.txt ident\n", "", "a\n", "a\n" },
        { "*.txt ident\n", "", "$Id$\n", NULL },
        { "*.txt -diff\n", "", "a\n", "a\n" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
        SLIP_AUTO(slip_buf) content = SLIP_BUF(1000);
        struct slip_error err = { 0 };
        print_message("  %s", cases[i].top);
        mem_tree_add(m, SLIP_STR(".gitattributes"), SLIP_MODE_FILE, slip_str_of(cases[i].top));
        mem_tree_add(m, SLIP_STR("d/.gitattributes"), SLIP_MODE_FILE, slip_str_of(cases[i].below));
        struct slip_tree tree = mem_tree_view(m);
        SLIP_AUTO_PTR(slip_checkout) c = slip_checkout_new(&tree);
        slip_buf_add_c(&content, cases[i].content);
        int rc = slip_checkout_convert(c, SLIP_STR("d/x.txt"), &content, &err);
        assert_int_equal(rc, cases[i].want ? 0 : -1);
        assert_int_equal(err.kind, cases[i].want ? SLIP_OK : SLIP_E_UNSUPPORTED);
        if (cases[i].want)
            assert_string_equal(content.ptr, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(attributes_change_content) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
