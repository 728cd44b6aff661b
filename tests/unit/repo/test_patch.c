/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the repository, of its owner and of its trees do not change a patch. */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "repo/history.h"
#include "repo/patch.h"
#include "support/sandbox.h"

#include <stdlib.h>

extern char **environ;

struct place {
    char *dir;
    struct slip_repo *repo;
    struct slip_commit before, after;
};

static int setup(void **state)
{
    static struct place p;
    struct slip_error err = { 0 };
    p.dir = sandbox_new();
    sandbox_git(p.dir, "init -q -b main .");
    sandbox_write(p.dir, "src/a.txt", "one\ntwo\nthree\n");
    sandbox_write(p.dir, "other", "1\n");
    sandbox_git(p.dir, "add .");
    sandbox_git(p.dir, "commit -q -m one");
    sandbox_write(p.dir, "src/a.txt", "one\nTWO\nthree\n");
    sandbox_write(p.dir, "other", "2\n");
    sandbox_write(p.dir, ".gitattributes", "*.txt binary\n");
    sandbox_git(p.dir, "add .");
    sandbox_git(p.dir, "commit -q -m two");
    assert_int_equal(slip_repo_open(p.dir, (const char *const *)environ, &p.repo, &err), 0);
    assert_int_equal(slip_repo_resolve(p.repo, "HEAD~1", &p.before, &err), 0);
    assert_int_equal(slip_repo_resolve(p.repo, "HEAD", &p.after, &err), 0);
    *state = &p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    slip_repo_free(p->repo);
    sandbox_free(p->dir);
    return 0;
}

static int take(void *payload, struct slip_str text, struct slip_error *err)
{
    (void)err;
    slip_buf_add_str(payload, text);
    return 0;
}

static void make(struct place *p, bool whole, struct slip_buf *out)
{
    struct slip_error err = { 0 };
    const struct slip_patch what = {
        .before = &p->before.id, .after = &p->after.id, .scope = SLIP_STR("src"), .whole = whole
    };
    assert_int_equal(slip_repo_patch(p->repo, &what, take, out, &err), 0);
}

static void a_patch_is_below_its_scope_and_plain(void **state)
{
    struct place *p = *state;
    static const char *const settings[] = {
        "config diff.noprefix true",       "config diff.context 0",
        "config diff.external /bin/false", "config color.ui always",
        "config diff.algorithm patience",
    };
    SLIP_AUTO(slip_buf) plain = SLIP_BUF(1u << 16);
    SLIP_AUTO(slip_buf) set = SLIP_BUF(1u << 16);
    make(p, false, &plain);
    assert_non_null(strstr(plain.ptr, "--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1,3 +1,3 @@\n one\n"));
    assert_null(strstr(plain.ptr, "other"));
    for (size_t i = 0; i < SLIP_COUNT(settings); i++)
        sandbox_git(p->dir, settings[i]);
    setenv("GIT_DIFF_OPTS", "-u0", 1);
    setenv("GIT_EXTERNAL_DIFF", "/bin/false", 1);
    make(p, false, &set);
    unsetenv("GIT_DIFF_OPTS");
    unsetenv("GIT_EXTERNAL_DIFF");
    assert_string_equal(set.ptr, plain.ptr);
}

static void a_commit_is_here_or_may_be_elsewhere(void **state)
{
    struct place *p = *state;
    struct slip_error err = { 0 };
    struct slip_oid none = { { 1 } };
    enum slip_answer here;
    assert_int_equal(slip_repo_has_commit(p->repo, &p->after.id, &here, &err), 0);
    assert_int_equal(here, SLIP_YES);
    assert_int_equal(slip_repo_has_commit(p->repo, &p->after.tree, &here, &err), 0);
    assert_int_equal(here, SLIP_NO);
    assert_int_equal(slip_repo_has_commit(p->repo, &none, &here, &err), 0);
    assert_int_equal(here, SLIP_NO);
    SLIP_AUTO_FREE char *id = sandbox_git_line(p->dir, "rev-parse HEAD");
    sandbox_write(p->dir, ".git/shallow", id);
    assert_int_equal(slip_repo_has_commit(p->repo, &none, &here, &err), 0);
    assert_int_equal(here, SLIP_UNKNOWN);
}

static void a_failure_says_what_git_says(void **state)
{
    struct place *p = *state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1u << 16);
    struct slip_oid none = { { 1 } };
    const struct slip_patch what = { .before = &none, .after = &p->after.id };
    assert_int_equal(slip_repo_patch(p->repo, &what, take, &out, &err), -1);
    assert_int_equal(err.kind, SLIP_E_REPO);
    assert_non_null(strstr(err.text, "git diff: fatal: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_patch_is_below_its_scope_and_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(a_commit_is_here_or_may_be_elsewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_says_what_git_says, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
