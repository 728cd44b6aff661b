/* SPDX-License-Identifier: Apache-2.0 */
/* What a CI job runs for. */
#include "ci_job.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ci/properties.h"
#include "proc/run.h"
#include "ref/update.h"

static const char *variable(void *payload, const char *name)
{
    return slip_env_get(payload, name);
}

struct slip_ci_env slip_ci_env_of(const char *const *env)
{
    return (struct slip_ci_env){ variable, (void *)(uintptr_t)env };
}

/* ---- files that variables name ---- */

/* A file that cannot be read counts as one that is not there, with a warning. */
static void read_file(struct slip_cli *cli, const char *path, struct slip_buf *out)
{
    struct slip_error unreadable = { 0 };
    bool found = false;
    if (path && slip_file_read_if_there(path, out, &found, &unreadable) < 0)
        slip_cli_warn(cli, "%s", unreadable.text);
}

/* As TeamCity calls the branches of requests, and GitHub, Bitbucket and GitLab their refs. */
static bool is_name_of_request(struct slip_str name)
{
    static const char *const starts[] = { "pull/", "pull-requests/", "merge-requests/" };
    struct slip_str refs = SLIP_STR("refs/");
    if (slip_str_starts(name, refs))
        name = slip_str_skip(name, refs.len);
    for (size_t i = 0; i < SLIP_COUNT(starts); i++)
        if (slip_str_starts(name, slip_str_of(starts[i])))
            return true;
    return false;
}

/* TeamCity: the properties of the build name the file of the parameters, where the branch stands.
 * "<default>" is what it calls the default branch, whose name is another parameter. */
static void read_properties(struct slip_cli *cli, const char *path, struct slip_ci_job *job)
{
    SLIP_AUTO(slip_buf) build = SLIP_BUF(SLIP_CI_PROPERTIES_MAX);
    SLIP_AUTO(slip_buf) parameters = SLIP_BUF(SLIP_CI_PROPERTIES_MAX);
    SLIP_AUTO(slip_buf) other = SLIP_BUF(4096);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(4096);
    read_file(cli, path, &build);
    if (slip_ci_property(slip_buf_str(&build), "teamcity.configuration.properties.file", &other))
        read_file(cli, other.ptr, &parameters);
    struct slip_str texts[] = { slip_buf_str(&build), slip_buf_str(&parameters) };
    for (size_t i = 0; i < SLIP_COUNT(texts) && name.len == 0; i++)
        if (slip_ci_property(texts[i], "teamcity.build.branch", &name)
            && strcmp(name.ptr, "<default>") == 0) {
            slip_buf_reset(&name);
            (void)slip_ci_property(texts[i], "vcsroot.branch", &name);
        }
    if (name.len && !job->ref)
        job->short_ref = slip_arena_strdup(&job->arena, slip_buf_str(&name));
    slip_buf_reset(&other);
    for (size_t i = 0; i < SLIP_COUNT(texts) && other.len == 0; i++)
        (void)slip_ci_property(texts[i], "teamcity.pullRequest.number", &other);
    if (other.len || is_name_of_request(slip_buf_str(&name)))
        job->pull_request = job->fork = true;
}

/* ---- the job ---- */

int slip_ci_find_job(struct slip_cli *cli, const struct slip_ci_flags *flags,
                     struct slip_ci_job *job, struct slip_error *err)
{
    const char *name = flags->provider ? flags->provider : "auto";
    struct slip_ci_env env = slip_ci_env_of(cli->env);
    const struct slip_ci_provider *p;
    if (strcmp(name, "auto") == 0)
        p = slip_ci_provider_detect(env);
    else
        p = slip_ci_provider_find(strcmp(name, "none") == 0 ? "generic" : name);
    if (!p) {
        slip_fail(err, SLIP_E_USAGE, "'%s' is no CI system that slipway knows", name);
        SLIP_AUTO(slip_buf) list = SLIP_BUF(400);
        for (const struct slip_ci_provider *one = slip_ci_providers; one[1].name; one++)
            slip_buf_add_fmt(&list, "%s, ", one->name);
        return slip_hint(err, "there are: auto, %snone", list.ptr);
    }

    SLIP_AUTO(slip_buf) event = SLIP_BUF(SLIP_CI_EVENT_FILE_MAX + 1);
    read_file(cli, slip_ci_get(env, p->event_file), &event);
    slip_ci_job_read(p, env, slip_buf_str(&event), job);
    if (p->properties_file)
        read_properties(cli, slip_ci_get(env, p->properties_file), job);
    if (flags->ref)
        job->ref = flags->ref;
    if (flags->commit)
        job->commit = flags->commit;
    if (flags->event) {
        job->event = flags->event;
        job->pull_request = strncmp(flags->event, "pull_request", 12) == 0
                            || strncmp(flags->event, "merge_request", 13) == 0;
        job->fork = job->pull_request;
    }
    return 0;
}

