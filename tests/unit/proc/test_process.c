/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/mem.h"
#include "proc/detach.h"
#include "proc/process.h"
#include "support/sandbox.h"

#include <unistd.h>

#include <sys/wait.h>

static void argument_vectors_are_read_as_git_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *words; /* with blanks between */
        bool push, dry_run, skip;
    } cases[] = {
        { "git push origin main", true, false, false },
        { "/usr/bin/git push --dry-run", true, true, false },
        { "git -C /x -c a=b push -n origin", true, true, false },
        { "git push -fn", true, true, false },
        { "git push --dry", true, true, false },
        { "git push --delete x", true, false, false },
        { "git push -o -n origin x", true, false, false },
        { "git push -o slipway.skip -n origin x", true, true, true },
        { "git push -oslipway.skip", true, false, true },
        { "git push --push-option=slipway.skip x", true, false, true },
        { "git push --push-option ci.skip x slipway.skip", true, false, false },
        { "git push -- -oslipway.skip", true, false, false },
        { "git push -o n", true, false, false },
        { "git push --dry-run --no-dry-run", true, false, false },
        { "git push origin -- -n", true, false, false },
        { "git --git-dir /x --no-pager push", true, false, false },
        { "git fetch push", false, false, false },
        { "bash -c push", false, false, false },
        { "git", false, false, false },
        { "", false, false, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        char argv[200];
        size_t len = strlen(cases[i].words);
        for (size_t k = 0; k <= len; k++)
            argv[k] = cases[i].words[k] == ' ' ? '\0' : cases[i].words[k];
        struct slip_push_process p = { 0 };
        bool push = slip_argv_is_push(slip_str_make(argv, len ? len + 1 : 0), &p);
        if (push != cases[i].push || p.dry_run != cases[i].dry_run || p.skip != cases[i].skip)
            fail_msg("%s", cases[i].words);
    }
}

static void a_process_has_a_start(void **state)
{
    (void)state;
    assert_true(slip_process_started(getpid()) > 0);
    assert_int_equal(slip_process_started(getpid()), slip_process_started(getpid()));
    assert_int_equal(slip_process_started(0), 0);
    assert_int_equal(slip_process_started(INT64_MAX), 0);
}

static void one_that_has_ended_is_gone_before_its_parent_looks(void **state)
{
    (void)state;
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(slip_process_started(pid), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_detached_process_writes_to_its_log_alone(void **state)
{
    (void)state;
    char *dir = sandbox_new();
    SLIP_AUTO_FREE char *log = slip_printf("%s/log", dir);
    const char *const argv[] = { "/bin/sh", "-c",
                                 "ls /proc/self/fd | tr '\\n' ' '; ps -o ppid= $$ >&2; echo end",
                                 NULL };
    const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
    const char *const nowhere[] = { "/nowhere/x", NULL };
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(10000);
    assert_int_equal(slip_detach(argv, env, log, &err), 0);
    for (int i = 0; i < 100 && !strstr(text.ptr, "end"); i++) {
        usleep(20000);
        assert_int_equal(slip_file_read(log, &text, &err), 0);
    }
    assert_int_equal(strncmp(text.ptr, "0 1 2 3 ", 8), 0); /* 3: ls reads the directory */
    assert_int_equal(slip_detach(nowhere, env, log, &err), -1);
    assert_non_null(strstr(err.text, "/nowhere/x"));
    sandbox_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argument_vectors_are_read_as_git_reads_them),
        cmocka_unit_test(a_process_has_a_start),
        cmocka_unit_test(one_that_has_ended_is_gone_before_its_parent_looks),
        cmocka_unit_test(a_detached_process_writes_to_its_log_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
