/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "base/mem.h"
#include "registry/credentials.h"
#include "support/sandbox.h"

#include <sys/stat.h>

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

static void hear(void *payload, const struct slip_event *e)
{
    slip_buf_add_fmt(payload, "%s\n", e->text);
}

static void helper(const char *dir, const char *script)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/docker-credential-test", dir);
    sandbox_write(dir, "docker-credential-test", script);
    assert_int_equal(chmod(path, 0700), 0);
}

/* A helper never keeps us waiting: not for itself, not for what it started, not for a person. */
static void helpers_are_asked_without_a_person_and_for_a_limited_time(void **state)
{
    (void)state;
    static const struct {
        const char *name, *script, *password, *warning;
        unsigned ms;
    } scripts[] = {
        { "answers", "#!/bin/sh\ncat >/dev/null\necho '{\"Username\":\"u\",\"Secret\":\"s\"}'\n",
          "s", "", 60000 },
        { "hangs", "#!/bin/sh\nexec sleep 1000\n", NULL, "did not end within 100 ms", 100 },
        { "its child hangs", "#!/bin/sh\nsleep 1000 &\nwait\n", NULL, "did not end within 100 ms",
          100 },
        { "ignores what it is told", "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n", NULL,
          "did not end within 100 ms", 100 },
        { "asks on its input", "#!/bin/sh\nread host && read password && echo never\n", NULL,
          "failed", 60000 },
        { "fails with a secret", "#!/bin/sh\necho MARKER; echo MARKER >&2; exit 1\n", NULL,
          "failed", 60000 },
        { "says what is no JSON", "#!/bin/sh\necho '{MARKER'\n", NULL, "its answer holds no secret",
          60000 },
    };
    char *dir = sandbox_new();
    SLIP_AUTO_FREE char *path = slip_printf("PATH=%s:/usr/bin:/bin", dir);
    const char *const env[] = { path, NULL };
    for (size_t i = 0; i < SLIP_COUNT(scripts); i++) {
        SLIP_AUTO(slip_credential) c = { 0 };
        SLIP_AUTO(slip_buf) heard = SLIP_BUF(10000);
        struct slip_watch watch = { hear, &heard };
        struct slip_error err = { 0 };
        struct slip_credentials_options o = { .docker_auth_config = "{\"credsStore\":\"test\"}",
                                              .env = env,
                                              .helper_ms = scripts[i].ms,
                                              .watch = &watch };
        print_message("  %s\n", scripts[i].name);
        helper(dir, scripts[i].script);
        assert_int_equal(slip_credentials_find(&o, "r:5", "a", &c, &err), 0);
        assert_secret(&c.password, scripts[i].password);
        assert_non_null(strstr(heard.ptr, scripts[i].warning));
        assert_null(strstr(heard.ptr, "MARKER"));
    }
    sandbox_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_under_their_names),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_and_one_that_is_not_there_is_none),
        cmocka_unit_test(helpers_are_asked_without_a_person_and_for_a_limited_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
