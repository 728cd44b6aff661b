/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ci/credentials.h"

static struct slip_arena values;

/* "NAME=value" lines. */
static const char *get(void *payload, const char *name)
{
    struct slip_str rest = slip_str_of(payload), line, key, value;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, '=', &key, &value) && slip_str_is(key, name))
            return slip_arena_strdup(&values, value);
    return NULL;
}

static void each_provider_has_its_own_registry(void **state)
{
    (void)state;
    static const struct {
        const char *provider, *env, *want;
    } cases[] = {
        { "github", "GITHUB_ACTOR=me\nGITHUB_TOKEN=t\"k\n",
          "{\"auths\":{\"ghcr.io\":{\"username\":\"me\",\"password\":\"t\\\"k\"}}}" },
        { "github", "GITHUB_ACTOR=me\nGITHUB_TOKEN=\n", "" },
        { "gitlab", "CI_REGISTRY=r.example:5050\nCI_REGISTRY_USER=u\nCI_REGISTRY_PASSWORD=p\n",
          "{\"auths\":{\"r.example:5050\":{\"username\":\"u\",\"password\":\"p\"}}}" },
        { "gitlab", "CI_REGISTRY=r.example\nCI_JOB_TOKEN=j\n",
          "{\"auths\":{\"r.example\":{\"username\":\"gitlab-ci-token\",\"password\":\"j\"}}}" },
        { "gitlab", "CI_JOB_TOKEN=j\n", "" },
        { "gitea", "GITHUB_SERVER_URL=https://g.example:3000/\nGITHUB_ACTOR=a\nGITEA_TOKEN=t\n",
          "{\"auths\":{\"g.example:3000\":{\"username\":\"a\",\"password\":\"t\"}}}" },
        { "jenkins", "GITHUB_ACTOR=me\nGITHUB_TOKEN=t\n", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        struct slip_ci_env env = { get, (void *)cases[i].env };
        bool any = slip_ci_credentials(slip_ci_provider_find(cases[i].provider), env, &out);
        assert_int_equal(any, cases[i].want[0] != '\0');
        assert_string_equal(out.ptr, cases[i].want);
        slip_arena_clear(&values);
    }
}

static void stages_go_where_werf_would_put_them(void **state)
{
    (void)state;
    static const struct {
        const char *provider, *env, *want;
    } cases[] = {
        { "gitlab", "CI_REGISTRY_IMAGE=r.example/acme/shop\n", "r.example/acme/shop" },
        { "github", "GITHUB_REPOSITORY=Acme/Shop\n", "ghcr.io/acme/shop/web" },
        { "woodpecker", "GITHUB_REPOSITORY=Acme/Shop\n", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        struct slip_ci_env env = { get, (void *)cases[i].env };
        slip_ci_stage_repository(slip_ci_provider_find(cases[i].provider), env, SLIP_STR("web"),
                                 &out);
        assert_string_equal(out.ptr, cases[i].want);
        slip_arena_clear(&values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_provider_has_its_own_registry),
        cmocka_unit_test(stages_go_where_werf_would_put_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
