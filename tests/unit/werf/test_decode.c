/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "werf/decode.h"

static struct slip_giterminism nothing_allowed;

static struct slip_decode_options options(void)
{
    return (struct slip_decode_options){
        .name = "werf.yaml",
        .platform = SLIP_STR("linux/amd64"),
        .giterminism = &nothing_allowed,
    };
}

#define META "project: p\nconfigVersion: 1\n"

/* name(kind) of every image, what it needs behind '<', in order. */
static void describe(const struct slip_image_set *set, struct slip_buf *out)
{
    static const char kinds[] = "dspa";
    for (size_t i = 0; i < set->len; i++) {
        const struct slip_image *m = &set->at[i];
        slip_buf_add_fmt(out, "%s%.*s(%c%s)", i ? " " : "", SLIP_ARG(m->name), kinds[m->kind],
                         m->final ? "" : "-");
        for (size_t k = 0; k < m->n_needs; k++)
            slip_buf_add_fmt(out, "<%.*s", SLIP_ARG(set->at[m->needs[k]].name));
    }
}

static const struct {
    const char *name, *text, *want;
} sets[] = {
    { "no image", META, "" },
    { "meta at the end", "image: a\ndockerfile: D\n---\n" META, "a(d)" },
    { "several names", META "---\nimage: [b, a]\ndockerfile: D\n", "b(d) a(d)" },
    { "nameless", META "---\nimage: ~\ndockerfile: D\n", "(d)" },
    { "no name at all", META "---\ndockerfile: D\n", "" },
    { "no names", META "---\nimage: []\ndockerfile: D\n", "" },
    { "staged by itself", META "---\nimage: a\ndockerfile: D\nstaged: true\n", "a(s)" },
    { "staged by build", META "build: {staged: true}\n---\nimage: a\ndockerfile: D\n", "a(s)" },
    { "not staged", META "build: {staged: yes}\n---\nimage: a\ndockerfile: D\nstaged: ~\n",
      "a(d)" },
    { "not final", META "---\nimage: a\ndockerfile: D\nfinal: false\n", "a(d-)" },
    { "not final, by a null that is there", META "---\nimage: a\ndockerfile: D\nfinal: NULL\n",
      "a(d-)" },
    { "final, by a null that is not", META "---\nimage: a\ndockerfile: D\nfinal: null\n", "a(d)" },
    { "dependencies come first",
      META "---\nimage: a\ndockerfile: D\ndependencies:\n- image: b\n- image: c\n"
           "---\nimage: b\ndockerfile: D\ndependencies: [{image: c}]\n"
           "---\nimage: c\ndockerfile: D\n",
      "c(d) b(d)<c a(d)<b<c" },
    { "dependencies by `from`",
      META "---\nimage: a\ndockerfile: D\ndependencies: [{from: b}, {image: x, from: c}]\n"
           "---\nimage: b\ndockerfile: D\n---\nimage: c\nfrom: d\n",
      "b(d) c(p) a(d)<b<c" },
    { "a nameless image beside others that are not final",
      META "---\nimage: ~\ndockerfile: D\n---\nimage: [a, b]\ndockerfile: D\nfinal: no\n",
      "(d) a(d-) b(d-)" },
    { "unknown keys of a keep policy's limit",
      META "cleanup: {keepPolicies: [{references: {tag: /v.*/}, imagesPerReference: {foo: 1}}]}\n",
      "" },
    { "merge first", META "---\n<<: {dockerfile: D}\nimage: a\n", "a(d)" },
    { "name in a merge", META "---\ndockerfile: D\n<<: {image: a}\n", "a(d)" },
    { "unknown key before a merge", META "---\ndockerfile: D\nfoo: 1\n<<: {target: x}\nimage: a\n",
      "a(d)" },
};

static void images_stand_after_what_they_need(void **state)
{
    (void)state;
    struct slip_decode_options o = options();
    for (size_t i = 0; i < SLIP_COUNT(sets); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_image_set) set = { 0 };
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        print_message("  %s\n", sets[i].name);
        int rc = slip_werf_decode(slip_str_of(sets[i].text), &o, &set, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(rc, 0);
        describe(&set, &got);
        assert_string_equal(got.ptr, sets[i].want);
        assert_str(set.project, "p");
    }
}

#define IMAGE META "---\nimage: app\ndockerfile: D\n" /* lines 4 and 5 */

