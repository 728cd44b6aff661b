/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/mem.h"
#include "build/context.h"
#include "build/tar.h"
#include "proc/run.h"
#include "support/mem_tree.h"
#include "support/sandbox.h"

#include <unistd.h>

static const char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC", "LC_ALL=C",
                                   NULL };

/* The archive listed by tar itself, one line a member. */
static void list(struct slip_context *context, struct slip_buf *out)
{
    static const char *const argv[] = { "tar", "--numeric-owner", "-tvf", "-", NULL };
    struct slip_error err = { 0 };
    struct slip_child tar = {
        .argv = argv, .env = env, .more_input = slip_context_read, .payload = context, .out = out
    };
    int status = -1;
    if (slip_child_run(&tar, &status, &err) < 0 || status != 0)
        fail_msg("tar ended with %d %s", status, err.text);
}

static struct slip_context *open_good(struct slip_context_source *source)
{
    struct slip_error err = { 0 };
    struct slip_context *c = NULL;
    source->mtime = 86400;
    if (slip_context_open(source, &c, &err) < 0)
        fail_msg("%s", err.text);
    return c;
}

static void modes_and_links_are_kept(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(m, SLIP_STR("ctx/a"));
    mem_tree_add_short(m, SLIP_STR("ctx/bin/run.sh*x"));
    mem_tree_add_short(m, SLIP_STR("ctx/link->../outside"));
    mem_tree_add_short(m, SLIP_STR("outside"));
    struct slip_context_source source = { .tree = mem_tree_view(m), .dir = SLIP_STR("ctx") };
    SLIP_AUTO_PTR(slip_context) c = open_good(&source);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    list(c, &out);
    assert_string_equal(out.ptr, "-rw-r--r-- 0/0               6 1970-01-02 00:00 a\n"
                                 "drwxr-xr-x 0/0               0 1970-01-02 00:00 bin/\n"
                                 "-rwxr-xr-x 0/0              15 1970-01-02 00:00 bin/run.sh\n"
                                 "lrwxrwxrwx 0/0               0 1970-01-02 00:00 link -> "
                                 "../outside\n");
}

static void files_of_this_machine_take_the_place_of_those_of_the_commit(void **state)
{
    (void)state;
    char *dir = sandbox_new();
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *file = slip_printf("%s/file", dir);
    SLIP_AUTO_FREE char *script = slip_printf("%s/script", dir);
    SLIP_AUTO_FREE char *link = slip_printf("%s/link", dir);
    assert_int_equal(slip_file_write(file, SLIP_STR("new!"), 0640, &err), 0);
    assert_int_equal(slip_file_write(script, SLIP_STR("#!"), 0750, &err), 0);
    assert_int_equal(symlink("file", link), 0);
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(m, SLIP_STR("a"));
    mem_tree_add_short(m, SLIP_STR("gen/old"));
    mem_tree_add_short(m, SLIP_STR("generic"));
    const struct slip_context_file files[] = { { SLIP_STR("a"), file, NULL },
                                               { SLIP_STR("gen/bin/script"), script, NULL },
                                               { SLIP_STR("gen/link"), link, NULL } };
    const struct slip_str replaced[] = { SLIP_STR("a"), SLIP_STR("gen") };
    struct slip_context_source source = { .tree = mem_tree_view(m),
                                          .files = files,
                                          .n_files = 3,
                                          .replaced = replaced,
                                          .n_replaced = 2 };
    SLIP_AUTO_PTR(slip_context) c = open_good(&source);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    list(c, &out);
    assert_string_equal(out.ptr,
                        "-rw-r--r-- 0/0               8 1970-01-02 00:00 generic\n"
                        "-rw-r--r-- 0/0               4 1970-01-02 00:00 a\n"
                        "-rwxr-xr-x 0/0               2 1970-01-02 00:00 gen/bin/script\n"
                        "lrwxrwxrwx 0/0               0 1970-01-02 00:00 gen/link -> file\n");
    sandbox_free(dir);
}

