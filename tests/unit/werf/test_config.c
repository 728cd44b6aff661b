/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "support/mem_tree.h"
#include "werf/config.h"

#define META "project: p\nconfigVersion: 1\n"
#define APP META "---\nimage: app\ndockerfile: Dockerfile\n"

static const struct {
    const char *name;
    const char *files[4][2]; /* path, content ("->x" is a link) */
    const char *dir, *config;
    const char *error; /* NULL: one image "app" */
    enum slip_kind kind;
} cases[] = {
    { .name = "werf.yaml", .files = { { "werf.yaml", APP } } },
    { .name = "werf.yml", .files = { { "werf.yml", APP } } },
    { .name = "the first name wins", .files = { { "werf.yml", "[" }, { "werf.yaml", APP } } },
    { .name = "project directory", .files = { { "a/b/werf.yaml", APP } }, .dir = "a/b" },
    { .name = "another name", .files = { { "ci/w.yaml", APP } }, .config = "ci/w.yaml" },
    { .name = "link", .files = { { "werf.yaml", "->x/w.yaml" }, { "x/w.yaml", APP } } },
    { .name = "missing",
      .files = { { "x", "" } },
      .error = "the file \"werf.yaml\" is not in the commit",
      .kind = SLIP_E_CONFIG },
    { .name = "a directory",
      .files = { { "werf.yaml/x", "" } },
      .error = "the file \"werf.yaml\" is not in the commit",
      .kind = SLIP_E_CONFIG },
    { .name = "missing other name",
      .files = { { "werf.yaml", APP } },
      .config = "w.yaml",
      .error = "the file \"w.yaml\" is not in the commit",
      .kind = SLIP_E_CONFIG },
    { .name = "error with path",
      .files = { { "d/werf.yaml", "[" } },
      .dir = "d",
      .error = "d/werf.yaml:2:1: did not find expected node content",
      .kind = SLIP_E_CONFIG },
    { .name = "includes",
      .files = { { "werf.yaml", APP }, { "werf-includes.yaml", "" } },
      .error = "'werf-includes.yaml': files of other repositories are not supported",
      .kind = SLIP_E_UNSUPPORTED },
    { .name = "giterminism",
      .files = { { "werf.yaml", APP },
                 { "werf-giterminism.yaml", "giterminismConfigVersion: 1\n" } } },
    { .name = "wrong giterminism",
      .files = { { "werf.yaml", APP }, { "werf-giterminism.yaml", "" } },
      .error = "werf-giterminism.yaml: giterminismConfigVersion is required",
      .kind = SLIP_E_CONFIG },
    { .name = "uncommitted werf.yaml",
      .files = { { "werf.yaml", APP },
                 { "werf-giterminism.yaml",
                   "giterminismConfigVersion: 1\nconfig: {allowUncommitted: true}\n" } },
      .error = "werf reads 'werf.yaml' from the work tree, because werf-giterminism.yaml has "
               "'config.allowUncommitted'",
      .kind = SLIP_E_UNSUPPORTED },
    { .name = "uncommitted Dockerfile",
      .files = { { "werf.yaml", APP },
                 { "werf-giterminism.yaml", "giterminismConfigVersion: 1\n"
                                            "config: {dockerfile: {allowUncommitted: ['*']}}\n" } },
      .error = "image 'app': werf reads 'Dockerfile' from the work tree, because "
               "werf-giterminism.yaml has 'config.dockerfile.allowUncommitted'",
      .kind = SLIP_E_UNSUPPORTED },
};

static void add_files(struct mem_tree *m, const char *const files[4][2])
{
    for (size_t i = 0; i < 4 && files[i][0]; i++) {
        struct slip_str content = slip_str_of(files[i][1]);
        bool link = slip_str_starts(content, SLIP_STR("->"));
        mem_tree_add(m, slip_str_of(files[i][0]), link ? SLIP_MODE_LINK : SLIP_MODE_FILE,
                     slip_str_skip(content, link ? 2 : 0));
    }
}

static void werf_yaml_is_found_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
        SLIP_AUTO(slip_image_set) set = { 0 };
        struct slip_error err = { 0 };
        struct slip_commit commit = { 0 };
        print_message("  %s\n", cases[i].name);
        add_files(m, cases[i].files);
        struct slip_tree tree = mem_tree_view(m);
        struct slip_config_options o = {
            .project_dir = slip_str_of(cases[i].dir),
            .config = slip_str_of(cases[i].config),
            .platform = SLIP_STR("linux/amd64"),
        };
        int rc = slip_config_load(&tree, &commit, &o, &set, &err);
        assert_string_equal(err.text, cases[i].error ? cases[i].error : "");
        assert_int_equal(rc, cases[i].error ? -1 : 0);
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(set.len, cases[i].error ? 0 : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(werf_yaml_is_found_and_read) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
