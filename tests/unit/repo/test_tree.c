/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "repo/gitmodules.h"
#include "support/mem_tree.h"

static const char *const files[] = {
    "README.md",
    "a/b/c.txt",
    "a/up->../README.md",
    "a-file",
    "run.sh*x",
    "to-a->a/b",
    "to-to->to-a/c.txt",
    "out->../x",
    "root->/etc/passwd",
    "circle->circle",
    "through->to-a/../up",
    "sub@@0123456789012345678901234567890123456789",
};

static int make(void **state)
{
    struct mem_tree *m = mem_tree_new();
    for (size_t i = 0; i < SLIP_COUNT(files); i++)
        mem_tree_add_short(m, slip_str_of(files[i]));
    *state = m;
    return 0;
}

static int unmake(void **state)
{
    mem_tree_free(*state);
    return 0;
}

static void ids_are_those_of_git(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add(m, SLIP_STR("src/b.txt"), SLIP_MODE_FILE, SLIP_STR("b\n"));
    mem_tree_add(m, SLIP_STR("src/a.txt"), SLIP_MODE_FILE, SLIP_STR("a\n"));
    mem_tree_add(m, SLIP_STR("src/sub/c.txt"), SLIP_MODE_FILE, SLIP_STR("c\n"));
    struct slip_tree t = mem_tree_view(m);
    struct slip_entry e;
    bool found;
    struct slip_error err = { 0 };
    assert_int_equal(slip_tree_find(&t, SLIP_STR("src"), &e, &found, &err), 0);
    assert_true(found);
    char hex[SLIP_OID_HEX + 1];
    slip_oid_hex(&e.id, hex);
    assert_string_equal(hex, "7b5bb57acc502b96bb0a3c28ba1d5ecb011526ea");
}

static void find_names_what_is_there(void **state)
{
    static const struct {
        const char *path;
        unsigned mode; /* 0: not there */
    } cases[] = {
        { "", SLIP_MODE_TREE },        { "README.md", SLIP_MODE_FILE },
        { "a", SLIP_MODE_TREE },       { "a/b/c.txt", SLIP_MODE_FILE },
        { "a/b/c.txt/d", 0 },          { "A", 0 },
        { "to-a", SLIP_MODE_LINK },    { "to-a/c.txt", 0 },
        { "run.sh", SLIP_MODE_EXEC },  { "sub", SLIP_MODE_COMMIT },
        { "//a//b/", SLIP_MODE_TREE },
    };
    struct slip_tree t = mem_tree_view(*state);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_entry e;
        bool found;
        assert_int_equal(slip_tree_find(&t, slip_str_of(cases[i].path), &e, &found, &err), 0);
        assert_int_equal(found, cases[i].mode != 0);
        if (found)
            assert_int_equal(e.mode, cases[i].mode);
    }
}

static void links_are_followed_inside_the_tree(void **state)
{
    static const struct {
        const char *path, *resolved, *error;
    } cases[] = {
        { "to-a/c.txt", "a/b/c.txt", NULL },
        { "to-to", "a/b/c.txt", NULL },
        { "a/up", "README.md", NULL },
        { "through", "README.md", NULL },
        { "to-a/../../README.md", "README.md", NULL },
        { "./a/./b", "a/b", NULL },
        { "to-to/x", NULL, NULL },
        { "nothing", NULL, NULL },
        { "out", NULL, "following 'out': a path that leads out of the repository" },
        { "..", NULL, "following '..': a path that leads out of the repository" },
        { "root", NULL, "following 'root': the link 'root' points out of the repository" },
        { "circle", NULL, "following 'circle': links in a circle, or more than 40 of them" },
    };
    struct slip_tree t = mem_tree_view(*state);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_entry e;
        bool found = false;
        SLIP_AUTO(slip_buf) at = SLIP_BUF(1000);
        int rc = slip_tree_find_through_links(&t, slip_str_of(cases[i].path), &at, NULL, &e, &found,
                                              &err);
        assert_string_equal(err.text, cases[i].error ? cases[i].error : "");
        assert_int_equal(rc, cases[i].error ? -1 : 0);
        assert_int_equal(found, cases[i].resolved != NULL);
        assert_string_equal(at.ptr, cases[i].resolved ? cases[i].resolved : "");
    }
}

