/* SPDX-License-Identifier: Apache-2.0 */
/* The table of CI systems, and reading of it. */
#include "ci/provider.h"

#include "base/buf.h"
#include "value/json.h"

/*
 * In the order of detection: Gitea and Forgejo set GitHub's variables too, Woodpecker those of a
 * generic CI.
 */
#define GITHUB_VARIABLES                                                                           \
    .ref = "GITHUB_REF", .commit = "GITHUB_SHA", .event = "GITHUB_EVENT_NAME",                     \
    .pull_events = "pull_request", .from_branch = "GITHUB_HEAD_REF", .delete_event = "delete",     \
    .url = { "GITHUB_SERVER_URL", "GITHUB_REPOSITORY" }, .run_id = "GITHUB_RUN_ID",                \
    .run_number = "GITHUB_RUN_NUMBER", .event_file = "GITHUB_EVENT_PATH",                          \
    .dialect = SLIP_CI_LOG_GITHUB, .output_file = "GITHUB_OUTPUT",                                 \
    .summary_file = "GITHUB_STEP_SUMMARY", .fetch_hint = "check out with 'fetch-depth: 0'"

const struct slip_ci_provider slip_ci_providers[] = {
    {
        .name = "forgejo",
        .title = "Forgejo Actions",
        .detect = { "FORGEJO_ACTIONS=true" },
        .ref = "FORGEJO_REF GITHUB_REF",
        .commit = "FORGEJO_SHA GITHUB_SHA",
        .event = "FORGEJO_EVENT_NAME GITHUB_EVENT_NAME",
        .pull_events = "pull_request",
        .from_branch = "FORGEJO_HEAD_REF GITHUB_HEAD_REF",
        .delete_event = "delete",
        .url = { "FORGEJO_SERVER_URL GITHUB_SERVER_URL", "FORGEJO_REPOSITORY GITHUB_REPOSITORY" },
        .run_id = "FORGEJO_RUN_ID GITHUB_RUN_ID",
        .run_number = "FORGEJO_RUN_NUMBER GITHUB_RUN_NUMBER",
        .event_file = "FORGEJO_EVENT_PATH GITHUB_EVENT_PATH",
        .dialect = SLIP_CI_LOG_GITHUB,
        .output_file = "FORGEJO_OUTPUT GITHUB_OUTPUT",
        .summary_file = "FORGEJO_STEP_SUMMARY GITHUB_STEP_SUMMARY",
        .fetch_hint = "check out with 'fetch-depth: 0'",
    },
    {
        .name = "gitea",
        .title = "Gitea Actions",
        .detect = { "GITEA_ACTIONS=true" },
        GITHUB_VARIABLES,
    },
    {
        .name = "github",
        .title = "GitHub Actions",
        .detect = { "GITHUB_ACTIONS=true" },
        GITHUB_VARIABLES,
    },
    {
        .name = "gitlab",
        .title = "GitLab CI",
        .detect = { "GITLAB_CI=true" },
        .tag = "CI_COMMIT_TAG",
        .branch = "CI_COMMIT_BRANCH CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
        .commit = "CI_COMMIT_SHA",
        .event = "CI_PIPELINE_SOURCE",
        .pull = { "CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID" },
        .same = { "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID" },
        .unprotected = "CI_COMMIT_REF_PROTECTED!=true",
        .default_branch = "CI_DEFAULT_BRANCH",
        .url = { "CI_PROJECT_URL" },
        .run_id = "CI_PIPELINE_ID",
        .run_number = "CI_PIPELINE_IID",
        .dialect = SLIP_CI_LOG_GITLAB,
        .fetch_hint = "set 'GIT_DEPTH: 0' for the job",
    },
    {
        .name = "woodpecker",
        .title = "Woodpecker",
        .detect = { "CI=woodpecker" },
        .ref = "CI_COMMIT_REF", /* of requests and releases, too */
        .tag = "CI_COMMIT_TAG",
        .branch = "CI_COMMIT_BRANCH",
        .commit = "CI_COMMIT_SHA",
        .event = "CI_PIPELINE_EVENT",
        .pull = { "CI_COMMIT_PULL_REQUEST" },
        .pull_events = "pull_request",
        .default_branch = "CI_REPO_DEFAULT_BRANCH",
        .url = { "CI_REPO_URL" },
        .run_id = "CI_PIPELINE_NUMBER",
        .run_number = "CI_PIPELINE_NUMBER",
        .fetch_hint = "set 'depth: 0' and 'partial: false' for the clone step",
    },
    {
        .name = "drone",
        .title = "Drone",
        .detect = { "DRONE=true" },
        .tag = "DRONE_TAG",
        .branch = "DRONE_BRANCH",
        .commit = "DRONE_COMMIT_SHA",
        .event = "DRONE_BUILD_EVENT",
        .pull = { "DRONE_PULL_REQUEST" },
        .pull_events = "pull_request",
        .default_branch = "DRONE_REPO_BRANCH",
        .url = { "DRONE_REPO_LINK" },
        .run_id = "DRONE_BUILD_NUMBER",
        .run_number = "DRONE_BUILD_NUMBER",
        .fetch_hint = "set 'clone: {depth: 0}'",
    },
    {
        .name = "bitbucket",
        .title = "Bitbucket Pipelines",
        .detect = { "BITBUCKET_BUILD_NUMBER" },
        .tag = "BITBUCKET_TAG",
        .branch = "BITBUCKET_BRANCH",
        .commit = "BITBUCKET_COMMIT",
        .pull = { "BITBUCKET_PR_ID" },
        .url = { "BITBUCKET_GIT_HTTP_ORIGIN" },
        .run_id = "BITBUCKET_BUILD_NUMBER",
        .run_number = "BITBUCKET_BUILD_NUMBER",
        .fetch_hint = "set 'clone: {depth: full}'",
    },
    {
        .name = "azure",
        .title = "Azure Pipelines",
        .detect = { "TF_BUILD=true" },
        .ref = "BUILD_SOURCEBRANCH",
        .commit = "BUILD_SOURCEVERSION",
        .event = "BUILD_REASON",
        .pull = { "BUILD_REASON=PullRequest" },
        .url = { "BUILD_REPOSITORY_URI" },
        .run_id = "BUILD_BUILDID",
        .run_number = "BUILD_BUILDNUMBER",
        .fetch_hint = "check out with 'fetchDepth: 0' and 'fetchTags: true'",
    },
    {
        .name = "circleci",
        .title = "CircleCI",
        .detect = { "CIRCLECI=true" },
        .tag = "CIRCLE_TAG",
        .branch = "CIRCLE_BRANCH",
        .commit = "CIRCLE_SHA1",
        .pull = { "CIRCLE_PULL_REQUEST", "CIRCLE_PR_NUMBER" },
        .url = { "CIRCLE_REPOSITORY_URL" },
        .run_id = "CIRCLE_WORKFLOW_ID",
        .run_number = "CIRCLE_BUILD_NUM",
    },
    {
        .name = "buildkite",
        .title = "Buildkite",
        .detect = { "BUILDKITE=true" },
        .tag = "BUILDKITE_TAG",
        .branch = "BUILDKITE_BRANCH",
        .commit = "BUILDKITE_COMMIT",
        .event = "BUILDKITE_SOURCE",
        .pull = { "BUILDKITE_PULL_REQUEST!=false" },
        .default_branch = "BUILDKITE_PIPELINE_DEFAULT_BRANCH",
        .url = { "BUILDKITE_REPO" },
        .run_id = "BUILDKITE_BUILD_ID",
        .run_number = "BUILDKITE_BUILD_NUMBER",
    },
    {
        .name = "travis",
        .title = "Travis CI",
        .detect = { "TRAVIS=true" },
        .tag = "TRAVIS_TAG",
        .branch = "TRAVIS_BRANCH",
        .commit = "TRAVIS_COMMIT",
        .event = "TRAVIS_EVENT_TYPE",
        .pull = { "TRAVIS_PULL_REQUEST!=false" },
        .run_id = "TRAVIS_BUILD_ID",
        .run_number = "TRAVIS_BUILD_NUMBER",
        .fetch_hint = "set 'git: {depth: false}'",
    },
    {
        .name = "appveyor",
        .title = "AppVeyor",
        .detect = { "APPVEYOR=true" },
        .tag = "APPVEYOR_REPO_TAG_NAME",
        .tag_if = "APPVEYOR_REPO_TAG=true",
        .branch = "APPVEYOR_REPO_BRANCH",
        .commit = "APPVEYOR_REPO_COMMIT",
        .pull = { "APPVEYOR_PULL_REQUEST_NUMBER" },
        .run_id = "APPVEYOR_BUILD_ID",
        .run_number = "APPVEYOR_BUILD_NUMBER",
    },
    {
        .name = "teamcity",
        .title = "TeamCity",
        .detect = { "TEAMCITY_VERSION" },
        .commit = "BUILD_VCS_NUMBER",
        .run_number = "BUILD_NUMBER",
        .properties_file = "TEAMCITY_BUILD_PROPERTIES_FILE",
        .fetch_hint = "set the VCS root to fetch tags, and the checkout mode to 'on agent'",
    },
    {
        .name = "jenkins",
        .title = "Jenkins",
        .detect = { "JENKINS_URL", "BUILD_ID" },
        .tag = "TAG_NAME",
        .branch = "BRANCH_NAME GIT_BRANCH",
        .branch_prefix = "origin/",
        .commit = "GIT_COMMIT",
        .pull = { "CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid" },
        .url = { "GIT_URL" },
        .run_id = "BUILD_TAG",
        .run_number = "BUILD_NUMBER",
        .fetch_hint = "switch off 'shallow clone' and fetch tags in the job's git settings",
    },
    { .name = "generic", .title = "no CI system that is known" },
    { .name = NULL },
};

