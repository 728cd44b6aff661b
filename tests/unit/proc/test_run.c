/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/run.h"

#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static const char *const plain_env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "X=y", NULL };

static int run_shell(const char *script, struct slip_child *c, int *status, struct slip_error *err)
{
    const char *argv[] = { "sh", "-c", script, NULL };
    c->argv = argv;
    c->env = plain_env;
    return slip_child_run(c, status, err);
}

static void status_is_exit_status_or_signal(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int status;
    } cases[] = { { "exit 0", 0 }, { "exit 7", 7 }, { "kill -9 $$", 128 + 9 } };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_child c = { 0 };
        struct slip_error err = { 0 };
        int status = -1;
        assert_int_equal(run_shell(cases[i].script, &c, &status, &err), 0);
        assert_int_equal(status, cases[i].status);
    }
}

static void output_and_errors_are_kept_apart(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1024);
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(1024);
    struct slip_child c = { .out = &out, .errors = &errors };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("echo a; echo b >&2; echo $X", &c, &status, &err), 0);
    assert_string_equal(out.ptr, "a\ny\n");
    assert_string_equal(errors.ptr, "b\n");
}

static void only_the_given_environment_arrives(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(4096);
    static const char *const argv[] = { "env", NULL };
    struct slip_child c = { .argv = argv, .env = plain_env, .out = &out };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(slip_child_run(&c, &status, &err), 0);
    assert_string_equal(out.ptr, "PATH=/usr/local/bin:/usr/bin:/bin\nX=y\n");
    assert_string_equal(slip_env_get(plain_env, "X"), "y");
    assert_null(slip_env_get(plain_env, "PAT"));
}

struct source {
    size_t left;
};

static int more(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err)
{
    (void)err;
    struct source *s = payload;
    *len = s->left < size ? s->left : size;
    memset(buf, 'x', *len);
    s->left -= *len;
    return 0;
}

static void a_megabyte_goes_in_and_comes_out(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(8 << 20);
    struct source source = { 3 << 20 };
    struct slip_child c = {
        .input = SLIP_STR("begin"), .more_input = more, .payload = &source, .out = &out
    };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("cat", &c, &status, &err), 0);
    assert_int_equal(status, 0);
    assert_int_equal(out.len, 5 + (3 << 20));
    assert_memory_equal(out.ptr, "beginx", 6);
}

static int refuse(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err)
{
    (void)payload, (void)buf, (void)size, (void)len;
    return slip_fail(err, SLIP_E_REPO, "no such object");
}

static void failing_input_ends_the_child(void **state)
{
    (void)state;
    struct slip_child c = { .more_input = refuse };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("sleep 60", &c, &status, &err), -1);
    assert_int_equal(err.kind, SLIP_E_REPO);
    assert_string_equal(err.text, "no such object");
}

static void a_child_that_reads_nothing_is_no_failure(void **state)
{
    (void)state;
    struct source source = { 1 << 20 };
    struct slip_child c = { .more_input = more, .payload = &source };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("exec <&-; exit 3", &c, &status, &err), 0);
    assert_int_equal(status, 3);
}

static void time_limit_ends_the_whole_group(void **state)
{
    (void)state;
    char name[] = "/tmp/slipway-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    close(fd);
    SLIP_AUTO(slip_buf) script = SLIP_BUF(1024);
    slip_buf_add_fmt(&script, "(trap '' TERM; sleep 30; echo late > %s) & sleep 30", name);
    struct slip_child c = { .timeout_ms = 100 };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell(script.ptr, &c, &status, &err), -1);
    assert_int_equal(err.kind, SLIP_E_TEMPORARY);
    assert_string_equal(err.text, "'sh' did not end within 100 ms");
    unlink(name);
}

static void a_child_that_ignores_term_is_killed(void **state)
{
    (void)state;
    struct slip_child c = { .timeout_ms = 50 };
    struct slip_error err = { 0 };
    int status;
    time_t before = time(NULL);
    assert_int_equal(run_shell("trap '' TERM; while :; do sleep 1; done", &c, &status, &err), -1);
    assert_true(time(NULL) - before < 10);
}

