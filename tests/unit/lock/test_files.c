/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"
#include "lock/files.h"
#include "support/sandbox.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

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

/* Can another program, which knows only the file, take it? */
static bool is_free(const char *locks, const char *name)
{
    char file[16];
    slip_file_lock_name(name, file);
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", locks, file);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    bool got = flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return got;
}

static void the_file_is_the_one_that_werf_takes(void **state)
{
    (void)state;
    char file[16];
    slip_file_lock_name("proj." A, file);
    assert_string_equal(file, "da89da19");
}

static void a_lock_is_held_until_it_is_released(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *path = slip_printf("%s/service/locks", dir);
    SLIP_AUTO_PTR(slip_locks) locks = slip_file_locks_new(path, NULL);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_lock_acquire(locks, "p." A, &lock, &err), 0);
    assert_int_equal(slip_lock_check(lock, &err), 0);
    assert_false(is_free(path, "p." A));
    slip_lock_release(lock);
    assert_true(is_free(path, "p." A));
}

static void a_killed_holder_holds_nothing(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *path = slip_printf("%s/killed", dir);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct slip_locks *locks = slip_file_locks_new(path, NULL);
        struct slip_lock *lock;
        struct slip_error err = { 0 };
        if (slip_lock_acquire(locks, "p." A, &lock, &err) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    char c;
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    assert_false(is_free(path, "p." A));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    SLIP_AUTO_PTR(slip_locks) locks = slip_file_locks_new(path, NULL);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_lock_acquire(locks, "p." A, &lock, &err), 0);
    slip_lock_release(lock);
}

/* In a process of its own: the end is asked for once and for all. */
static void waiting_ends_when_we_are_asked_to(void **state)
{
    (void)state;
    SLIP_AUTO_FREE char *path = slip_printf("%s/waiting", dir);
    SLIP_AUTO_PTR(slip_locks) locks = slip_file_locks_new(path, NULL);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(slip_lock_acquire(locks, "p." A, &lock, &err), 0);
    pid_t child = fork();
    if (child == 0) {
        struct slip_lock *second;
        slip_stop_after(1, "the test");
        _exit(slip_lock_acquire(locks, "p." A, &second, &err) < 0 && err.kind ? 7 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    slip_lock_release(lock);
}

static void a_directory_that_cannot_be_is_an_error_with_a_hint(void **state)
{
    (void)state;
    sandbox_write(dir, "file", "");
    SLIP_AUTO_FREE char *path = slip_printf("%s/file/locks", dir);
    SLIP_AUTO_PTR(slip_locks) locks = slip_file_locks_new(path, NULL);
    struct slip_lock *lock = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_lock_acquire(locks, "p." A, &lock, &err), -1);
    assert_non_null(strstr(err.text, "file"));
    assert_non_null(strstr(err.hint, "WERF_HOME"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_the_one_that_werf_takes),
        cmocka_unit_test(a_lock_is_held_until_it_is_released),
        cmocka_unit_test(a_killed_holder_holds_nothing),
        cmocka_unit_test(waiting_ends_when_we_are_asked_to),
        cmocka_unit_test(a_directory_that_cannot_be_is_an_error_with_a_hint),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
