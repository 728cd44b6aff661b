/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "werf/decode.h"

static struct slip_giterminism nothing_allowed, all_allowed = { .allow_all = true };

static int decode(const char *text, const struct slip_giterminism *g, struct slip_image_set *set,
                  struct slip_error *err)
{
    struct slip_decode_options o = {
        .name = "werf.yaml",
        .platform = SLIP_STR("linux/amd64"),
        .giterminism = g,
    };
    return slip_werf_decode(slip_str_of(text), &o, set, err);
}

#define META "project: p\nconfigVersion: 1\n---\n"
#define APP META "image: app\nfrom: r.example/b:1\n" /* lines 4 and 5 */

static const struct {
    const char *text, *want;
} errors[] = {
    { META "image: app\n", "werf.yaml:4:1: `from: DOCKER_IMAGE`, `fromImage: IMAGE_NAME`, "
                           "`fromArtifact: IMAGE_ARTIFACT_NAME` required!" },
    { META "image: a\nartifact: b\nfrom: x\n",
      "werf.yaml:4:1: unknown doc type: one and only one of `image: NAME|[NAME, ...]` or "
      "`artifact: NAME` allowed!" },
    { META "image: []\nfrom: x\n",
      "werf.yaml:4:1: unknown doc type: one and only one of `image: NAME|[NAME, ...]` or "
      "`artifact: NAME` allowed!" },
    { META "image: app\nfromImage: app\n", "werf.yaml:4:1: image cannot reference itself!" },
    { META "image: app\nfromArtifact: x\n", "werf.yaml:4:1: no such image artifact `x`!" },
    { META "image: app\nfrom: a\nfromArtifact: x\n",
      "werf.yaml:4:1: conflict between `from`, `fromImage` and `fromArtifact` directives!" },
    { META "artifact: a\nfrom: x\nfinal: false\n",
      "werf.yaml:4:1: `final` cannot be used in an artifact" },
    { META "image: a\nfrom: b\n---\nimage: b\nfrom: a\n",
      "werf.yaml:4:1: infinite loop detected: a -> b -> a" },
    { APP "fromLatest: true\n",
      "werf.yaml:4:1: the use of the directive 'fromLatest' not allowed by giterminism" },
    { APP "shell: {}\nansible: {}\n",
      "werf.yaml:4:1: cannot use shell and ansible builders at the same time!" },
    { APP "ansible: {setup: [{name: x}]}\n", "werf.yaml:6:19: unsupported ansible task!" },
    { APP "ansible: {setup: [{shell: ~}]}\n", "werf.yaml:6:19: unsupported ansible task!" },
    { APP "ansible: {setup: [{shell: a, raw: b}]}\n",
      "werf.yaml:6:19: invalid ansible task! it has more than one module" },
    { APP "ansible: {setup: [{block: [{shell: a}], rescue: [{foo: a}]}]}\n",
      "werf.yaml:6:50: unsupported ansible task!" },
    { APP "ansible: {setup: [{block: {shell: a}}]}\n",
      "werf.yaml:6:27: a list of ansible tasks is expected" },
    { APP "ansible: {setup: [x]}\n", "werf.yaml:6:19: invalid ansible task!" },
    { APP "ansible: {setup: {shell: x}}\n", "werf.yaml:6:18: a list of ansible tasks is expected" },
    { APP "docker: {CMD: [1]}\n",
      "werf.yaml:6:15: single string or array of strings expected, got `[1]`!" },
    { APP "docker: {cmd: x}\n", "werf.yaml:6:10: unknown fields: `cmd`!" },
    { APP "shell: {install: 5}\n",
      "werf.yaml:6:18: single string or array of strings expected, got `5`!" },
    { APP "git: [{to: /a, stageDependencies: {setup: /x}}]\n",
      "werf.yaml:6:35: `setup: [PATH, ...]|PATH` should be relative paths!" },
    { APP "import: [{image: r/x:1, add: x, after: setup}]\n",
      "werf.yaml:6:10: `add: PATH` absolute path required for import!" },
    { APP "import: [{image: r/x:1, add: /x, to: y, after: setup}]\n",
      "werf.yaml:6:10: `to: PATH` absolute path required for import!" },
    { APP "import: [{image: r/x:1, add: /x, after: beforeSetup}]\n",
      "werf.yaml:6:10: specify one of `before: install|setup` and `after: install|setup`" },
    { APP "mount: [{to: a, from: tmp_dir}]\n",
      "werf.yaml:6:9: `to: PATH` absolute path required for mount!" },
    { APP "mount: [{to: /a, from: tmp_dir, fromPath: /x}]\n",
      "werf.yaml:6:9: cannot use `from` and `fromPath` at the same time" },
    { META "artifact: a\nfrom: x\ndocker: {}\n",
      "werf.yaml:4:1: `docker` cannot be used in an artifact" },
    { META "artifact: a\nfrom: x\ndisableGitAfterPatch: true\n",
      "werf.yaml:4:1: `disableGitAfterPatch` cannot be used in an artifact" },
    { APP "docker: {}\nimageSpec: {}\n",
      "werf.yaml:4:1: `docker` and `imageSpec` cannot be used together" },
    { APP "git: [~]\n", "werf.yaml:6:7: an element of `git` is empty" },
    { APP "git: [{add: x, to: /a}]\n", "werf.yaml:6:7: `add: PATH` should be absolute path!" },
    { APP "git: [{add: /x}]\n", "werf.yaml:6:7: `to: PATH` absolute path required for git!" },
    { APP "git: [{to: /a, includePaths: /x}]\n",
      "werf.yaml:6:7: `includePaths: [PATH, ...]|PATH` should be relative paths!" },
    { APP "git: [{to: /a, branch: x}]\n",
      "werf.yaml:6:7: specify `branch`, `tag` and `commit` for remote git only!" },
    { APP "git: [{to: /a, url: u, tag: t, commit: c}]\n",
      "werf.yaml:6:7: specify only `branch: BRANCH`, `tag: TAG` or `commit: COMMIT` for remote "
      "git!" },
    { APP "git: [{to: /a, url: u}]\n",
      "werf.yaml:6:7: the use of a branch of remote git not allowed by giterminism" },
    { APP "git: [{to: /a}, {add: /x, to: /a}]\n",
      "werf.yaml:4:1: Conflict between imports! '/a' comes twice" },
    { APP "git: [{to: /}, {add: /x, to: /}]\n", "werf.yaml:4:1: Conflict between imports!" },
    { APP "import: [{image: x, add: /a, before: setup}]\n",
      "werf.yaml:6:10: image=\"app\" platform=\"linux/amd64\" requires import image=\"x\" "
      "platform=\"linux/amd64\" which is not present in configuration" },
    { APP "import: [{image: r/x:1, add: /a}]\n",
      "werf.yaml:6:10: specify one of `before: install|setup` and `after: install|setup`" },
    { APP "import: [{image: r/x:1, from: y, add: /a, after: setup}]\n",
      "werf.yaml:6:10: specify one of `image: NAME`, `from: NAME` and `artifact: NAME` for "
      "import!" },
    { APP "import: [{image: r/x:1, add: /, after: setup}]\n",
      "werf.yaml:6:10: `add: /` requires not empty includePaths to interpret copy sources!" },
    { APP "import: [{image: r/x:1, add: /a, stage: x, after: setup}]\n",
      "werf.yaml:6:10: invalid stage `x` for import: expected "
      "beforeInstall|install|beforeSetup|setup!" },
    { APP "dependencies: [{image: b, before: setup, after: setup}]\n---\nimage: b\nfrom: x\n",
      "werf.yaml:6:16: specify one of `before: install|setup` and `after: install|setup`" },
    { APP "dependencies: [{image: b}]\n---\nimage: b\nfrom: x\n",
      "werf.yaml:6:16: specify one of `before: install|setup` and `after: install|setup`" },
    { APP "dependencies: [{from: b, after: setup, imports: [{type: ImageID, targetBuildArg: A}]}]\n"
          "---\nimage: b\nfrom: x\n",
      "werf.yaml:6:50: `targetBuildArg` cannot be used in this kind of image" },
    { META
      "artifact: a\nfrom: x\ndependencies: [{image: b, after: setup}]\n---\nimage: b\nfrom: x\n",
      "werf.yaml:4:1: `dependencies` cannot be used in an artifact" },
    { APP "import: [~]\n", "werf.yaml:6:10: an element of `import` is empty" },
    { APP "import: [{artifact: x, add: /a, after: setup}]\n",
      "werf.yaml:6:10: image \"x\" not found!" },
    { APP "import: [{from: 'r/x:1@sha256:0123456789abcdef0123456789abcdef', add: /a, excludePaths: "
          "[../b], after: setup}]\n",
      "werf.yaml:6:10: `excludePaths: [PATH, ...]|PATH` should be relative paths!" },
    { APP "mount: [~]\n", "werf.yaml:6:9: an element of `mount` is empty" },
    { APP "git: [{to: /a, url: u, branch: b}]\n",
      "werf.yaml:6:7: the use of a branch of remote git not allowed by giterminism" },
    { APP "git: [{to: /a, url: u, tag: t, basicAuth: {user: x}}]\n",
      "werf.yaml:6:44: unknown fields: `user`!" },
    { APP "docker: {HEALTHCHECK: [x]}\n", "werf.yaml:6:23: cannot unmarshal !!seq into string" },
    { APP "mount: [{to: /a, from: x}]\n",
      "werf.yaml:6:9: invalid from `x` for mount: expected `tmp_dir|build_dir`!" },
    { APP "mount: [{to: /a, from: build_dir}]\n",
      "werf.yaml:6:9: 'mount { from: build_dir, ... }' not allowed by giterminism" },
    { APP "mount: [{to: /a, fromPath: /x}]\n",
      "werf.yaml:6:9: 'mount { fromPath: /x, ... }' not allowed by giterminism" },
    { APP "mount: [{to: /a/, from: tmp_dir}, {to: /a, from: tmp_dir}]\n",
      "werf.yaml:6:35: conflict between mounts: '/a' is used twice" },
};

