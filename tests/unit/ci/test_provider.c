/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "ci/provider.h"

#define SHA "0123456789abcdef0123456789abcdef01234567"

static struct slip_arena values; /* freed after each case */

/* "NAME=value" lines. */
static const char *get(void *payload, const char *name)
{
    struct slip_str rest = slip_str_of(payload), line, key, value;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, '=', &key, &value) && slip_str_is(key, name))
            return slip_arena_strdup(&values, value);
    return NULL;
}

static struct slip_ci_env env_of(const char *lines)
{
    return (struct slip_ci_env){ get, (void *)lines };
}

static const char same_repository[] =
    "{\"repository\":{\"default_branch\":\"trunk\"},\"pull_request\":{"
    "\"head\":{\"repo\":{\"full_name\":\"acme/shop\"}},"
    "\"base\":{\"repo\":{\"full_name\":\"acme/shop\"}}}}";
static const char fork_of_it[] = "{\"pull_request\":{"
                                 "\"head\":{\"repo\":{\"full_name\":\"mallory/shop\"}},"
                                 "\"base\":{\"repo\":{\"full_name\":\"acme/shop\"}}}}";

#define GITHUB                                                                                     \
    "GITHUB_ACTIONS=true\nGITHUB_SHA=" SHA "\nGITHUB_SERVER_URL=https://github.example\n"          \
    "GITHUB_REPOSITORY=acme/shop\nGITHUB_RUN_ID=77\n"
#define GITLAB                                                                                     \
    "GITLAB_CI=true\nCI=true\nCI_COMMIT_SHA=" SHA "\nCI_DEFAULT_BRANCH=main\n"                     \
    "CI_PROJECT_URL=https://gitlab.example/acme/shop\n"
#define WOODPECKER "CI=woodpecker\nCI_COMMIT_SHA=" SHA "\nCI_COMMIT_BRANCH=main\n"
#define TRAVIS "TRAVIS=true\nCI=true\nTRAVIS_COMMIT=" SHA "\n"