static void long_names_and_odd_sizes_arrive(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    SLIP_AUTO(slip_buf) name = SLIP_BUF(4096), target = SLIP_BUF(4096), content = SLIP_BUF(1 << 20);
    for (int i = 0; i < 30; i++)
        slip_buf_add_fmt(&name, "%sdirectory", i ? "/" : "");
    for (int i = 0; i < 150; i++)
        slip_buf_add_char(&target, 't');
    for (int i = 0; i < 100003; i++)
        slip_buf_add_char(&content, (char)i);
    mem_tree_add(m, slip_buf_str(&name), SLIP_MODE_FILE, slip_buf_str(&content));
    mem_tree_add(m, SLIP_STR("a-link"), SLIP_MODE_LINK, slip_buf_str(&target));
    mem_tree_add(m, SLIP_STR("empty"), SLIP_MODE_FILE, SLIP_STR(""));
    mem_tree_add(m, SLIP_STR("whole-block"), SLIP_MODE_FILE,
                 slip_str_first(slip_buf_str(&content), 512));

    struct slip_context_source source = { .tree = mem_tree_view(m) };
    SLIP_AUTO_PTR(slip_context) c = open_good(&source);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    list(c, &out);
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&out), slip_buf_str(&name)), SLIP_NPOS);
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&out), slip_buf_str(&target)), SLIP_NPOS);

    /* The content itself. */
    SLIP_AUTO_PTR(slip_context) again = open_good(&source);
    const char *argv[] = { "tar", "-xOf", "-", name.ptr, NULL };
    SLIP_AUTO(slip_buf) got = SLIP_BUF(1 << 20);
    struct slip_child tar = {
        .argv = argv, .env = env, .more_input = slip_context_read, .payload = again, .out = &got
    };
    struct slip_error err = { 0 };
    int status = -1;
    assert_int_equal(slip_child_run(&tar, &status, &err), 0);
    assert_int_equal(status, 0);
    assert_int_equal(got.len, content.len);
    assert_memory_equal(got.ptr, content.ptr, content.len);
}

/* "x" and a line feed, its SHA-256, and a link. */
static void a_file_that_is_not_what_was_hashed_is_an_error(void **state)
{
    (void)state;
    static const char x[] = "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac";
    static const struct {
        const char *name, *content;
        bool good;
    } cases[] = { { "x", x, true },      { "x", "", false },   { "y", x, false },
                  { "y", NULL, true },   { "link", "", true }, { "link", x, false },
                  { "link", NULL, true } };
    char *dir = sandbox_new();
    sandbox_write(dir, "x", "x\n");
    sandbox_write(dir, "y", "y\n");
    sandbox_link(dir, "link", "x");
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO_FREE char *path = slip_printf("%s/%s", dir, cases[i].name);
        const struct slip_context_file file = { SLIP_STR("gen"), path, cases[i].content };
        struct slip_context_source source = { .tree = mem_tree_view(m),
                                              .files = &file,
                                              .n_files = 1 };
        SLIP_AUTO_PTR(slip_context) c = open_good(&source);
        struct slip_error err = { 0 };
        char archive[4096];
        size_t len;
        assert_int_equal(slip_context_read(c, archive, sizeof(archive), &len, &err),
                         cases[i].good ? 0 : -1);
        if (!cases[i].good)
            assert_string_equal(err.text,
                                "contextAddFiles: 'gen' changed after the digest was made of it");
    }
    sandbox_free(dir);
}

static void the_archive_does_not_depend_on_the_reader(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(m, SLIP_STR("a/b"));
    mem_tree_add_short(m, SLIP_STR("c"));
    struct slip_context_source source = { .tree = mem_tree_view(m) };
    SLIP_AUTO(slip_buf) whole = SLIP_BUF(1 << 20), pieces = SLIP_BUF(1 << 20);
    struct slip_error err = { 0 };
    char chunk[70000];
    static const size_t sizes[] = { sizeof(chunk), 7 };
    struct slip_buf *const outs[] = { &whole, &pieces };
    for (size_t i = 0; i < SLIP_COUNT(sizes); i++) {
        SLIP_AUTO_PTR(slip_context) c = open_good(&source);
        for (size_t len = 1; len;) {
            assert_int_equal(slip_context_read(c, chunk, sizes[i], &len, &err), 0);
            slip_buf_add(outs[i], chunk, len);
        }
    }
    assert_int_equal(whole.len, pieces.len);
    assert_memory_equal(whole.ptr, pieces.ptr, whole.len);
    assert_int_equal(whole.len % SLIP_TAR_BLOCK, 0);
}

