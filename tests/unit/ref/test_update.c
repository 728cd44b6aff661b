/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "base/limits.h"
#include "ref/update.h"

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B40 "0123456789abcdef0123456789abcdef01234567"
#define Z40 "0000000000000000000000000000000000000000"
#define A64 A40 "aaaaaaaaaaaaaaaaaaaaaaaa"
#define Z64 Z40 "000000000000000000000000"

static void push_lines_parse_as_git_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *line, *local, *ref, *name;
        enum slip_ref_kind kind;
        enum slip_ref_change change;
    } cases[] = {
        { "refs/heads/main " A40 " refs/heads/main " Z40, "refs/heads/main", "refs/heads/main",
          "main", SLIP_REF_BRANCH, SLIP_REF_CREATE },
        { "refs/heads/main " A40 " refs/heads/foreign " B40, "refs/heads/main",
          "refs/heads/foreign", "foreign", SLIP_REF_BRANCH, SLIP_REF_UPDATE },
        { "refs/tags/v1 " A40 " refs/tags/v1 " Z40, "refs/tags/v1", "refs/tags/v1", "v1",
          SLIP_REF_TAG, SLIP_REF_CREATE },
        { "refs/tags/v1 " A40 " refs/tags/v1 " B40, "refs/tags/v1", "refs/tags/v1", "v1",
          SLIP_REF_TAG, SLIP_REF_UPDATE },
        { "(delete) " Z40 " refs/tags/v1 " A40, "(delete)", "refs/tags/v1", "v1", SLIP_REF_TAG,
          SLIP_REF_DELETE },
        { "HEAD~1 " A40 " refs/tags/t " Z40, "HEAD~1", "refs/tags/t", "t", SLIP_REF_TAG,
          SLIP_REF_CREATE },
        { "HEAD^{/some words} " A40 " refs/heads/x " Z40, "HEAD^{/some words}", "refs/heads/x", "x",
          SLIP_REF_BRANCH, SLIP_REF_CREATE },
        { "refs/remotes/o/m " A40 " refs/remotes/o/m " Z40, "refs/remotes/o/m", "refs/remotes/o/m",
          "refs/remotes/o/m", SLIP_REF_OTHER, SLIP_REF_CREATE },
        { "x " A64 " refs/tags/a/b " Z64, "x", "refs/tags/a/b", "a/b", SLIP_REF_TAG,
          SLIP_REF_CREATE },
        { "x " A40 " refs/tags/ " Z40, "x", "refs/tags/", "refs/tags/", SLIP_REF_OTHER,
          SLIP_REF_CREATE },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_ref_update u;
        assert_int_equal(slip_ref_parse_push(slip_str_of(cases[i].line), &u, &err), 0);
        assert_str(u.local_ref, cases[i].local);
        assert_str(u.ref, cases[i].ref);
        assert_str(u.name, cases[i].name);
        assert_int_equal(u.kind, cases[i].kind);
        assert_int_equal(u.change, cases[i].change);
    }
}

static void other_lines_say_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        { "", "remote object id is missing" },
        { "one", "remote object id is missing" },
        { "r abc r " Z40, "local object id is not an object id" },
        { "r " A40 " r abc", "remote object id is not an object id" },
        { "r " A40 " r " Z64, "object ids of different length" },
        { "r " A40 "  " Z40, "remote ref is empty" },
        { A40 " r " Z40, "local object id is missing" },
        { " " A40 " r " Z40, "local ref is empty" },
        { "r AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA r " Z40,
          "local object id is not an object id" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_ref_update u;
        assert_int_equal(slip_ref_parse_push(slip_str_of(cases[i].line), &u, &err), -1);
        assert_string_equal(err.text, cases[i].error);
    }
}

static void stdin_is_read_to_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t want; /* SLIP_NPOS: refused */
    } cases[] = {
        { "", 0 },
        { "\n\n", 0 },
        { "r " A40 " refs/heads/a " Z40, 1 },
        { "r " A40 " refs/heads/a " Z40 "\n", 1 },
        { "r " A40 " refs/heads/a " Z40 "\n\nr " A40 " refs/heads/b " Z40, 2 },
        { "r " A40 " refs/heads/a " Z40 "\r\n", SLIP_NPOS },
        { "r " A40 " refs/heads/a " Z40 "\nnonsense\n", SLIP_NPOS },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_ref_updates) got = { 0 };
        bool cut = true;
        int rc = slip_ref_read_push(slip_str_of(cases[i].text), &got, &cut, &err);
        assert_int_equal(rc, cases[i].want == SLIP_NPOS ? -1 : 0);
        if (rc < 0)
            continue;
        assert_int_equal(got.len, cases[i].want);
        assert_false(cut);
    }
}

static void above_the_limit_only_tags_are_kept(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    for (int i = 0; i < SLIP_LIMIT_REFS_PER_PUSH; i++)
        slip_buf_add_fmt(&text, "r " A40 " refs/heads/b%d " Z40 "\n", i);
    slip_buf_add_c(&text, "r " A40 " refs/tags/v1 " Z40 "\n");
    slip_buf_add_c(&text, "r " A40 " refs/heads/last " Z40 "\n");

    struct slip_error err = { 0 };
    SLIP_AUTO(slip_ref_updates) got = { 0 };
    bool cut = false;
    assert_int_equal(slip_ref_read_push(slip_buf_str(&text), &got, &cut, &err), 0);
    assert_true(cut);
    assert_int_equal(got.len, 1);
    assert_str(got.at[0].name, "v1");
}

static void names_are_checked_as_git_does(void **state)
{
    (void)state;
    static const char *const good[] = { "refs/tags/v1.0", "main", "a/b-c_d@e", "v1+x", "\xC3\xA4" };
    static const char *const bad[] = { "",     "-d", "a..b",   "a b",  "a~1",    "a^", "a:b",
                                       "a?",   "a*", "a[",     "a\\b", "/a",     "a/", "a//b",
                                       "a/.b", "a.", "a.lock", "a@{1", "a\x01b", "@",  "x\x7F" };
    for (size_t i = 0; i < SLIP_COUNT(good); i++)
        assert_true(slip_ref_is_valid_name(slip_str_of(good[i])));
    for (size_t i = 0; i < SLIP_COUNT(bad); i++)
        assert_false(slip_ref_is_valid_name(slip_str_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push_lines_parse_as_git_writes_them),
        cmocka_unit_test(other_lines_say_what_is_wrong),
        cmocka_unit_test(stdin_is_read_to_its_end),
        cmocka_unit_test(above_the_limit_only_tags_are_kept),
        cmocka_unit_test(names_are_checked_as_git_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