static const struct {
    const char *env, *file;
    const char *provider, *ref, *commit, *url, *default_branch;
    bool pull, fork;
} jobs[] = {
    { GITHUB "GITHUB_REF=refs/tags/v1\nGITHUB_EVENT_NAME=push\n", "", "github", "refs/tags/v1", SHA,
      "https://github.example/acme/shop", NULL, false, false },
    { GITHUB "GITHUB_REF=refs/heads/a/b\nGITHUB_EVENT_NAME=push\n", same_repository, "github",
      "refs/heads/a/b", SHA, "https://github.example/acme/shop", "trunk", false, false },
    { GITHUB "GITHUB_REF=refs/pull/1/merge\nGITHUB_EVENT_NAME=pull_request\n", same_repository,
      "github", "refs/pull/1/merge", SHA, "https://github.example/acme/shop", "trunk", true,
      false },
    { GITHUB "GITHUB_REF=refs/heads/main\nGITHUB_EVENT_NAME=pull_request_target\n", fork_of_it,
      "github", "refs/heads/main", SHA, "https://github.example/acme/shop", NULL, true, true },
    { GITHUB "GITHUB_REF=refs/heads/main\nGITHUB_EVENT_NAME=pull_request\n", "{", "github",
      "refs/heads/main", SHA, "https://github.example/acme/shop", NULL, true, true },
    { GITHUB "GITEA_ACTIONS=true\nGITHUB_REF=refs/tags/v1\n", "", "gitea", "refs/tags/v1", SHA,
      "https://github.example/acme/shop", NULL, false, false },
    { GITHUB "GITEA_ACTIONS=true\nFORGEJO_ACTIONS=true\nFORGEJO_REF=refs/tags/v2\n"
             "GITHUB_REF=refs/tags/v1\n",
      "", "forgejo", "refs/tags/v2", SHA, "https://github.example/acme/shop", NULL, false, false },
    { GITLAB "CI_COMMIT_TAG=v1\nCI_PIPELINE_SOURCE=push\n", "", "gitlab", "refs/tags/v1", SHA,
      "https://gitlab.example/acme/shop", "main", false, false },
    { GITLAB "CI_COMMIT_TAG=\nCI_COMMIT_BRANCH=main\n", "", "gitlab", "refs/heads/main", SHA,
      "https://gitlab.example/acme/shop", "main", false, false },
    { GITLAB "CI_MERGE_REQUEST_IID=4\nCI_MERGE_REQUEST_SOURCE_BRANCH_NAME=x\n", "", "gitlab",
      "refs/heads/x", SHA, "https://gitlab.example/acme/shop", "main", true, true },
    { WOODPECKER "CI_COMMIT_TAG=v1\nCI_PIPELINE_EVENT=tag\n", "", "woodpecker", "refs/tags/v1", SHA,
      NULL, NULL, false, false },
    { WOODPECKER "CI_PIPELINE_EVENT=pull_request_closed\n", "", "woodpecker", "refs/heads/main",
      SHA, NULL, NULL, true, true },
    { "DRONE=true\nDRONE_TAG=v1\nDRONE_COMMIT_SHA=" SHA "\n", "", "drone", "refs/tags/v1", SHA,
      NULL, NULL, false, false },
    { "BITBUCKET_BUILD_NUMBER=5\nBITBUCKET_TAG=v1\nBITBUCKET_COMMIT=" SHA "\n", "", "bitbucket",
      "refs/tags/v1", SHA, NULL, NULL, false, false },
    { "BITBUCKET_BUILD_NUMBER=5\nBITBUCKET_BRANCH=x\nBITBUCKET_PR_ID=1\n", "", "bitbucket",
      "refs/heads/x", NULL, NULL, NULL, true, true },
    { "TF_BUILD=True\nBUILD_SOURCEBRANCH=refs/tags/v1\nBUILD_SOURCEVERSION=" SHA "\n", "", "azure",
      "refs/tags/v1", SHA, NULL, NULL, false, false },
    { "TF_BUILD=True\nBUILD_SOURCEBRANCH=refs/pull/1/merge\nBUILD_REASON=PullRequest\n", "",
      "azure", "refs/pull/1/merge", NULL, NULL, NULL, true, true },
    { "CIRCLECI=true\nCIRCLE_TAG=v1\nCIRCLE_SHA1=" SHA "\n", "", "circleci", "refs/tags/v1", SHA,
      NULL, NULL, false, false },
    { "CIRCLECI=true\nCIRCLE_BRANCH=x\nCIRCLE_PR_NUMBER=3\n", "", "circleci", "refs/heads/x", NULL,
      NULL, NULL, true, true },
    { "BUILDKITE=true\nBUILDKITE_TAG=v1\nBUILDKITE_BRANCH=v1\nBUILDKITE_COMMIT=HEAD\n"
      "BUILDKITE_PULL_REQUEST=false\n",
      "", "buildkite", "refs/tags/v1", "HEAD", NULL, NULL, false, false },
    { "BUILDKITE=true\nBUILDKITE_BRANCH=x\nBUILDKITE_PULL_REQUEST=12\n", "", "buildkite",
      "refs/heads/x", NULL, NULL, NULL, true, true },
    { TRAVIS "TRAVIS_TAG=v1\nTRAVIS_BRANCH=v1\nTRAVIS_PULL_REQUEST=false\n", "", "travis",
      "refs/tags/v1", SHA, NULL, NULL, false, false },
    { "APPVEYOR=True\nAPPVEYOR_REPO_TAG=true\nAPPVEYOR_REPO_TAG_NAME=v1\n", "", "appveyor",
      "refs/tags/v1", NULL, NULL, NULL, false, false },
    { "APPVEYOR=True\nAPPVEYOR_REPO_TAG=false\nAPPVEYOR_REPO_TAG_NAME=v1\n"
      "APPVEYOR_REPO_BRANCH=main\n",
      "", "appveyor", "refs/heads/main", NULL, NULL, NULL, false, false },
    { "TEAMCITY_VERSION=2024\nBUILD_VCS_NUMBER=" SHA "\n", "", "teamcity", NULL, SHA, NULL, NULL,
      false, false },
    { "JENKINS_URL=x\nBUILD_ID=1\nTAG_NAME=v1\nBRANCH_NAME=v1\nGIT_COMMIT=" SHA "\n", "", "jenkins",
      "refs/tags/v1", SHA, NULL, NULL, false, false },
    { "JENKINS_URL=x\nBUILD_ID=1\nGIT_BRANCH=origin/main\n", "", "jenkins", "refs/heads/main", NULL,
      NULL, NULL, false, false },
    { "JENKINS_URL=x\nBUILD_ID=1\nBRANCH_NAME=PR-1\nCHANGE_ID=1\n", "", "jenkins",
      "refs/heads/PR-1", NULL, NULL, NULL, true, true },
    /* On a schedule, by hand, and a release: as if pushed. */
    { GITHUB "GITHUB_REF=refs/heads/main\nGITHUB_EVENT_NAME=schedule\n", "", "github",
      "refs/heads/main", SHA, "https://github.example/acme/shop", NULL, false, false },
    { GITHUB "GITHUB_REF=refs/tags/v1\nGITHUB_EVENT_NAME=workflow_dispatch\n", "", "github",
      "refs/tags/v1", SHA, "https://github.example/acme/shop", NULL, false, false },
    { GITHUB "GITHUB_REF=refs/tags/v1\nGITHUB_EVENT_NAME=release\n", "", "github", "refs/tags/v1",
      SHA, "https://github.example/acme/shop", NULL, false, false },
    { GITLAB "CI_COMMIT_TAG=v1\nCI_PIPELINE_SOURCE=schedule\n", "", "gitlab", "refs/tags/v1", SHA,
      "https://gitlab.example/acme/shop", "main", false, false },
    { GITLAB "CI_COMMIT_BRANCH=main\nCI_PIPELINE_SOURCE=web\n", "", "gitlab", "refs/heads/main",
      SHA, "https://gitlab.example/acme/shop", "main", false, false },
    { WOODPECKER "CI_COMMIT_REF=refs/heads/main\nCI_PIPELINE_EVENT=cron\n", "", "woodpecker",
      "refs/heads/main", SHA, NULL, NULL, false, false },
    { WOODPECKER "CI_COMMIT_REF=refs/heads/main\nCI_PIPELINE_EVENT=manual\n", "", "woodpecker",
      "refs/heads/main", SHA, NULL, NULL, false, false },
    { WOODPECKER "CI_COMMIT_REF=refs/tags/v1\nCI_PIPELINE_EVENT=release\n", "", "woodpecker",
      "refs/tags/v1", SHA, NULL, NULL, false, false },
    /* A request of the same repository is its branch, one of a fork has none here. */
    { GITHUB "GITHUB_REF=refs/pull/1/merge\nGITHUB_HEAD_REF=x\nGITHUB_EVENT_NAME=pull_request\n",
      same_repository, "github", "refs/heads/x", SHA, "https://github.example/acme/shop", "trunk",
      true, false },
    { GITHUB "GITHUB_REF=refs/pull/1/merge\nGITHUB_HEAD_REF=main\nGITHUB_EVENT_NAME=pull_request\n",
      fork_of_it, "github", "refs/pull/1/merge", SHA, "https://github.example/acme/shop", NULL,
      true, true },
    { GITHUB
      "GITHUB_REF=refs/heads/main\nGITHUB_HEAD_REF=x\nGITHUB_EVENT_NAME=pull_request_target\n",
      same_repository, "github", "refs/heads/main", SHA, "https://github.example/acme/shop",
      "trunk", true, false },
    { GITHUB "GITEA_ACTIONS=true\nGITHUB_REF=refs/pull/1/head\nGITHUB_HEAD_REF=x\n"
             "GITHUB_EVENT_NAME=pull_request\n",
      same_repository, "gitea", "refs/heads/x", SHA, "https://github.example/acme/shop", "trunk",
      true, false },
    { GITHUB "FORGEJO_ACTIONS=true\nFORGEJO_REF=refs/pull/1/head\nFORGEJO_HEAD_REF=x\n"
             "FORGEJO_EVENT_NAME=pull_request\n",
      fork_of_it, "forgejo", "refs/pull/1/head", SHA, "https://github.example/acme/shop", NULL,
      true, true },
    { GITLAB "CI_MERGE_REQUEST_IID=4\nCI_MERGE_REQUEST_SOURCE_BRANCH_NAME=x\n"
             "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8\nCI_MERGE_REQUEST_PROJECT_ID=8\n",
      "", "gitlab", "refs/heads/x", SHA, "https://gitlab.example/acme/shop", "main", true, false },
    { WOODPECKER "CI_COMMIT_REF=refs/pull/7/head\nCI_PIPELINE_EVENT=pull_request\n", "",
      "woodpecker", "refs/pull/7/head", SHA, NULL, NULL, true, true },
    /* Jenkins without multibranch. */
    { "JENKINS_URL=x\nBUILD_ID=1\nGIT_BRANCH=refs/remotes/origin/a/b\n", "", "jenkins",
      "refs/heads/a/b", NULL, NULL, NULL, false, false },
    { "JENKINS_URL=x\nBUILD_ID=1\nGIT_BRANCH=refs/tags/v1\n", "", "jenkins", "refs/tags/v1", NULL,
      NULL, NULL, false, false },
    { "JENKINS_URL=x\nBUILD_ID=1\nGIT_BRANCH=origin/tags/v1\n", "", "jenkins", "refs/tags/v1", NULL,
      NULL, NULL, false, false },
    { "JENKINS_URL=x\nBUILD_ID=1\nGIT_BRANCH=detached\nGIT_COMMIT=" SHA "\n", "", "jenkins", NULL,
      SHA, NULL, NULL, false, false },
    { "CI=true\n", "", "generic", NULL, NULL, NULL, NULL, false, false },
    { "CI=true\nSLIPWAY_REF=refs/tags/v1\nSLIPWAY_COMMIT=HEAD\n", "", "generic", "refs/tags/v1",
      "HEAD", NULL, NULL, false, false },
    { GITHUB "GITHUB_REF=refs/heads/x\nSLIPWAY_REF=refs/tags/v1\nSLIPWAY_EVENT=pull_request\n", "",
      "github", "refs/tags/v1", SHA, "https://github.example/acme/shop", NULL, true, true },
};