static void what_werf_refuses_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(errors); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_image_set) set = { 0 };
        int rc = decode(errors[i].text, &nothing_allowed, &set, &err);
        assert_string_equal(err.text, errors[i].want);
        assert_int_equal(rc, -1);
    }
}

static const struct {
    const char *text, *from;
    bool internal;
} bases[] = {
    { META "image: app\nfrom: x:1\n", "x:1", false },
    { META "image: app\nfrom: app\n", "app:latest", false },
    { META "image: ~\n", ":latest", false },
    { META "image: app\nfrom: x\nfromImage: y\n", "y", false },
    { META "image: app\nfromImage: b\n---\nimage: b\nfrom: x\n", "b", true },
    { META "image: app\nfromArtifact: b\n---\nartifact: b\nfrom: x\n", "b", true },
    { META "image: app\nfrom: b\n---\nimage: b\ndockerfile: D\n", "b", true },
};

static void a_base_is_an_image_of_the_config_or_of_a_registry(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(bases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_image_set) set = { 0 };
        assert_int_equal(decode(bases[i].text, &all_allowed, &set, &err), 0);
        const struct slip_image *m = &set.at[set.len - 1];
        assert_str(m->stapel->from, bases[i].from);
        assert_int_equal(m->stapel->base != SLIP_NPOS, bases[i].internal);
        if (bases[i].internal)
            assert_str(set.at[m->stapel->base].name, "b");
    }
}

