/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "build/layout_locks.h"
#include "build/publish.h"
#include "registry/layout.h"
#include "registry/media.h"
#include "support/sandbox.h"
#include "value/json.h"

#define D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static char *dir;
static struct slip_registry *registry;
static struct slip_store *store;
static struct slip_locks *locks;
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
        "\"size\":1,\"digest\":\"sha256:" C "cccccccc\"},\"layers\":[{\"mediaType\":"
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
    locks = slip_layout_locks_new(store, NULL, NULL);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    slip_locks_free(locks);
    slip_store_free(store);
    return 0;
}

/* Time that passes when somebody waits, or when a test says so. */
struct clock {
    int64_t ms;
};

static int64_t tell(void *payload)
{
    return ((struct clock *)payload)->ms;
}

static void wait_for(void *payload, int64_t ms)
{
    ((struct clock *)payload)->ms += ms;
}

static struct slip_publish publish_at(struct clock *clock, struct slip_stages *stages, char *layout)
{
    snprintf(layout, 256, "%s/built", dir);
    return (struct slip_publish){
        .registry = registry,
        .store = store,
        .stages = stages,
        .locks = locks,
        .subject = "app",
        .project = SLIP_STR("p"),
        .digest = D,
        .now_ms = tell,
        .wait_ms = wait_for,
        .payload = clock,
        .media_type = SLIP_MEDIA_DOCKER_MANIFEST,
        .manifest = slip_str_of(manifest),
        .config = slip_str_of(config),
        .layout = layout,
        .labels = labels,
        .n_labels = SLIP_COUNT(labels),
    };
}

/* One publication to the store, and what came of it. */
struct attempt {
    char layout[256];
    struct clock clock;
    struct slip_stages *stages;
    struct slip_publish p;
    struct slip_stage stage;
    struct slip_error err;
    bool ours;
};

static void attempt_clear(struct attempt *a)
{
    slip_stage_clear(&a->stage);
    slip_stages_free(a->stages);
}
SLIP_DEFINE_AUTO(attempt, attempt_clear);

static void begin(struct attempt *a)
{
    a->clock.ms = 1795624964123;
    a->stages = slip_stages_new(store, NULL);
    a->p = publish_at(&a->clock, a->stages, a->layout);
}

static int publish(struct attempt *a)
{
    return slip_stage_publish(&a->p, &a->stage, &a->ours, &a->err);
}

static void a_stage_has_labels_and_a_time_of_its_own(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    must(publish(&a), &a.err);
    assert_true(a.ours);
    assert_string_equal(a.stage.tag, D "-1795624964123");
    assert_string_equal(a.stage.content_digest, C);
    assert_string_equal(
        a.stage.stored.config.ptr,
        "{\"architecture\":\"amd64\",\"config\":{\"Labels\":{\"own\":\"1\",\"werf\":\"p\","
        "\"" SLIP_LABEL_CONTENT_DIGEST "\":\"" C "\"}},"
        "\"created\":\"2026-11-25T16:42:44.123Z\",\"odd\":{\"kept\":[1,2.5]},\"os\":\"linux\","
        "\"rootfs\":{\"diff_ids\":[],\"type\":\"layers\"}}");
}

static void a_stage_that_is_there_is_used(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    must(publish(&a), &a.err);
    a.clock.ms += 1000;
    must(publish(&a), &a.err);
    assert_false(a.ours);
    assert_string_equal(a.stage.tag, D "-1795624964123");
}

static const struct slip_store_ops *real_ops;
static unsigned n_puts;

/* A cleanup takes the layer away just before the first name is written. */
static int put_after_cleanup(struct slip_store *s, struct slip_manifest_put *items, size_t n)
{
    char layer[SLIP_DIGEST_LEN + 1];
    slip_digest_of(SLIP_STR("layer"), layer);
    SLIP_AUTO_FREE char *path =
        slip_printf("%s/stages%u/blobs/sha256/%s", dir, n_stores - 1, layer + strlen("sha256:"));
    if (n_puts++ == 0)
        assert_int_equal(unlink(path), 0);
    return real_ops->put_manifests(s, items, n);
}

