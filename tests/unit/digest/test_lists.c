/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "digest/lists.h"

static int no_files(void *payload, struct slip_ingredient *files, const struct slip_str *sources,
                    size_t n, struct slip_error *err)
{
    (void)payload;
    (void)sources;
    (void)n;
    (void)err;
    files->text = SLIP_STR("files");
    return 0;
}

/* The strings of the last stage, one a line. */
static int last_list(const char *text, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(slip_dockerfile) file = { 0 };
    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_lists) lists = { 0 };
    assert_int_equal(slip_dockerfile_parse(slip_str_of(text), "Dockerfile", &file, err), 0);
    const struct slip_lists_input in = { .file = &file,
                                         .name = "Dockerfile",
                                         .target = { "linux", "amd64", "" },
                                         .host = { "linux", "amd64", "" },
                                         .files = no_files,
                                         .arena = &arena };
    if (slip_lists_make(&in, &lists, err) < 0)
        return -1;
    const struct slip_list *last = &lists.stages[lists.len - 1];
    for (size_t i = 0; i < last->len; i++) {
        slip_buf_add_str(out, last->at[i]->text);
        slip_buf_add_char(out, '\n');
    }
    return 0;
}

static void a_name_with_an_equals_sign_is_cut_there(void **state)
{
    (void)state;
    static const struct {
        const char *dockerfile, *want;
    } cases[] = {
        { "FROM a\nENV Q=x=y\nENV $Q=1\nRUN echo $x ${x:-d}\n",
          "a\nENV Q=x=y\nENV x=y=1\nRUN echo y=1 y=1\n" },
        { "FROM a\nARG x=0\nENV Q=x=y\nENV $Q=1\nRUN echo $x\n",
          "a\nARG x=0\nENV Q=x=y\nENV x=y=1\nRUN echo y=1\n" },
        { "FROM a\nENV x=0\nARG Q=x=y\nARG $Q=1\nRUN echo $x\n",
          "a\nENV x=0\nARG Q=x=y\nARG x=y=1\nRUN echo 0\n" },
        { "FROM a\nARG Q=x=y\nENV $Q=1\nARG $Q=2\nRUN echo $x\n",
          "a\nARG Q=x=y\nENV x=y=1\nARG x=y=2\nRUN echo y=2\n" },
        { "ARG Q=x=y\nARG $Q=1\nFROM a$x\nARG x\nRUN echo $x\n", "ay=1\nARG x=\nRUN echo \n" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_buf) got = SLIP_BUF(10000);
        assert_int_equal(last_list(cases[i].dockerfile, &got, &err), 0);
        slip_buf_add_char(&got, '\0');
        assert_string_equal(got.ptr, cases[i].want);
    }
}

/* Which one werf takes is not the same in each run. */
static void two_names_that_are_cut_to_one_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "FROM a\nENV Q=x=y x=0\nENV $Q=1\nRUN echo $x\n",
        "FROM a\nENV Q=x=y R=x=z\nENV $Q=1 $R=2\nRUN echo $x\n",
        "FROM a\nARG Q=x=y\nARG $Q=1\nARG x\nRUN echo $x\n",
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_buf) got = SLIP_BUF(10000);
        assert_int_equal(last_list(cases[i], &got, &err), -1);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_with_an_equals_sign_is_cut_there),
        cmocka_unit_test(two_names_that_are_cut_to_one_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
