/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "flow/policy.h"
#include "support/sandbox.h"

#include <unistd.h>

static void config_of(const char *text, size_t len, struct slip_git_config *out)
{
    SLIP_AUTO(slip_buf) raw = SLIP_BUF(1 << 16);
    slip_buf_add(&raw, text, len);
    slip_git_config_parse(&raw, out);
}

static const char settings[] = "slipway.allowdestination\nghcr.example/acme/shop\0"
                               "slipway.allowdestination\noci:release\0"
                               "slipway.allowdestination\nhost.example:5000\0"
                               "slipway.allowdestination\n\0"
                               "slipway.repo\nghcr.example/acme/stages\0"
                               "core.bare\0"
                               "slipway.allowbuild\ntrue";

static void destinations_are_compared_at_path_boundaries(void **state)
{
    static const struct {
        const char *reference;
        bool allowed;
    } cases[] = {
        { "ghcr.example/acme/shop:1", true },
        { "ghcr.example/acme/shop/web:1", true },
        { "ghcr.example/acme/shop-evil:1", false },
        { "ghcr.example/acme:1", false },
        { "ghcr.example.evil.example/acme/shop:1", false },
        { "ghcr.example:444/acme/shop:1", false },
        { "evil.example/ghcr.example/acme/shop:1", false },
        { "host.example:5000/any/thing:1", true },
        { "host.example/any/thing:1", false },
        { "oci:release/x:1", true },
        { "oci:release:1", true },
        { "oci:./release/../release/x:1", true },
        { "oci:released:1", false },
        { "oci:link/x:1", false },
        { "oci:/etc/x:1", false },
    };
    SLIP_AUTO(slip_git_config) config = { 0 };
    config_of(settings, sizeof(settings), &config);
    sandbox_write(*state, "release/here", "");
    sandbox_write(*state, "outside/here", "");
    SLIP_AUTO_FREE char *link = slip_printf("%s/release/link", (char *)*state);
    SLIP_AUTO_FREE char *other = slip_printf("%s/link", (char *)*state);
    assert_int_equal(symlink("../outside", link), 0);
    assert_int_equal(symlink("outside", other), 0);
    struct slip_policy policy = { &config, *state, true, NULL };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        int rc = slip_policy_check_destination(&policy, slip_str_of(cases[i].reference), &err);
        if ((rc == 0) != cases[i].allowed)
            fail_msg("%s: %s", cases[i].reference, err.text);
        assert_int_equal(err.kind, rc == 0 ? SLIP_OK : SLIP_E_POLICY);
    }
    struct slip_error err = { 0 };
    assert_int_equal(slip_policy_check_destination(&policy, SLIP_STR("oci:release/link/x:1"), &err),
                     -1);
    assert_non_null(strstr(err.hint, "slipway trust"));
}

static void without_keys_only_hooks_are_bound(void **state)
{
    SLIP_AUTO(slip_git_config) config = { 0 };
    config_of("", 0, &config);
    struct slip_policy hook = { &config, *state, true, NULL },
                       command = { &config, *state, false, NULL };
    struct slip_error err = { 0 };
    assert_int_equal(slip_policy_check_destination(&command, SLIP_STR("a.example/b/c:1"), &err), 0);
    assert_int_equal(slip_policy_check_repo(&command, SLIP_STR("a.example/b/c"), &err), 0);
    assert_true(slip_policy_may_build(&command));
    assert_false(slip_policy_may_build(&hook));
    assert_int_equal(slip_policy_check_destination(&hook, SLIP_STR("a.example/b/c:1"), &err), -1);
    slip_error_clear(&err);
    assert_int_equal(slip_policy_check_repo(&hook, SLIP_STR("a.example/b/c"), &err), -1);
}

static void the_stage_repository_must_be_the_recorded_one(void **state)
{
    SLIP_AUTO(slip_git_config) config = { 0 };
    config_of(settings, sizeof(settings), &config);
    struct slip_policy policy = { &config, *state, false, NULL };
    struct slip_error err = { 0 };
    assert_int_equal(slip_policy_check_repo(&policy, SLIP_STR("ghcr.example/acme/stages"), &err),
                     0);
    assert_int_equal(slip_policy_check_repo(&policy, SLIP_STR("ghcr.example/acme/stages2"), &err),
                     -1);
    assert_int_equal(err.kind, SLIP_E_POLICY);
    assert_true(slip_policy_may_build(&policy));
    assert_true(slip_git_config_bool(&config, "core.bare", false));
}

static void what_rules_need_is_what_stands_before_placeholders(void **state)
{
    (void)state;
    static const char text[] = "version: 1\nrepo: a.example/stages\nrules:\n"
                               "- name: r\n  match: {tags: \"*\"}\n  to:\n"
                               "  - a.example/b/c:%tag%\n"
                               "  - a.example/b/c:x\n"
                               "  - a.example/b/%image%:x\n"
                               "  - a.example:5000/b/x-%image%:x\n"
                               "  - {repo: a.example/d, tags: [x]}\n"
                               "  - oci:out:%tag%\n"
                               "  - oci:/srv/out/%image%:%tag%\n"
                               "  - \"%project%/x:1\"\n";
    static const char *const want[] = { "a.example/b/c", "a.example/b", "a.example:5000/b",
                                        "a.example/d",   "oci:out",     "oci:/srv/out" };
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO(slip_policy_wants) wants = { 0 };
    if (slip_rules_read(slip_str_of(text), "f", &rules, NULL, &err) < 0)
        fail_msg("%s", err.text);
    slip_policy_wants_of(&rules, &wants);
    assert_str(wants.repo, "a.example/stages");
    assert_int_equal(wants.prefixes.len, SLIP_COUNT(want));
    for (size_t i = 0; i < SLIP_COUNT(want); i++)
        assert_str(wants.prefixes.at[i], want[i]);
    assert_int_equal(wants.unknown.len, 1);
}

static int setup(void **state)
{
    *state = sandbox_new();
    return 0;
}

static int teardown(void **state)
{
    sandbox_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(destinations_are_compared_at_path_boundaries, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_keys_only_hooks_are_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(the_stage_repository_must_be_the_recorded_one, setup,
                                        teardown),
        cmocka_unit_test(what_rules_need_is_what_stands_before_placeholders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
