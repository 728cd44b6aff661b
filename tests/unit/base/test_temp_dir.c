/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char above[] = "/tmp/slipway-test-XXXXXX";

static int make_above(void **state)
{
    (void)state;
    return mkdtemp(above) ? 0 : -1;
}

static int remove_above(void **state)
{
    (void)state;
    slip_dir_remove(above);
    return 0;
}

static struct slip_temp_dir *make(void)
{
    struct slip_temp_dir *d = NULL;
    struct slip_error err = { 0 };
    if (slip_temp_dir_make(above, &d, &err) < 0)
        fail_msg("%s", err.text);
    return d;
}

/* A file in a directory: whoever removes it has to go down. */
static void fill(const char *dir)
{
    SLIP_AUTO_FREE char *below = slip_printf("%s/below", dir);
    SLIP_AUTO_FREE char *file = slip_printf("%s/below/file", dir);
    assert_int_equal(mkdir(below, 0700), 0);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void it_is_private_and_goes_with_all_it_holds(void **state)
{
    (void)state;
    struct slip_temp_dir *d = make();
    struct stat st;
    assert_int_equal(stat(d->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    fill(d->path);
    SLIP_AUTO_FREE char *path = slip_strdup(d->path);
    slip_temp_dir_remove(d);
    assert_false(is_there(path));
    slip_temp_dir_remove(NULL);
}

static void what_a_killed_process_left_goes_with_the_next_one(void **state)
{
    (void)state;
    int ends[2];
    char path[256] = "";
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct slip_temp_dir *d = make();
        fill(d->path);
        (void)!write(ends[1], d->path, strlen(d->path) + 1);
        for (;;)
            pause();
    }
    assert_true(read(ends[0], path, sizeof(path)) > 0);
    close(ends[0]);
    close(ends[1]);
    struct slip_temp_dir *while_it_lives = make();
    assert_true(is_there(path));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    slip_temp_dir_sweep(above);
    assert_false(is_there(path));
    assert_true(is_there(while_it_lives->path));
    slip_temp_dir_remove(while_it_lives);
}

static void what_a_forked_process_still_has_is_not_left_over(void **state)
{
    (void)state;
    struct slip_temp_dir *d = make();
    SLIP_AUTO_FREE char *path = slip_strdup(d->path);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    slip_temp_dir_leave(d);
    slip_temp_dir_sweep(above);
    assert_true(is_there(path));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    slip_temp_dir_sweep(above);
    assert_false(is_there(path));
}

static void what_others_made_stays(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned mode;
    } others[] = {
        { "slipway-tmp-sevensX", 0700 }, { "slipway-tmp-six", 0700 },    { "slipway-master", 0700 },
        { "slipway-tmp-ab.def", 0700 },  { "slipway-tmp-abcdef", 0755 },
    };
    for (size_t i = 0; i < SLIP_COUNT(others); i++) {
        SLIP_AUTO_FREE char *path = slip_printf("%s/%s", above, others[i].name);
        assert_int_equal(mkdir(path, others[i].mode), 0);
        assert_int_equal(chmod(path, others[i].mode), 0);
    }
    slip_temp_dir_sweep(above);
    for (size_t i = 0; i < SLIP_COUNT(others); i++) {
        SLIP_AUTO_FREE char *path = slip_printf("%s/%s", above, others[i].name);
        assert_true(is_there(path));
    }
}

static void a_place_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct slip_temp_dir *d = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_temp_dir_make("/nowhere", &d, &err), -1);
    assert_non_null(strstr(err.text, "/nowhere/slipway-tmp-"));
    assert_non_null(strstr(err.hint, "TMPDIR"));
    assert_null(d);
}

static size_t count_made(void)
{
    size_t n = 0;
    DIR *dir = opendir(above);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir))
        n += strncmp(e->d_name, "slipway-tmp-", 12) == 0;
    closedir(dir);
    return n;
}

static void one_that_cannot_be_locked_does_not_stay(void **state)
{
    (void)state;
    struct slip_temp_dir *d = NULL;
    struct slip_error err = { 0 };
    struct rlimit all, none;
    size_t before = count_made();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    none = (struct rlimit){ .rlim_cur = 0, .rlim_max = all.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = slip_temp_dir_make(above, &d, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(rc, -1);
    assert_non_null(strstr(err.text, strerror(EMFILE)));
    assert_int_equal(count_made(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_private_and_goes_with_all_it_holds),
        cmocka_unit_test(what_a_killed_process_left_goes_with_the_next_one),
        cmocka_unit_test(what_a_forked_process_still_has_is_not_left_over),
        cmocka_unit_test(what_others_made_stays),
        cmocka_unit_test(one_that_cannot_be_locked_does_not_stay),
        cmocka_unit_test(a_place_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, make_above, remove_above);
}