static void submodules_are_entered_when_asked_for(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) outer = mem_tree_new();
    SLIP_AUTO_PTR(mem_tree) inner = mem_tree_new();
    struct slip_oid commit = mem_object_id("commit", SLIP_STR("x"));
    mem_tree_add_short(inner, SLIP_STR("d/f"));
    mem_tree_add_short(inner, SLIP_STR("up->../../top"));
    mem_tree_add_short(outer, SLIP_STR("top"));
    mem_tree_add_short(outer, SLIP_STR("in->v/sub/d"));
    mem_tree_add_submodule(outer, SLIP_STR("v/sub"), &commit, inner);
    static const struct {
        const char *path, *resolved, *content;
    } cases[] = {
        { "v/sub/d/f", "v/sub/d/f", "d/f\n" }, { "v/sub/up", "top", "top\n" },
        { "in/f", "v/sub/d/f", "d/f\n" },      { "in/../up", "top", "top\n" },
        { "v/sub/d/f/x", NULL, NULL },         { "v/sub/x", NULL, NULL },
    };
    struct slip_tree t = mem_tree_view(outer), in;
    struct slip_error err = { 0 };
    struct slip_entry e;
    bool found;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) at = SLIP_BUF(1000);
        SLIP_AUTO(slip_buf) content = SLIP_BUF(1000);
        struct slip_str path = slip_str_of(cases[i].path);
        assert_int_equal(slip_tree_find_through_links(&t, path, &at, &in, &e, &found, &err), 0);
        assert_int_equal(found, cases[i].resolved != NULL);
        if (!found)
            continue;
        assert_string_equal(at.ptr, cases[i].resolved);
        assert_int_equal(in.ops->read_blob(in.self, &e.id, &content, &err), 0);
        assert_string_equal(content.ptr, cases[i].content);
    }
    struct slip_tree_place place;
    assert_int_equal(slip_tree_find_place(&t, SLIP_STR("v/sub/d"), &place, &found, &err), 0);
    assert_true(found && place.entered == 1 && slip_entry_is_dir(&place.entry));
    assert_true(slip_str_is(place.path, "d"));
    assert_int_equal(slip_tree_find_place(&t, SLIP_STR("v/sub"), &place, &found, &err), 0);
    assert_true(found && place.entered == 0 && slip_entry_is_submodule(&place.entry));
}

static void read_file_gives_bytes_of_files_and_links_only(void **state)
{
    struct slip_tree t = mem_tree_view(*state);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    bool found;
    assert_int_equal(slip_tree_read_file(&t, SLIP_STR("to-a"), &out, &found, &err), 0);
    assert_true(found);
    assert_string_equal(out.ptr, "a/b");
    assert_int_equal(slip_tree_read_file(&t, SLIP_STR("a"), &out, &found, &err), 0);
    assert_false(found);
    assert_int_equal(slip_tree_read_file(&t, SLIP_STR("sub"), &out, &found, &err), 0);
    assert_false(found);
}

static int note(void *payload, struct slip_str path, const struct slip_entry *e,
                struct slip_error *err)
{
    (void)err;
    slip_buf_add_fmt(payload, "%.*s ", SLIP_ARG(path));
    return slip_entry_is_dir(e) && !slip_str_is(e->name, "b");
}

static void walk_goes_in_git_order_where_it_is_told_to(void **state)
{
    struct slip_tree t = mem_tree_view(*state);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) seen = SLIP_BUF(1000);
    assert_int_equal(slip_tree_walk(&t, SLIP_STR(""), note, &seen, &err), 0);
    assert_string_equal(seen.ptr, "README.md a-file a a/b a/up circle out root run.sh sub through "
                                  "to-a to-to ");
    slip_buf_reset(&seen);
    assert_int_equal(slip_tree_walk(&t, SLIP_STR("a/b"), note, &seen, &err), 0);
    assert_string_equal(seen.ptr, "a/b/c.txt ");
    assert_int_equal(slip_tree_walk(&t, SLIP_STR("run.sh"), note, &seen, &err), -1);
    assert_string_equal(err.text, "no directory 'run.sh' in the commit");
}

static void gitmodules_name_paths(void **state)
{
    (void)state;
    static const char text[] = "# comment\n"
                               "[core]\n\tpath = x\n"
                               "[submodule \"a \\\"b\\\"\"] ; more\n"
                               "\turl = https://host.example/a\n\tPath = lib/a # b\n"
                               "[Submodule \"c\"]\r\n\tpath = \" lib/c \"\r\n"
                               "[submodule \"d\"]\n\tpath = li\\\nb/d\n\tpath\n";
    static const char *const cases[][2] = {
        { "lib/a", "a \"b\"" }, { " lib/c ", "c" }, { "lib/d", "d" }, { "x", NULL }, { "", NULL },
    };
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add(m, SLIP_STR(".gitmodules"), SLIP_MODE_FILE, slip_str_of(text));
    struct slip_tree t = mem_tree_view(m);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) name = SLIP_BUF(1000);
        struct slip_error err = { 0 };
        bool found;
        assert_int_equal(slip_gitmodules_name(&t, slip_str_of(cases[i][0]), &name, &found, &err),
                         0);
        assert_int_equal(found, cases[i][1] != NULL);
        assert_string_equal(name.ptr, cases[i][1] ? cases[i][1] : "");
    }
}

