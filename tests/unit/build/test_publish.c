/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include <stdio.h>

#include "base/mem.h"
#include "build/publish.h"
#include "registry/media.h"
#include "support/sandbox.h"
#include "value/json.h"

#define D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static char *dir;
static struct slip_registry *registry;
static struct slip_store *store;
static unsigned n_stores;
static char manifest[1024];

static const char config[] =
    "{\"os\":\"linux\",\"architecture\":\"amd64\",\"created\":\"1970-01-01T00:00:00Z\","
    "\"odd\":{\"kept\":[1,2.5]},\"config\":{\"Labels\":{\"own\":\"1\",\"werf\":\"x\"}},"
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

static const struct slip_stage_label labels[] = {
    { SLIP_STR("werf"), SLIP_STR("p") },
    { SLIP_STR(SLIP_LABEL_CONTENT_DIGEST), SLIP_STR(C) },
};

/* A built image with one layer, on disk. */
static int make(void **state)
{
    (void)state;
    dir = sandbox_new();
    char layer[SLIP_DIGEST_LEN + 1], path[256];
    slip_digest_of(SLIP_STR("layer"), layer);
    snprintf(path, sizeof(path), "built/blobs/sha256/%s", layer + 7);
    sandbox_write(dir, path, "layer");
    sandbox_write(dir, "built/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    snprintf(
        manifest, sizeof(manifest),
        "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_MANIFEST "\","
        "\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\","
        "\"size\":1,\"digest\":\"sha256:00\"},\"layers\":[{\"mediaType\":"
        "\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":5,\"digest\":\"%s\"}]}",
        layer);
    struct slip_registry_options options = { .user_agent = "test", .base_dir = dir };
    registry = slip_registry_new(&options);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    slip_registry_free(registry);
    sandbox_free(dir);
    return 0;
}