static const struct {
    const char *text, *want;
} errors[] = {
    { "- a\n", "werf.yaml:1:1: cannot unmarshal !!seq into map[string]interface {}" },
    { "~\n", "werf.yaml:1:1: cannot recognize type of config section" },
    { "image: a\ndockerfile: D\n", "werf.yaml: meta config section is not defined" },
    { META "---\n" META, "werf.yaml:4:1: duplicate meta config section definition" },
    { "configVersion: 1\n", "werf.yaml:1:1: 'project' field cannot be empty!" },
    { "project: p\nconfigVersion: 2\n", "werf.yaml:2:16: 'configVersion: 1' field required!" },
    { "project: p\nconfigVersion: \"1\"\n", "werf.yaml:2:16: cannot unmarshal !!str `1` into int" },
    { "project: A_b\nconfigVersion: 1\n",
      "werf.yaml:1:10: bad project name \"A_b\" specified in config: project name should comply "
      "with regex \"^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$\" and be maximum 50 chars" },
    { META "image: a\ndockerfile: D\n", "werf.yaml:3:1: unknown fields: `dockerfile`, `image`!" },
    { META "deploy: {namespace: \"\"}\n", "werf.yaml:3:9: namespace field cannot be empty!" },
    { META "cleanup: {keepPolicies: [{references: {tag: a, branch: b}}]}\n",
      "werf.yaml:3:39: specify only tag `tag: string|REGEX` or branch `branch: string|REGEX` for "
      "cleanup keep policy!" },
    { META "cleanup: {keepPolicies: [{references: {tag: a, limit: {in: 1d}}}]}\n",
      "werf.yaml:3:55: unsupported value '1d' for `in`" },
    { META "cleanup: {keepPolicies: [{}]}\n",
      "werf.yaml:3:26: cleanup keep policy must have `references`!" },
    { META "cleanup: {keepPolicies: [{references: {tag: a, limit: {operator: \"\"}}}]}\n",
      "werf.yaml:3:55: unsupported value '' for `operator: Or|And`!" },
    { META "cleanup: {keepPolicies: [{references: {tag: a, foo: 1}}]}\n",
      "werf.yaml:3:48: unknown fields: `foo`!" },
    { META "cleanup: {keepImagesBuiltWithinLastNHours: -1}\n",
      "werf.yaml:3:10: keepImagesBuiltWithinLastNHours cannot be negative" },
    { META "gitWorktree: {allowUnshallow: 1}\n",
      "werf.yaml:3:31: cannot unmarshal !!int `1` into bool" },
    { META "build: {platform: linux/amd64}\n",
      "werf.yaml:3:19: cannot unmarshal !!str `linux/a...` into []string" },
    { META "build: {imageSpec: {config: {clearCmd: true}}}\n",
      "werf.yaml:3:30: unknown fields: `clearCmd`!" },
    { META "cleanup: {keepPolicies: [{references: {tag: /(/}}]}\n",
      "werf.yaml:3:39: error parsing regexp: missing closing ): `(`" },
    { IMAGE "foo: 1\nbar: 2\n", "werf.yaml:6:1: unknown fields: `bar`, `foo`!" },
    { IMAGE "platform: linux/amd64\n",
      "werf.yaml:6:11: cannot unmarshal !!str `linux/a...` into []string" },
    { IMAGE "args: x\n", "werf.yaml:6:7: cannot unmarshal !!str `x` into map[string]interface {}" },
    { IMAGE "args: {1: a, \"1\": b}\n", "werf.yaml:6:14: key \"1\" already set in map" },
    { IMAGE "addHost: 5\n",
      "werf.yaml:6:10: single string or array of strings expected, got `5`!" },
    { IMAGE "addHost: [a, ~]\n",
      "werf.yaml:6:10: single string or array of strings expected, got `[a <nil>]`!" },
    { IMAGE "context: ../x\n",
      "werf.yaml:4:1: `context: PATH` should be relative to project directory!" },
    { IMAGE "contextAddFile: x\n",
      "werf.yaml:4:1: contextAddFile \"x\" not allowed by giterminism" },
    { IMAGE "contextAddFile: /x\n",
      "werf.yaml:4:1: `contextAddFiles: [PATH, ...]|PATH` each path should be relative to "
      "context!" },
    { IMAGE "final: \"no\"\n", "werf.yaml:6:8: cannot unmarshal !!str `no` into bool" },
    { IMAGE "imageSpec: {config: {healthcheck: {startPeriod: 5}}}\n",
      "werf.yaml:6:36: unknown fields: `startPeriod`!" },
    { IMAGE "secrets: [{env: T, src: s}]\n",
      "werf.yaml:6:11: secrets validation error: secret type could be ONLY `env`, `src` or "
      "`value`" },
    { IMAGE "contextAddFile: x\ncontextAddFiles: z\n",
      "werf.yaml:4:1: only one out of contextAddFiles and contextAddFile directives can be used at "
      "a time" },
    { IMAGE "sbom: true\n", "werf.yaml:6:1: unknown fields: `sbom`!" },
    { IMAGE "target: [x]\n", "werf.yaml:6:9: cannot unmarshal !!seq into string" },
    { IMAGE "secrets: [{id: a, value: v}, {id: a, value: w}]\n",
      "werf.yaml:6:11: secret \"a\" is not allowed by giterminism" },
    { IMAGE "dependencies: [{imports: []}]\n",
      "werf.yaml:6:16: `image` is required in a dependency" },
    { IMAGE "dependencies: [{image: b, before: setup}]\n---\nimage: b\ndockerfile: D\n",
      "werf.yaml:6:16: `before` and `after` cannot be used in a Dockerfile image" },
    { IMAGE "dependencies: [{image: b, imports: [{type: ImageID, targetEnv: A}]}]\n---\nimage: b\n"
            "dockerfile: D\n",
      "werf.yaml:6:37: `targetEnv` cannot be used in this kind of image" },
    { IMAGE
      "dependencies: [{image: b, imports: [{type: ImageID}]}]\n---\nimage: b\ndockerfile: D\n",
      "werf.yaml:6:37: `targetBuildArg` is required in a dependency import" },
    { IMAGE "secrets: [{value: v}]\n",
      "werf.yaml:6:11: type value should be used with id parameter" },
    { IMAGE "secrets: [{env: T}]\n", "werf.yaml:6:11: secret \"T\" is not allowed by giterminism" },
    { IMAGE "dependencies: [~]\n", "werf.yaml:6:16: an element of `dependencies` is empty" },
    { IMAGE "dependencies: [{image: b, from: x}]\n---\nimage: b\ndockerfile: D\n",
      "werf.yaml:6:16: image=\"app\" platform=\"linux/amd64\" requires dependency image=\"x\" "
      "platform=\"linux/amd64\" which is not present in configuration" },
    { IMAGE "dependencies: [{image: b}]\n---\nartifact: b\nfrom: x\n",
      "werf.yaml:6:16: image \"b\" not found!" },
    { IMAGE "platform: [a/b]\ndependencies: [{image: b}]\n---\nimage: b\ndockerfile: D\n",
      "werf.yaml:7:16: image=\"app\" platform=\"a/b\" requires dependency image=\"b\" "
      "platform=\"a/b\" which is not present in configuration" },
    { IMAGE
      "dependencies: [{image: b, imports: [{type: ImageID, targetBuildArg: A}, {type: ImageTag, "
      "targetBuildArg: A}]}]\n---\nimage: b\ndockerfile: D\n",
      "werf.yaml:6:73: 'A' is set twice by a dependency" },
    { IMAGE
      "dependencies: [{image: b, imports: [{type: imageID, targetBuildArg: A}]}]\n---\nimage: b\n"
      "dockerfile: D\n",
      "werf.yaml:6:37: invalid dependency import type 'imageID'" },
    { META "---\nimage: a\ndockerfile: /D\n",
      "werf.yaml:4:1: `dockerfile: PATH` required and should be relative to context!" },
    { META "---\nimage: a\ndockerfile: a/../../D\n",
      "werf.yaml:4:1: `dockerfile: PATH` required and should be relative to context!" },
    { IMAGE "context: /x\n",
      "werf.yaml:4:1: `context: PATH` should be relative to project directory!" },
    { IMAGE "secrets: [{}]\n",
      "werf.yaml:6:11: secrets validation error: secret type could be ONLY `env`, `src` or "
      "`value`" },
    { IMAGE "secrets: [~]\n", "werf.yaml:6:11: an element of `secrets` is empty" },
    { IMAGE "imageSpec: {config: {cmd: x}}\n",
      "werf.yaml:6:27: cannot unmarshal !!str `x` into []string" },
    { IMAGE "imageSpec: {config: {expose: [a], stopSignal: [9]}}\n",
      "werf.yaml:6:47: cannot unmarshal !!seq into string" },
    { META "image: a\n---\nfoo: 1\n", "werf.yaml:3:1: unknown fields: `image`!" },
    { META "deploy: {helmChartDir: \"\"}\n", "werf.yaml:3:9: helmChartDir field cannot be empty!" },
    { META "deploy: {helmRelease: \"\"}\n", "werf.yaml:3:9: helmRelease field cannot be empty!" },
    { "project: "
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "\nconfigVersion: 1\n",
      "werf.yaml:1:10: bad project name \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" "
      "specified in config: project name should comply with regex "
      "\"^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$\" and be maximum 50 chars" },
    { IMAGE "dependencies: [{image: x}]\n",
      "werf.yaml:6:16: image=\"app\" platform=\"linux/amd64\" requires dependency image=\"x\" "
      "platform=\"linux/amd64\" which is not present in configuration" },
    { IMAGE "dependencies: [{image: app}]\n", "werf.yaml:4:1: infinite loop detected: app -> app" },
    { IMAGE "dependencies: [{image: b}]\n---\nimage: b\ndockerfile: D\ndependencies: [{image: "
            "app}]\n",
      "werf.yaml:4:1: infinite loop detected: app -> b -> app" },
    { IMAGE "dependencies: [{image: b, imports: [{type: X, targetBuildArg: A}]}]\n---\nimage: b\n"
            "dockerfile: D\n",
      "werf.yaml:6:37: invalid dependency import type 'X'" },
    { IMAGE "args: {A: 1}\ndependencies: [{image: b, imports: [{type: ImageID, targetBuildArg: "
            "A}]}]\n---\nimage: b\ndockerfile: D\n",
      "werf.yaml:4:1: build argument 'A' is set by `args` and by a dependency" },
    { IMAGE "---\nimage: app\ndockerfile: D\n",
      "werf.yaml:7:1: conflict between images names! 'app' is defined twice" },
    { IMAGE "---\nimage: ~\ndockerfile: D\n",
      "werf.yaml:7:1: conflict between images names: a nameless image cannot be specified in the "
      "config with multiple images!" },
    { META "---\nimage: 5\ndockerfile: D\n", "werf.yaml:4:8: invalid image name `5`!" },
    { META "---\nimage: [a, 5]\ndockerfile: D\n",
      "werf.yaml:4:8: single string or array of strings expected, got `[a 5]`!" },
    { META "---\nimage: a\n<<: {dockerfile: D}\n",
      "werf.yaml:4:1: `image` is lost because '<<' comes after it" },
    { META "---\nfoo: 1\n", "werf.yaml:4:1: cannot recognize type of config section" },
    { META "---\nimage: [\n", "werf.yaml:5:1: did not find expected node content" },
};