static void what_is_lost_while_a_stage_is_published_is_sent_again(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    real_ops = store->ops;
    struct slip_store_ops ops = *real_ops;
    ops.put_manifests = put_after_cleanup;
    store->ops = &ops;
    n_puts = 0;
    int rc = publish(&a);
    store->ops = real_ops;
    must(rc, &a.err);
    assert_true(a.ours);
    assert_int_equal(n_puts, 2);
}

/*
 * Two builders, each a thread, of which one runs at a time. The first gives the other its turn when
 * it has asked the store as often as the test says; the other gives it back after as many questions
 * of its own, or when it has finished.
 */
struct builder {
    struct slip_store *store; /* of its own, on the same repository; its questions are counted */
    struct clock *clock;
    int64_t call_takes; /* ms */
    unsigned calls, pause_at;
    bool finished;
    pthread_t thread;
    char tag[128];
    char error[256];
};

static struct builder builders[2];
static const struct slip_store_ops *store_ops; /* of the store itself */
static pthread_mutex_t baton = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed = PTHREAD_COND_INITIALIZER;
static struct builder *running;

static struct builder *other(struct builder *b)
{
    return &builders[b == builders];
}

static void pass_on(struct builder *b)
{
    if (other(b)->finished)
        return;
    running = other(b);
    pthread_cond_broadcast(&passed);
}

static void wait_turn(struct builder *b)
{
    while (running != b)
        pthread_cond_wait(&passed, &baton);
}

static void take_time(struct slip_store *s)
{
    struct builder *b = &builders[s == builders[1].store];
    if (++b->calls == b->pause_at) {
        pass_on(b);
        if (running != b)
            wait_turn(b);
    }
    b->clock->ms += b->call_takes;
}

static int slow_list(struct slip_store *s, slip_tag_fn *fn, void *payload, struct slip_error *err)
{
    take_time(s);
    return store_ops->list_tags(s, fn, payload, err);
}

static int slow_get(struct slip_store *s, struct slip_manifest_get *items, size_t n)
{
    take_time(s);
    return store_ops->get_manifests(s, items, n);
}

static int slow_head(struct slip_store *s, struct slip_manifest_head *items, size_t n)
{
    take_time(s);
    return store_ops->head_manifests(s, items, n);
}

/* Once before it is there, once before the answer arrives. */
static int slow_put(struct slip_store *s, struct slip_manifest_put *items, size_t n)
{
    take_time(s);
    int rc = store_ops->put_manifests(s, items, n);
    take_time(s);
    return rc;
}

static void *build(void *payload)
{
    struct builder *b = payload;
    pthread_mutex_lock(&baton);
    wait_turn(b);
    {
        char layout[256];
        SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(b->store, NULL);
        struct slip_publish p = publish_at(b->clock, stages, layout);
        SLIP_AUTO(slip_stage) stage = { 0 };
        struct slip_error err = { 0 };
        bool ours;
        p.store = b->store;
        p.locks = NULL;
        if (slip_stage_publish(&p, &stage, &ours, &err) < 0)
            snprintf(b->error, sizeof(b->error), "%.200s", err.text);
        snprintf(b->tag, sizeof(b->tag), "%s", stage.tag);
    }
    b->finished = true;
    pass_on(b);
    pthread_mutex_unlock(&baton);
    return NULL;
}

/* The stage that everybody uses from now on. */
static void find_stage(char *tag, size_t size)
{
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    struct slip_stage_find find = { .digest = D };
    must(slip_stages_find(stages, &find, 1), &find.err);
    assert_true(find.found);
    snprintf(tag, size, "%s", find.stage.tag);
    slip_stage_clear(&find.stage);
}

static int count_rejected(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)err;
    *(unsigned *)payload += slip_str_ends(tag, SLIP_STR("-rejected"));
    return 0;
}

/* The first is stopped before question number `first`, the second before `second`. False: the first
 * had finished before. */
