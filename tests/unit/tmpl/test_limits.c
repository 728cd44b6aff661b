/* SPDX-License-Identifier: Apache-2.0 */
/* A template from a commit is not trusted: whatever it does ends with output or an error. */
#include "unit/cmocka_all.h"

#include "tmpl/limits.h"
#include "tmpl/tmpl.h"

static int render(const char *text, const struct slip_tv *root, struct slip_buf *out,
                  struct slip_error *err)
{
    struct slip_tmpl_host host = { .any_variable = true };
    SLIP_AUTO_PTR(slip_tmpl) t = slip_tmpl_new("main", &host);
    if (slip_tmpl_add(t, SLIP_STR("main"), slip_str_of(text), err) < 0)
        return -1;
    return slip_tmpl_render(t, root, out, err);
}

static void repeat(struct slip_buf *out, const char *what, size_t n)
{
    while (n-- > 0)
        slip_buf_add_c(out, what);
}

static const struct {
    const char *name, *text, *error;
} endless[] = {
    { "template", "{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
      "exceeded maximum template depth (100000)" },
    { "template with an action around",
      "{{ define \"x\" }}{{ if true }}{{ range $ }}{{ template \"x\" $ }}{{ end }}{{ end }}{{ end "
      "}}"
      "{{ template \"x\" . }}",
      "exceeded maximum template depth (100000)" },
    { "include", "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}",
      "nested too deeply" },
    { "include in parentheses",
      "{{ define \"x\" }}{{ print (print (print (include \"x\" .))) }}{{ end }}{{ include \"x\" . "
      "}}",
      "nested too deeply" },
    { "tpl", "{{ define \"x\" }}{{ tpl `{{ include \"x\" . }}` . }}{{ end }}{{ include \"x\" . }}",
      "nested too deeply" },
    { "growing tree",
      "{{ define \"x\" }}{{ template \"y\" }}{{ template \"y\" }}{{ end }}"
      "{{ define \"y\" }}{{ template \"z\" }}{{ template \"z\" }}{{ end }}"
      "{{ define \"z\" }}{{ template \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
      "exceeded maximum template depth (100000)" },
    { "output",
      "{{ define \"x\" }}{{ printf \"%1000000d\" 1 }}{{ template \"x\" }}{{ end }}"
      "{{ template \"x\" }}",
      "" },
    { "memory",
      "{{ $s := \"0123456789\" }}{{ define \"x\" }}{{ template \"x\" (print . .) }}{{ end }}"
      "{{ template \"x\" $s }}",
      "too large" },
};

static void endless_templates_end_in_an_error(void **state)
{
    (void)state;
    struct slip_tv item = slip_tv_int(1);
    struct slip_tv_list list = { .len = 1, .at = &item, .held = 1, .capacity = 1 };
    struct slip_tv root = { .type = SLIP_TV_LIST, .list = &list };
    for (size_t i = 0; i < SLIP_COUNT(endless); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
        struct slip_error err = { 0 };
        print_message("  %s\n", endless[i].name);
        assert_int_equal(render(endless[i].text, &root, &out, &err), -1);
        if (!strstr(err.text, endless[i].error))
            fail_msg("'%s' does not hold '%s'", err.text, endless[i].error);
        assert_int_equal(out.len, 0);
    }
}

static const struct {
    const char *name, *before, *middle, *after;
} nested[] = {
    { "parentheses", "(", "1", ")" },
    { "calls", "(print ", "1", ")" },
};

static void parentheses_nest_up_to_a_limit(void **state)
{
    (void)state;
    struct slip_tv root = slip_tv_nil();
    for (size_t i = 0; i < SLIP_COUNT(nested); i++)
        for (size_t n = 900; n < 2000000; n = n * 10) {
            SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_NPOS);
            SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
            struct slip_error err = { 0 };
            slip_buf_add_c(&text, "{{ ");
            repeat(&text, nested[i].before, n);
            slip_buf_add_c(&text, nested[i].middle);
            repeat(&text, nested[i].after, n);
            slip_buf_add_c(&text, " }}");
            int rc = render(text.ptr, &root, &out, &err);
            assert_int_equal(rc, n > SLIP_TMPL_LIMIT_NESTING ? -1 : 0);
        }
}

static void blocks_nest_up_to_a_limit(void **state)
{
    (void)state;
    static const char *const opens[] = { "{{ if 1 }}", "{{ block \"b\" . }}",
                                         "{{ if 0 }}{{ else }}", "{{ with 1 }}", "{{ range . }}" };
    struct slip_tv root = slip_tv_nil();
    for (size_t i = 0; i < SLIP_COUNT(opens); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_NPOS);
        SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
        struct slip_error err = { 0 };
        repeat(&text, opens[i], 100000);
        assert_int_equal(render(text.ptr, &root, &out, &err), -1);
    }
}

static void a_map_in_itself_is_not_printed_for_ever(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{{ . }}",          "{{ printf \"%#v\" . }}", "{{ print . }}",
        "{{ html . }}",     "{{ eq . 1 }}",           "{{ fail (print .) }}",
        "{{ toYaml . }}",

        "{{ deepCopy . }}", "{{ quote . }}",          "{{ merge . (deepCopy .) }}"
    };
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_tv_map *m = slip_tv_map_new(&arena);
    struct slip_tv root = slip_tv_map(SLIP_TV_DICT, m);
    slip_tv_map_set_str(m, SLIP_STR("self"), root);
    for (size_t i = 0; i < SLIP_COUNT(texts); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
        struct slip_error err = { 0 };
        assert_int_equal(render(texts[i], &root, &out, &err), -1);
    }
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
    struct slip_error err = { 0 };
    assert_int_equal(render("{{ len .self.self.self }}", &root, &out, &err), 0);
    assert_string_equal(out.ptr, "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endless_templates_end_in_an_error),
        cmocka_unit_test(parentheses_nest_up_to_a_limit),
        cmocka_unit_test(blocks_nest_up_to_a_limit),
        cmocka_unit_test(a_map_in_itself_is_not_printed_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