static void too_much_output_is_an_error(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    struct slip_child c = { .out = &out };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("while :; do echo xxxxxxxxxxxxxxx; done", &c, &status, &err), -1);
    assert_string_equal(err.text, "'sh' wrote more than 1000 bytes");
}

static void the_last_bytes_of_stderr_are_kept(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(8);
    struct slip_child c = { .errors = &errors };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(
        run_shell("echo 0123456789 >&2; sleep 0.1; printf abcd >&2", &c, &status, &err), 0);
    assert_string_equal(errors.ptr, "789\nabcd");
}

static void note_line(void *payload, bool is_stderr, struct slip_str line)
{
    slip_buf_add_fmt(payload, "%s<%.*s>", is_stderr ? "e" : "o", SLIP_ARG(line));
}

static void lines_are_told_as_they_come(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) told = SLIP_BUF(1024);
    struct slip_child c = { .on_line = note_line, .line_payload = &told };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("printf 'a\\nb'; sleep 0.1; printf 'c\\r\\n\\n'; sleep 0.1; "
                               "printf e >&2; sleep 0.1; printf end",
                               &c, &status, &err),
                     0);
    /* The two unfinished lines come at the end, stdout first. */
    assert_string_equal(told.ptr, "o<a>o<bc>o<>o<end>e<e>");
}

static void a_missing_program_is_named(void **state)
{
    (void)state;
    static const char *const argv[] = { "slipway-no-such-program", NULL };
    struct slip_child c = { .argv = argv, .env = plain_env };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(slip_child_run(&c, &status, &err), -1);
    assert_string_equal(err.text, "cannot run 'slipway-no-such-program': not found in PATH");
}

static void the_child_runs_where_it_is_told(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1024);
    struct slip_child c = { .out = &out, .cwd = "/usr" };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(run_shell("pwd", &c, &status, &err), 0);
    assert_string_equal(out.ptr, "/usr\n");
    slip_error_clear(&err);
    struct slip_child nowhere = { .cwd = "/nowhere" };
    assert_int_equal(run_shell("pwd", &nowhere, &status, &err), -1);
}

/* What we got from whoever started us, and so does the child. */
static size_t count_inherited(void)
{
    size_t n = 0;
    for (int fd = 3; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        n += flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return n;
}

static void no_descriptor_leaks_into_the_child(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1024);
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(1024);
    struct source source = { 10 };
    struct slip_child c = {
        .out = &out, .errors = &errors, .more_input = more, .payload = &source
    };
    struct slip_error err = { 0 };
    int status;
    assert_int_equal(
        run_shell("cat >&2; cd /proc/self/fd; for i in *; do echo $i; done", &c, &status, &err), 0);
    /* The shell's glob has the directory open as one more. */
    size_t lines = 0;
    for (size_t i = 0; i < out.len; i++)
        lines += out.ptr[i] == '\n';
    assert_true(lines <= 3 + count_inherited() + 1);
}

static void a_grandchild_with_the_pipe_does_not_hold_us(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1024);
    struct slip_child c = { .out = &out };
    struct slip_error err = { 0 };
    int status;
    time_t before = time(NULL);
    assert_int_equal(run_shell("echo done; sleep 20 &", &c, &status, &err), 0);
    assert_string_equal(out.ptr, "done\n");
    assert_true(time(NULL) - before < 10);
}

static volatile sig_atomic_t got;

static void on_signal(int sig)
{
    got = sig;
}

static void note_signal(void *payload)
{
    assert_int_equal(got, 0); /* the child got it, we did not yet */
    ++*(unsigned *)payload;
}

static void our_signals_reach_the_child_and_us(void **state)
{
    (void)state;
    struct sigaction action = { .sa_handler = on_signal }, old;
    sigaction(SIGTERM, &action, &old);
    SLIP_AUTO(slip_buf) script = SLIP_BUF(1024);
    slip_buf_add_fmt(&script, "trap 'exit 42' TERM; kill -TERM %d; while :; do sleep 0.05; done",
                     (int)getpid());
    unsigned tidied = 0;
    struct slip_child c = { .timeout_ms = 20000,
                            .before_signal = note_signal,
                            .signal_payload = &tidied };
    struct slip_error err = { 0 };
    int status = 0;
    got = 0;
    assert_int_equal(run_shell(script.ptr, &c, &status, &err), 0);
    assert_int_equal(status, 42);
    assert_int_equal(got, SIGTERM);
    assert_int_equal(tidied, 1);
    sigaction(SIGTERM, &old, NULL);
}

