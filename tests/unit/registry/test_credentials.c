/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "registry/credentials.h"

static const struct {
    const char *name, *config, *host, *repository;
    const char *user, *password, *identity, *token; /* NULL: not set */
} cases[] = {
    { "auth", "{\"auths\":{\"r:5\":{\"auth\":\"dTpwOnc=\"}}}", "r:5", "a", "u", "p:w", NULL, NULL },
    { "auth without padding", "{\"auths\":{\"r:5\":{\"auth\":\"dTpwdw\"}}}", "r:5", "a", "u", "pw",
      NULL, NULL },
    { "NULs behind the password", "{\"auths\":{\"r:5\":{\"auth\":\"dTpwdwAA\"}}}", "r:5", "a", "u",
      "pw", NULL, NULL },
    { "user and password", "{\"auths\":{\"r:5\":{\"username\":\"u\",\"password\":\"p\"}}}", "r:5",
      "a", "u", "p", NULL, NULL },
    { "identity token beside auth",
      "{\"auths\":{\"r:5\":{\"auth\":\"dTpwdw==\",\"identitytoken\":\"i\"}}}", "r:5", "a", "u",
      "pw", "i", NULL },
    { "registry token", "{\"auths\":{\"r:5\":{\"registrytoken\":\"t\"}}}", "r:5", "a", "", NULL,
      NULL, "t" },
    { "address as key", "{\"auths\":{\"https://r:5/v2/\":{\"auth\":\"dTpwdw==\"}}}", "r:5", "a",
      "u", "pw", NULL, NULL },
    { "the hub has many names", "{\"auths\":{\"docker.io\":{\"auth\":\"dTpwdw==\"}}}",
      "index.docker.io", "library/a", "u", "pw", NULL, NULL },
    { "the longest path wins",
      "{\"auths\":{\"r:5\":{\"auth\":\"eDp4\"},\"r:5/a\":{\"auth\":\"eTp5\"},\"r:5/a/b\":{\"auth\":"
      "\"dTpwdw==\"}}}",
      "r:5", "a/b/c", "u", "pw", NULL, NULL },
    { "a longer name is another one", "{\"auths\":{\"r:5/ab\":{\"auth\":\"dTpwdw==\"}}}", "r:5",
      "a/b", NULL, NULL, NULL, NULL },
    { "another host", "{\"auths\":{\"r\":{\"auth\":\"dTpwdw==\"}}}", "r:5", "a", NULL, NULL, NULL,
      NULL },
    { "another port", "{\"auths\":{\"r:6\":{\"auth\":\"dTpwdw==\"}}}", "r:5", "a", NULL, NULL, NULL,
      NULL },
    { "not base64", "{\"auths\":{\"r:5\":{\"auth\":\"%%%\"}}}", "r:5", "a", "", NULL, NULL, NULL },
    { "no colon in it", "{\"auths\":{\"r:5\":{\"auth\":\"dXB3\"}}}", "r:5", "a", "", NULL, NULL,
      NULL },
    { "an empty entry, as helpers leave it", "{\"auths\":{\"r:5\":{}}}", "r:5", "a", "", NULL, NULL,
      NULL },
    { "wrong types", "{\"auths\":{\"r:5\":{\"auth\":5}},\"credHelpers\":[1],\"credsStore\":{}}",
      "r:5", "a", "", NULL, NULL, NULL },
    { "a list", "[]", "r:5", "a", NULL, NULL, NULL, NULL },
    { "not JSON", "{", "r:5", "a", NULL, NULL, NULL, NULL },
    { "nothing", " \n", "r:5", "a", NULL, NULL, NULL, NULL },
};

static void assert_secret(const struct slip_secret *s, const char *want)
{
    assert_int_equal(slip_secret_is_set(s), want != NULL);
    if (want)
        assert_string_equal(slip_secret_reveal(s), want);
}

static void entries_are_found_under_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_credential) c = { 0 };
        struct slip_error err = { 0 };
        struct slip_credentials_options o = { .docker_auth_config = cases[i].config };
        print_message("  %s\n", cases[i].name);
        assert_int_equal(slip_credentials_find(&o, cases[i].host, cases[i].repository, &c, &err),
                         0);
        assert_string_equal(c.user ? c.user : "", cases[i].user ? cases[i].user : "");
        assert_secret(&c.password, cases[i].password);
        assert_secret(&c.identity, cases[i].identity);
        assert_secret(&c.token, cases[i].token);
    }
}

static void a_file_that_cannot_be_read_is_an_error_and_one_that_is_not_there_is_none(void **state)
{
    (void)state;
    SLIP_AUTO(slip_credential) c = { 0 };
    struct slip_error err = { 0 };
    struct slip_credentials_options o = { .docker_config_dir = "/nowhere" };
    assert_int_equal(slip_credentials_find(&o, "r", "a", &c, &err), 0);
    assert_false(slip_credential_is_set(&c));
    o.auth_files = (const char *const[]){ "/", NULL };
    assert_int_equal(slip_credentials_find(&o, "r", "a", &c, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_under_their_names),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_and_one_that_is_not_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
