/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "digest/compare.h"
#include "support/mem_tree.h"

/* "b:alpine" a base image, "f:src=1" a checksum of `src`, anything else an instruction. */
static size_t read_list(const char *text, struct slip_ingredient *out)
{
    struct slip_str rest = slip_str_of(text), word;
    size_t n = 0;
    while (rest.len) {
        slip_str_cut(rest, ' ', &word, &rest);
        struct slip_ingredient *i = &out[n++];
        *i = (struct slip_ingredient){ .kind = SLIP_INGREDIENT_INSTRUCTION, .text = word };
        if (slip_str_starts(word, SLIP_STR("b:")))
            i->kind = SLIP_INGREDIENT_BASE;
        if (!slip_str_starts(word, SLIP_STR("f:")))
            continue;
        i->kind = SLIP_INGREDIENT_FILES;
        slip_str_cut(slip_str_skip(word, 2), '=', &i->detail, &i->text);
    }
    return n;
}

static void changed_ingredients_are_paired(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *want;
    } cases[] = {
        { "b:a RUN1", "b:a RUN1", "" },
        { "b:a RUN1", "b:b RUN1", "b:a>b:b " },
        { "b:a RUN1 RUN3", "b:a RUN1 RUN2 RUN3", ">RUN2 " },
        { "b:a RUN1 RUN2 RUN3", "b:a RUN3", "RUN1> RUN2> " },
        { "b:a COPY f:src=1 RUN", "b:a COPY f:src=2 RUN", "1>2 " },
        { "COPY f:src=1 f:lib=1", "COPY f:lib=2", "1> 1>2 " },
        { "X f:src=1", "f:lib=1 Y", ">1 X>Y 1> " },
        { "A B C D", "A X C D E", "B>X >E " },
        { "", "A", ">A " },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_ingredient a[8], b[8];
        struct slip_stage_digest stages[2] = { { .ingredients = a }, { .ingredients = b } };
        struct slip_image_digest before = { .n_stages = 1, .stages = &stages[0] };
        struct slip_image_digest after = { .n_stages = 1, .stages = &stages[1] };
        stages[0].n_ingredients = read_list(cases[i].before, a);
        stages[1].n_ingredients = read_list(cases[i].after, b);
        SLIP_AUTO(slip_digest_changes) changes = { 0 };
        slip_digest_compare(&before, &after, &changes);
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        for (size_t k = 0; k < changes.len; k++) {
            if (changes.at[k].before)
                slip_buf_add_str(&got, changes.at[k].before->text);
            slip_buf_add_char(&got, '>');
            if (changes.at[k].after)
                slip_buf_add_str(&got, changes.at[k].after->text);
            slip_buf_add_char(&got, ' ');
        }
        assert_string_equal(got.ptr, cases[i].want);
    }
}

static int note(void *payload, struct slip_str path, const struct slip_entry *before,
                const struct slip_entry *after, struct slip_error *err)
{
    (void)err;
    slip_buf_add_fmt(payload, "%s%.*s ", !before ? "+" : !after ? "-" : "", SLIP_ARG(path));
    return 0;
}

static void files_of_a_selection_are_named(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) a = mem_tree_new();
    SLIP_AUTO_PTR(mem_tree) b = mem_tree_new();
    static const char *const both[] = { "src/same", "docs/x", "src/sub/deep/y" };
    for (size_t i = 0; i < SLIP_COUNT(both); i++) {
        mem_tree_add_short(a, slip_str_of(both[i]));
        mem_tree_add_short(b, slip_str_of(both[i]));
    }
    mem_tree_add(a, SLIP_STR("src/sub/deep/z"), SLIP_MODE_FILE, SLIP_STR("1"));
    mem_tree_add(b, SLIP_STR("src/sub/deep/z"), SLIP_MODE_FILE, SLIP_STR("2"));
    mem_tree_add(a, SLIP_STR("src/old"), SLIP_MODE_FILE, SLIP_STR("1"));
    mem_tree_add(b, SLIP_STR("src/new"), SLIP_MODE_FILE, SLIP_STR("1"));
    mem_tree_add(b, SLIP_STR("src/n.log"), SLIP_MODE_FILE, SLIP_STR("1"));
    mem_tree_add(b, SLIP_STR("docs/z"), SLIP_MODE_FILE, SLIP_STR("1"));
    const struct slip_tree before = mem_tree_view(a), after = mem_tree_view(b);
    const struct slip_str src = SLIP_STR("src"), logs = SLIP_STR("**/*.log");
    struct slip_str patterns[] = { logs };
    const struct slip_file_selection s = {
        .context = SLIP_STR(""), .ignore = { patterns, 1 }, .sources = &src, .n_sources = 1
    };
    SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    assert_int_equal(slip_selection_compare(&before, &s, &after, &s, note, &got, &err), 0);
    assert_string_equal(got.ptr, "+src/new -src/old src/sub/deep/z ");
    slip_buf_reset(&got);
    assert_int_equal(slip_selection_compare(&before, NULL, &after, &s, note, &got, &err), 0);
    assert_string_equal(got.ptr, "+src/new +src/sub/deep/z ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_ingredients_are_paired),
        cmocka_unit_test(files_of_a_selection_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