/* A child that says nothing until somebody notices. */
static void notice_silence(void *payload)
{
    int *told = payload;
    if ((*told)++ == 2) {
        int fd = open("silence.fifo", O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "go\n", 3), 3);
        close(fd);
    }
}

static void silence_of_a_child_is_told_again_and_again(void **state)
{
    (void)state;
    int told = 0, status = -1;
    struct slip_error err = { 0 };
    struct slip_child c = { .on_idle = notice_silence, .idle_ms = 1, .line_payload = &told };
    unlink("silence.fifo");
    assert_int_equal(mkfifo("silence.fifo", 0600), 0);
    assert_int_equal(run_shell("read word <silence.fifo; test \"$word\" = go", &c, &status, &err),
                     0);
    unlink("silence.fifo");
    assert_int_equal(status, 0);
    assert_true(told >= 3);
}

/* A process that runs a child, and tells the number of the child's shell; then it is killed. */
static void a_child_does_not_outlive_us(void **state)
{
    (void)state;
    unlink("outlive.fifo");
    assert_int_equal(mkfifo("outlive.fifo", 0600), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct slip_child c = { 0 };
        struct slip_error err = { 0 };
        int status;
        (void)!run_shell("trap 'echo ended >outlive.fifo; exit' TERM; echo began >outlive.fifo;"
                         "while :; do sleep 0.05; done",
                         &c, &status, &err);
        _exit(1);
    }
    char word[16] = "";
    int fd = open("outlive.fifo", O_RDONLY | O_CLOEXEC);
    assert_true(read(fd, word, sizeof(word)) > 0);
    assert_string_equal(word, "began\n");
    assert_int_equal(read(fd, word, sizeof(word)), 0);
    close(fd);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    fd = open("outlive.fifo", O_RDONLY | O_CLOEXEC);
    assert_true(read(fd, word, sizeof(word)) > 0);
    close(fd);
    assert_string_equal(word, "ended\n");
    unlink("outlive.fifo");
}

static void what_is_no_program_is_named(void **state)
{
    (void)state;
    static const char *const argv[] = { "./no-program", NULL };
    struct slip_child c = { .argv = argv, .env = plain_env };
    struct slip_error err = { 0 };
    int status, fd = open("no-program", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    assert_int_equal(slip_child_run(&c, &status, &err), -1);
    assert_string_equal(err.text, "cannot run './no-program': Permission denied");
    unlink("no-program");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_of_a_child_is_told_again_and_again),
        cmocka_unit_test(a_child_does_not_outlive_us),
        cmocka_unit_test(what_is_no_program_is_named),
        cmocka_unit_test(status_is_exit_status_or_signal),
        cmocka_unit_test(output_and_errors_are_kept_apart),
        cmocka_unit_test(only_the_given_environment_arrives),
        cmocka_unit_test(a_megabyte_goes_in_and_comes_out),
        cmocka_unit_test(failing_input_ends_the_child),
        cmocka_unit_test(a_child_that_reads_nothing_is_no_failure),
        cmocka_unit_test(time_limit_ends_the_whole_group),
        cmocka_unit_test(a_child_that_ignores_term_is_killed),
        cmocka_unit_test(too_much_output_is_an_error),
        cmocka_unit_test(the_last_bytes_of_stderr_are_kept),
        cmocka_unit_test(lines_are_told_as_they_come),
        cmocka_unit_test(a_missing_program_is_named),
        cmocka_unit_test(the_child_runs_where_it_is_told),
        cmocka_unit_test(no_descriptor_leaks_into_the_child),
        cmocka_unit_test(a_grandchild_with_the_pipe_does_not_hold_us),
        cmocka_unit_test(our_signals_reach_the_child_and_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
