/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kind of harm at every request of the publication of a stage: what stands in the repository
 * is whole, the next run publishes or finds it, and all builders go on with one and the same stage.
 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "build/publish.h"
#include "registry/media.h"
#include "support/fake_registry.h"
#include "support/sandbox.h"

#define D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define REPOSITORY "a.example/shop/stages"

static char *dir, *layout;
static char manifest[1024];

static const char config[] = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{},"
                             "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
static const struct slip_stage_label labels[] = {
    { SLIP_STR("werf"), SLIP_STR("p") },
    { SLIP_STR(SLIP_LABEL_CONTENT_DIGEST), SLIP_STR(D) },
};

/* A built image with two layers, on disk. */
static int make(void **state)
{
    (void)state;
    static const char *const texts[] = { "layer", "another layer" };
    char digest[2][SLIP_DIGEST_LEN + 1];
    dir = sandbox_new();
    layout = slip_printf("%s/built", dir);
    for (size_t i = 0; i < SLIP_COUNT(texts); i++) {
        slip_digest_of(slip_str_of(texts[i]), digest[i]);
        SLIP_AUTO_FREE char *path = slip_printf("built/blobs/sha256/%s", digest[i] + 7);
        sandbox_write(dir, path, texts[i]);
    }
    sandbox_write(dir, "built/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    snprintf(manifest, sizeof(manifest),
             "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_MANIFEST
             "\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\","
             "\"size\":1,\"digest\":\"%s\"},\"layers\":["
             "{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":5,"
             "\"digest\":\"%s\"},"
             "{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":13,"
             "\"digest\":\"%s\"}]}",
             digest[0], digest[0], digest[1]);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    sandbox_free(dir);
    slip_free(layout);
    return 0;
}

static int64_t tell(void *payload)
{
    int64_t *clock = payload;
    return ++*clock;
}

static void let_pass(void *payload, int64_t ms)
{
    int64_t *clock = payload;
    *clock += ms;
}

/* One builder; `tag` gets the stage it goes on with. */
static int publish_over(struct slip_http *http, int64_t *clock, char *tag, size_t size)
{
    const struct slip_registry_options options = { .user_agent = "test", .backoff_ms = 1 };
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new_over(&options, http);
    SLIP_AUTO(slip_reference) where = { 0 };
    SLIP_AUTO(slip_stage) stage = { 0 };
    struct slip_store *store = NULL;
    struct slip_error err = { 0 };
    bool ours;
    assert_int_equal(slip_repository_parse(SLIP_STR(REPOSITORY), &where, &err), 0);
    assert_int_equal(slip_store_open(registry, &where, &store, &err), 0);
    struct slip_stages *stages = slip_stages_new(store, NULL);
    struct slip_publish p = { .registry = registry,
                              .store = store,
                              .stages = stages,
                              .subject = "app",
                              .project = SLIP_STR("p"),
                              .digest = D,
                              .now_ms = tell,
                              .wait_ms = let_pass,
                              .payload = clock,
                              .media_type = SLIP_MEDIA_DOCKER_MANIFEST,
                              .manifest = slip_str_of(manifest),
                              .config = slip_str_of(config),
                              .layout = layout,
                              .labels = labels,
                              .n_labels = SLIP_COUNT(labels) };
    int rc = slip_stage_publish(&p, &stage, &ours, &err);
    snprintf(tag, size, "%s", rc == 0 ? stage.tag : "");
    slip_stages_free(stages);
    slip_store_free(store);
    return rc;
}

static void one_case(enum fake_harm harm, unsigned at)
{
    struct fake_registry *r = fake_registry_new();
    char first[100], second[100], third[100];
    int64_t clock = 1795624964123;
    bool whole;
    int rc = publish_over(fake_transport_new(r, harm, at), &clock, first, sizeof(first));
    size_t names = fake_registry_count(r, REPOSITORY, &whole);
    if (!whole || (rc == 0 && names == 0))
        fail_msg("harm %d at request %u: %zu names", (int)harm, at, names);
    if (rc < 0 && harm != FAKE_401 && harm != FAKE_404 && harm < FAKE_DIE_BEFORE)
        fail_msg("did not get over harm %d at request %u", (int)harm, at);
    assert_true(rc < 0 || harm < FAKE_DIE_BEFORE);

    assert_int_equal(
        publish_over(fake_transport_new(r, FAKE_NONE, 0), &clock, second, sizeof(second)), 0);
    assert_int_equal(
        publish_over(fake_transport_new(r, FAKE_NONE, 0), &clock, third, sizeof(third)), 0);
    assert_string_equal(third, second);
    if (rc == 0)
        assert_string_equal(second, first);
    assert_true(fake_registry_count(r, REPOSITORY, &whole) > 0);
    assert_true(whole);
    fake_registry_free(r);
}

static void harm_anywhere_leaves_whole_stages_and_the_next_run_goes_on(void **state)
{
    (void)state;
    struct fake_registry *r = fake_registry_new();
    char tag[100];
    int64_t clock = 1795624964123;
    assert_int_equal(publish_over(fake_transport_new(r, FAKE_NONE, 0), &clock, tag, sizeof(tag)),
                     0);
    unsigned requests = fake_registry_requests(r);
    fake_registry_free(r);
    print_message("  %u requests\n", requests);
    assert_true(requests > 6 && requests < 40);
    for (enum fake_harm harm = FAKE_NONE + 1; harm < FAKE_HARMS; harm++)
        for (unsigned at = 1; at <= requests; at++)
            one_case(harm, at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harm_anywhere_leaves_whole_stages_and_the_next_run_goes_on),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
