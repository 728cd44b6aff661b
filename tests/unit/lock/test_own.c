/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lock/own.h"
#include "support/sandbox.h"

#define NAME "registry.example.org/shop/api"

static char *top;
static char said[256];

static int make(void **state)
{
    (void)state;
    top = sandbox_new();
    said[0] = '\0';
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    sandbox_free(top);
    return 0;
}

static void hear(void *payload, const struct slip_event *event)
{
    (void)payload;
    snprintf(said, sizeof(said), "%s: %s", event->subject, event->text);
}

static const struct slip_watch watch = { .on_event = hear };

/* Another process that holds the lock until it is killed. */
static pid_t hold_elsewhere(const struct slip_own_locks *o)
{
    int ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct slip_locks *locks = slip_own_locks_new(o);
        struct slip_lock *lock;
        struct slip_error err = { 0 };
        if (slip_lock_acquire(locks, NAME, &lock, &err) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void a_held_lock_is_waited_for_told_of_and_given_up(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *dir = slip_printf("%s/state/slipway/locks", top);
    const char *const dirs[] = { dir, NULL };
    const struct slip_own_locks o = {
        .dirs = dirs, .tell_ms = 1, .limit_ms = 1000, .watch = &watch
    };
    SLIP_AUTO_PTR(slip_locks) locks = slip_own_locks_new(&o);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    char want[256];
    pid_t child = hold_elsewhere(&o);
    assert_true(locks->optional);
    assert_int_equal(slip_lock_acquire(locks, NAME, &lock, &err), -1);
    assert_int_equal(err.kind, SLIP_E_TEMPORARY);
    snprintf(want, sizeof(want),
             NAME ": another slipway (process %ld) has been writing names there for 1 s",
             (long)child);
    assert_string_equal(err.text, want);
    snprintf(want, sizeof(want),
             NAME ": waiting for another slipway (process %ld) that writes names there",
             (long)child);
    assert_string_equal(said, want);

    /* Another repository is free meanwhile; what dies holds nothing. */
    slip_error_clear(&err);
    assert_int_equal(slip_lock_acquire(locks, NAME "2", &lock, &err), 0);
    slip_lock_release(lock);
    end(child);
    assert_int_equal(slip_lock_acquire(locks, NAME, &lock, &err), 0);
    assert_int_equal(slip_lock_check(lock, &err), 0);
    slip_lock_release(lock);
}

static void a_short_wait_is_not_told_of(void **state)
{
    (void)state;
    const char *const dirs[] = { top, NULL };
    const struct slip_own_locks o = { .dirs = dirs, .watch = &watch };
    SLIP_AUTO_PTR(slip_locks) locks = slip_own_locks_new(&o);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    pid_t child = hold_elsewhere(&o);
    pid_t killer = fork();
    if (killer == 0) {
        usleep(300 * 1000);
        kill(child, SIGKILL);
        _exit(0);
    }
    assert_int_equal(slip_lock_acquire(locks, NAME, &lock, &err), 0);
    assert_string_equal(said, "");
    slip_lock_release(lock);
    waitpid(killer, NULL, 0);
    waitpid(child, NULL, 0);
}

static void a_directory_that_others_may_write_to_is_passed_over(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *open_to_all = slip_printf("%s/open", top);
    SLIP_AUTO_FREE char *own = slip_printf("%s/own", top);
    SLIP_AUTO_FREE char *below = slip_printf("%s/file/locks", top);
    assert_int_equal(mkdir(open_to_all, 0700), 0);
    assert_int_equal(chmod(open_to_all, 0777), 0);
    sandbox_write(top, "file", "");
    const char *const dirs[] = { below, open_to_all, own, NULL };
    const struct slip_own_locks o = { .dirs = dirs };
    SLIP_AUTO_PTR(slip_locks) locks = slip_own_locks_new(&o);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    struct stat st;
    assert_int_equal(slip_lock_acquire(locks, NAME, &lock, &err), 0);
    slip_lock_release(lock);
    assert_int_equal(stat(own, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(rmdir(open_to_all), 0); /* nothing was put there */

    /* None at all: that is not "try again later". */
    const char *const none[] = { below, NULL };
    const struct slip_own_locks nowhere = { .dirs = none };
    SLIP_AUTO_PTR(slip_locks) no_locks = slip_own_locks_new(&nowhere);
    assert_int_equal(slip_lock_acquire(no_locks, NAME, &lock, &err), -1);
    assert_int_equal(err.kind, SLIP_E_INTERNAL);
    assert_non_null(strstr(err.text, "file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_held_lock_is_waited_for_told_of_and_given_up, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(a_short_wait_is_not_told_of, make, unmake),
        cmocka_unit_test_setup_teardown(a_directory_that_others_may_write_to_is_passed_over, make,
                                        unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