static int open_store(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *name = slip_printf("oci:stages%u", n_stores++);
    SLIP_AUTO(slip_reference) where = { 0 };
    struct slip_error err = { 0 };
    if (slip_repository_parse(slip_str_of(name), &where, &err) < 0
        || slip_store_open(registry, &where, &store, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    slip_store_free(store);
    return 0;
}

struct clock {
    int64_t ms;
    struct slip_publish *rival; /* publishes when the clock is asked, as another builder would */
};

static int64_t tell(void *payload)
{
    struct clock *c = payload;
    if (c->rival) {
        SLIP_AUTO(slip_stage) stage = { 0 };
        struct slip_error err = { 0 };
        bool ours;
        if (slip_stage_publish(c->rival, &stage, &ours, &err) < 0)
            fail_msg("%s", err.text);
        assert_true(ours);
    }
    return c->ms;
}

static struct slip_publish publish_at(struct clock *clock, struct slip_stages *stages, char *layout)
{
    snprintf(layout, 256, "%s/built", dir);
    return (struct slip_publish){
        .registry = registry,
        .store = store,
        .stages = stages,
        .subject = "app",
        .digest = D,
        .now_ms = tell,
        .payload = clock,
        .media_type = SLIP_MEDIA_DOCKER_MANIFEST,
        .manifest = slip_str_of(manifest),
        .config = slip_str_of(config),
        .layout = layout,
        .labels = labels,
        .n_labels = SLIP_COUNT(labels),
    };
}

static void must(int rc, const struct slip_error *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

static void a_stage_has_labels_and_a_time_of_its_own(void **state)
{
    (void)state;
    char layout[256];
    struct clock clock = { .ms = 1795624964123 };
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_publish p = publish_at(&clock, stages, layout);
    SLIP_AUTO(slip_stage) stage = { 0 };
    struct slip_error err = { 0 };
    bool ours = false;
    must(slip_stage_publish(&p, &stage, &ours, &err), &err);
    assert_true(ours);
    assert_string_equal(stage.tag, D "-1795624964123");
    assert_string_equal(stage.content_digest, C);
    assert_string_equal(
        stage.stored.config.ptr,
        "{\"architecture\":\"amd64\",\"config\":{\"Labels\":{\"own\":\"1\",\"werf\":\"p\","
        "\"" SLIP_LABEL_CONTENT_DIGEST "\":\"" C "\"}},"
        "\"created\":\"2026-11-25T16:42:44.123Z\",\"odd\":{\"kept\":[1,2.5]},\"os\":\"linux\","
        "\"rootfs\":{\"diff_ids\":[],\"type\":\"layers\"}}");
}

static void a_stage_that_is_there_is_used(void **state)
{
    (void)state;
    char layout[256];
    struct clock clock = { .ms = 1795624964123 };
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_publish p = publish_at(&clock, stages, layout);
    SLIP_AUTO(slip_stage) stage = { 0 };
    struct slip_error err = { 0 };
    bool ours = false;
    must(slip_stage_publish(&p, &stage, &ours, &err), &err);
    clock.ms += 1000;
    must(slip_stage_publish(&p, &stage, &ours, &err), &err);
    assert_false(ours);
    assert_string_equal(stage.tag, D "-1795624964123");
}

static void of_two_builders_at_once_the_older_stage_wins(void **state)
{
    (void)state;
    static const int64_t rival_times[] = { 1795624964000, 1795624965000, 1795624964123 };
    static const struct {
        bool ours;
        const char *tag;
    } want[] = {
        { false, D "-1795624964000" },
        { true, D "-1795624964123" },
        { false, D "-1795624964123" }, /* the same millisecond: ours takes the next */
    };
    for (size_t i = 0; i < SLIP_COUNT(want); i++) {
        if (i > 0) {
            slip_store_free(store);
            open_store(NULL);
        }
        char layout[256], rival_layout[256];
        struct clock rival_clock = { .ms = rival_times[i] };
        SLIP_AUTO_PTR(slip_stages) rival_stages = slip_stages_new(store, NULL);
        struct slip_publish rival = publish_at(&rival_clock, rival_stages, rival_layout);
        struct clock clock = { .ms = 1795624964123, .rival = &rival };
        SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
        struct slip_publish p = publish_at(&clock, stages, layout);
        SLIP_AUTO(slip_stage) stage = { 0 };
        struct slip_error err = { 0 };
        bool ours = false;
        must(slip_stage_publish(&p, &stage, &ours, &err), &err);
        assert_int_equal(ours, want[i].ours);
        assert_string_equal(stage.tag, want[i].tag);
    }
}

static void a_stage_is_never_older_than_its_parent(void **state)
{
    (void)state;
    char layout[256];
    struct clock clock = { .ms = 1795624964123 };
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_publish p = publish_at(&clock, stages, layout);
    p.not_before_ms = 1795624970000;
    SLIP_AUTO(slip_stage) stage = { 0 };
    struct slip_error err = { 0 };
    bool ours = false;
    must(slip_stage_publish(&p, &stage, &ours, &err), &err);
    assert_string_equal(stage.tag, D "-1795624970000");
}

static void a_missing_layer_writes_no_name(void **state)
{
    (void)state;
    char layout[256];
    struct clock clock = { .ms = 1795624964123 };
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_publish p = publish_at(&clock, stages, layout);
    p.layout = "/nowhere";
    SLIP_AUTO(slip_stage) stage = { 0 };
    struct slip_error err = { 0 };
    bool ours = false;
    assert_int_equal(slip_stage_publish(&p, &stage, &ours, &err), -1);
    struct slip_manifest_head head = { .identifier = D "-1795624964123" };
    assert_int_equal(store->ops->head_manifests(store, &head, 1), 0);
    assert_false(head.found);
}

static void labels_say_what_a_stage_comes_from(void **state)
{
    (void)state;
    static const struct slip_str dependencies[] = { SLIP_STR("a-1") };
    const struct slip_stage_facts facts = {
        .project = SLIP_STR("p"),
        .version = SLIP_STR("v"),
        .content_digest = SLIP_STR(C),
        .commit = SLIP_STR("abc"),
        .dependency_stage_ids = dependencies,
        .n_dependencies = 1,
    };
    static const char *const want[][2] = {
        { "werf", "p" },
        { "werf-version", "v" },
        { "werf-stage-content-digest", C },
        { "werf-project-repo-commit", "abc" },
        { "werf-dependency-stage-id-"
          "2f8fe63a6224321de5d0a24cf30067d37a358706b1ed38b015282ab68dc69ae9",
          "a-1" },
    };
    SLIP_AUTO(slip_stage_label_list) got = { 0 };
    slip_stage_labels(&facts, &got);
    assert_int_equal(got.len, SLIP_COUNT(want));
    for (size_t i = 0; i < SLIP_COUNT(want); i++) {
        assert_str(got.at[i].key, want[i][0]);
        assert_str(got.at[i].value, want[i][1]);
    }
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(a_stage_has_labels_and_a_time_of_its_own),
        WITH_STORE(a_stage_that_is_there_is_used),
        WITH_STORE(of_two_builders_at_once_the_older_stage_wins),
        WITH_STORE(a_stage_is_never_older_than_its_parent),
        WITH_STORE(a_missing_layer_writes_no_name),
        cmocka_unit_test(labels_say_what_a_stage_comes_from),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
