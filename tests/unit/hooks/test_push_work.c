/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "push_work.h"
#include "support/sandbox.h"

#include <stdarg.h>
#include <unistd.h>

static char *top;
static struct slip_buf said;
static unsigned work_ms;

static int setup(void **state)
{
    (void)state;
    top = sandbox_new();
    said = (struct slip_buf)SLIP_BUF(10000);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    slip_buf_clear(&said);
    sandbox_free(top);
    return 0;
}

/* ---- in place of a session and a command line ---- */

int slip_session_run(struct slip_session *s, const struct slip_session_run *run,
                     struct slip_outcome *outcome, struct slip_error *err)
{
    (void)s;
    (void)err;
    assert_int_equal(access(run->tmpdir, W_OK), 0);
    usleep(work_ms * 1000);
    slip_vec_push(&outcome->rows, (struct slip_outcome_row){ .ref = "h/a:1",
                                                             .digest = "sha256:1",
                                                             .action = SLIP_OUTCOME_WRITTEN });
    return 0;
}

void slip_outcome_begin(struct slip_outcome *o, const char *trigger, const char *ref,
                        const char *commit)
{
    (void)o;
    (void)trigger;
    (void)ref;
    (void)commit;
}

int slip_outcome_show(struct slip_cli *cli, struct slip_outcome *o)
{
    (void)cli;
    (void)o;
    return 0;
}

const char *slip_cli_env(const struct slip_cli *cli, const char *name)
{
    (void)cli;
    return strcmp(name, "TMPDIR") == 0 ? top : NULL;
}

void slip_cli_conclude(struct slip_cli *cli, const char *fmt, ...)
{
    (void)cli;
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&said, fmt, args);
    va_end(args);
    slip_buf_add_char(&said, '\n');
}

/* ---- */

static size_t run(struct slip_push_work *w, struct slip_push_done *done)
{
    struct slip_cli cli = { .limited = true };
    struct slip_session session = { .cli = &cli };
    struct slip_error err = { 0 };
    size_t lines = 0;
    w->session = &session;
    w->ref = "refs/tags/v1";
    if (slip_push_work_run(w, done, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < said.len; i++)
        lines += said.ptr[i] == '\n';
    return lines;
}

/* Though a hook may say no more: the room for lines is used up. */
static void long_work_is_told_of_as_long_as_it_lasts(void **state)
{
    (void)state;
    SLIP_AUTO(slip_push_done) done = { 0 };
    struct slip_push_work w = { .tell_ms = 20 };
    work_ms = 1000;
    assert_in_range(run(&w, &done), 3, 50);
    assert_int_equal(strncmp(said.ptr, "still at work after 0 s\n", 24), 0);
    assert_int_equal(done.how.end, SLIP_HANDOVER_DONE);
    assert_string_equal(done.wrote.ptr, "h/a:1 sha256:1\n");
}

static void where_the_connection_waits_the_line_says_for_how_long(void **state)
{
    (void)state;
    SLIP_AUTO(slip_push_done) done = { 0 };
    SLIP_AUTO_FREE char *log = slip_printf("%s/log", top);
    struct slip_push_work w = { .tell_ms = 100, .timeout_ms = 60000, .log = log };
    work_ms = 1000;
    assert_in_range(run(&w, &done), 1, 10);
    assert_int_equal(strncmp(said.ptr,
                             "still at work after 0 s; the connection waits, in 60 s at the latest "
                             "the push goes on (slipway.pushTimeout)\n",
                             107),
                     0);
    assert_int_equal(done.how.end, SLIP_HANDOVER_DONE);
}

static void short_work_is_not_told_of(void **state)
{
    (void)state;
    SLIP_AUTO(slip_push_done) done = { 0 };
    struct slip_push_work w = { .timeout_ms = 0 }; /* the usual 30 s */
    work_ms = 200;
    assert_int_equal(run(&w, &done), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(long_work_is_told_of_as_long_as_it_lasts),
        TEST(where_the_connection_waits_the_line_says_for_how_long),
        TEST(short_work_is_not_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
