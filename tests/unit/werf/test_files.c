/* SPDX-License-Identifier: Apache-2.0 */
/* `.Files` of projects with submodules. */
#include "unit/cmocka_all.h"

#include "support/mem_tree.h"
#include "werf/files.h"

struct project {
    struct mem_tree *outer, *middle, *inner;
    struct slip_tree tree;
    struct slip_werf_files files;
    struct slip_tmpl_files table;
};

static void add(struct mem_tree *m, const char *path, const char *text)
{
    mem_tree_add(m, slip_str_of(path), SLIP_MODE_FILE, slip_str_of(text));
}

static void add_link(struct mem_tree *m, const char *path, const char *target)
{
    mem_tree_add(m, slip_str_of(path), SLIP_MODE_LINK, slip_str_of(target));
}

static void add_submodule(struct mem_tree *m, const char *path, struct mem_tree *sub)
{
    struct slip_oid commit = mem_object_id("commit", slip_str_of(path));
    mem_tree_add_submodule(m, slip_str_of(path), &commit, sub);
}

static int make(void **state)
{
    static struct project p;
    p = (struct project){ mem_tree_new(), mem_tree_new(), mem_tree_new(), .tree = { 0 } };
    add(p.inner, "i.yaml", "i");
    add(p.inner, "d/j.yaml", "j");
    add(p.middle, "m.yaml", "m");
    add_link(p.middle, "up.yaml", "../../top.yaml");
    add_submodule(p.middle, "deep/inner", p.inner);
    add(p.outer, "top.yaml", "t");
    add_link(p.outer, "to-inner", "vendor/middle/deep/inner");
    add_submodule(p.outer, "vendor/middle", p.middle);
    add_submodule(p.outer, "absent", NULL);
    p.tree = mem_tree_view(p.outer);
    p.files = (struct slip_werf_files){ &p.tree, SLIP_STR("") };
    slip_werf_files_table(&p.files, &p.table);
    *state = &p;
    return 0;
}

static int unmake(void **state)
{
    struct project *p = *state;
    mem_tree_free(p->outer);
    mem_tree_free(p->middle);
    mem_tree_free(p->inner);
    return 0;
}

static void files_of_submodules_are_read(void **state)
{
    static const struct {
        const char *path, *want;
    } cases[] = {
        { "vendor/middle/m.yaml", "m" },
        { "vendor/middle/deep/inner/i.yaml", "i" },
        { "vendor/middle/up.yaml", "t" },
        { "to-inner/d/j.yaml", "j" },
    };
    struct project *p = *state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(100);
        bool there = false;
        assert_int_equal(p->table.get(p->table.payload, slip_str_of(cases[i].path), &out, &err), 0);
        assert_string_equal(out.ptr, cases[i].want);
        assert_int_equal(
            p->table.exists(p->table.payload, slip_str_of(cases[i].path), &there, &err), 0);
        assert_true(there);
    }
}

static void submodules_are_directories(void **state)
{
    struct project *p = *state;
    static const char *const dirs[] = { "vendor/middle", "vendor/middle/deep",
                                        "vendor/middle/deep/inner", "to-inner", "absent" };
    for (size_t i = 0; i < SLIP_COUNT(dirs); i++) {
        struct slip_error err = { 0 };
        bool yes = false;
        assert_int_equal(p->table.is_dir(p->table.payload, slip_str_of(dirs[i]), &yes, &err), 0);
        assert_true(yes);
    }
}

static int note(void *payload, struct slip_str path, struct slip_str content,
                struct slip_error *err)
{
    (void)err;
    slip_buf_add_fmt(payload, "%.*s=%.*s ", SLIP_ARG(path), SLIP_ARG(content));
    return 0;
}

static void globs_look_into_submodules(void **state)
{
    static const struct {
        const char *pattern, *want;
    } cases[] = {
        { "vendor/**/*.yaml",
          "vendor/middle/deep/inner/d/j.yaml=j vendor/middle/deep/inner/i.yaml=i "
          "vendor/middle/m.yaml=m vendor/middle/up.yaml=t " },
        { "vendor/middle/*.yaml", "vendor/middle/m.yaml=m vendor/middle/up.yaml=t " },
        { "vendor/middle/deep/inner/*", "vendor/middle/deep/inner/d/j.yaml=j "
                                        "vendor/middle/deep/inner/i.yaml=i " },
        { "to-*/d", "to-inner/d/j.yaml=j " },
        { "*.yaml", "top.yaml=t " },
    };
    struct project *p = *state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        int rc = p->table.glob(p->table.payload, slip_str_of(cases[i].pattern), note, &got, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(rc, 0);
        assert_string_equal(got.ptr, cases[i].want);
    }
}

/* Never an empty directory instead. */
static void a_submodule_that_is_not_here_is_an_error_where_it_matters(void **state)
{
    struct project *p = *state;
    SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    assert_int_equal(p->table.glob(p->table.payload, SLIP_STR("**/*.yaml"), note, &got, &err), -1);
    slip_error_clear(&err);
    assert_int_equal(p->table.get(p->table.payload, SLIP_STR("absent/x"), &got, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_of_submodules_are_read, make, unmake),
        cmocka_unit_test_setup_teardown(submodules_are_directories, make, unmake),
        cmocka_unit_test_setup_teardown(globs_look_into_submodules, make, unmake),
        cmocka_unit_test_setup_teardown(a_submodule_that_is_not_here_is_an_error_where_it_matters,
                                        make, unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