static void what_werf_refuses_is_refused_with_its_place(void **state)
{
    (void)state;
    struct slip_decode_options o = options();
    for (size_t i = 0; i < SLIP_COUNT(errors); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_image_set) set = { 0 };
        int rc = slip_werf_decode(slip_str_of(errors[i].text), &o, &set, &err);
        assert_string_equal(err.text, errors[i].want);
        assert_int_equal(rc, -1);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
    }
}

static void a_dockerfile_image_has_all_its_settings(void **state)
{
    (void)state;
    struct slip_decode_options o = options();
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_image_set) set = { 0 };
    struct slip_str text = SLIP_STR(
        META "build: {cacheVersion: g, platform: [linux/arm64]}\n---\n"
             "image: app\ndockerfile: ./sub/../D\ncontext: svc/\ntarget: t\n"
             "args: {B: 1.0, A: yes, C: [x, 010], D: ~}\naddHost: h\nnetwork: n\nssh: s\n");
    assert_int_equal(slip_werf_decode(text, &o, &set, &err), 0);
    const struct slip_image *m = &set.at[0];
    assert_str(m->dockerfile, "./sub/../D");
    assert_str(m->context, "svc");
    assert_str(m->target, "t");
    assert_int_equal(m->args.len, 4);
    assert_str(m->args.at[0].key, "A");
    assert_str(m->args.at[0].value, "true");
    assert_str(m->args.at[1].value, "1");
    assert_str(m->args.at[2].value, "[x 8]");
    assert_str(m->args.at[3].value, "<nil>");
    assert_str(m->add_host.at[0], "h");
    assert_str(m->network, "n");
    assert_str(m->ssh, "s");
    assert_str(m->cache_version, "g");
    assert_str(m->platforms.at[0], "linux/arm64");
    assert_false(m->has_image_spec);
    assert_int_equal(m->line, 5);
}

