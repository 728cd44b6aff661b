/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "support/sandbox.h"

#include <sys/stat.h>

static int setup(void **state)
{
    *state = sandbox_new();
    return 0;
}

static int teardown(void **state)
{
    sandbox_free(*state);
    return 0;
}

static void say(const char *path, const char *text)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FD fd = slip_log_open(path, &err);
    if (fd < 0 || slip_fd_write(fd, path, slip_str_of(text), &err) < 0)
        fail_msg("%s", err.text);
}

static void expect(const char *path, const char *text)
{
    struct slip_error err = { 0 };
    struct stat st;
    SLIP_AUTO(slip_buf) found = SLIP_BUF(2 * SLIP_LIMIT_LOG);
    assert_int_equal(slip_file_read(path, &found, &err), 0);
    assert_string_equal(found.ptr, text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_log_that_has_grown_makes_room_once(void **state)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/a.log", (const char *)*state);
    SLIP_AUTO_FREE char *older = slip_printf("%s.1", path);
    SLIP_AUTO_FREE char *full = slip_alloc(SLIP_LIMIT_LOG);
    memset(full, 'x', SLIP_LIMIT_LOG - 1);
    say(path, "one\n");
    say(path, "two\n");
    expect(path, "one\ntwo\n");
    say(path, full);
    assert_int_equal(access(older, F_OK), -1);
    say(path, "three\n");
    expect(path, "three\n");
    assert_int_equal(access(older, F_OK), 0);
    say(path, full);
    say(path, "four\n");
    expect(path, "four\n");
    SLIP_AUTO_FREE char *whole = slip_printf("three\n%s", full);
    expect(older, whole);
}

static void a_log_that_is_a_link_is_none_of_ours(void **state)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *path = slip_printf("%s/link.log", (const char *)*state);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_int_equal(slip_log_open(path, &err), -1);
    assert_non_null(strstr(err.text, path));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_log_that_has_grown_makes_room_once),
        TEST(a_log_that_is_a_link_is_none_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