/* It becomes part of a path on this machine, which would end there. */
static void a_name_with_a_nul_is_none(void **state)
{
    (void)state;
    static const char text[] = "[submodule \"..\0\"]\n\tpath = a\n";
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add(m, SLIP_STR(".gitmodules"), SLIP_MODE_FILE, slip_str_make(text, sizeof(text) - 1));
    struct slip_tree t = mem_tree_view(m);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(100);
    struct slip_error err = { 0 };
    bool found;
    assert_int_equal(slip_gitmodules_name(&t, SLIP_STR("a"), &name, &found, &err), 0);
    assert_false(found);
}

static void gitmodules_may_list_only_what_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int want;
    } cases[] = {
        { "[submodule \"a\"]\n\tpath = lib/a\n", 0 },
        { "[submodule \"a\"]\n\tpath = lib/a/\n", 0 },
        { "", 0 },
        { "[submodule \"a\"]\n\tpath = lib/a\n[submodule \"b\"]\n\tpath = lib/b\n", -1 },
        { "[submodule \"f\"]\n\tpath = f\n", -1 },
    };
    struct slip_oid commit = mem_object_id("commit", SLIP_STR("x"));
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
        struct slip_error err = { 0 };
        mem_tree_add(m, SLIP_STR(".gitmodules"), SLIP_MODE_FILE, slip_str_of(cases[i].text));
        mem_tree_add_short(m, SLIP_STR("f"));
        mem_tree_add_submodule(m, SLIP_STR("lib/a"), &commit, NULL);
        struct slip_tree t = mem_tree_view(m);
        assert_int_equal(slip_gitmodules_check(&t, &err), cases[i].want);
    }
}

static void damaged_trees_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        size_t len;
    } cases[] = {
        { "1", 1 },
        { "100644 a", 8 },
        { "100644 a\0short", 14 },
        { "100644 \0aaaaaaaaaaaaaaaaaaaa", 28 },
        { "100644 a/b\0aaaaaaaaaaaaaaaaaaaa", 31 },
        { "40000 ..\0aaaaaaaaaaaaaaaaaaaa", 29 },
        { "1006449 a\0aaaaaaaaaaaaaaaaaaaa", 30 },
        { " a\0aaaaaaaaaaaaaaaaaaaa", 23 },
    };
    SLIP_AUTO(slip_entries) e = SLIP_ENTRIES;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        assert_int_equal(slip_entries_parse(slip_str_make(cases[i].raw, cases[i].len), &e, &err),
                         -1);
        assert_string_equal(err.text, "a damaged tree object");
    }
}

/* What stands behind the entry that was asked for does not matter. */
static void one_entry_is_found_in_the_content_of_a_tree(void **state)
{
    (void)state;
    const struct slip_str raw =
        SLIP_STR("100644 a\0aaaaaaaaaaaaaaaaaaaa40000 b\0bbbbbbbbbbbbbbbbbbbb"
                 "100644 c/c\0cccccccccccccccccccc");
    struct slip_error err = { 0 };
    struct slip_entry e;
    bool found;
    assert_int_equal(slip_entries_find(raw, SLIP_STR("b"), &e, &found, &err), 0);
    assert_true(found && slip_entry_is_dir(&e) && slip_str_is(e.name, "b"));
    assert_memory_equal(e.id.bytes, "bbbbbbbbbbbbbbbbbbbb", sizeof(e.id.bytes));
    assert_int_equal(slip_entries_find(raw, SLIP_STR("x"), &e, &found, &err), -1);
    assert_string_equal(err.text, "a damaged tree object");
    assert_int_equal(slip_entries_find(SLIP_STR(""), SLIP_STR("a"), &e, &found, &err), 0);
    assert_false(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_those_of_git),
        cmocka_unit_test_setup_teardown(find_names_what_is_there, make, unmake),
        cmocka_unit_test_setup_teardown(links_are_followed_inside_the_tree, make, unmake),
        cmocka_unit_test(submodules_are_entered_when_asked_for),
        cmocka_unit_test_setup_teardown(read_file_gives_bytes_of_files_and_links_only, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(walk_goes_in_git_order_where_it_is_told_to, make, unmake),
        cmocka_unit_test(gitmodules_name_paths),
        cmocka_unit_test(a_name_with_a_nul_is_none),
        cmocka_unit_test(gitmodules_may_list_only_what_is_there),
        cmocka_unit_test(damaged_trees_are_refused),
        cmocka_unit_test(one_entry_is_found_in_the_content_of_a_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
