/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "dockerfile/dockerfile.h"
#include "dockerfile/parts.h"

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error, *hint;
    } cases[] = {
        { "", "D: no instruction in it", "" },
        { "# only\n\n# comments\n", "D: no instruction in it", "" },
        { "FROM a\nRUNN x\n", "D:2: unknown instruction 'RUNN'", "did you mean RUN?" },
        { "RUN x\n", "D:1: RUN before the first FROM", "" },
        { "FROM a AS 1b\n",
          "D:1: '1b' is no name for a stage: it begins with a letter and has letters, digits, '-', "
          "'_' and '.'",
          "" },
        { "FROM a b\n", "D:1: FROM needs one argument, or three with AS", "" },
        { "FROM a\n\nCOPY \\\n x\n", "D:3: COPY needs at least 2 arguments", "" },
        { "FROM a\nUSER\n", "D:2: USER needs exactly 1 argument", "" },
        { "FROM a\nENV a\n", "D:2: ENV must have two arguments", "" },
        { "FROM a\nENV a=b c\n", "D:2: no '=' in 'c': it must be name=value", "" },
        { "FROM a\nARG =b\n", "D:2: a name of ARG is empty", "" },
        { "FROM a\nADD --from=b c d\n", "D:2: ADD has no flag --from", "" },
        { "FROM a\nCOPY --from=b --from=c d e\n", "D:2: the flag --from stands there twice", "" },
        { "FROM a\nCOPY --from b c\n", "D:2: no value for the flag --from", "" },
        { "FROM a\nCOPY --link=x b c\n", "D:2: the flag --link is true or false, not 'x'", "" },
        { "FROM a\nRUN --network=x y\n", "D:2: the flag --network cannot be 'x'", "" },
        { "FROM a\nRUN --mount=from=$x y\n",
          "D:2: 'from' of --mount cannot hold a variable: name a stage instead", "" },
        { "FROM a\nRUN --mount='a\"' y\n", "D:2: the value of --mount is malformed: 'a\"'", "" },
        { "FROM a\nCMD [1]\n", "D:2: an array in JSON form must be of strings alone", "" },
        { "FROM a\nSHELL sh\n", "D:2: SHELL must have its arguments in JSON form", "" },
        { "FROM a\nHEALTHCHECK --interval=5 CMD x\n", "D:2: --interval: '5' is no duration", "" },
        { "FROM a\nHEALTHCHECK --interval=5us CMD x\n", "D:2: --interval cannot be less than 1ms",
          "" },
        { "FROM a\nHEALTHCHECK --retries=-1 CMD x\n",
          "D:2: --retries: '-1' is no number of retries", "" },
        { "FROM a\nHEALTHCHECK x\n", "D:2: HEALTHCHECK is NONE or CMD, not 'x'", "" },
        { "FROM a\nONBUILD ONBUILD RUN x\n", "D:2: ONBUILD cannot be a trigger of ONBUILD", "" },
        { "FROM a\nONBUILD FROM x\n", "D:2: FROM cannot be a trigger of ONBUILD", "" },
        { "FROM a\nONBUILD # x\n", "D:2: the trigger of ONBUILD is no instruction", "" },
        { "FROM a\nRUN <<E\nx\n", "D:2: the heredoc 'E' does not end", "" },
        { "FROM a\nCOPY x <<E\nE\n", "D:2: a heredoc cannot be the destination of COPY", "" },
        { "# escape=x\nFROM a\n", "D:1: the escape character must be '\\' or '`', not 'x'", "" },
        { "# escape=`\n# escape=`\nFROM a\n", "D:2: a second 'escape' directive", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_dockerfile) d = { 0 };
        struct slip_error err = { 0 };
        print_message("  %zu\n", i);
        assert_int_equal(slip_dockerfile_parse(slip_str_of(cases[i].text), "D", &d, &err), -1);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
        assert_string_equal(err.text, cases[i].error);
        assert_string_equal(err.hint, cases[i].hint);
        assert_int_equal(d.n_stages, 0);
    }
}

static void parse(const char *text, struct slip_dockerfile *d)
{
    struct slip_error err = { 0 };
    if (slip_dockerfile_parse(slip_str_of(text), "D", d, &err) < 0)
        fail_msg("%s", err.text);
}

static void a_trigger_is_parsed_with_its_heredoc(void **state)
{
    (void)state;
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    parse("FROM a\nonbuild  COPY <<E x /y\nbody\nE\n", &d);
    const struct slip_dockerfile_command *c = &d.stages[0].commands[0];
    assert_str(c->expression, "COPY <<E x /y\nbody\nE");
    assert_int_equal(c->trigger->kind, SLIP_INSTR_COPY);
    assert_int_equal(c->trigger->line, 2);
    assert_str(c->trigger->text, "COPY <<E x /y");
    assert_int_equal(c->trigger->args.len, 1);
    assert_str(c->trigger->heredocs[0].body, "body\n");
}