static bool no_logs(void *payload, struct slip_str path, const struct slip_entry *e)
{
    (void)payload;
    return slip_entry_is_dir(e) || !slip_str_ends(path, SLIP_STR(".log"));
}

static void what_is_not_wanted_stays_out(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(m, SLIP_STR("x/a.log"));
    mem_tree_add_short(m, SLIP_STR("x/b"));
    struct slip_context_source source = { .tree = mem_tree_view(m), .want = no_logs };
    SLIP_AUTO_PTR(slip_context) c = open_good(&source);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    list(c, &out);
    assert_int_equal(slip_str_find_str(slip_buf_str(&out), SLIP_STR("a.log")), SLIP_NPOS);
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&out), SLIP_STR("x/b")), SLIP_NPOS);
}

static void submodules_are_part_of_it_or_an_error(void **state)
{
    (void)state;
    struct slip_oid commit = { { 1 } };
    SLIP_AUTO_PTR(mem_tree) sub = mem_tree_new();
    mem_tree_add_short(sub, SLIP_STR("lib/f"));
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_submodule(m, SLIP_STR("ctx/vendor"), &commit, sub);
    struct slip_context_source source = { .tree = mem_tree_view(m), .dir = SLIP_STR("ctx") };
    SLIP_AUTO_PTR(slip_context) c = open_good(&source);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    list(c, &out);
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&out), SLIP_STR(" vendor/lib/f\n")),
                         SLIP_NPOS);

    SLIP_AUTO_PTR(mem_tree) without = mem_tree_new();
    mem_tree_add_submodule(without, SLIP_STR("vendor"), &commit, NULL);
    struct slip_context_source absent = { .tree = mem_tree_view(without) };
    struct slip_error err = { 0 };
    struct slip_context *none = NULL;
    assert_int_equal(slip_context_open(&absent, &none, &err), -1);
    assert_int_not_equal(slip_str_find_str(slip_str_of(err.text), SLIP_STR("vendor")), SLIP_NPOS);
}

static void a_context_may_be_a_submodule_or_lie_in_one(void **state)
{
    (void)state;
    struct slip_oid commit = { { 1 } };
    SLIP_AUTO_PTR(mem_tree) inner = mem_tree_new();
    SLIP_AUTO_PTR(mem_tree) outer = mem_tree_new();
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(inner, SLIP_STR("g"));
    mem_tree_add_short(outer, SLIP_STR("lib/f"));
    mem_tree_add_submodule(outer, SLIP_STR("lib/in"), &commit, inner);
    mem_tree_add_submodule(m, SLIP_STR("v/sub"), &commit, outer);
    static const struct {
        const char *dir, *file, *nested;
    } cases[] = { { "v/sub", " lib/f\n", " lib/in/g\n" }, { "v/sub/lib", " f\n", " in/g\n" } };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_context_source source = { .tree = mem_tree_view(m),
                                              .dir = slip_str_of(cases[i].dir) };
        SLIP_AUTO_PTR(slip_context) c = open_good(&source);
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
        list(c, &out);
        assert_non_null(strstr(out.ptr, cases[i].file));
        assert_non_null(strstr(out.ptr, cases[i].nested));
    }
}

static void a_context_that_is_no_directory_is_an_error(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    mem_tree_add_short(m, SLIP_STR("a"));
    static const char *const dirs[] = { "a", "nowhere", "a/b" };
    for (size_t i = 0; i < SLIP_COUNT(dirs); i++) {
        struct slip_context_source source = { .tree = mem_tree_view(m),
                                              .dir = slip_str_of(dirs[i]) };
        struct slip_error err = { 0 };
        struct slip_context *c = NULL;
        assert_int_equal(slip_context_open(&source, &c, &err), -1);
        assert_int_equal(err.kind, SLIP_E_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_and_links_are_kept),
        cmocka_unit_test(files_of_this_machine_take_the_place_of_those_of_the_commit),
        cmocka_unit_test(long_names_and_odd_sizes_arrive),
        cmocka_unit_test(a_file_that_is_not_what_was_hashed_is_an_error),
        cmocka_unit_test(the_archive_does_not_depend_on_the_reader),
        cmocka_unit_test(what_is_not_wanted_stays_out),
        cmocka_unit_test(submodules_are_part_of_it_or_an_error),
        cmocka_unit_test(a_context_may_be_a_submodule_or_lie_in_one),
        cmocka_unit_test(a_context_that_is_no_directory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
