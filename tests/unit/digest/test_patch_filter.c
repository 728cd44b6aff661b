/* SPDX-License-Identifier: Apache-2.0 */
/* A diff becomes the patch of a mapping, in whatever pieces it comes. */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "digest/patch_filter.h"

#define ID_A "4cb29ea38f70d7c61b2a3a25b02e3bdf44905402"
#define ID_B "ddc897f0aa5a1a7b5b1f4a07b4bba9b4d8a4a0a1"

static void put(void *payload, struct slip_str text)
{
    slip_buf_add_str(payload, text);
}

/* `step` bytes at a time. */
static int run(const char *scope, const char *name, const char *diff, size_t step,
               struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_filter) filter = slip_filter_new(slip_str_of("src"));
    const struct slip_str exclude = SLIP_STR("*.md");
    slip_filter_exclude(filter, &exclude, 1);
    const struct slip_patch_rules rules = { .filter = filter,
                                            .scope = slip_str_of(scope),
                                            .name = slip_str_of(name),
                                            .put = put,
                                            .payload = out };
    SLIP_AUTO_PTR(slip_patch_filter) f = slip_patch_filter_new(&rules);
    struct slip_str rest = slip_str_of(diff);
    while (rest.len) {
        struct slip_str piece = slip_str_first(rest, step < rest.len ? step : rest.len);
        if (slip_patch_filter_add(f, piece, err) < 0)
            return -1;
        rest = slip_str_skip(rest, piece.len);
    }
    return slip_patch_filter_end(f, err);
}

static const struct {
    const char *what, *scope, *name, *diff, *patch;
} patches[] = {
    { "paths and ids are shortened", "src", "",
      "diff --git a/src/a b.txt b/src/a b.txt\nindex " ID_A ".." ID_B " 100644\n"
      "--- a/src/a b.txt\t\n+++ b/src/a b.txt\t\n@@ -1 +1 @@\n-x\n+diff\n"
      "\\ No newline at end of file\n",
      "diff --git a/a b.txt b/a b.txt\nindex 4cb29ea3..ddc897f0 100644\n"
      "--- a/a b.txt\n+++ b/a b.txt\n@@ -1 +1 @@\n-x\n+diff\n\\ No newline at end of file\n" },
    { "what the mapping leaves out is dropped", "src", "",
      "diff --git a/src/x.md b/src/x.md\nnew file mode 100644\nindex " ID_A ".." ID_B "\n"
      "--- /dev/null\n+++ b/src/x.md\n@@ -0,0 +1 @@\n+1\n"
      "diff --git a/src/y b/src/y\nold mode 100644\nnew mode 100755\n",
      "diff --git a/y b/y\nold mode 100644\nnew mode 100755\n" },
    { "removed lines that look like a header stay", "", "",
      "diff --git a/src/y b/src/y\nindex " ID_A ".." ID_B " 100644\n--- a/src/y\n+++ b/src/y\n"
      "@@ -1,2 +1 @@\n--- a/src/z\n++++ b/src/z\n",
      "diff --git a/src/y b/src/y\nindex 4cb29ea3..ddc897f0 100644\n--- a/src/y\n+++ b/src/y\n"
      "@@ -1,2 +1 @@\n--- a/src/z\n++++ b/src/z\n" },
    { "names in quotes", "src", "",
      "diff --git \"a/src/q\\\"t\" \"b/src/q\\\"t\"\nindex " ID_A ".." ID_B " 100644\n"
      "--- \"a/src/q\\\"t\"\n+++ \"b/src/q\\\"t\"\n@@ -1 +1 @@\n-1\n+2\n",
      "diff --git \"a/q\\\"t\" \"b/q\\\"t\"\nindex 4cb29ea3..ddc897f0 100644\n"
      "--- a/../--- \"a/src/q\\\"t\"\n+++ b/../+++ \"b/src/q\\\"t\"\n@@ -1 +1 @@\n-1\n+2\n" },
    { "a file under another name", "src", "n",
      "diff --git a/src/y b/src/y\nindex " ID_A ".." ID_B " 100644\n--- a/src/y\n+++ b/src/y\n"
      "@@ -1 +1 @@\n-1\n+2\n",
      "diff --git a/n b/n\nindex 4cb29ea3..ddc897f0 100644\n--- a/n\n+++ b/n\n"
      "@@ -1 +1 @@\n-1\n+2\n" },
    { "binary files keep their paths, submodules go", "src", "",
      "Submodule src/lib 1234567..89abcde:\n  > one\n"
      "diff --git a/src/y b/src/y\nindex " ID_A ".." ID_B " 100644\n"
      "Binary files a/src/y and b/src/y differ\n",
      "diff --git a/y b/y\nindex 4cb29ea3..ddc897f0 100644\n"
      "Binary files a/src/y and b/src/y differ\n" },
};

static void patches_are_those_of_the_mapping(void **state)
{
    (void)state;
    static const size_t steps[] = { 1, 7, 4096 };
    for (size_t i = 0; i < SLIP_COUNT(patches); i++)
        for (size_t k = 0; k < SLIP_COUNT(steps); k++) {
            SLIP_AUTO(slip_buf) out = SLIP_BUF(1u << 16);
            struct slip_error err = { 0 };
            print_message("  %s\n", patches[i].what);
            assert_int_equal(
                run(patches[i].scope, patches[i].name, patches[i].diff, steps[k], &out, &err), 0);
            assert_string_equal(out.ptr, patches[i].patch);
        }
}

static void a_long_line_of_text_passes(void **state)
{
    (void)state;
    enum { LEN = 3 << 20 };
    SLIP_AUTO(slip_buf) diff = SLIP_BUF(1u << 24);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1u << 24);
    struct slip_error err = { 0 };
    slip_buf_add_c(&diff, "diff --git a/src/y b/src/y\n--- a/src/y\n+++ b/src/y\n+");
    memset(slip_buf_room(&diff, LEN), 'x', LEN);
    slip_buf_grew(&diff, LEN);
    slip_buf_add_c(&diff, "\n-y\n");
    assert_int_equal(run("", "", diff.ptr, 65536, &out, &err), 0);
    assert_true(slip_str_eq(slip_buf_str(&out), slip_buf_str(&diff)));
}

static const struct {
    const char *diff, *error;
} refused[] = {
    { "something\n", "git diff: unexpected line: something" },
    { "diff --git a/src/y b/src/z\n", "git diff: unexpected line: diff --git a/src/y b/src/z" },
    { "diff --git \"a/src/y\" b/src/y\n",
      "git diff: unexpected line: diff --git \"a/src/y\" b/src/y" },
    { "diff --git a/src/y b/src/y\nindex 1..2\n", "git diff: unexpected line: index 1..2" },
    { "Submodule lib 1..2 (commits not present)\n", "Submodule lib 1..2 (commits not present)" },
};

static void what_is_not_understood_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(refused); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1u << 16);
        struct slip_error err = { 0 };
        assert_int_equal(run("src", "", refused[i].diff, 4096, &out, &err), -1);
        assert_int_equal(err.kind, SLIP_E_UNSUPPORTED);
        assert_string_equal(err.text, refused[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_are_those_of_the_mapping),
        cmocka_unit_test(a_long_line_of_text_passes),
        cmocka_unit_test(what_is_not_understood_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