const char *slip_ci_get(struct slip_ci_env env, const char *names)
{
    struct slip_str rest = slip_str_of(names), name;
    bool more = rest.len > 0;
    while (more) {
        char text[128];
        more = slip_str_cut(rest, ' ', &name, &rest);
        snprintf(text, sizeof(text), "%.*s", SLIP_ARG(name));
        const char *value = env.get(env.payload, text);
        if (value && value[0])
            return value;
    }
    return NULL;
}

static bool is_listed(const char *names, struct slip_str name)
{
    struct slip_str rest = slip_str_of(names), one;
    bool more = rest.len > 0;
    while (more) {
        more = slip_str_cut(rest, ' ', &one, &rest);
        if (slip_str_eq(one, name))
            return true;
    }
    return false;
}

bool slip_ci_is_public(const struct slip_ci_provider *p, struct slip_str name)
{
    const char *const lists[] = { "PATH HOME LANG LC_ALL TZ TMPDIR USER CI SOURCE_DATE_EPOCH",
                                  p->ref,
                                  p->tag,
                                  p->branch,
                                  p->commit,
                                  p->event,
                                  p->default_branch,
                                  p->run_id,
                                  p->run_number };
    for (size_t i = 0; i < SLIP_COUNT(lists); i++)
        if (is_listed(lists[i], name))
            return true;
    return false;
}

