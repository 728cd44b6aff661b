/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/mem.h"
#include "proc/handover.h"
#include "proc/process.h"
#include "proc/run.h"
#include "support/sandbox.h"

#include <signal.h>
#include <unistd.h>

#include <sys/wait.h>

enum { PATIENCE = 6000 }; /* looks, 10 ms apart */

static char *dir;

static int setup(void **state)
{
    (void)state;
    dir = sandbox_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sandbox_free(dir);
    return 0;
}

static bool is_there(const char *name)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void wait_until_there(const char *name)
{
    for (int i = 0; i < PATIENCE && !is_there(name); i++)
        usleep(10000);
    if (!is_there(name))
        fail_msg("'%s' never came", name);
}

static void wait_until_gone(int64_t pid, int64_t started)
{
    for (int i = 0; i < PATIENCE && slip_process_started(pid) == started; i++)
        usleep(10000);
    assert_int_not_equal(slip_process_started(pid), started);
}

/* ---- work ---- */

static void quick(void *payload, struct slip_buf *answer)
{
    slip_buf_add_fmt(answer, "%s, done", (const char *)payload);
}

/* Says that it began, waits for "go", says that it ended; on stdout, too. */
static void slow(void *payload, struct slip_buf *answer)
{
    (void)payload;
    sandbox_write(dir, "begun", "");
    for (int i = 0; i < PATIENCE && !is_there("go"); i++)
        usleep(10000);
    printf("still here\n");
    sandbox_write(dir, "ended", "");
    slip_buf_add_c(answer, "late");
}

/* Its child says that it began, and waits for ever. */
static void with_child(void *payload, struct slip_buf *answer)
{
    (void)payload;
    (void)answer;
    SLIP_AUTO_FREE char *script =
        slip_printf("echo $$ >%s/pid.part; mv %s/pid.part %s/pid; exec sleep 1000", dir, dir, dir);
    const char *const argv[] = { "sh", "-c", script, NULL };
    const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
    struct slip_child child = { .argv = argv, .env = env };
    struct slip_error err = { 0 };
    int status;
    (void)!slip_child_run(&child, &status, &err);
}

static void crash(void *payload, struct slip_buf *answer)
{
    (void)payload;
    (void)answer;
    raise(SIGKILL);
}

/* ---- */

static void work_that_ends_gives_its_answer(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    struct slip_handover_result r;
    struct slip_handover h = { .work = quick, .payload = (void *)"this" };
    assert_int_equal(slip_handover_run(&h, &answer, &r, &err), 0);
    assert_int_equal(r.end, SLIP_HANDOVER_DONE);
    assert_string_equal(answer.ptr, "this, done");
}

static void work_that_takes_too_long_is_left_and_goes_on(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(1000);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1000);
    SLIP_AUTO_FREE char *log = slip_printf("%s/log", dir);
    struct slip_error err = { 0 };
    struct slip_handover_result r;
    struct slip_handover h = { .work = slow, .log = log, .timeout_ms = 50 };
    assert_int_equal(slip_handover_run(&h, &answer, &r, &err), 0);
    assert_int_equal(r.end, SLIP_HANDOVER_LEFT);
    assert_int_equal(slip_process_started(r.pid), r.started);
    assert_true(r.started > 0);
    assert_false(is_there("ended"));
    sandbox_write(dir, "go", "");
    wait_until_there("ended");
    wait_until_gone(r.pid, r.started);
    assert_int_equal(slip_file_read(log, &text, &err), 0);
    assert_string_equal(text.ptr, "still here\n");
    assert_int_equal(waitpid((pid_t)r.pid, NULL, 0), r.pid);
}

static void without_a_log_it_is_ended_when_the_time_is_over(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    struct slip_handover_result r;
    struct slip_handover h = { .work = slow, .timeout_ms = 50 };
    assert_int_equal(slip_handover_run(&h, &answer, &r, &err), 0);
    assert_int_equal(r.end, SLIP_HANDOVER_EXPIRED);
    assert_false(is_there("ended"));
}

static void a_crash_is_told(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    struct slip_handover_result r;
    struct slip_handover h = { .work = crash };
    assert_int_equal(slip_handover_run(&h, &answer, &r, &err), -1);
    assert_string_equal(err.text, "ended by signal 9");
}

static void tick(void *payload, unsigned seconds)
{
    (void)seconds;
    ++*(unsigned *)payload;
    sandbox_write(dir, "go", "");
}

static void who_waits_hears_of_it(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    struct slip_handover_result r;
    unsigned ticks = 0;
    struct slip_handover h = {
        .work = slow, .tick_ms = 20, .on_tick = tick, .tick_payload = &ticks
    };
    assert_int_equal(slip_handover_run(&h, &answer, &r, &err), 0);
    assert_int_equal(r.end, SLIP_HANDOVER_DONE);
    assert_true(ticks > 0);
}

static void tidy(void *payload)
{
    (void)payload;
    sandbox_write(dir, "tidied", "");
}

static int64_t child_pid(void)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/pid", dir);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(100);
    struct slip_error err = { 0 };
    uint64_t pid;
    assert_int_equal(slip_file_read(path, &text, &err), 0);
    assert_true(slip_str_to_u64(slip_str_trim(slip_buf_str(&text)), &pid));
    return (int64_t)pid;
}

/* The signal reaches a process that waits; it, the work and the work's child end. SIGKILL reaches
 * the first alone, and the kernel ends the others. */
static void a_signal_ends_everything(void **state)
{
    (void)state;
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGKILL };
    for (size_t i = 0; i < SLIP_COUNT(signals); i++) {
        pid_t pid = fork();
        if (pid == 0) {
            SLIP_AUTO(slip_buf) answer = SLIP_BUF(1000);
            struct slip_error err = { 0 };
            struct slip_handover_result r;
            struct slip_handover h = { .work = with_child, .before_signal = tidy };
            signal(SIGINT, SIG_DFL); /* ignored in jobs of shells */
            (void)!slip_handover_run(&h, &answer, &r, &err);
            _exit(0);
        }
        wait_until_there("pid");
        int64_t child = child_pid(), started = slip_process_started(child);
        int status = 0;
        kill(pid, signals[i]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        wait_until_gone(child, started);
        assert_int_equal(is_there("tidied"), signals[i] != SIGKILL);
        sandbox_free(dir);
        dir = sandbox_new();
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(work_that_ends_gives_its_answer),
        TEST(work_that_takes_too_long_is_left_and_goes_on),
        TEST(without_a_log_it_is_ended_when_the_time_is_over),
        TEST(a_crash_is_told),
        TEST(who_waits_hears_of_it),
        TEST(a_signal_ends_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
