/* SPDX-License-Identifier: Apache-2.0 */
/* Dockerfiles and ignore files that would take all time and memory there is. */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "digest/lists.h"
#include "digest/select.h"
#include "dockerfile/ignore_file.h"
#include "support/mem_tree.h"

static int no_files(void *payload, struct slip_ingredient *files, const struct slip_str *sources,
                    size_t n, struct slip_error *err)
{
    (void)payload;
    (void)files;
    (void)sources;
    (void)n;
    return slip_fail(err, SLIP_E_INTERNAL, "nothing is selected here");
}

/* The error of a Dockerfile made of `head`, then `times` lines printed by `line`. */
static void fail_lists(const char *head, const char *line, int times, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    SLIP_AUTO(slip_dockerfile) file = { 0 };
    SLIP_AUTO(slip_lists) lists = { 0 };
    SLIP_AUTO(slip_arena) arena = { 0 };
    slip_buf_add_c(&text, head);
    for (int i = 1; i <= times; i++)
        slip_buf_add_fmt(&text, line, i, i - 1, i - 1);
    struct slip_error parsing = { 0 };
    if (slip_dockerfile_parse(slip_buf_str(&text), "Dockerfile", &file, &parsing) < 0)
        fail_msg("%s", parsing.text);
    const struct slip_lists_input in = {
        .file = &file, .name = "Dockerfile", .files = no_files, .arena = &arena
    };
    assert_int_equal(slip_lists_make(&in, &lists, err), -1);
    assert_int_equal(err->kind, SLIP_E_CONFIG);
}

static void lists_end_with_an_error_that_names_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *head, *line;
        int times;
        const char *error;
    } cases[] = {
        { "", "FROM scratch AS s%1$d\n", 10001, "Dockerfile:10001: more than 10000 stages" },
        { "FROM scratch AS s0\nRUN x\n",
          "FROM scratch AS s%1$d\nCOPY --from=s%2$d a b\nCOPY --from=s%3$d a b\n", 30,
          "Dockerfile: stages depend on each other too often" },
        { "FROM scratch AS s0\nONBUILD RUN x\nONBUILD RUN x\nONBUILD RUN x\nONBUILD RUN x\n",
          "FROM s0 AS s0\n", 2000, "Dockerfile: stages depend on each other too often" },
        { "FROM scratch\nARG A0=xxxxxxxx\n", "ARG A%1$d=${A%2$d}${A%3$d}\n", 60,
          "the texts of all instructions take more than" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        fail_lists(cases[i].head, cases[i].line, cases[i].times, &err);
        if (!strstr(err.text, cases[i].error))
            fail_msg("%s", err.text);
    }
}

#define TEN " 1 1 1 1 1 1 1 1 1 1"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* A small file of many parts would need a hundred times its size. */
static void files_have_limits_that_name_the_line(void **state)
{
    (void)state;
    enum { SIZE = 12 << 20 };
    static const struct {
        const char *head, *line;
        const char *error;
    } cases[] = {
        { "FROM a\n", "CMD\n", "Dockerfile:20001: more than 20000 instructions" },
        { "FROM a\nEXPOSE ", TEN TEN " \\\n",
          "Dockerfile:2: an instruction of more than 1048576 bytes" },
        { "FROM a\n", "EXPOSE" HUNDRED HUNDRED HUNDRED HUNDRED "\n",
          ": all words of the file take more than 67108864 bytes" },
        { NULL, "a\n", ".dockerignore:100001: more than 100000 patterns" },
    };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_dockerfile) file = { 0 };
        SLIP_AUTO(slip_arena) arena = { 0 };
        struct slip_ignore_patterns patterns;
        struct slip_error err = { 0 };
        slip_buf_reset(&text);
        slip_buf_add_c(&text, cases[i].head ? cases[i].head : "");
        while (text.len < SIZE)
            slip_buf_add_c(&text, cases[i].line);
        struct slip_str content = slip_buf_str(&text);
        assert_int_equal(cases[i].head ? slip_dockerfile_parse(content, "Dockerfile", &file, &err)
                                       : slip_ignore_file_read(content, ".dockerignore", &arena,
                                                               &patterns, &err),
                         -1);
        if (!strstr(err.text, cases[i].error))
            fail_msg("%s", err.text);
    }
}

/* The patterns of the ignore file are compared anew for each ADD and COPY. */
static void selections_have_a_limit_together(void **state)
{
    (void)state;
    enum { PATTERNS = 3000, SELECTIONS = 40 };
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(m, SLIP_STR("a"));
    struct slip_tree tree = mem_tree_view(m);
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_str *patterns = slip_arena_array(&arena, PATTERNS, sizeof(*patterns));
    for (size_t i = 0; i < PATTERNS; i++)
        patterns[i] = slip_str_of(slip_arena_printf(&arena, "p%zu", i));
    static struct slip_file_selection all[SELECTIONS];
    struct slip_file_selection *at[SELECTIONS];
    for (size_t i = 0; i < SELECTIONS; i++) {
        all[i].ignore = (struct slip_ignore_patterns){ patterns, PATTERNS };
        at[i] = &all[i];
    }
    assert_int_equal(slip_select_files(&tree, NULL, at, SELECTIONS), -1);
    assert_int_equal(all[0].err.kind, SLIP_OK);
    assert_int_equal(all[0].entries, 1);
    assert_int_equal(all[SELECTIONS - 1].err.kind, SLIP_E_CONFIG);
    assert_non_null(strstr(all[SELECTIONS - 1].err.text, "more than 100000 patterns"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_end_with_an_error_that_names_the_file),
        cmocka_unit_test(files_have_limits_that_name_the_line),
        cmocka_unit_test(selections_have_a_limit_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