static void the_global_image_spec_is_joined_to_final_images(void **state)
{
    (void)state;
    struct slip_decode_options o = options();
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_image_set) set = { 0 };
    struct slip_str text = SLIP_STR(
        META "build:\n  imageSpec:\n    author: g\n    config: {labels: {b: g, c: 1.0},"
             " removeLabels: [x, y], clearWerfLabels: true}\n---\n"
             "image: app\ndockerfile: D\nimageSpec: {author: a, config: {labels: {a: a, b: a},"
             " removeLabels: [y, z], healthcheck: {test: [t], interval: 5}}}\n---\n"
             "image: base\ndockerfile: D\nfinal: false\n---\n"
             "image: bare\ndockerfile: D\nfinal: false\nimageSpec: {}\n");
    assert_int_equal(slip_werf_decode(text, &o, &set, &err), 0);
    const struct slip_image_spec *s = &set.at[0].image_spec;
    assert_str(s->author, "g");
    assert_int_equal(s->labels.len, 3);
    assert_str(s->labels.at[0].value, "a");
    assert_str(s->labels.at[1].value, "g");
    assert_str(s->labels.at[2].value, "1.0");
    assert_int_equal(s->remove_labels.len, 3);
    assert_str(s->remove_labels.at[2], "x");
    assert_false(s->clear_werf_labels);
    assert_true(s->has_healthcheck);
    assert_int_equal(s->healthcheck.interval, 5);
    assert_false(set.at[1].has_image_spec);
    assert_true(set.at[2].has_image_spec);
}