/* "NAME", "NAME=value" or "NAME!=value"; NULL holds. */
static bool holds(struct slip_ci_env env, const char *condition)
{
    if (!condition)
        return true;
    struct slip_str name, want;
    bool compares = slip_str_cut(slip_str_of(condition), '=', &name, &want);
    bool differs = compares && slip_str_ends(name, SLIP_STR("!"));
    char text[128];
    snprintf(text, sizeof(text), "%.*s", (int)(name.len - differs), name.ptr);
    const char *value = slip_ci_get(env, text);
    if (!value)
        return false;
    return !compares || (strcasecmp(value, want.ptr) == 0) != differs;
}

bool slip_ci_is_unprotected(const struct slip_ci_provider *p, struct slip_ci_env env)
{
    return p->unprotected && holds(env, p->unprotected);
}

const struct slip_ci_provider *slip_ci_provider_find(const char *name)
{
    for (const struct slip_ci_provider *p = slip_ci_providers; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

const struct slip_ci_provider *slip_ci_provider_detect(struct slip_ci_env env)
{
    const struct slip_ci_provider *p = slip_ci_providers;
    while (p[1].name && !(holds(env, p->detect[0]) && holds(env, p->detect[1])))
        p++;
    return p;
}

void slip_ci_job_clear(struct slip_ci_job *job)
{
    slip_arena_clear(&job->arena);
    *job = (struct slip_ci_job){ 0 };
}

/* ---- the ref ---- */

static const char *full_ref(struct slip_ci_job *job, const char *prefix, const char *name)
{
    if (strncmp(name, "refs/", 5) == 0)
        return name;
    return slip_arena_printf(&job->arena, "%s%s", prefix, name);
}

/* Jenkins without branches of its own: "origin/main", "refs/remotes/origin/main", "tags/v1", as the
 * job names what it builds, or "detached". */
static const char *tracking_ref(const struct slip_ci_provider *p, const char *name,
                                struct slip_ci_job *job)
{
    const char *const starts[] = { "refs/remotes/", "remotes/", p->branch_prefix };
    for (size_t i = 0; i < SLIP_COUNT(starts); i++)
        if (strncmp(name, starts[i], strlen(starts[i])) == 0)
            name += strlen(starts[i]);
    if (strcmp(name, "detached") == 0)
        return NULL;
    return full_ref(job, strncmp(name, "tags/", 5) == 0 ? "refs/" : "refs/heads/", name);
}

static const char *find_ref(const struct slip_ci_provider *p, struct slip_ci_env env,
                            struct slip_ci_job *job)
{
    const char *tag = holds(env, p->tag_if) ? slip_ci_get(env, p->tag) : NULL;
    const char *branch = slip_ci_get(env, p->branch), *ref = slip_ci_get(env, p->ref);
    if (ref)
        return ref;
    if (tag) /* some give the tag's name as a branch too */
        return full_ref(job, "refs/tags/", tag);
    return branch && p->branch_prefix ? tracking_ref(p, branch, job)
           : branch                   ? full_ref(job, "refs/heads/", branch)
                                      : NULL;
}

static bool is_pull_request(const struct slip_ci_provider *p, struct slip_ci_env env,
                            const char *event)
{
    struct slip_str rest = slip_str_of(p->pull_events), one;
    for (size_t i = 0; i < SLIP_COUNT(p->pull); i++)
        if (p->pull[i] && holds(env, p->pull[i]))
            return true;
    bool more = rest.len > 0;
    while (more) {
        more = slip_str_cut(rest, ' ', &one, &rest);
        if (slip_str_starts(slip_str_of(event), one))
            return true;
    }
    return false;
}

/* ---- the event file ---- */

static size_t depth_of(struct slip_str text)
{
    size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > deepest)
            deepest = depth;
    }
    return deepest;
}

