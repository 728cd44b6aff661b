/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "flow/starter.h"
#include "rule/rules.h"

static void assert_good_rules(const struct slip_buf *text)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_rules) rules = { 0 };
    if (slip_rules_read(slip_buf_str(text), "f", &rules, NULL, &err) < 0)
        fail_msg("%s\n%s", err.text, text->ptr);
}

static void registries_are_guessed_from_remotes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "git@github.com:Acme/Shop.git", "ghcr.io/acme/shop" },
        { "https://gitlab.com/a/b/c.git", "registry.gitlab.com/a/b/c" },
        { "https://user:pw@git.example/a/b", "git.example/a/b" },
        { "/srv/git/x.git", "registry.example.com/project" },
        { "", "registry.example.com/project" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        SLIP_AUTO(slip_buf) rules = SLIP_BUF(5000);
        slip_starter_registry(slip_str_of(cases[i][0]), &out);
        assert_string_equal(out.ptr, cases[i][1]);
        slip_starter_rules(slip_buf_str(&out), i % 2 == 0, &rules);
        assert_good_rules(&rules);
    }
}

static void a_command_line_becomes_a_rule(void **state)
{
    (void)state;
    static const struct {
        const char *command, *want; /* a part of the rules, or the error */
        bool good;
    } cases[] = {
        { "werf export --repo r.example/a/s --tag r.example/a/%image%:$CI_COMMIT_TAG",
          "- \"r.example/a/%image%:%tag%\"\n", true },
        { "werf export web 'api' --repo=r.example/s --tag=\"r.example/%image%:${GITHUB_REF_NAME}\" "
          "\\\n --tag r.example/%image%:x",
          "    images: [\"web\", \"api\"]\n", true },
        { "werf export --repo r.example/s", "the command has no --tag", false },
        { "werf export --tag a.example/b:c", "the command has no --repo", false },
        { "werf build --repo x", "the command is not 'werf export ...'", false },
        { "werf export --repo r --tag t --devel", "'werf export' has no option '--devel'", false },
        { "werf export --repo $REPO --tag t", "what is $REPO in the command?", false },
        { "werf export --repo 'r --tag t", "a quote in the command is not closed", false },
        { "werf export --repo `x` --tag t", "the command runs another one (`)", false },
        { "", "the command is not 'werf export ...'", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(5000);
        struct slip_error err = { 0 };
        int rc = slip_starter_from_command(slip_str_of(cases[i].command), &out, &err);
        assert_int_equal(rc, cases[i].good ? 0 : -1);
        if (rc < 0) {
            assert_string_equal(err.text, cases[i].want);
            continue;
        }
        assert_non_null(strstr(out.ptr, cases[i].want));
        assert_good_rules(&out);
    }
}

static void dockerfiles_become_images(void **state)
{
    (void)state;
    static const struct slip_starter_image files[] = {
        { { "Dockerfile", 10 }, false },
        { { "services/web/Dockerfile", 23 }, true },
        { { "docker/Api.Dockerfile", 21 }, false },
        { { "Dockerfile.job", 14 }, false },
        { { "a/x/Dockerfile", 14 }, true },
        { { "b/x/Dockerfile", 14 }, true },
    };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(5000);
    for (size_t i = 0; i < SLIP_COUNT(files); i++)
        assert_true(slip_starter_is_dockerfile(files[i].dockerfile));
    assert_false(slip_starter_is_dockerfile(SLIP_STR("web/Dockerfiles")));
    slip_starter_werf(SLIP_STR("My_Shop!"), files, SLIP_COUNT(files), &out);
    assert_string_equal(out.ptr, "configVersion: 1\nproject: my-shop\n"
                                 "---\nimage: app\ndockerfile: Dockerfile\n"
                                 "---\nimage: web\ncontext: services/web\n"
                                 "dockerfile: Dockerfile\n"
                                 "---\nimage: api\ndockerfile: docker/Api.Dockerfile\n"
                                 "---\nimage: job\ndockerfile: Dockerfile.job\n"
                                 "---\nimage: a-x\ncontext: a/x\ndockerfile: Dockerfile\n"
                                 "---\nimage: b-x\ncontext: b/x\ndockerfile: Dockerfile\n");
}

static void what_a_dockerfile_copies_says_where_from(void **state)
{
    (void)state;
    static const struct slip_str files[] = {
        { "go.mod", 6 },          { "api/Dockerfile", 14 },   { "api/main.go", 11 },
        { "web/Dockerfile", 14 }, { "web/package.json", 16 }, { "docker/Dockerfile", 17 },
    };
    static const struct {
        const char *dockerfile, *content;
        bool own;
    } cases[] = {
        { "api/Dockerfile", "FROM x\nCOPY . /src\n", true },
        { "api/Dockerfile", "FROM x\ncopy main.go ./\n", true },
        { "api/Dockerfile", "FROM x\nCOPY go.mod api/ /src/\n", false },
        { "api/Dockerfile", "FROM x\nCOPY --chown=1 ./api/*.go /src/\n", false },
        { "api/Dockerfile", "FROM x\nCOPY --from=web go.mod /\nADD /main.go /\n", true },
        { "web/Dockerfile", "FROM x\nCOPY package*.json nowhere $X /\nCOPY", true },
        { "docker/Dockerfile", "FROM x\nCOPY . .\n", false },
        { "Dockerfile", "FROM x\nCOPY . .\n", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++)
        assert_int_equal(slip_starter_has_own_context(slip_str_of(cases[i].dockerfile),
                                                      slip_str_of(cases[i].content), files,
                                                      SLIP_COUNT(files)),
                         cases[i].own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registries_are_guessed_from_remotes),
        cmocka_unit_test(a_command_line_becomes_a_rule),
        cmocka_unit_test(dockerfiles_become_images),
        cmocka_unit_test(what_a_dockerfile_copies_says_where_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