static void from_means_a_stage_by_name_or_number(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        size_t index; /* SLIP_NPOS: an image from outside */
        int rc;
    } cases[] = {
        { "x", 2, 0 },
        { "X", 2, 0 },
        { "y", 1, 0 },
        { "0", 0, 0 },
        { "+1", 1, 0 },
        { "-0", 0, 0 },
        { "3", SLIP_NPOS, 0 },
        { "", SLIP_NPOS, 0 },
        { "z", SLIP_NPOS, 0 },
        { "-1", 0, -1 },
        { "99999999999999999999999", SLIP_NPOS, 0 },
        { "1x", SLIP_NPOS, 0 },
    };
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    parse("FROM a AS x\nFROM b AS Y\nFROM c AS x\n", &d);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        size_t index = SLIP_NPOS;
        bool external;
        print_message("  '%s'\n", cases[i].from);
        assert_int_equal(
            slip_dockerfile_from(&d, slip_str_of(cases[i].from), &index, &external, &err),
            cases[i].rc);
        if (cases[i].rc == 0) {
            assert_int_equal(external, cases[i].index == SLIP_NPOS);
            assert_int_equal(index, cases[i].index);
        }
    }
}

static void a_file_without_from_has_no_target(void **state)
{
    (void)state;
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    struct slip_error err = { 0 };
    size_t index;
    parse("ARG a\n", &d);
    assert_int_equal(d.n_meta_args, 1);
    assert_int_equal(slip_dockerfile_target(&d, SLIP_STR(""), &index, &err), -1);
}

static void a_line_may_have_65535_bytes(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        int rc;
    } cases[] = { { 65535, 0 }, { 65536, -1 } };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 20);
        SLIP_AUTO(slip_dockerfile) d = { 0 };
        struct slip_error err = { 0 };
        slip_buf_add_c(&text, "FROM a\n#");
        while (text.len < 7 + cases[i].len)
            slip_buf_add_char(&text, 'x');
        slip_buf_add_c(&text, "\nRUN x\n");
        assert_int_equal(slip_dockerfile_parse(slip_buf_str(&text), "D", &d, &err), cases[i].rc);
    }
}

static void deep_json_is_text(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    slip_buf_add_c(&text, "FROM a\nCMD ");
    for (size_t i = 0; i < 20000; i++)
        slip_buf_add_char(&text, '[');
    for (size_t i = 0; i < 20000; i++)
        slip_buf_add_char(&text, ']');
    parse(text.ptr, &d);
    assert_false(d.stages[0].commands[0].json);
}

static void durations_are_those_of_go(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns; /* INT64_MIN: none */
    } cases[] = {
        { "0", 0 },
        { "-0", 0 },
        { "1ns", 1 },
        { "1.5us", 1500 },
        { "1\xC2\xB5s", 1000 },
        { "1h2m3.5s", INT64_C(3723500000000) },
        { ".5s", 500000000 },
        { "5.s", INT64_C(5000000000) },
        { "-1m", -INT64_C(60000000000) },
        { "+1ms", 1000000 },
        { "9223372036854775807ns", INT64_MAX },
        { "0.3333333333333333333h", INT64_C(1200000000000) },
        { "9223372036854775808ns", INT64_MIN },
        { "3000000h", INT64_MIN },
        { "", INT64_MIN },
        { "1", INT64_MIN },
        { "s", INT64_MIN },
        { ".s", INT64_MIN },
        { "1x", INT64_MIN },
        { "1s ", INT64_MIN },
        { "--1s", INT64_MIN },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        int64_t ns = INT64_MIN;
        print_message("  '%s'\n", cases[i].text);
        bool ok = slip_duration_parse(slip_str_of(cases[i].text), &ns);
        assert_int_equal(ok, cases[i].ns != INT64_MIN);
        assert_true(ns == cases[i].ns);
    }
}

static void a_record_is_cut_at_commas_outside_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n; /* 0: malformed */
        const char *fields[3];
    } cases[] = {
        { "a,b", 2, { "a", "b" } },
        { "a,", 2, { "a", "" } },
        { "\"a,b\",c", 2, { "a,b", "c" } },
        { "\"a\"\"b\"", 1, { "a\"b" } },
        { "\"\"", 1, { "" } },
        { "a\r", 1, { "a" } },
        { "", 0, { NULL } },
        { "\r", 0, { NULL } },
        { "a\"b", 0, { NULL } },
        { "\"a\"b", 0, { NULL } },
        { "\"a", 0, { NULL } },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_arena) arena = { 0 };
        struct slip_word_vec fields = { 0 };
        print_message("  '%s'\n", cases[i].text);
        bool ok = slip_csv_read(slip_str_of(cases[i].text), &arena, &fields);
        assert_int_equal(ok, cases[i].n > 0);
        for (size_t k = 0; k < cases[i].n; k++)
            assert_str(fields.at[k], cases[i].fields[k]);
        slip_vec_clear(&fields);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(a_trigger_is_parsed_with_its_heredoc),
        cmocka_unit_test(from_means_a_stage_by_name_or_number),
        cmocka_unit_test(a_file_without_from_has_no_target),
        cmocka_unit_test(a_line_may_have_65535_bytes),
        cmocka_unit_test(deep_json_is_text),
        cmocka_unit_test(durations_are_those_of_go),
        cmocka_unit_test(a_record_is_cut_at_commas_outside_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
