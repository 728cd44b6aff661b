/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include <pthread.h>

#include "lock/server.h"
#include "support/lock_server.h"
#include "support/sandbox.h"

static char *dir;

static int make(void **state)
{
    (void)state;
    dir = sandbox_new();
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    sandbox_free(dir);
    return 0;
}

static struct slip_locks *locks_at(const char *url, const struct slip_lock_server *times)
{
    static const struct slip_http_options http = { .user_agent = "test" };
    struct slip_lock_server s = *times;
    s.url = url;
    s.http = &http;
    return slip_server_locks_new(&s, "client");
}

static void must(int rc, const struct slip_error *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

static void *get_and_release(void *payload)
{
    struct slip_lock *lock;
    struct slip_error err = { 0 };
    if (slip_lock_acquire(payload, "p.d", &lock, &err) < 0)
        return "failed";
    slip_lock_release(lock);
    return NULL;
}

static void a_busy_lock_is_waited_for(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    const struct slip_lock_server times = { .poll_ms = 20 };
    SLIP_AUTO_PTR(slip_locks) locks = locks_at(server.url, &times);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    pthread_t other;
    void *failed;
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    must(slip_lock_check(lock, &err), &err);
    assert_int_equal(pthread_create(&other, NULL, get_and_release, locks), 0);
    lock_server_wait(&server, "/client/locker/acquire p.d -> should wait", 1);
    slip_lock_release(lock);
    assert_int_equal(pthread_join(other, &failed), 0);
    assert_null(failed);
    assert_int_equal(lock_server_count(&server, "/client/locker/acquire p.d -> ok"), 2);
    assert_int_equal(lock_server_count(&server, "/client/locker/release p.d -> ok"), 2);
    lock_server_stop(&server);
}

static void a_lease_is_renewed_while_it_is_held(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    const struct slip_lock_server times = { .renew_ms = 20, .lease_ms = 60000 };
    SLIP_AUTO_PTR(slip_locks) locks = locks_at(server.url, &times);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    lock_server_wait(&server, "/client/locker/renew-lease p.d -> ok", 3);
    must(slip_lock_check(lock, &err), &err);
    slip_lock_release(lock);
    assert_int_equal(lock_server_count(&server, "/client/locker/release p.d -> ok"), 1);
    lock_server_stop(&server);
}

/* Until the check fails; it says why. */
static void wait_for_loss(struct slip_lock *lock)
{
    struct slip_error err = { 0 };
    for (int i = 0; i < 6000 && slip_lock_check(lock, &err) == 0; i++)
        usleep(10000);
    assert_string_equal(err.text, "the lock 'p.d' was lost");
}

static void a_lease_that_is_gone_is_noticed(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, "-x", "2");
    const struct slip_lock_server times = { .renew_ms = 20 };
    SLIP_AUTO_PTR(slip_locks) locks = locks_at(server.url, &times);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    wait_for_loss(lock);
    slip_lock_release(lock);
    lock_server_stop(&server);
}

/* As after a machine has slept, or a network was away. */
static void a_lease_that_was_not_renewed_has_run_out(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    const struct slip_lock_server times = { .renew_ms = 60000, .lease_ms = 50 };
    SLIP_AUTO_PTR(slip_locks) locks = locks_at(server.url, &times);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    wait_for_loss(lock);
    slip_lock_release(lock);
    lock_server_stop(&server);
}

static void a_server_that_is_away_for_a_moment_is_asked_again(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, "-s", "2");
    const struct slip_lock_server times = { .retry_ms = 10 };
    SLIP_AUTO_PTR(slip_locks) locks = locks_at(server.url, &times);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    must(slip_lock_acquire(locks, "p.d", &lock, &err), &err);
    slip_lock_release(lock);
    lock_server_stop(&server);
}

static void a_server_that_is_not_there_is_an_error_that_names_it(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    const struct slip_lock_server times = { .retry_ms = 10 };
    SLIP_AUTO_PTR(slip_locks) locks = locks_at(server.url, &times);
    kill(server.pid, SIGKILL);
    waitpid(server.pid, NULL, 0);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_lock_acquire(locks, "p.d", &lock, &err), -1);
    assert_int_equal(err.kind, SLIP_E_TEMPORARY);
    assert_non_null(strstr(err.text, server.url));
    slip_free(server.log);
}

static void a_client_id_is_given(void **state)
{
    (void)state;
    struct lock_server server;
    lock_server_start(&server, dir, NULL, NULL);
    static const struct slip_http_options http = { .user_agent = "test" };
    SLIP_AUTO_FREE char *url = slip_printf("%s/", server.url); /* a slash at the end is no harm */
    const struct slip_lock_server s = { .url = url, .http = &http };
    SLIP_AUTO(slip_buf) id = SLIP_BUF(128);
    struct slip_error err = { 0 };
    must(slip_lock_server_new_client(&s, &id, &err), &err);
    assert_string_equal(id.ptr, "client1");
    lock_server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_lock_is_waited_for),
        cmocka_unit_test(a_lease_is_renewed_while_it_is_held),
        cmocka_unit_test(a_lease_that_is_gone_is_noticed),
        cmocka_unit_test(a_lease_that_was_not_renewed_has_run_out),
        cmocka_unit_test(a_server_that_is_away_for_a_moment_is_asked_again),
        cmocka_unit_test(a_server_that_is_not_there_is_an_error_that_names_it),
        cmocka_unit_test(a_client_id_is_given),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
