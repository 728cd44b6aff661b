/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ci/log.h"
#include "ci/output.h"

#define D "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NAME(image, ref, digest, action)                                                           \
    {                                                                                              \
        { image, sizeof(image) - 1 }, { ref, sizeof(ref) - 1 }, { digest, sizeof(digest) - 1 },    \
        {                                                                                          \
            action, sizeof(action) - 1                                                             \
        }                                                                                          \
    }

static const struct slip_ci_name names[] = {
    NAME("web/App", "r.example:5000/web:1", D, "written"),
    NAME("web/App", "r.example:5000/web:latest", D, "unchanged"),
    NAME("api", "r.example/api:1", "", "failed"),
};

static struct slip_ci_outputs outputs(void)
{
    return (struct slip_ci_outputs){ .status = SLIP_STR("partial"),
                                     .ref = SLIP_STR("refs/tags/v1"),
                                     .version = SLIP_STR("1.0.0"),
                                     .commit = SLIP_STR("abc"),
                                     .names = names,
                                     .n_names = SLIP_COUNT(names) };
}

static void dotenv_has_one_line_a_variable(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(10000);
    struct slip_ci_outputs o = outputs();
    slip_ci_output_dotenv(&o, &out);
    assert_string_equal(out.ptr,
                        "SLIPWAY_STATUS=partial\nSLIPWAY_REF=refs/tags/v1\nSLIPWAY_VERSION=1.0.0\n"
                        "SLIPWAY_COMMIT=abc\nSLIPWAY_COUNT=2\n"
                        "SLIPWAY_REFS=r.example:5000/web:1 r.example:5000/web:latest\n"
                        "SLIPWAY_DIGESTS={\"r.example:5000/web:1\":\"" D
                        "\",\"r.example:5000/web:latest\":\"" D "\"}\n"
                        "SLIPWAY_PRIMARY_REF=r.example:5000/web:1\nSLIPWAY_PRIMARY_DIGEST=" D "\n"
                        "SLIPWAY_IMAGE_WEB_APP=r.example:5000/web@" D "\n");
}

static void github_outputs_of_several_lines_are_delimited(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(10000);
    struct slip_ci_outputs o = outputs();
    slip_ci_output_github(&o, SLIP_STR("EOF-1"), &out);
    assert_non_null(strstr(out.ptr, "status=partial\n"));
    assert_non_null(
        strstr(out.ptr, "refs<<EOF-1\nr.example:5000/web:1\nr.example:5000/web:latest\nEOF-1\n"));
}

static void many_images_leave_totals(void **state)
{
    (void)state;
    struct slip_ci_name many[300];
    char texts[300][32];
    struct slip_ci_outputs o = outputs();
    for (size_t i = 0; i < SLIP_COUNT(many); i++) {
        snprintf(texts[i], sizeof(texts[i]), "r.example/i%zu:1", i);
        many[i] = (struct slip_ci_name){ slip_str_of(texts[i]), slip_str_of(texts[i]), SLIP_STR(D),
                                         SLIP_STR("written") };
    }
    o.names = many;
    o.n_names = SLIP_COUNT(many);
    o.report = SLIP_STR("report.json");
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    slip_ci_output_dotenv(&o, &out);
    assert_string_equal(out.ptr, "SLIPWAY_STATUS=partial\nSLIPWAY_REF=refs/tags/v1\n"
                                 "SLIPWAY_VERSION=1.0.0\nSLIPWAY_COMMIT=abc\n"
                                 "SLIPWAY_REPORT=report.json\nSLIPWAY_COUNT=300\n");
}

static void a_summary_is_inert_markdown(void **state)
{
    (void)state;
    static const struct slip_ci_name bad[] = { NAME("<script>|x", "a`b[c](d)", D, "written") };
    struct slip_ci_outputs o = { .status = SLIP_STR("exported"), .names = bad, .n_names = 1 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(10000);
    slip_ci_output_summary(&o, &out);
    assert_null(strstr(out.ptr, "<script>"));
    assert_null(strstr(out.ptr, "`"));
    assert_non_null(strstr(out.ptr, "&#60;script&#62;&#124;x"));
}

static void texts_of_strangers_start_no_command(void **state)
{
    (void)state;
    static const char *const evil[] = { "::error::x",
                                        "##vso[task.setvariable]x",
                                        "##teamcity[x]",
                                        "\n::set-output name=a::b",
                                        "\033[31m\r::warning::",
                                        "  ::error::x",
                                        "\u00a0\u2003::error::x",
                                        "a ##[error]b" };
    for (size_t i = 0; i < SLIP_COUNT(evil); i++) {
        SLIP_AUTO(slip_buf) plain = SLIP_BUF(1000);
        SLIP_AUTO(slip_buf) github = SLIP_BUF(1000);
        slip_ci_log_plain(slip_str_of(evil[i]), &plain);
        struct slip_str shown = slip_str_trim(slip_buf_str(&plain));
        while (shown.len && ((unsigned char)shown.ptr[0] > 0x7E || shown.ptr[0] == ' '))
            shown = slip_str_skip(shown, 1);
        assert_false(slip_str_starts(shown, SLIP_STR("::")));
        assert_null(strstr(plain.ptr, "##"));
        assert_null(strpbrk(plain.ptr, "\r\n\033"));
        slip_ci_log_line(SLIP_CI_LOG_GITHUB, SLIP_CI_ERROR, slip_str_of(evil[i]), &github);
        assert_int_equal(strncmp(github.ptr, "::error title=slipway::", 23), 0);
        assert_ptr_equal(strchr(github.ptr, '\n'), github.ptr + github.len - 1);
    }
}

static void groups_are_in_the_language_of_the_log(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    slip_ci_log_group(SLIP_CI_LOG_GITHUB, SLIP_STR("100%"), 5, &out);
    slip_ci_log_group_end(SLIP_CI_LOG_GITHUB, 6, &out);
    slip_ci_log_stop(SLIP_CI_LOG_GITHUB, SLIP_STR("t"), &out);
    slip_ci_log_resume(SLIP_CI_LOG_GITHUB, SLIP_STR("t"), &out);
    assert_string_equal(out.ptr, "::group::100%25\n::endgroup::\n"
                                 "::stop-commands::t\n::t::\n");
    slip_buf_reset(&out);
    slip_ci_log_group(SLIP_CI_LOG_GITLAB, SLIP_STR("T"), 5, &out);
    slip_ci_log_group_end(SLIP_CI_LOG_GITLAB, 6, &out);
    assert_string_equal(out.ptr, "\033[0Ksection_start:5:slipway\r\033[0KT\n"
                                 "\033[0Ksection_end:6:slipway\r\033[0K\n");
    slip_buf_reset(&out);
    slip_ci_log_group(SLIP_CI_LOG_PLAIN, SLIP_STR("T"), 5, &out);
    slip_ci_log_group_end(SLIP_CI_LOG_PLAIN, 6, &out);
    assert_string_equal(out.ptr, "T\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dotenv_has_one_line_a_variable),
        cmocka_unit_test(github_outputs_of_several_lines_are_delimited),
        cmocka_unit_test(many_images_leave_totals),
        cmocka_unit_test(a_summary_is_inert_markdown),
        cmocka_unit_test(texts_of_strangers_start_no_command),
        cmocka_unit_test(groups_are_in_the_language_of_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