static void assert_same(const char *got, const char *want, const char *env)
{
    if (got == want || (got && want && strcmp(got, want) == 0))
        return;
    fail_msg("'%s', not '%s', for\n%s", got ? got : "(none)", want ? want : "(none)", env);
}

static void each_provider_says_what_it_runs_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(jobs); i++) {
        struct slip_ci_env env = env_of(jobs[i].env);
        SLIP_AUTO(slip_ci_job) job = { 0 };
        slip_ci_job_read(slip_ci_provider_detect(env), env, slip_str_of(jobs[i].file), &job);
        assert_same(job.provider->name, jobs[i].provider, jobs[i].env);
        assert_same(job.ref, jobs[i].ref, jobs[i].env);
        assert_same(job.commit, jobs[i].commit, jobs[i].env);
        assert_same(job.url, jobs[i].url, jobs[i].env);
        assert_same(job.default_branch, jobs[i].default_branch, jobs[i].env);
        assert_int_equal(job.pull_request, jobs[i].pull);
        assert_int_equal(job.fork, jobs[i].fork);
        slip_arena_clear(&values);
    }
}

/* GitHub and those like it name the default branch then, which nobody asked to release. */
static void what_was_deleted_is_not_released(void **state)
{
    (void)state;
    static const struct {
        const char *env;
        bool deleted;
    } rows[] = {
        { GITHUB "GITHUB_REF=refs/heads/main\nGITHUB_EVENT_NAME=delete\n", true },
        { GITHUB "GITEA_ACTIONS=true\nGITHUB_REF=refs/heads/main\nGITHUB_EVENT_NAME=delete\n",
          true },
        { GITHUB "FORGEJO_ACTIONS=true\nFORGEJO_REF=refs/heads/main\nFORGEJO_EVENT_NAME=delete\n",
          true },
        { GITHUB "GITHUB_REF=refs/heads/main\nGITHUB_EVENT_NAME=delete\nSLIPWAY_TAG=v1\n", false },
        { GITHUB "GITHUB_REF=refs/heads/delete\nGITHUB_EVENT_NAME=push\n", false },
        { "GITLAB_CI=true\nCI_COMMIT_TAG=v1\n"
          "CI_COMMIT_SHA=0000000000000000000000000000000000000000\n",
          true },
        { GITLAB "CI_COMMIT_TAG=v1\n", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        struct slip_ci_env env = env_of(rows[i].env);
        SLIP_AUTO(slip_ci_job) job = { 0 };
        print_message("  %s\n", rows[i].env);
        slip_ci_job_read(slip_ci_provider_detect(env), env, SLIP_STR(""), &job);
        assert_int_equal(job.deleted, rows[i].deleted);
        slip_arena_clear(&values);
    }
}

static void an_event_file_that_is_too_deep_counts_as_not_there(void **state)
{
    (void)state;
    char deep[200];
    memset(deep, '[', sizeof(deep));
    struct slip_ci_env env = env_of(GITHUB "GITHUB_EVENT_NAME=pull_request\n");
    SLIP_AUTO(slip_ci_job) job = { 0 };
    slip_ci_job_read(slip_ci_provider_detect(env), env, slip_str_make(deep, sizeof(deep)), &job);
    assert_true(job.fork);
    slip_arena_clear(&values);
}

static void providers_are_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(slip_ci_provider_find("gitlab")->title, "GitLab CI");
    assert_null(slip_ci_provider_find("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_provider_says_what_it_runs_for),
        cmocka_unit_test(what_was_deleted_is_not_released),
        cmocka_unit_test(an_event_file_that_is_too_deep_counts_as_not_there),
        cmocka_unit_test(providers_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