static struct slip_str text_at(const struct slip_value *v, const char *path)
{
    struct slip_str rest = slip_str_of(path), one;
    bool more = true;
    while (more && v) {
        char key[64];
        more = slip_str_cut(rest, '.', &one, &rest);
        snprintf(key, sizeof(key), "%.*s", SLIP_ARG(one));
        v = slip_value_get(v, key);
    }
    return v && v->type == SLIP_VALUE_STRING ? v->text : SLIP_STR("");
}

static void read_event_file(struct slip_str text, struct slip_ci_job *job)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error err = { 0 };
    if (text.len == 0 || text.len > SLIP_CI_EVENT_FILE_MAX
        || depth_of(text) > SLIP_CI_EVENT_FILE_DEPTH
        || slip_json_read(text, NULL, 0, &doc, &err) < 0)
        return;
    struct slip_str branch = text_at(doc.root, "repository.default_branch");
    struct slip_str from = text_at(doc.root, "pull_request.head.repo.full_name");
    struct slip_str to = text_at(doc.root, "pull_request.base.repo.full_name");
    if (branch.len)
        job->default_branch = slip_arena_strdup(&job->arena, branch);
    if (from.len && slip_str_eq(from, to))
        job->fork = false;
}

static const char *find_url(const struct slip_ci_provider *p, struct slip_ci_env env,
                            struct slip_ci_job *job)
{
    const char *first = slip_ci_get(env, p->url[0]);
    if (!p->url[1] || !first)
        return first;
    const char *second = slip_ci_get(env, p->url[1]);
    return second ? slip_arena_printf(&job->arena, "%s/%s", first, second) : NULL;
}

static bool is_deletion(const struct slip_ci_provider *p, const struct slip_ci_job *job)
{
    bool no_commit = job->commit && job->commit[0] && job->commit[strspn(job->commit, "0")] == '\0';
    return no_commit || (p->delete_event && job->event && strcmp(job->event, p->delete_event) == 0);
}

void slip_ci_job_read(const struct slip_ci_provider *p, struct slip_ci_env env,
                      struct slip_str event_file, struct slip_ci_job *out)
{
    slip_ci_job_clear(out);
    const char *told = slip_ci_get(env, "SLIPWAY_REF"), *event = slip_ci_get(env, p->event);
    out->provider = p;
    out->ref = told ? told : find_ref(p, env, out);
    out->commit = slip_ci_get(env, "SLIPWAY_COMMIT");
    if (!out->commit)
        out->commit = slip_ci_get(env, p->commit);
    out->pull_request = is_pull_request(p, env, event);
    out->event = slip_ci_get(env, "SLIPWAY_EVENT");
    if (out->event)
        out->pull_request = slip_str_starts(slip_str_of(out->event), SLIP_STR("pull_request"))
                            || slip_str_starts(slip_str_of(out->event), SLIP_STR("merge_request"));
    else
        out->event = event;
    const char *from = slip_ci_get(env, p->same[0]), *to = slip_ci_get(env, p->same[1]);
    out->fork = out->pull_request && !(from && to && strcmp(from, to) == 0);
    out->default_branch = slip_ci_get(env, p->default_branch);
    out->url = find_url(p, env, out);
    out->run_id = slip_ci_get(env, p->run_id);
    out->run_number = slip_ci_get(env, p->run_number);
    const char *tag = slip_ci_get(env, "SLIPWAY_TAG");
    if (tag) {
        out->ref = out->commit = full_ref(out, "refs/tags/", tag);
        out->by_hand = true;
    }
    read_event_file(event_file, out);
    const char *from_branch = slip_ci_get(env, p->from_branch);
    bool by_number = out->ref && strncmp(out->ref, "refs/pull/", 10) == 0;
    if (out->pull_request && !out->fork && by_number && from_branch)
        out->ref = full_ref(out, "refs/heads/", from_branch);
    out->deleted = is_deletion(p, out) && !told && !tag;
}