static bool run_both(unsigned first, unsigned second, int64_t call_takes, unsigned *taken_back)
{
    static struct slip_store_ops slow;
    struct clock clock = { .ms = 1795624964123 };
    const unsigned pauses[] = { first, second };
    open_store(NULL);
    store_ops = store->ops;
    slow = *store_ops;
    slow.list_tags = slow_list;
    slow.get_manifests = slow_get;
    slow.head_manifests = slow_head;
    slow.put_manifests = slow_put;
    for (size_t i = 0; i < 2; i++) {
        struct slip_error err = { 0 };
        builders[i] =
            (struct builder){ .clock = &clock, .call_takes = call_takes, .pause_at = pauses[i] };
        must(slip_store_open(registry, &store->where, &builders[i].store, &err), &err);
        builders[i].store->ops = &slow;
    }
    running = &builders[0];
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&builders[i].thread, NULL, build, &builders[i]), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_join(builders[i].thread, NULL), 0);
    char tag[128];
    find_stage(tag, sizeof(tag));
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(builders[i].tag, tag) != 0)
            print_message("  stopped before %u and %u, %" PRId64 " ms a question\n", first, second,
                          call_takes);
        assert_string_equal(builders[i].error, "");
        assert_string_equal(builders[i].tag, tag);
        slip_store_free(builders[i].store);
    }
    struct slip_error err = { 0 };
    must(store->ops->list_tags(store, count_rejected, taken_back, &err), &err);
    close_store(NULL);
    return builders[0].calls >= first;
}

static void two_builders_without_a_lock_agree_wherever_they_are_stopped(void **state)
{
    (void)state;
    static const int64_t speeds[] = { 1, 700 };
    unsigned taken_back = 0;
    for (size_t i = 0; i < SLIP_COUNT(speeds); i++)
        for (unsigned first = 1; run_both(first, 1000, speeds[i], &taken_back); first++)
            for (unsigned second = 1; second <= first + 2; second += 2)
                (void)!run_both(first, second, speeds[i], &taken_back);
    assert_true(taken_back > 0); /* stages whose writing was stopped for too long */
}

/* ---- with a lock ---- */

static struct slip_store_ops watched;
static unsigned n_watched;

/* Another process asks for the lock of the layout while a name is written. */
static int put_while_held(struct slip_store *s, struct slip_manifest_put *items, size_t n)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/.slipway/publish", s->name + strlen("oci:"));
    SLIP_AUTO_FREE char *full = slip_printf("%s/%s", dir, path);
    int fd = open(path[0] == '/' ? path : full, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
    close(fd);
    n_watched++;
    return store_ops->put_manifests(s, items, n);
}

static void a_name_in_a_layout_is_written_under_its_lock(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    store_ops = store->ops;
    watched = *store_ops;
    watched.put_manifests = put_while_held;
    store->ops = &watched;
    must(publish(&a), &a.err);
    store->ops = store_ops;
    assert_int_equal(n_watched, 1);
    int fd;
    must(slip_layout_claim(store, NULL, &fd, &a.err), &a.err); /* and given back */
    close(fd);
}

/* A lock that is lost as often as it says; the name of the last one that was asked for. */
struct losing {
    struct slip_locks base;
    struct slip_lock lock;
    unsigned lose_at, checks, acquired, released; /* lose_at: number of the check that fails */
    struct attempt *rival;                        /* publishes when it is lost */
    char name[256];
};
static struct losing losing;
#define ALWAYS UINT_MAX

static int losing_check(struct slip_lock *l, struct slip_error *err)
{
    (void)l;
    losing.checks++;
    if (losing.checks != losing.lose_at && losing.lose_at != ALWAYS)
        return 0;
    if (losing.rival)
        must(publish(losing.rival), &losing.rival->err);
    return slip_fail(err, SLIP_E_TEMPORARY, "the lock was lost");
}

static void losing_release(struct slip_lock *l)
{
    (void)l;
    losing.released++;
}

