/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of stapel images that werf.yaml alone tells: staged-and-stapel-digest.md 8.2, C, D, F. */
#include "unit/cmocka_all.h"

#include "digest/stapel.h"
#include "support/mem_tree.h"
#include "werf/config.h"

struct images {
    struct mem_tree *files;
    struct slip_tree tree;
    struct slip_commit commit;
    struct slip_image_set set;
};

static void images_clear(struct images *i)
{
    slip_image_set_clear(&i->set);
    mem_tree_free(i->files);
}
SLIP_DEFINE_AUTO(images, images_clear);

static void load(struct images *i, const char *text)
{
    const struct slip_config_options o = { .loose = true, .commit_only = true };
    struct slip_error err = { 0 };
    i->files = mem_tree_new();
    SLIP_AUTO(slip_buf) yaml = SLIP_BUF(1u << 16);
    slip_buf_add_fmt(&yaml, "configVersion: 1\nproject: p\n%s", text);
    mem_tree_add(i->files, SLIP_STR("werf.yaml"), SLIP_MODE_FILE, slip_buf_str(&yaml));
    i->tree = mem_tree_view(i->files);
    if (slip_config_load(&i->tree, &i->commit, &o, &i->set, &err) < 0)
        fail_msg("%s", err.text);
}

static void work_out(const struct images *i, const char *name, const char *platform,
                     struct slip_image_digest *out)
{
    static const struct slip_stapel_switches none;
    const struct slip_stapel_request request = { .set = &i->set,
                                                 .image = slip_image_set_find(&i->set,
                                                                              slip_str_of(name)),
                                                 .platform = platform,
                                                 .commit = &i->commit,
                                                 .tree = &i->tree,
                                                 .switches = &none,
                                                 .result = out };
    struct slip_error err = { 0 };
    if (slip_stapel_offline(&request, &err) < 0)
        fail_msg("%s", err.text);
}

#define IMAGE_C                                                                                    \
    "---\nimage: c\nfrom: alpine:3.19\nshell:\n  install: [apk add curl, echo done]\n"             \
    "  setup: [echo setup]\n  setupCacheVersion: v1\n"

static void commands_make_stages(void **state)
{
    (void)state;
    static const char *const want[][4] = {
        { "from", "6bd2275da52e3a69ffbe28739e65cdb0ac1167f9a8d9d16e129ab83f0a189c19",
          "36a28f1ecbbfbf182efd8df16f1afeb9fa877904be0d45736e385b3e",
          "76dbe192959c5a3f12447d9edbb915c89f505fa012e3fc35f1854610" },
        { "install", "da2bd22d72e3000b994cc880a9902c3cc3607d667077c4992f563420145b7348",
          "f1a6f38e20b5ae5992bc526432b2e5084e38f8f9c70e577076b44857",
          "80eb706fe642d962ebd2e761eddd35d377a66471cda72ef391c409a1" },
        { "setup", "f2d23f2b4d753f5ada86f629a020e27d1a7815c21b8f363965b275457d6fd0a4",
          "1eb51ac2338c7f6828eb6e592587b526fca74d057e7b232f23a64718",
          "749afc45319b470cd5b503a4b5f31149cb0d82b2c6fe655c891a685e" },
    };
    SLIP_AUTO(images) i = { 0 };
    SLIP_AUTO(slip_image_digest) d = { 0 };
    load(&i, IMAGE_C);
    work_out(&i, "c", "linux/amd64", &d);
    assert_int_equal(d.n_stages, SLIP_COUNT(want));
    for (size_t k = 0; k < SLIP_COUNT(want); k++) {
        assert_string_equal(d.stages[k].name, want[k][0]);
        assert_string_equal(d.stages[k].dependencies, want[k][1]);
        assert_string_equal(d.stages[k].digest, want[k][2]);
        assert_string_equal(d.stages[k].content, want[k][3]);
    }
}

static const struct {
    const char *what, *image, *dependencies, *digest;
} last_stages[] = {
    { "made from another image", IMAGE_C "---\nimage: x\nfrom: c\n",
      "7b4d2c915693bb2d57a36616eb242dbf8101dc042e2d6e39c7f7c1299260f7b5",
      "40944e6648c03433078ef05de8266b9e44dbe024093762580f7b4ded" },
    { "a mount", "---\nimage: x\nfrom: alpine:3.19\nmount: [{from: tmp_dir, to: /cache}]\n",
      "2ff648df3eb2f80bc231024a44312822e8cb4975e58bb60cc92ea43eb6aab63c", NULL },
    { "scratch", "---\nimage: x\nfrom: scratch\n",
      "5a9cb6b54ea56d52a69891af8c21afb73d3841611bbabb5d7c61312d81e6e041", NULL },
    { "docker instructions",
      "---\nimage: x\nfrom: alpine:3.19\ndocker:\n  VOLUME: [/data]\n  EXPOSE: ['80']\n"
      "  ENV: {ENVK: envv}\n  LABEL: {l: v}\n  CMD: [a, b]\n  WORKDIR: /w\n  USER: u\n",
      "fed1152bd87489d868cea4d108214ae828b8e1fe0a6e769269b454c074d9877a", NULL },
    { "imageSpec",
      "---\nimage: x\nfrom: alpine:3.19\nshell:\n  install: [apk add curl, echo done]\n"
      "  setup: [echo setup]\n  setupCacheVersion: v1\n"
      "imageSpec:\n  author: Jane\n  config:\n    cmd: [serve, -p, '80']\n    env: {A: '1'}\n"
      "    expose: [80/tcp]\n    labels: {org: '%project%'}\n    volumes: [/data]\n"
      "    workingDir: /srv\n",
      "ab6764c612db1dcc5df4799c1f451b8ea2bfdfe71bf1d0ce7dcdb75ab63902fa",
      "233c8da3367961da598bd279fd6f4d70e685079d64900db59be11895" },
};

