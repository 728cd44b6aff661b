/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ci/voice.h"

#define SAY(v, now, text, out) slip_ci_voice_line(v, now, SLIP_STR(text), out)

static struct slip_ci_voice voice(enum slip_ci_dialect dialect)
{
    return (struct slip_ci_voice){
        .dialect = dialect, .token = SLIP_STR("token"), .every_ms = 30000, .last_ms = 1000
    };
}

static void silence_is_broken_once_in_a_while(void **state)
{
    (void)state;
    struct slip_ci_voice v = voice(SLIP_CI_LOG_PLAIN);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    slip_ci_voice_alive(&v, 30999, "api", 0, 0, &out);
    assert_int_equal(out.len, 0);
    slip_ci_voice_alive(&v, 31000, "api", 0, 0, &out);
    assert_string_equal(out.ptr, "api: still at work\n");
    slip_buf_reset(&out);
    slip_ci_voice_alive(&v, 60999, "api", 0, 0, &out);
    assert_int_equal(out.len, 0);
    SAY(&v, 60999, "api: published", &out); /* speaks: silence begins anew */
    slip_buf_reset(&out);
    slip_ci_voice_alive(&v, 90000, "api", 5 << 20, 0, &out);
    assert_int_equal(out.len, 0);
    slip_ci_voice_alive(&v, 90999, "api", 5 << 20, 20 << 20, &out);
    slip_ci_voice_alive(&v, 120999, NULL, 6 << 20, 0, &out);
    assert_string_equal(out.ptr, "api: still at work, 5.0 of 20.0 MiB\n"
                                 "slipway: still at work, 6.0 MiB\n");
    slip_buf_reset(&out);
    v.every_ms = 0;
    slip_ci_voice_alive(&v, INT64_MAX, "api", 0, 0, &out);
    assert_int_equal(out.len, 0);
}

static void output_of_others_stands_where_commands_are_off(void **state)
{
    (void)state;
    struct slip_ci_voice v = voice(SLIP_CI_LOG_GITHUB);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    SAY(&v, 1, "api: building", &out);
    slip_ci_voice_child(&v, 2, SLIP_STR("::error::gotcha"), &out);
    slip_ci_voice_child(&v, 3, SLIP_STR("##[add-path]/evil\033[2J"), &out);
    slip_ci_voice_command(&v, 4, SLIP_STR("::endgroup::\n"), &out);
    slip_ci_voice_child(&v, 5, SLIP_STR("more"), &out);
    slip_ci_voice_alive(&v, 40000, "api", 0, 0, &out);
    SAY(&v, 6, "done", &out);
    assert_string_equal(out.ptr, "api: building\n"
                                 "::stop-commands::token\n"
                                 "  | \\x3a:error::gotcha\n"
                                 "  | \\x23#[add-path]/evil\\x1b[2J\n"
                                 "::token::\n::endgroup::\n"
                                 "::stop-commands::token\n  | more\n"
                                 "::token::\napi: still at work\n"
                                 "done\n");
    slip_buf_reset(&out);
    struct slip_ci_voice plain = voice(SLIP_CI_LOG_GITLAB);
    slip_ci_voice_child(&plain, 2, SLIP_STR("text"), &out);
    SAY(&plain, 3, "::set-output name=x::y", &out);
    assert_string_equal(out.ptr, "  | text\n\\x3a:set-output name=x::y\n");
}

static void secrets_of_the_environment_are_not_told(void **state)
{
    (void)state;
    static const char *const env[] = { "CI_JOB_TOKEN=tok-abcdef-123",
                                       "DEPLOY_KEY=first-line\nsecond-line\n",
                                       "SSH_AUTH_SOCK=/tmp/agent.sock",
                                       "MY_SECRET=12345",
                                       "LONG_TOKEN=tok-abcdef-123456",
                                       "PLAIN=visible-text",
                                       "NOTHING",
                                       NULL };
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "x tok-abcdef-123 y", "x *** y" },
        { "tok-abcdef-123456", "***" },
        { "first-line and second-line", "*** and ***" },
        { "/tmp/agent.sock visible-text 12345", "/tmp/agent.sock visible-text 12345" },
        /* base64 of "tok-abcdef-123", "u:tok-abcdef-123" and "me:tok-abcdef-123" */
        { "dG9rLWFiY2RlZi0xMjM=", "***M=" },
        { "dTp0b2stYWJjZGVmLTEyMw==", "dTp***w==" },
        { "bWU6dG9rLWFiY2RlZi0xMjM=", "bWU6***M=" },
    };
    struct slip_ci_voice v = voice(SLIP_CI_LOG_PLAIN);
    slip_ci_voice_hide(&v, env);
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        SLIP_AUTO(slip_buf) want = SLIP_BUF(1000);
        slip_buf_add_fmt(&want, "%s\n", rows[i].want);
        slip_ci_voice_line(&v, 1, slip_str_of(rows[i].text), &out);
        assert_string_equal(out.ptr, want.ptr);
    }
    slip_ci_voice_clear(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_broken_once_in_a_while),
        cmocka_unit_test(output_of_others_stands_where_commands_are_off),
        cmocka_unit_test(secrets_of_the_environment_are_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