static void print_list(const struct slip_str_list *list, struct slip_buf *out)
{
    for (size_t i = 0; i < list->len; i++)
        slip_buf_add_fmt(out, "%.*s;", SLIP_ARG(list->at[i]));
}

static const struct {
    const char *name, *copies;
    const char *want; /* excludePaths of each, in order, with '|' behind */
} exclusions[] = {
    { "apart", "git: [{to: /a}, {add: /x, to: /b}]", "||" },
    { "below", "git: [{to: /a}, {add: /x, to: /a/b/c}]", "b/c;||" },
    { "below the root", "git: [{to: /}, {add: /x, to: /a}]", "a;||" },
    { "a name that only begins the same", "git: [{to: /a}, {add: /x, to: /ab}]", "||" },
    { "excluded already", "git: [{to: /a, excludePaths: [b/c]}, {add: /x, to: /a/b}]", "b/c;||" },
    { "not included", "git: [{to: /a, includePaths: [x]}, {add: /x, to: /a, includePaths: [w]}]",
      "w;|x;|" },
    { "remote ones come later",
      "git: [{url: u, to: /a/r}, {to: /a}]\nimport: [{from: 'r/x:1', add: /i, to: /a/i, after: "
      "setup}]",
      "r;i;|||" },
};

static void what_others_copy_is_excluded(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(exclusions); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_image_set) set = { 0 };
        SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        print_message("  %s\n", exclusions[i].name);
        slip_buf_add_fmt(&text, APP "%s\n", exclusions[i].copies);
        assert_int_equal(decode(text.ptr, &all_allowed, &set, &err), 0);
        const struct slip_stapel *s = set.at[0].stapel;
        for (size_t k = 0; k < s->n_git; k++) {
            print_list(&s->git[k].exclude, &got);
            slip_buf_add_char(&got, '|');
        }
        for (size_t k = 0; k < s->n_imports; k++) {
            print_list(&s->imports[k].exclude, &got);
            slip_buf_add_char(&got, '|');
        }
        assert_string_equal(got.ptr, exclusions[i].want);
    }
}

