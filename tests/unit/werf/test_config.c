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

/* Lines of the rendered text before the image's own are those of META. */
static const struct {
    const char *name;
    const char *files[4][2];
    const char *dir;
    bool commit_only;
    const char *want; /* the rendered text, or the message */
} templates[] = {
    { .name = "no action", .files = { { "werf.yaml", "a\n" } }, .want = "a\n" },
    { .name = "data",
      .files = { { "werf.yaml", "{{ .Env }} {{ .Commit.Hash }} {{ .Commit.Date.Human }}" } },
      .want = "dev 0101010101010101010101010101010101010101 2023-11-15 00:13:20 +0200 +0200" },
    { .name = "include",
      .files = { { "d/werf.yaml", "{{ include \"x/a.tmpl\" . }}" },
                 { "d/.werf/x/a.tmpl", "[{{ .Env }}]" },
                 { ".werf/b.tmpl", "{{ if" } },
      .dir = "d",
      .want = "[dev]" },
    { .name = "error in a template that nothing calls",
      .files = { { "werf.yaml", "{{ 1 }}" }, { ".werf/b.tmpl", "{{ if" } },
      .want = ".werf/b.tmpl:1: template: b.tmpl:1: unclosed action" },
    { .name = "files",
      .files = { { "d/werf.yaml", "{{ .Files.Get \"a\" }}{{ .Files.Exists \"b\" }}" },
                 { "d/a", "A" } },
      .dir = "d",
      .want = "Afalse" },
    { .name = "files in a glob",
      .files = { { "werf.yaml", "{{ range $p, $_ := .Files.Glob \"x/*\" }}{{ $p }};{{ end }}" },
                 { "x/a", "" },
                 { "x/b/c", "" } },
      .want = "x/a;x/b/c;" },
    { .name = "variable that is not allowed",
      .files = { { "werf.yaml", "{{ env \"V\" }}" } },
      .want =
          "werf.yaml:1:4: template: werfConfig:1:3: executing \"werfConfig\" at <env \"V\">: " },
    { .name = "variable",
      .files = { { "werf.yaml", "{{ env \"V\" }}" },
                 { "werf-giterminism.yaml",
                   "giterminismConfigVersion: 1\n"
                   "config: {goTemplateRendering: {allowEnvVariables: [/V+/]}}\n" } },
      .want = "value" },
    { .name = "file of the work tree",
      .files = { { "werf.yaml", "{{ .Files.Get \"/a\" }}" },
                 { "a", "A" },
                 { "werf-giterminism.yaml",
                   "giterminismConfigVersion: 1\n"
                   "config: {goTemplateRendering: {allowUncommittedFiles: [a]}}\n" } },
      .want = "werf.yaml:1:10: template: werfConfig:1:9: executing" },
    { .name = "the innermost place that is in a file",
      .files = { { "d/werf.yaml", "\n{{ include \"f\" . }}" },
                 { "d/.werf/x/a.tmpl",
                   "{{ define \"f\" }}\n  {{ tpl \"{{ fail \\\"no\\\" }}\" . }}{{ end }}" } },
      .dir = "d",
      .want = "d/.werf/x/a.tmpl:2:6: template: werfConfig:2:3: executing \"werfConfig\" at "
              "<include \"f\" .>: error calling include: template: x/a.tmpl:2:5: executing" },
    { .name = "a mistake in a template beside a text without actions",
      .files = { { "werf.yaml", "a\n" }, { ".werf/b.tmpl", "\n{{ if" } },
      .want = ".werf/b.tmpl:2: template: b.tmpl:2: unclosed action" },
    { .name = "file of the work tree, taken from the commit",
      .files = { { "werf.yaml", "{{ .Files.Get \"/a\" }}" },
                 { "a", "A" },
                 { "werf-giterminism.yaml",
                   "giterminismConfigVersion: 1\n"
                   "config: {goTemplateRendering: {allowUncommittedFiles: [a]}}\n" } },
      .commit_only = true,
      .want = "A" },
    { .name = "template of the work tree",
      .files = { { "werf.yaml", "{{ 1 }}" },
                 { ".werf/a.tmpl", "A" },
                 { "werf-giterminism.yaml", "giterminismConfigVersion: 1\n"
                                            "config: {allowUncommittedTemplates: [.werf/*]}\n" } },
      .want = "werf.yaml: werf reads '.werf/a.tmpl' from the work tree" },
};

static const char *variable(void *payload, const char *name)
{
    (void)payload;
    return strcmp(name, "V") == 0 ? "value" : NULL;
}

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

static void templates_are_carried_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(templates); i++) {
        SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        struct slip_error err = { 0 };
        struct slip_commit commit = { .author = { 1700000000, 120 } };
        memset(&commit.id, 1, sizeof(commit.id));
        print_message("  %s\n", templates[i].name);
        add_files(m, templates[i].files);
        struct slip_tree tree = mem_tree_view(m);
        struct slip_config_options o = {
            .project_dir = slip_str_of(templates[i].dir),
            .env = SLIP_STR("dev"),
            .commit_only = templates[i].commit_only,
            .variable = variable,
        };
        int rc = slip_config_render(&tree, &commit, &o, &out, NULL, &err);
        struct slip_str want = slip_str_of(templates[i].want);
        if (rc == 0)
            assert_str(slip_buf_str(&out), want.ptr);
        else
            assert_str(slip_str_first(slip_str_of(err.text), want.len), want.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(werf_yaml_is_found_and_read),
        cmocka_unit_test(templates_are_carried_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
