/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/stop.h"
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

/* A server of its own, and a client of it. */
struct scene {
    struct lock_server server;
    struct slip_locks *locks;
    struct slip_lock *lock;
    struct slip_error err;
};

static void open_scene(struct scene *s, struct slip_lock_server client, const char *option,
                       const char *value)
{
    static const struct slip_http_options http = { .user_agent = "test" };
    *s = (struct scene){ .lock = NULL };
    lock_server_start(&s->server, dir, option, value);
    client.url = s->server.url;
    client.http = &http;
    s->locks = slip_server_locks_new(&client, "client");
}

static void close_scene(struct scene *s)
{
    slip_locks_free(s->locks);
    lock_server_stop(&s->server);
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
    struct scene s;
    open_scene(&s, (struct slip_lock_server){ .poll_ms = 20 }, NULL, NULL);
    pthread_t other;
    void *failed;
    must(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), &s.err);
    must(slip_lock_check(s.lock, &s.err), &s.err);
    assert_int_equal(pthread_create(&other, NULL, get_and_release, s.locks), 0);
    lock_server_wait(&s.server, "/client/locker/acquire p.d -> should wait", 1);
    slip_lock_release(s.lock);
    assert_int_equal(pthread_join(other, &failed), 0);
    assert_null(failed);
    assert_int_equal(lock_server_count(&s.server, "/client/locker/acquire p.d -> ok"), 2);
    assert_int_equal(lock_server_count(&s.server, "/client/locker/release p.d -> ok"), 2);
    close_scene(&s);
}

static void a_lease_is_renewed_while_it_is_held(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, (struct slip_lock_server){ .renew_ms = 20, .lease_ms = 60000 }, NULL, NULL);
    must(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), &s.err);
    lock_server_wait(&s.server, "/client/locker/renew-lease p.d -> ok", 3);
    must(slip_lock_check(s.lock, &s.err), &s.err);
    slip_lock_release(s.lock);
    assert_int_equal(lock_server_count(&s.server, "/client/locker/release p.d -> ok"), 1);
    close_scene(&s);
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
    struct scene s;
    open_scene(&s, (struct slip_lock_server){ .renew_ms = 20 }, "-x", "2");
    must(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), &s.err);
    wait_for_loss(s.lock);
    slip_lock_release(s.lock);
    close_scene(&s);
}

/* As after a machine has slept, or a network was away. */
static void a_lease_that_was_not_renewed_has_run_out(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, (struct slip_lock_server){ .renew_ms = 60000, .lease_ms = 50 }, NULL, NULL);
    must(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), &s.err);
    wait_for_loss(s.lock);
    slip_lock_release(s.lock);
    close_scene(&s);
}

static void a_server_that_is_away_for_a_moment_is_asked_again(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, (struct slip_lock_server){ .retry_ms = 10 }, "-s", "2");
    must(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), &s.err);
    slip_lock_release(s.lock);
    close_scene(&s);
}

static void a_server_that_is_not_there_is_an_error_that_names_it(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, (struct slip_lock_server){ .retry_ms = 10 }, NULL, NULL);
    lock_server_kill(&s.server);
    assert_int_equal(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), -1);
    assert_int_equal(s.err.kind, SLIP_E_TEMPORARY);
    assert_non_null(strstr(s.err.text, s.server.url));
    close_scene(&s);
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

static void what_cannot_be_part_of_a_path_is_no_client_id(void **state)
{
    (void)state;
    static const char *const ids[] = { "", "a/b", "a b", "a\\u0000b", "a\\nb" };
    for (size_t i = 0; i < SLIP_COUNT(ids); i++) {
        struct lock_server server;
        lock_server_start(&server, dir, "-i", ids[i]);
        const struct slip_lock_server s = { .url = server.url };
        SLIP_AUTO(slip_buf) id = SLIP_BUF(128);
        struct slip_error err = { 0 };
        print_message("  '%s'\n", ids[i]);
        assert_int_equal(slip_lock_server_new_client(&s, &id, &err), -1);
        assert_non_null(strstr(err.text, "gives no client id"));
        assert_int_equal(id.len, 0);
        lock_server_stop(&server);
    }
}

/* In a process of its own: the end is asked for once and for all. */
static enum slip_kind acquire_for_a_second(struct scene *s, struct slip_locks *locks)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        slip_stop_after(1, "the test");
        int rc = slip_lock_acquire(locks, "p.d", &s->lock, &s->err);
        _exit(rc < 0 && strcmp(s->err.text, "its time is over (the test)") == 0 ? (int)s->err.kind
                                                                                : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return (enum slip_kind)WEXITSTATUS(status);
}

static void waiting_ends_when_we_are_asked_to(void **state)
{
    (void)state;
    const struct slip_lock_server patient = { .poll_ms = 20000, .retry_ms = 20000 };
    struct scene s;
    open_scene(&s, patient, NULL, NULL);
    must(slip_lock_acquire(s.locks, "p.d", &s.lock, &s.err), &s.err);
    struct slip_lock *held = s.lock;
    int64_t begun = slip_clock_ms();
    assert_int_equal(acquire_for_a_second(&s, s.locks), SLIP_E_TEMPORARY); /* busy */
    slip_lock_release(held);
    lock_server_kill(&s.server);
    assert_int_equal(acquire_for_a_second(&s, s.locks), SLIP_E_TEMPORARY); /* no answer */
    assert_in_range(slip_clock_ms() - begun, 1500, 15000);
    close_scene(&s);
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
        cmocka_unit_test(what_cannot_be_part_of_a_path_is_no_client_id),
        cmocka_unit_test(waiting_ends_when_we_are_asked_to),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
