/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "repo/history.h"
#include "support/sandbox.h"

static char *dir; /* holds "r": c0, then a and b beside each other, their merge m, and "shallow" */

static char *in(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static int make(void **state)
{
    (void)state;
    dir = sandbox_new();
    sandbox_git(dir, "init -q r");
    sandbox_git(in("r"), "commit -q --allow-empty -m c0");
    sandbox_git(in("r"), "checkout -q -b side");
    sandbox_git(in("r"), "commit -q --allow-empty -m b");
    sandbox_git(in("r"), "checkout -q main");
    sandbox_git(in("r"), "commit -q --allow-empty -m a");
    sandbox_git(in("r"), "merge -q --no-ff -m m side");
    SLIP_AUTO_FREE char *url = slip_printf("file://%s", in("r"));
    sandbox_git(dir, "clone -q --depth 2 % shallow", url);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    sandbox_free(dir);
    return 0;
}

static int note(void *payload, const struct slip_history_step *step, struct slip_error *err)
{
    (void)err;
    assert_int_equal(step->commit.author.offset_minutes, 90);
    assert_int_equal(step->commit.committer.offset_minutes, -120);
    slip_buf_add_fmt(payload, "%.*s:%zu ", SLIP_ARG(step->subject), step->n_parents);
    return slip_str_is(step->subject, "stop");
}

static struct slip_oid id_of(struct slip_repo *r, const char *name)
{
    struct slip_error err = { 0 };
    struct slip_commit c;
    if (slip_repo_resolve(r, name, &c, &err) < 0)
        fail_msg("%s", err.text);
    return c.id;
}

static void history_visits_each_commit_once(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_repo) r = NULL;
    assert_int_equal(slip_repo_open(in("r"), NULL, &r, &err), 0);
    const struct slip_oid head = id_of(r, "HEAD");
    SLIP_AUTO(slip_buf) seen = SLIP_BUF(1000);
    bool complete;
    assert_int_equal(slip_repo_history(r, &head, note, &seen, &complete, &err), 0);
    assert_true(complete);
    assert_int_equal(seen.len, strlen("m:2 a:1 b:1 c0:0 "));
    assert_true(slip_str_starts(slip_buf_str(&seen), SLIP_STR("m:2 ")));
    assert_true(slip_str_ends(slip_buf_str(&seen), SLIP_STR("c0:0 ")));
}

static void ancestry_is_known_where_history_is(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_repo) r = NULL;
    SLIP_AUTO_PTR(slip_repo) s = NULL;
    assert_int_equal(slip_repo_open(in("r"), NULL, &r, &err), 0);
    assert_int_equal(slip_repo_open(in("shallow"), NULL, &s, &err), 0);
    const struct slip_oid head = id_of(r, "HEAD"), side = id_of(r, "side"), a = id_of(r, "main^"),
                          root = id_of(r, "side~1");
    const struct {
        struct slip_repo *repo;
        const struct slip_oid *ancestor, *descendant;
        enum slip_answer want;
    } cases[] = {
        { r, &root, &head, SLIP_YES },     { r, &head, &head, SLIP_YES },
        { r, &side, &head, SLIP_YES },     { r, &side, &a, SLIP_NO },
        { r, &head, &root, SLIP_NO },      { s, &a, &head, SLIP_YES },
        { s, &root, &head, SLIP_UNKNOWN }, { s, &head, &root, SLIP_UNKNOWN },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        enum slip_answer got;
        assert_int_equal(slip_repo_is_ancestor(cases[i].repo, cases[i].ancestor,
                                               cases[i].descendant, &got, &err),
                         0);
        assert_int_equal(got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_visits_each_commit_once),
        cmocka_unit_test(ancestry_is_known_where_history_is),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
