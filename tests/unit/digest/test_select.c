/* SPDX-License-Identifier: Apache-2.0 */
/* Selections whose context lies in a submodule. */
#include "unit/cmocka_all.h"

#include "digest/select.h"
#include "support/mem_tree.h"

struct project {
    struct mem_tree *outer, *middle, *inner;
    struct slip_tree tree;
};

static void add_submodule(struct mem_tree *m, const char *path, struct mem_tree *sub)
{
    struct slip_oid commit = mem_object_id("commit", slip_str_of(path));
    mem_tree_add_submodule(m, slip_str_of(path), &commit, sub);
}

static int make(void **state)
{
    static struct project p;
    p = (struct project){ mem_tree_new(), mem_tree_new(), mem_tree_new(), .tree = { 0 } };
    mem_tree_add_short(p.inner, SLIP_STR("d/j"));
    mem_tree_add_short(p.middle, SLIP_STR("d/m"));
    add_submodule(p.middle, "inner", p.inner);
    mem_tree_add_short(p.outer, SLIP_STR("d/o"));
    add_submodule(p.outer, "vendor/middle", p.middle);
    p.tree = mem_tree_view(p.outer);
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

/* What the selection of all of a directory comes to: the hash of the id of its tree, hashed once
 * more for each submodule that holds it. */
static void make_group(struct mem_tree *m, const char *dir, size_t submodules, char out[])
{
    struct slip_tree t = mem_tree_view(m);
    struct slip_entry e;
    bool found;
    struct slip_error err = { 0 };
    char hex[SLIP_OID_HEX + 1], text[SLIP_SHA256_HEX + 1];
    assert_int_equal(slip_tree_find(&t, slip_str_of(dir), &e, &found, &err), 0);
    assert_true(found);
    slip_oid_hex(&e.id, hex);
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(hex), out);
    for (; submodules; submodules--) {
        memcpy(text, out, sizeof(text));
        slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(text), out);
    }
}

static void what_is_selected_counts_as_the_result_of_each_submodule(void **state)
{
    struct project *p = *state;
    const struct {
        const char *context;
        struct mem_tree *tree;
        const char *dir;
        size_t submodules;
    } cases[] = {
        { "d", p->outer, "d", 0 },
        { "vendor/middle/d", p->middle, "d", 1 },
        { "vendor/middle/inner/d", p->inner, "d", 2 },
        { "vendor/middle/inner/d/nothing", NULL, NULL, 0 },
        { "vendor/middle/nothing", NULL, NULL, 0 },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_file_selection s = { .context = slip_str_of(cases[i].context) };
        struct slip_file_selection *const at[] = { &s };
        char want[SLIP_SHA256_HEX + 1] = "";
        if (cases[i].tree)
            make_group(cases[i].tree, cases[i].dir, cases[i].submodules, want);
        assert_int_equal(slip_select_files(&p->tree, NULL, at, 1), 0);
        assert_string_equal(s.group, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_selected_counts_as_the_result_of_each_submodule,
                                        make, unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
