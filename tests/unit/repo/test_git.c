/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "repo/git.h"
#include "support/sandbox.h"

#include <stdlib.h>

extern char **environ;

static int setup(void **state)
{
    *state = sandbox_new();
    sandbox_git(*state, "init -q -b main .");
    sandbox_git(*state, "commit -q --allow-empty -m one");
    sandbox_git(*state, "tag light");
    sandbox_git(*state, "tag -a -m two annotated");
    sandbox_git(*state, "update-ref refs/heads/x/refs/tags/light HEAD");
    return 0;
}

static int teardown(void **state)
{
    sandbox_free(*state);
    return 0;
}

static struct slip_git git_in(void **state)
{
    return (struct slip_git){ .env = (const char *const *)environ, .dir = *state };
}

static void settings_are_set_added_and_removed(void **state)
{
    struct slip_git git = git_in(state);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_git_config) config = { 0 };
    assert_int_equal(slip_git_config_set(&git, "slipway.repo", "a.example/b", &err), 0);
    assert_int_equal(slip_git_config_add(&git, "slipway.allowDestination", "one\nline", &err), 0);
    assert_int_equal(slip_git_config_add(&git, "slipway.allowDestination", "two", &err), 0);
    assert_int_equal(slip_git_config_read(&git, &config, &err), 0);
    assert_string_equal(slip_git_config_get(&config, "slipway.repo"), "a.example/b");
    assert_string_equal(slip_git_config_get(&config, "slipway.allowdestination"), "two");
    assert_null(slip_git_config_get(&config, "slipway.other"));
    assert_false(slip_git_config_bool(&config, "core.bare", true));
    assert_true(slip_git_config_bool(&config, "slipway.repo", true));
    assert_int_equal(slip_git_config_set(&git, "slipway.allowDestination", NULL, &err), 0);
    assert_int_equal(slip_git_config_set(&git, "slipway.never", NULL, &err), 0);
    assert_int_equal(slip_git_config_read(&git, &config, &err), 0);
    assert_null(slip_git_config_get(&config, "slipway.allowdestination"));
}

