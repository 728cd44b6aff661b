/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "werf/giterminism.h"

#define V "giterminismConfigVersion: 1\n"

static const struct {
    const char *text, *error; /* NULL: accepted */
} files[] = {
    { V, NULL },
    { "giterminismConfigVersion: \"1\"\n", NULL },
    { V "foo: 1\nconfig: {bar: 2, stapel: ~}\n", NULL },
    { "", "g: giterminismConfigVersion is required" },
    { "- a\n", "g: giterminismConfigVersion is required" },
    { "config: {}\n", "g: giterminismConfigVersion is required" },
    { "giterminismConfigVersion: 2\n", "g:1:27: giterminismConfigVersion should be 1" },
    { V "config: 5\n", "g:2:9: config must be of type object, not number" },
    { V "config: {dockerfile: {allowUncommitted: x}}\n",
      "g:2:41: config.dockerfile.allowUncommitted must be of type array, not string" },
    { V "config: {secrets: {allowFiles: [5]}}\n",
      "g:2:33: config.secrets.allowFiles must be of type array of strings, not number" },
    { V "config: {stapel: {allowFromLatest: \"true\"}}\n",
      "g:2:36: config.stapel.allowFromLatest must be of type boolean, not string" },
    { V "a: [\n", "g:3:1: did not find expected node content" },
};

static void files_are_accepted_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(files); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_giterminism) g = { 0 };
        int rc = slip_giterminism_parse(slip_str_of(files[i].text), "g", &g, &err);
        assert_string_equal(err.text, files[i].error ? files[i].error : "");
        assert_int_equal(rc, files[i].error ? -1 : 0);
    }
}

static void keys_without_meaning_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *doubt;
    } cases[] = {
        { V "Config: {STAPEL: {git: {allowBranch: true}}}\ncli: {}\nhelm: {}\n", NULL },
        { V "config:\n  goTemplateRendering: {allowEnvVariable: [A]}\n",
          "g:3:25: 'allowEnvVariable' means nothing here: did you mean 'allowEnvVariables'?" },
        { V "config: {git: {allowBranch: true}}\n", "g:2:10: 'git' means nothing here" },
        { V "allowFromLatest: true\n", "g:2:1: 'allowFromLatest' means nothing here" },
        { V "? 5\n: a\n", "g:2:3: '5' means nothing here" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_giterminism) g = { 0 };
        assert_int_equal(slip_giterminism_parse(slip_str_of(cases[i].text), "g", &g, &err), 0);
        if (cases[i].doubt)
            assert_string_equal(g.doubt, cases[i].doubt);
        else
            assert_null(g.doubt);
    }
}

static void settings_are_found_whatever_the_case_of_their_keys(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_giterminism) g = { 0 };
    struct slip_str text = SLIP_STR(
        V "Config:\n  allowUncommitted: true\n  goTemplateRendering:\n    ALLOWENVVARIABLES: [A]\n"
          "  stapel: {git: {allowBranch: yes}}\n");
    assert_int_equal(slip_giterminism_parse(text, "g", &g, &err), 0);
    assert_true(g.allow_uncommitted);
    assert_true(g.git_branch);
    assert_true(slip_giterminism_names(&g.env_variables, SLIP_STR("A")));
    assert_false(slip_giterminism_names(&g.env_variables, SLIP_STR("AA")));
}

static void globs_take_whole_directories(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *path;
        bool want;
    } cases[] = {
        { "dir", "dir/a/b", true },
        { "*", "a/b", true },
        { "*.go", "a/b.go", false },
        { "**/*.go", "a.go", true },
        { "dir*", "other", false },
        { "a", "b", false },
        { "a", "./x/../a/b", true },
        { "./a", "a", true },
        { "../*", "../a", true },
        /* a slash at the beginning means something only to a path that has one */
        { "/a", "a/b", true },
        { "/*.go", "x.go", true },
        { "/a/*", "a/b/c", true },
        { "/a/*", "/a/b", true },
        { "/a/*", "/a/b/c", false },
        { "/a/**", "/a/b/c", true },
        { "/a", "/a", true },
        { "/a", "/a/b", false },
        { "a/*", "/a/b", false },
        { "a", "/a", false },
        { "*", "/a/b", true },
        { "**/*", "/a/b", true },
        { "/", "/a", true },
        { "**/b", "/a/b", true },
        { "/a/**", "/a", true },
        { "/a/./b/", "/a/b", true },
        { "~/x", "~/x", true },
        { "/x*/y", "/xa/y", true },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_str glob = slip_str_of(cases[i].glob);
        struct slip_globs globs = { &glob, 1 };
        bool got;
        assert_int_equal(slip_giterminism_accepts(&globs, slip_str_of(cases[i].path), &got, &err),
                         0);
        assert_int_equal(got, cases[i].want);
    }
    struct slip_error err = { 0 };
    bool got = true;
    struct slip_globs none = { 0 };
    assert_int_equal(slip_giterminism_accepts(&none, SLIP_STR("a"), &got, &err), 0);
    assert_false(got);
}

static void secrets_may_be_anywhere_on_the_machine(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *src;
        bool want;
    } cases[] = {
        { "~/.npmrc", "~/.npmrc", true },
        { "~/.npmrc", "/home/me/.npmrc", true },
        { "/home/*/.npmrc", "~/.npmrc", true },
        { "~/*", "~/a/b", false },
        { "~/**", "~/a/b", true },
        { "~", "~/a", false },
        { "~root/a", "~root/a", true },
        { "~root/a", "~/a", false },
        { "secrets/*", "./secrets/a", true },
        { "secrets", "secrets/a", false }, /* its three patterns lose the slash in front */
        { "secrets/**", "secrets/a/b", true },
        { "../**", "secrets/a", true },
        { "**", "../a", false },
        { "**", "a/b", true },
        { "/**", "a/b", true },
        { "secrets/a", "/secrets/a", false },
        { "/etc/token", "/etc/token", true },
        { "/etc", "/etc/token", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_str glob = slip_str_of(cases[i].glob);
        struct slip_giterminism g = { .home = SLIP_STR("/home/me"), .secret_files = { &glob, 1 } };
        bool got;
        print_message("  %s %s\n", cases[i].glob, cases[i].src);
        assert_int_equal(slip_giterminism_accepts_secret(&g, slip_str_of(cases[i].src), &got, &err),
                         0);
        assert_int_equal(got, cases[i].want);
    }
    struct slip_error err = { 0 };
    struct slip_str glob = SLIP_STR("~/a");
    struct slip_giterminism g = { .secret_files = { &glob, 1 } };
    bool got;
    assert_int_equal(slip_giterminism_accepts_secret(&g, SLIP_STR("~/a"), &got, &err), 0);
    assert_true(got); /* wherever that is */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_accepted_or_refused),
        cmocka_unit_test(keys_without_meaning_are_told),
        cmocka_unit_test(settings_are_found_whatever_the_case_of_their_keys),
        cmocka_unit_test(globs_take_whole_directories),
        cmocka_unit_test(secrets_may_be_anywhere_on_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
