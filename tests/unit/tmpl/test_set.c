/* SPDX-License-Identifier: Apache-2.0 */
/* A set of templates and what surrounds it: several texts, the environment, files, the commit. */
#include "unit/cmocka_all.h"

#include "tmpl/tmpl.h"

struct text {
    const char *name, *text;
};

/* Render the texts, of which the last is called "main"; `out` is the output or the reason. */
static bool render(const struct slip_tmpl_host *host, const struct slip_tmpl_root *root,
                   const struct text *texts, size_t n, struct slip_buf *out)
{
    static const struct slip_tmpl_root nothing = { .env = { "", 0 }, .commit_hash = { "", 0 } };
    SLIP_AUTO_PTR(slip_tmpl) t = slip_tmpl_new("main", host);
    struct slip_error err = { 0 };
    struct slip_tv value = slip_tmpl_root_value(t, root ? root : &nothing);
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = slip_tmpl_add(t, slip_str_of(texts[i].name), slip_str_of(texts[i].text), &err) == 0;
    good = good && slip_tmpl_render(t, &value, out, &err) == 0;
    if (!good)
        slip_buf_add_c(out, err.text);
    return good;
}

static void check(const struct slip_tmpl_host *host, const struct slip_tmpl_root *root,
                  const char *text, const char *want)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
    struct text one = { "main", text };
    render(host, root, &one, 1, &out);
    assert_string_equal(out.ptr, want);
}

/* ---- several texts ---- */

static void a_later_text_replaces_unless_it_is_empty(void **state)
{
    (void)state;
    static const struct {
        struct text texts[3];
        const char *want;
    } cases[] = {
        { { { "a", "{{ define `x` }}1{{ end }}" },
            { "b", "{{ define `x` }}2{{ end }}" },
            { "main", "{{ template `x` }}" } },
          "2" },
        { { { "a", "{{ define `x` }}1{{ end }}" },
            { "b", "{{ define `x` }} \n{{/* nothing */}}{{ end }}" },
            { "main", "{{ template `x` }}" } },
          "1" },
        { { { "a", "A" }, { "b", "B" }, { "main", "{{ template `a` }}{{ include `b` . }}" } },
          "AB" },
        { { { "a", "" },
            { "b", "" },
            { "main", "{{ define `x` }}1{{ end }}{{ tpl `{{ define \"x\" }}2{{ end }}` . }}"
                      "{{ template `x` }}" } },
          "2" },
        /* the same text again defines anew */
        { { { "a", "" },
            { "b", "{{ define `set` }}{{ tpl `{{ define \"x\" }}2{{ end }}` . }}{{ end }}" },
            { "main", "{{ template `set` . }}{{ tpl `{{ define \"x\" }}3{{ end }}` . }}"
                      "{{ template `set` . }}{{ template `x` }}" } },
          "2" },
    };
    const struct slip_tmpl_host host = { 0 };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
        assert_true(render(&host, NULL, cases[i].texts, 3, &out));
        assert_string_equal(out.ptr, cases[i].want);
    }
}

static void a_failed_text_leaves_the_set_as_it_was(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { 0 };
    SLIP_AUTO_PTR(slip_tmpl) t = slip_tmpl_new("main", &host);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_NPOS);
    struct slip_error err = { 0 };
    assert_int_equal(slip_tmpl_add(t, SLIP_STR("main"), SLIP_STR("good"), &err), 0);
    assert_int_equal(slip_tmpl_add(t, SLIP_STR("main"), SLIP_STR("bad {{"), &err), -1);
    assert_string_equal(err.text, "template: main:1: unclosed action");
    slip_error_clear(&err);
    struct slip_tv root = slip_tv_nil();
    assert_int_equal(slip_tmpl_render(t, &root, &out, &err), 0);
    assert_string_equal(out.ptr, "good");
}

/* ---- the environment ---- */