static void a_remote_tells_objects_and_commits(void **state)
{
    struct slip_git git = git_in(state);
    struct slip_error err = { 0 };
    static const char *const refs[] = { "refs/tags/light", "refs/tags/annotated", "refs/tags/no" };
    struct slip_remote_ref found[SLIP_COUNT(refs)];
    SLIP_AUTO_FREE char *head = sandbox_git_line(*state, "rev-parse HEAD");
    SLIP_AUTO_FREE char *tag = sandbox_git_line(*state, "rev-parse annotated");
    if (slip_git_ls_remote(&git, *state, refs, SLIP_COUNT(refs), found, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(found[0].id, head);
    assert_string_equal(found[0].peeled, head);
    assert_string_equal(found[1].id, tag);
    assert_string_equal(found[1].peeled, head);
    assert_string_equal(found[2].id, "");
    SLIP_AUTO(slip_buf) tags = SLIP_BUF(1000);
    assert_int_equal(slip_git_remote_tags(&git, *state, &tags, &err), 0);
    assert_string_equal(tags.ptr, "annotated\nlight\n");
    SLIP_AUTO(slip_remote_tags) list = { 0 };
    assert_int_equal(slip_git_remote_tags_read(&git, *state, &list, &err), 0);
    assert_int_equal(list.len, 2);
    assert_string_equal(list.at[0].name.ptr, "annotated");
    assert_string_equal(list.at[0].at.id, tag);
    assert_string_equal(list.at[0].at.peeled, head);
    assert_string_equal(list.at[1].name.ptr, "light");
    assert_string_equal(list.at[1].at.peeled, head);
}

static void many_refs_are_asked_for_at_once(void **state)
{
    struct slip_git git = git_in(state);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_arena) arena = { 0 };
    const char *refs[1002];
    struct slip_remote_ref found[SLIP_COUNT(refs)];
    SLIP_AUTO_FREE char *head = sandbox_git_line(*state, "rev-parse HEAD");
    SLIP_AUTO_FREE char *tag = sandbox_git_line(*state, "rev-parse annotated");
    for (size_t i = 0; i < SLIP_COUNT(refs); i++)
        refs[i] = slip_arena_printf(&arena, "refs/tags/no-%zu", i);
    refs[0] = refs[1001] = "refs/tags/annotated";
    refs[500] = "refs/heads/main";
    for (size_t n = 1; n <= SLIP_COUNT(refs); n += 1001) {
        memset(found, 'x', sizeof(found));
        assert_int_equal(slip_git_ls_remote(&git, *state, refs, n, found, &err), 0);
        assert_string_equal(found[0].id, tag);
        assert_string_equal(found[0].peeled, head);
    }
    assert_string_equal(found[1].id, "");
    assert_string_equal(found[500].id, head);
    assert_string_equal(found[1001].id, tag); /* asked for twice */
    assert_string_equal(found[1001].peeled, head);
    /* Branches and other refs alone. */
    static const char *const branch[] = { "refs/heads/main", "refs/heads/x/refs/tags/light" };
    static const char *const mixed[] = { "refs/tags/light", "HEAD" };
    assert_int_equal(slip_git_ls_remote(&git, *state, branch, 2, found, &err), 0);
    assert_string_equal(found[0].id, head);
    assert_string_equal(found[1].id, head);
    assert_int_equal(slip_git_ls_remote(&git, *state, mixed, 2, found, &err), 0);
    assert_string_equal(found[0].id, head);
    assert_string_equal(found[1].id, head);
}

static void a_listing_of_tags_that_git_would_not_write_is_passed_over(void **state)
{
    (void)state;
    SLIP_AUTO(slip_remote_tags) list = { 0 };
    char text[400];
    snprintf(text, sizeof(text),
             "no tab\n\trefs/tags/empty-id\n%0*d\trefs/tags/long\n"
             "1\trefs/heads/x\n2\trefs/tags/alone^{}\n3\trefs/tags/a\n"
             "4\trefs/tags/b^{}\n5\trefs/tags/a/b\n",
             100, 0);
    slip_remote_tags_parse(slip_str_of(text), &list);
    assert_int_equal(list.len, 3);
    assert_string_equal(list.at[0].name.ptr, "empty-id");
    assert_string_equal(list.at[1].at.peeled, "3"); /* what peels belongs to another tag */
    assert_string_equal(list.at[2].name.ptr, "a/b");
}

static void a_remote_that_is_not_there_says_why(void **state)
{
    struct slip_git git = git_in(state);
    struct slip_error err = { 0 };
    static const char *const refs[] = { "refs/tags/light" };
    struct slip_remote_ref found[1];
    assert_int_equal(slip_git_ls_remote(&git, "/nowhere", refs, 1, found, &err), -1);
    assert_int_equal(err.kind, SLIP_E_DENIED);
    assert_true(err.hint[0] != '\0');
}

static bool has(const char *const *env, const char *entry)
{
    for (; *env; env++)
        if (strcmp(*env, entry) == 0)
            return true;
    return false;
}

static void a_quiet_environment_asks_nothing_and_keeps_the_rest(void **state)
{
    static const struct {
        const char *told, *want;
    } ssh[] = {
        { "X=1", "GIT_SSH_COMMAND=ssh -o BatchMode=yes" },
        { "GIT_SSH_COMMAND=ssh -i key", "GIT_SSH_COMMAND=ssh -i key -o BatchMode=yes" },
        { "GIT_SSH_COMMAND=/usr/bin/ssh", "GIT_SSH_COMMAND=/usr/bin/ssh -o BatchMode=yes" },
        { "GIT_SSH_COMMAND=plink -x", "GIT_SSH_COMMAND=plink -x" },
    };
    for (size_t i = 0; i < SLIP_COUNT(ssh); i++) {
        const char *const env[] = {
            "PATH=/usr/bin:/bin", "HOME=/", "SSH_AUTH_SOCK=/s", "GIT_DIR=.git", "GIT_ASKPASS=ask",
            ssh[i].told,          NULL
        };
        struct slip_git git = { .env = env, .dir = *state };
        const char **quiet = slip_git_env_quiet(&git, true);
        assert_true(has(quiet, "GIT_TERMINAL_PROMPT=0"));
        assert_true(has(quiet, "SSH_AUTH_SOCK=/s"));
        assert_true(has(quiet, "GIT_ASKPASS="));
        assert_false(has(quiet, "GIT_ASKPASS=ask"));
        assert_false(has(quiet, "GIT_DIR=.git"));
        assert_true(has(quiet, ssh[i].want));
        slip_git_env_free(quiet);
    }
    sandbox_git(*state, "config core.sshCommand %", "mine -x");
    const char *const env[] = { "PATH=/usr/bin:/bin", "HOME=/", NULL };
    struct slip_git git = { .env = env, .dir = *state };
    const char **quiet = slip_git_env_quiet(&git, false);
    assert_true(has(quiet, "GIT_SSH_COMMAND=mine -x"));
    slip_git_env_free(quiet);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(settings_are_set_added_and_removed),
        TEST(a_remote_tells_objects_and_commits),
        TEST(a_remote_that_is_not_there_says_why),
        TEST(many_refs_are_asked_for_at_once),
        TEST(a_listing_of_tags_that_git_would_not_write_is_passed_over),
        TEST(a_quiet_environment_asks_nothing_and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