static void settings_count_in_the_last_stage(void **state)
{
    (void)state;
    for (size_t k = 0; k < SLIP_COUNT(last_stages); k++) {
        SLIP_AUTO(images) i = { 0 };
        SLIP_AUTO(slip_image_digest) d = { 0 };
        print_message("  %s\n", last_stages[k].what);
        load(&i, last_stages[k].image);
        assert_true(slip_stapel_is_offline(&i.set, slip_image_set_find(&i.set, SLIP_STR("x"))));
        work_out(&i, "x", "linux/amd64", &d);
        const struct slip_stage_digest *last = &d.stages[d.n_stages - 1];
        assert_string_equal(last->dependencies, last_stages[k].dependencies);
        if (last_stages[k].digest)
            assert_string_equal(last->digest, last_stages[k].digest);
    }
}

static void tasks_of_ansible_count_as_json(void **state)
{
    (void)state;
    SLIP_AUTO(images) i = { 0 };
    SLIP_AUTO(slip_image_digest) d = { 0 };
    load(&i, "---\nimage: x\nfrom: alpine:3.19\nansible:\n  install:\n  - name: a\n"
             "    shell: echo <1>\n    become: yes\n");
    work_out(&i, "x", "linux/amd64", &d);
    assert_int_equal(d.n_stages, 2);
    assert_true(slip_str_is(d.stages[1].ingredients[0].text,
                            "{\"become\":true,\"name\":\"a\",\"shell\":\"echo \\u003c1\\u003e\"}"));
}

static const char *const not_offline[] = {
    "---\nimage: x\nfrom: a\ngit: [{add: /, to: /s}]\n",
    "---\nimage: x\nfrom: a\nfromLatest: true\n",
    "---\nimage: x\nfrom: a\nimport: [{from: 'b:1', add: /x, after: setup}]\n",
    "---\nimage: z\nfrom: a\nfromLatest: true\n---\nimage: x\nfrom: z\n",
    "---\nimage: z\ndockerfile: D\n---\nimage: x\nfrom: z\n",
    "---\nimage: x\nfrom: a\nansible: {install: [{shell: a}]}\n",
};

static void what_rests_on_more_needs_a_registry(void **state)
{
    (void)state;
    for (size_t k = 0; k < SLIP_COUNT(not_offline); k++) {
        SLIP_AUTO(images) i = { 0 };
        load(&i, not_offline[k]);
        assert_false(slip_stapel_is_offline(&i.set, slip_image_set_find(&i.set, SLIP_STR("x"))));
    }
}

static void some_images_are_left_to_werf(void **state)
{
    (void)state;
    SLIP_AUTO(images) i = { 0 };
    load(&i, "---\nimage: x\nfrom: a\ngit: [{url: 'https://h.example/a/b.git', add: /, to: /s, "
             "commit: abc}]\n---\nimage: z\nfrom: a\ngit: [{add: /, to: /s}]\n");
    const struct slip_image *x = &i.set.at[0], *y = &i.set.at[1];
    assert_string_equal(slip_stapel_obstacle(x, &i.tree),
                        "it takes files from another git repository");
    assert_null(slip_stapel_obstacle(y, &i.tree));
    mem_tree_add_short(i.files, SLIP_STR(".gitmodules"));
    i.tree = mem_tree_view(i.files);
    assert_string_equal(slip_stapel_obstacle(y, &i.tree), "the commit has submodules");
}

static void an_import_is_recorded_under_what_it_takes(void **state)
{
    (void)state;
    struct slip_stapel_switches switches = { 0 };
    struct slip_str include[] = { SLIP_STR("bin"), SLIP_STR("lib") };
    const struct slip_import import = { .add = SLIP_STR("/out"), .include = { include, 2 } };
    const struct slip_str content =
        SLIP_STR("80eb706fe642d962ebd2e761eddd35d377a66471cda72ef391c409a1"); /* of install */
    SLIP_AUTO(slip_buf) record = SLIP_BUF(256);
    slip_stapel_import_record(&import, content, &switches, &record);
    assert_string_equal(record.ptr, SLIP_IMPORT_METADATA
                        "37f7054531bdfa49ec32ed4214fa7acbe44ab55c2e4e88d1e7cf60499bf1234b");
    switches.import_permissions = true;
    SLIP_AUTO(slip_buf) other = SLIP_BUF(256);
    slip_stapel_import_record(&import, content, &switches, &other);
    assert_string_not_equal(other.ptr, record.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_make_stages),
        cmocka_unit_test(settings_count_in_the_last_stage),
        cmocka_unit_test(tasks_of_ansible_count_as_json),
        cmocka_unit_test(what_rests_on_more_needs_a_registry),
        cmocka_unit_test(some_images_are_left_to_werf),
        cmocka_unit_test(an_import_is_recorded_under_what_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