static int losing_acquire(struct slip_locks *s, const char *name, struct slip_lock **out,
                          struct slip_error *err)
{
    static const struct slip_lock_ops ops = { .check = losing_check, .release = losing_release };
    (void)s;
    (void)err;
    losing.acquired++;
    snprintf(losing.name, sizeof(losing.name), "%s", name);
    losing.lock.ops = &ops;
    *out = &losing.lock;
    return 0;
}

static struct slip_locks *lose_at(unsigned check, struct attempt *rival)
{
    static const struct slip_locks_ops ops = { .acquire = losing_acquire };
    losing = (struct losing){ .base.ops = &ops, .lose_at = check, .rival = rival };
    return &losing.base;
}

static void a_lost_lock_is_taken_again_before_a_name_is_written(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) rival = { 0 };
    SLIP_AUTO(attempt) a = { 0 };
    begin(&rival);
    begin(&a);
    a.p.locks = lose_at(1, &rival);
    must(publish(&a), &a.err);
    assert_false(a.ours); /* the rival's was found under the second lock */
    assert_int_equal(losing.acquired, 2);
    assert_int_equal(losing.released, 2);
    assert_string_equal(losing.name, "p." D);
}

static void a_lock_that_is_lost_always_is_an_error(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    struct slip_store_ops *ops = &watched;
    store_ops = store->ops;
    *ops = *store_ops;
    ops->put_manifests = NULL; /* nothing is written */
    store->ops = ops;
    a.p.locks = lose_at(ALWAYS, NULL);
    assert_int_equal(publish(&a), -1);
    store->ops = store_ops;
    assert_int_equal(a.err.kind, SLIP_E_TEMPORARY);
    assert_non_null(strstr(a.err.text, "lost 5 times"));
}

static int no_lock(struct slip_locks *s, const char *name, struct slip_lock **out,
                   struct slip_error *err)
{
    (void)s;
    (void)name;
    (void)out;
    losing.acquired++;
    return slip_fail(err, SLIP_E_TEMPORARY, "no host");
}

static void locks_that_nobody_asked_for_are_tried_once(void **state)
{
    (void)state;
    static const struct slip_locks_ops ops = { .acquire = no_lock };
    losing = (struct losing){ .base = { .ops = &ops, .optional = true } };
    for (int i = 0; i < 2; i++) {
        SLIP_AUTO(attempt) a = { 0 };
        begin(&a);
        a.p.digest = i ? C : D;
        a.p.locks = &losing.base;
        must(publish(&a), &a.err);
    }
    assert_int_equal(losing.acquired, 1);

    /* Asked for, they must be had. */
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    losing = (struct losing){ .base = { .ops = &ops } };
    a.p.digest = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
    a.p.locks = &losing.base;
    assert_int_equal(publish(&a), -1);
    assert_int_equal(a.err.kind, SLIP_E_TEMPORARY);
}

static void a_stage_is_never_older_than_its_parent(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    a.p.not_before_ms = 1795624970000;
    must(publish(&a), &a.err);
    assert_string_equal(a.stage.tag, D "-1795624970000");
}

static void a_missing_layer_writes_no_name(void **state)
{
    (void)state;
    SLIP_AUTO(attempt) a = { 0 };
    begin(&a);
    a.p.layout = "/nowhere";
    assert_int_equal(publish(&a), -1);
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
        WITH_STORE(what_is_lost_while_a_stage_is_published_is_sent_again),
        cmocka_unit_test(two_builders_without_a_lock_agree_wherever_they_are_stopped),
        WITH_STORE(a_name_in_a_layout_is_written_under_its_lock),
        WITH_STORE(a_lost_lock_is_taken_again_before_a_name_is_written),
        WITH_STORE(a_lock_that_is_lost_always_is_an_error),
        WITH_STORE(locks_that_nobody_asked_for_are_tried_once),
        WITH_STORE(a_stage_is_never_older_than_its_parent),
        WITH_STORE(a_missing_layer_writes_no_name),
        cmocka_unit_test(labels_say_what_a_stage_comes_from),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