static void a_stapel_image_has_all_its_settings(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_image_set) set = { 0 };
    const char *text =
        APP "fromCacheVersion: f\ncacheVersion: c\nfromLatest: true\n"
            "git:\n- add: /src/\n  to: /app/\n  owner: o\n  stageDependencies: {setup: x/}\n"
            "shell: {install: a, setup: [b, c], cacheVersion: v, setupCacheVersion: w}\n"
            "docker: {VOLUME: v, ENV: {B: 2, A: 1}, ENTRYPOINT: [x, w], USER: 5}\n"
            "mount: [{to: /m/, fromPath: /x//y}]\n"
            "import: [{from: 'r/x:1', add: /i/, after: setup}]\n";
    assert_int_equal(decode(text, &all_allowed, &set, &err), 0);
    const struct slip_stapel *s = set.at[0].stapel;
    assert_int_equal(set.at[0].kind, SLIP_IMAGE_STAPEL);
    assert_str(set.at[0].cache_version, "c");
    assert_str(s->from_cache_version, "f");
    assert_true(s->from_latest);
    assert_str(s->git[0].add, "src");
    assert_str(s->git[0].to, "/app");
    assert_str(s->git[0].setup.at[0], "x/");
    assert_str(s->user[SLIP_STAGE_INSTALL].commands.at[0], "a");
    assert_int_equal(s->user[SLIP_STAGE_SETUP].commands.len, 2);
    assert_str(s->user[SLIP_STAGE_SETUP].cache_version, "w");
    assert_str(s->user_cache_version, "v");
    assert_str(s->docker.env.at[0].value, "1");
    assert_str(s->docker.entrypoint, "[\"x\", \"w\"]");
    assert_str(s->docker.cmd, "[]");
    assert_str(s->docker.user, "5");
    assert_str(s->mounts[0].from, "/x/y");
    assert_str(s->mounts[0].type, "custom_dir");
    assert_str(s->imports[0].external, "r/x:1");
    assert_str(s->imports[0].to, "/i");
    assert_int_equal(s->imports[0].place, SLIP_PLACE_AFTER_SETUP);
}

/* A source with a tag or a digest that reads as a reference is an image of somewhere else; any
 * other has to be one of the file. */
static void imports_from_elsewhere_are_references(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool external;
    } cases[] = {
        { "alpine:3.18", true },
        { "r/x:1", true },
        { "localhost:5000/a/b_c:V_1.x-y", true },
        { "My/app:1", true }, /* a host */
        { "r/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true },
        { "r/x:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true },
        { "My/App:1", false },
        { "App:1", false },
        { "r/X@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false },
        { "r/x@sha256:abc", false },
        { "localhost:5000/a", false },
        { "a b:1", false },
        { "r//x:1", false },
        { "app", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_image_set) set = { 0 };
        struct slip_error err = { 0 };
        char text[512];
        snprintf(text, sizeof(text),
                 "configVersion: 1\nproject: p\n---\nimage: a\nfrom: b\n"
                 "import: [{from: '%s', add: /i, after: setup}]\n",
                 cases[i].name);
        int rc = decode(text, &all_allowed, &set, &err);
        if (cases[i].external) {
            assert_int_equal(rc, 0);
            assert_str(set.at[0].stapel->imports[0].external, cases[i].name);
        } else {
            assert_int_equal(rc, -1);
            assert_non_null(strstr(err.text, cases[i].name));
        }
    }
}

static void what_would_allow_it_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *text, *setting;
    } cases[] = {
        { "fromLatest: true\n", "config.stapel.allowFromLatest" },
        { "git: [{url: https://h.example/r, to: /a}]\n", "config.stapel.git.allowBranch" },
        { "mount: [{from: build_dir, to: /a}]\n", "config.stapel.mount.allowBuildDir" },
        { "mount: [{fromPath: /x, to: /a}]\n", "config.stapel.mount.allowFromPaths" },
        { "secrets: [{env: A}]\n", "config.secrets.allowEnvVariables" },
        { "secrets: [{id: a, value: x}]\n", "config.secrets.allowValueIds" },
        { "secrets: [{src: a}]\n", "config.secrets.allowFiles" },
    };
    static const struct slip_giterminism nothing;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_image_set) set = { 0 };
        SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
        struct slip_error err = { 0 };
        slip_buf_add_fmt(&text, "configVersion: 1\nproject: p\n---\nimage: a\nfrom: b\n%s",
                         cases[i].text);
        assert_int_equal(decode(text.ptr, &nothing, &set, &err), -1);
        assert_non_null(strstr(err.hint, cases[i].setting));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_werf_refuses_is_refused),
        cmocka_unit_test(a_base_is_an_image_of_the_config_or_of_a_registry),
        cmocka_unit_test(what_others_copy_is_excluded),
        cmocka_unit_test(a_stapel_image_has_all_its_settings),
        cmocka_unit_test(imports_from_elsewhere_are_references),
        cmocka_unit_test(what_would_allow_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
