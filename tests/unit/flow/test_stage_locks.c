/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "build/record.h"
#include "flow/stage_locks.h"
#include "lock/files.h"
#include "support/lock_server.h"
#include "support/sandbox.h"

#define NOW 1795534401178

static char *dir;
static struct slip_registry *registry;
static struct slip_store *store;
static struct slip_stages *stages;
static unsigned n_stores;
static int64_t waited;

static int make(void **state)
{
    (void)state;
    dir = sandbox_new();
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
    stages = slip_stages_new(store, NULL);
    slip_stages_keep(stages, SLIP_CLIENT_ID_PREFIX);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    slip_stages_free(stages);
    slip_store_free(store);
    return 0;
}

static int64_t now_ms(void)
{
    return NOW;
}

static void wait_ms(int64_t ms)
{
    waited += ms;
}

static int open_locks(const struct slip_lock_settings *settings, struct slip_locks **out,
                      struct slip_error *err)
{
    const struct slip_stage_locks o = { .settings = settings,
                                        .registry = registry,
                                        .store = store,
                                        .stages = stages,
                                        .project = SLIP_STR("p"),
                                        .now_ms = now_ms,
                                        .wait_ms = wait_ms };
    return slip_stage_locks_open(&o, out, err);
}

static bool has_tag(const char *tag)
{
    struct slip_manifest_head head = { .identifier = tag };
    assert_int_equal(store->ops->head_manifests(store, &head, 1), 0);
    return head.found;
}

static void add_record(const char *tag)
{
    const struct slip_record record = {
        .registry = registry, .store = store, .tag = tag, .project = SLIP_STR("p"), .now_ms = NOW
    };
    struct slip_error err = { 0 };
    must(slip_record_write(&record, &err), &err);
}

static void the_number_is_the_one_that_werf_works_out(void **state)
{
    (void)state;
    assert_int_equal(slip_client_id_number(NOW), 3591068802178);
}

static void a_first_builder_gets_an_id_and_leaves_a_record(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    const struct slip_lock_settings settings = { .synchronization = server.url };
    SLIP_AUTO_PTR(slip_locks) locks = NULL;
    struct slip_lock *lock;
    struct slip_error err = { 0 };
    waited = 0;
    must(open_locks(&settings, &locks, &err), &err);
    assert_true(has_tag("client-id-client1-3591068802178"));
    assert_int_equal(waited, 2000);
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    assert_int_equal(lock_server_count(&server, "/client1/locker/acquire p.d -> ok"), 1);
    slip_lock_release(lock);
    lock_server_stop(&server);
}

static void of_several_records_the_smallest_counts(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    add_record("client-id-later-3591068802179");
    add_record("client-id-with-dashes-in-it-3591068802178");
    add_record("client-id-no-number");
    const struct slip_lock_settings settings = { .synchronization = server.url };
    SLIP_AUTO_PTR(slip_locks) locks = NULL;
    struct slip_lock *lock;
    struct slip_error err = { 0 };
    must(open_locks(&settings, &locks, &err), &err);
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    assert_int_equal(lock_server_count(&server, "/with-dashes-in-it/locker/acquire p.d -> ok"), 1);
    assert_int_equal(lock_server_count(&server, "/new-client-id"), 0);
    slip_lock_release(lock);
    lock_server_stop(&server);
}

static void locks_of_werf_on_this_machine_are_its_files(void **state)
{
    (void)state;
    const struct slip_lock_settings settings = { .synchronization = ":local", .werf_home = dir };
    SLIP_AUTO_PTR(slip_locks) locks = NULL;
    struct slip_lock *lock;
    struct slip_error err = { 0 };
    char file[16];
    must(open_locks(&settings, &locks, &err), &err);
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    slip_lock_release(lock);
    slip_file_lock_name("p.d", file);
    SLIP_AUTO_FREE char *path = slip_printf("%s/service/locks/%s", dir, file);
    assert_int_equal(access(path, F_OK), 0);
}

static void kubernetes_is_refused_with_a_way_out(void **state)
{
    (void)state;
    const struct slip_lock_settings settings = { .synchronization = "kubernetes://ns" };
    SLIP_AUTO_PTR(slip_locks) locks = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(open_locks(&settings, &locks, &err), -1);
    assert_int_equal(err.kind, SLIP_E_UNSUPPORTED);
    assert_non_null(strstr(err.hint, "--require-built-images"));
}

static void a_layout_has_its_own_lock_whatever_was_said(void **state)
{
    (void)state;
    static const char *const said[] = { NULL, "none" };
    for (size_t i = 0; i < SLIP_COUNT(said); i++) {
        const struct slip_lock_settings settings = { .synchronization = said[i] };
        SLIP_AUTO_PTR(slip_locks) locks = NULL;
        struct slip_error err = { 0 };
        must(open_locks(&settings, &locks, &err), &err);
        assert_non_null(locks);
    }
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_is_the_one_that_werf_works_out),
        WITH_STORE(a_first_builder_gets_an_id_and_leaves_a_record),
        WITH_STORE(of_several_records_the_smallest_counts),
        WITH_STORE(locks_of_werf_on_this_machine_are_its_files),
        WITH_STORE(kubernetes_is_refused_with_a_way_out),
        WITH_STORE(a_layout_has_its_own_lock_whatever_was_said),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