/* Only without a CI system, and without a ref that was told: a tag that points at HEAD. */
static int tag_at_head(struct slip_cli *cli, struct slip_ci_job *job, struct slip_error *err)
{
    static const char *const words[] = { "tag", "--points-at", "HEAD", NULL };
    struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (slip_git_run(&git, words, &text, NULL, err) < 0)
        return -1;
    struct slip_str rest = slip_buf_str(&text), line;
    if (slip_str_line(&rest, &line) && rest.len == 0) {
        job->ref = slip_arena_printf(&job->arena, "refs/tags/%.*s", SLIP_ARG(line));
        return 0;
    }
    bool known = strcmp(job->provider->name, "generic") != 0;
    slip_fail(err, SLIP_E_USAGE, "%s for which ref this job runs%s%s",
              known ? "it is not known" : "no CI system says", known ? ": no word of " : "",
              known ? job->provider->title : "");
    return slip_hint(err, "tell it: slipway ci --ref refs/tags/v1.0.0");
}

static bool is_here(const struct slip_git *git, const char *ref)
{
    const char *const words[] = { "rev-parse", "--verify", "--quiet", ref, NULL };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error err = { 0 };
    int status = 1;
    return slip_git_run(git, words, &out, &status, &err) == 0 && status == 0;
}

/* One commit is all that is needed of it; a checkout that is complete stays so. */
static int fetch_tag(struct slip_cli *cli, const char *remote, const char *ref,
                     struct slip_error *err)
{
    static const char *const question[] = { "rev-parse", "--is-shallow-repository", NULL };
    struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir };
    SLIP_AUTO(slip_buf) shallow = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO_FREE char *what = slip_printf("+%s:%s", ref, ref);
    if (is_here(&git, ref))
        return 0;
    if (slip_git_run(&git, question, &shallow, NULL, err) < 0)
        return -1;
    bool cut = strcmp(shallow.ptr, "true") == 0;
    const char *words[] = { "fetch", "--quiet", "--no-tags", cut ? "--depth=1" : "--no-auto-gc",
                            "--",    remote,    what,        NULL };
    const char **quiet = slip_git_env_quiet(&git, false);
    git.env = quiet;
    git.timeout_ms = 600000;
    int rc = slip_git_run(&git, words, NULL, NULL, err);
    slip_git_env_free(quiet);
    return rc < 0 ? slip_while(err, "fetching the tag that SLIPWAY_TAG names") : 0;
}

/* Is there a tag of that name, here or at the remote? */
static bool is_tag(struct slip_cli *cli, const char *remote, const char *ref)
{
    struct slip_git git = { .env = cli->env, .dir = cli->common.git_dir };
    struct slip_error err = { 0 };
    struct slip_remote_ref there;
    if (is_here(&git, ref))
        return true;
    return slip_git_ls_remote(&git, remote, &ref, 1, &there, &err) == 0 && there.id[0];
}

static void find_short_ref(struct slip_cli *cli, const char *remote, struct slip_ci_job *job)
{
    struct slip_str name = slip_str_of(job->short_ref);
    const char *tag = slip_arena_printf(&job->arena, "refs/tags/%.*s", SLIP_ARG(name));
    if (slip_str_starts(name, SLIP_STR("refs/")))
        job->ref = job->short_ref;
    else if (slip_ref_is_valid_name(slip_str_of(tag)) && is_tag(cli, remote, tag))
        job->ref = tag;
    else
        job->ref = slip_arena_printf(&job->arena, "refs/heads/%.*s", SLIP_ARG(name));
}

int slip_ci_find_ref(struct slip_cli *cli, const struct slip_ci_flags *flags,
                     struct slip_ci_job *job, struct slip_error *err)
{
    if (!job->ref && job->short_ref)
        find_short_ref(cli, flags->remote ? flags->remote : "origin", job);
    if (!job->ref && tag_at_head(cli, job, err) < 0)
        return -1;
    if (strncmp(job->ref, "refs/", 5) != 0 || !slip_ref_is_valid_name(slip_str_of(job->ref))) {
        slip_fail(err, SLIP_E_USAGE, "'%s' is not the full name of a ref", job->ref);
        return slip_hint(err, "a tag is refs/tags/NAME, a branch refs/heads/NAME");
    }
    if (job->commit && job->commit[0] == '-')
        return slip_fail(err, SLIP_E_USAGE, "'%s' is no commit", job->commit);
    return job->by_hand ? fetch_tag(cli, flags->remote ? flags->remote : "origin", job->ref, err)
                        : 0;
}

const char *const *slip_ci_public_env(struct slip_ci_job *job, const char *const *env)
{
    size_t n = 0, kept = 0;
    while (env[n])
        n++;
    const char **out = slip_arena_array(&job->arena, n + 1, sizeof(*out));
    for (size_t i = 0; i < n; i++) {
        struct slip_str name, value;
        if (slip_str_cut(slip_str_of(env[i]), '=', &name, &value)
            && slip_ci_is_public(job->provider, name))
            out[kept++] = env[i];
    }
    return out;
}