static const char *variable(void *payload, const char *name)
{
    (void)payload;
    return strcmp(name, "SET") == 0 ? "value" : strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static void only_allowed_variables_are_read(void **state)
{
    (void)state;
    static const struct slip_str names[] = { { "EMPTY", 5 }, { "/S.*|U+/", 8 } };
    const struct slip_tmpl_host host = { .variable = variable,
                                         .allowed_variables = names,
                                         .n_allowed_variables = 2 };
    check(&host, NULL, "{{ env `SET` }}|{{ env `EMPTY` }}|{{ env `EMPTY` `d` }}|{{ env `U` `d` }}",
          "value||d|d");
    check(&host, NULL, "{{ env `OTHER` `d` }}",
          "template: main:1:3: executing \"main\" at <env `OTHER` `d`>: error calling env: the "
          "configuration with potential external dependency found in the werf config: env name "
          "\"OTHER\" not allowed by giterminism");
    check(&host, NULL, "{{ env `U` }}",
          "template: main:1:3: executing \"main\" at <env `U`>: error calling env: the environment "
          "variable \"U\" must be set or default must be provided");
}

static void loosely_an_unset_variable_is_empty(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { .variable = variable,
                                         .any_variable = true,
                                         .unset_is_empty = true };
    check(&host, NULL, "<{{ env `NOPE` }}{{ env `SET` }}>", "<value>");
}

/* ---- the commit ---- */

static void the_author_date_keeps_its_zone(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        int offset;
        const char *want;
    } cases[] = {
        { 1787234640, 180, "1787234640 2026-08-20 17:04:00 +0300 +0300" },
        { 1787234640, 0, "1787234640 2026-08-20 14:04:00 +0000 +0000" },
        { 1787234640, -300, "1787234640 2026-08-20 09:04:00 -0500 -0500" },
        { 1787234640, -30, "1787234640 2026-08-20 14:34:00 +0030 +0030" },
        { 0, 330, "0 1970-01-01 05:30:00 +0530 +0530" },
        { -1, 0, "-1 1969-12-31 23:59:59 +0000 +0000" },
        { 951782400, 0, "951782400 2000-02-29 00:00:00 +0000 +0000" },
        { 4107542399, 0, "4107542399 2100-02-28 23:59:59 +0000 +0000" },
    };
    const struct slip_tmpl_host host = { 0 };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_tmpl_root root = { .env = SLIP_STR("e"),
                                       .commit_hash = SLIP_STR("abc"),
                                       .author_seconds = cases[i].seconds,
                                       .author_offset = cases[i].offset };
        check(&host, &root, "{{ .Commit.Date.Unix }} {{ .Commit.Date.Human }}", cases[i].want);
    }
}

/* ---- files ---- */

static int get(void *payload, struct slip_str path, struct slip_buf *out, struct slip_error *err)
{
    (void)payload;
    if (slip_str_is(path, "none"))
        return slip_fail(err, SLIP_E_CONFIG, "no such file");
    slip_buf_add_str(out, path);
    return 0;
}

static int glob(void *payload, struct slip_str pattern,
                int (*each)(void *each_payload, struct slip_str path, struct slip_str content,
                            struct slip_error *err),
                void *each_payload, struct slip_error *err)
{
    (void)payload, (void)pattern;
    return each(each_payload, SLIP_STR("b"), SLIP_STR("2"), err) < 0
                   || each(each_payload, SLIP_STR("a"), SLIP_STR("1"), err) < 0
               ? -1
               : 0;
}

static int yes(void *payload, struct slip_str path, bool *out, struct slip_error *err)
{
    (void)payload, (void)err;
    *out = path.len == 1;
    return 0;
}

static void files_come_from_the_host(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = {
        .files = { .get = get, .glob = glob, .exists = yes, .is_dir = yes }
    };
    check(&host, NULL,
          "{{ .Files.Get `x\"y` }} {{ .Files.Glob `*` }} {{ .Files.Exists `a` }} "
          "{{ .Files.IsDir `ab` }}",
          "x\"y map[a:1 b:2] true false");
    check(&host, NULL, "\n  {{ $.Files.Get `none` }}",
          "template: main:2:6: executing \"main\" at <$.Files.Get>: error calling Get: {{ "
          ".Files.Get \"none\" }}: no such file");
}

/* ---- debugging ---- */

static void hear(void *payload, const struct slip_event *e)
{
    slip_buf_add_fmt(payload, "[%s: %s]", e->subject, e->text);
}

static void debugging_tells_and_shows_the_template(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) heard = SLIP_BUF(SLIP_NPOS);
    struct slip_watch watch = { hear, &heard };
    struct slip_tmpl_host host = { .watch = &watch };
    check(&host, NULL, "<{{ printf_debug `%d` 1 }}{{ dump_debug (list 1 `a`) }}>", "<>");
    assert_string_equal(heard.ptr, "");
    host.debug = true;
    check(&host, NULL,
          "<{{ printf_debug `%d` 1 }}{{ dump_debug (list 1 `a`) }}{{ tpl_debug `x` 1 }}>", "<x>");
    assert_string_equal(heard.ptr, "[printf_debug: 1][dump_debug: []interface {}{1, \"a\"}]"
                                   "[tpl_debug: x]");
    check(&host, NULL, "{{ tpl `a\n{{ fail \"no\" }}` . }}",
          "template: main:1:3: executing \"main\" at <tpl `a\n{{ fail \"no\" }}` .>: error calling "
          "tpl: template: tpl-815138169:2:3: executing \"tpl-815138169\" at <fail \"no\">: error "
          "calling fail: no\n\nDetails:\n  Function name: \"tpl\"\n  Template name: "
          "\"tpl-815138169\"\n  Template content:\n     1  a\n     2  {{ fail \"no\" }}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_later_text_replaces_unless_it_is_empty),
        cmocka_unit_test(a_failed_text_leaves_the_set_as_it_was),
        cmocka_unit_test(only_allowed_variables_are_read),
        cmocka_unit_test(loosely_an_unset_variable_is_empty),
        cmocka_unit_test(the_author_date_keeps_its_zone),
        cmocka_unit_test(files_come_from_the_host),
        cmocka_unit_test(debugging_tells_and_shows_the_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