static void count_error(void *payload, const struct slip_error *err)
{
    print_message("  %s\n", err->text);
    (*(int *)payload)++;
}

static void all_errors_are_told_to_those_who_want_them(void **state)
{
    (void)state;
    int n = 0;
    struct slip_decode_options o = options();
    o.on_error = count_error;
    o.payload = &n;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_image_set) set = { 0 };
    struct slip_str documents =
        SLIP_STR(META "foo: 1\n---\nimage: a\ndockerfile: D\nbar: 1\n---\nimage: [\n---\nimage: 5\n"
                      "dockerfile: D\n");
    assert_int_equal(slip_werf_decode(documents, &o, &set, &err), -1);
    assert_string_equal(err.text, "werf.yaml:3:1: unknown fields: `foo`!");
    assert_int_equal(n, 4);

    n = 0;
    slip_error_clear(&err);
    struct slip_str images = SLIP_STR(
        "project: P\nconfigVersion: 1\n---\nimage: [a, b]\ndockerfile: D\ncontext: ../x\n---\n"
        "image: a\ndockerfile: /D\n");
    assert_int_equal(slip_werf_decode(images, &o, &set, &err), -1);
    assert_int_equal(n, 4); /* the project, two documents, the name */
}

/* WERF_SKIP_IMAGE_SPEC_STAGE: what is wrong stays wrong, but no image has the stage. */
static void a_capital_null_is_an_empty_section(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool there;
    } cases[] = { { "", false },    { "~", false },   { "null", false }, { "!!null Null", false },
                  { "Null", true }, { "NULL", true }, { "{}", true } };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_image_set) set = { 0 };
        struct slip_error err = { 0 };
        struct slip_decode_options o = options();
        char text[200];
        snprintf(text, sizeof(text), META "---\nimage: a\ndockerfile: D\nimageSpec: %s\n",
                 cases[i].value);
        assert_int_equal(slip_werf_decode(slip_str_of(text), &o, &set, &err), 0);
        assert_int_equal(set.at[0].has_image_spec, cases[i].there);
    }
}

static void image_specs_can_be_skipped(void **state)
{
    (void)state;
    SLIP_AUTO(slip_image_set) set = { 0 };
    struct slip_error err = { 0 };
    struct slip_decode_options o = options();
    o.skip_image_spec = true;
    struct slip_str good = SLIP_STR(META "build: {imageSpec: {author: g}}\n---\n"
                                         "image: a\ndockerfile: D\nimageSpec: {author: a}\n");
    assert_int_equal(slip_werf_decode(good, &o, &set, &err), 0);
    assert_int_equal(set.len, 1);
    assert_false(set.at[0].has_image_spec);
    struct slip_str bad = SLIP_STR(META "---\nimage: a\ndockerfile: D\nimageSpec: {foo: 1}\n");
    assert_int_equal(slip_werf_decode(bad, &o, &set, &err), -1);
}

static void loose_giterminism_allows_added_files(void **state)
{
    (void)state;
    struct slip_giterminism all = { .allow_all = true };
    struct slip_decode_options o = options();
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_image_set) set = { 0 };
    o.giterminism = &all;
    int rc = slip_werf_decode(SLIP_STR(IMAGE "contextAddFiles: [x]\n"), &o, &set, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_stand_after_what_they_need),
        cmocka_unit_test(what_werf_refuses_is_refused_with_its_place),
        cmocka_unit_test(a_dockerfile_image_has_all_its_settings),
        cmocka_unit_test(the_global_image_spec_is_joined_to_final_images),
        cmocka_unit_test(a_capital_null_is_an_empty_section),
        cmocka_unit_test(image_specs_can_be_skipped),
        cmocka_unit_test(all_errors_are_told_to_those_who_want_them),
        cmocka_unit_test(loose_giterminism_allows_added_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
