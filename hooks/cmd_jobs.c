/* SPDX-License-Identifier: Apache-2.0 */
/* slipway jobs: names that are still to be written, and those that could not be. */
#include "commands.h"

#include "base/mem.h"
#include "base/path.h"
#include "document.h"
#include "finish_job.h"

#include <time.h>

/* The jobs of the repository that is asked for. */
struct opened {
    struct slip_repo *repo;
    struct slip_jobs jobs;
    struct slip_job_list list;
};

static void opened_clear(struct opened *o)
{
    slip_job_list_clear(&o->list);
    slip_jobs_close(&o->jobs);
    slip_repo_free(o->repo);
}
SLIP_DEFINE_AUTO(opened, opened_clear);

static int open_jobs(struct slip_cli *cli, struct opened *o, struct slip_error *err)
{
    if (slip_repo_open(cli->common.git_dir, cli->env, &o->repo, err) < 0
        || slip_open_jobs(slip_repo_common_dir(o->repo), false, &o->jobs, err) < 0)
        return -1;
    slip_jobs_list(&o->jobs, &o->list);
    return 0;
}

static struct slip_job *find_job(struct opened *o, const char *name, struct slip_error *err)
{
    const struct slip_job *job = slip_job_list_find(&o->list, slip_str_of(name));
    if (!job) {
        slip_fail(err, SLIP_E_USAGE, "there is no job '%s'", name);
        slip_hint(err, "slipway jobs list");
    }
    return job ? &o->list.at[job - o->list.at] : NULL;
}

/* "a,b" -> ["a","b"] */
static json_t *rules_json(const struct slip_job *job)
{
    json_t *list = json_array();
    struct slip_str rest = slip_str_of(job->rules), name;
    while (rest.len) {
        slip_str_cut(rest, ',', &name, &rest);
        json_array_append_new(list, slip_json_text(name));
    }
    return list;
}

static json_t *error_json(const struct slip_job *job)
{
    struct slip_error err = { 0 };
    if (!job->message)
        return json_null();
    slip_fail(&err, slip_job_kind(job), "%s", job->message);
    if (job->hint)
        slip_hint(&err, "%s", job->hint);
    return slip_json_error(&err);
}

/* What others may rely on; the file of a job has more, which only slipway needs. */
static json_t *job_json(const struct slip_job *job)
{
    return json_pack(
        "{s:s,s:s,s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:o}", "id", job->id, "state",
        slip_job_state_name(job->state), "action", slip_json_text_or_null(job->action), "git_ref",
        slip_json_text(slip_str_of(job->ref)), "object", job->oid, "commit", job->commit, "remote",
        slip_json_text(slip_str_of(job->remote_name)), "remote_url",
        slip_json_text(slip_str_of(job->remote_url)), "rules", rules_json(job), "attempt",
        (int)job->attempt, "enqueued_at", slip_json_time(job->enqueued_at), "not_before",
        slip_json_time(job->not_before), "finished_at", slip_json_time(job->finished_at),
        "builder_pid", slip_json_number_or_null(job->builder_pid), "error", error_json(job));
}

static void print_line(const struct slip_job *job)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    slip_cli_escape(slip_str_of(job->ref), &line);
    if (job->message) {
        slip_buf_add_c(&line, "  ");
        slip_cli_escape(slip_str_of(job->message), &line);
    }
    printf("%s  %-12s  %s\n", job->id, slip_job_state_name(job->state), line.ptr);
}

static void print_field(const char *name, const char *value)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    if (!value)
        return;
    slip_cli_escape(slip_str_of(value), &text);
    printf("  %-7s  %s\n", name, text.ptr);
}

/* What comes next, or what a person can do. */
static const char *next_step(const struct slip_job *job)
{
    if (slip_job_is_being_built(job))
        return "it is being built, then the names";
    switch (job->state) {
    case SLIP_JOB_WAITING:
        return "slipway sync, or the next push";
    case SLIP_JOB_FAILED:
    case SLIP_JOB_NOT_ACCEPTED:
        return "slipway jobs retry, or slipway jobs drop";
    default:
        return NULL;
    }
}

/* What was put aside has no more than a name. */
static void print_unreadable(void *payload, const char *path)
{
    (void)payload;
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    struct slip_str id = slip_path_base(slip_str_of(path));
    if (slip_str_ends(id, SLIP_STR(".json")))
        id.len -= strlen(".json");
    slip_cli_escape(id, &line);
    slip_buf_add_fmt(&line, "  %-12s  ", "unreadable");
    slip_cli_escape(slip_str_of(path), &line);
    puts(line.ptr);
}

static void add_path(void *array, const char *path)
{
    json_array_append_new(array, slip_json_text(slip_str_of(path)));
}

static int run_list(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    struct slip_error err = { 0 };
    SLIP_AUTO(opened) o = { .jobs = { .lock = -1 } };
    if (args->len)
        return slip_cli_usage(cli, "jobs list takes no arguments");
    if (open_jobs(cli, &o, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (cli->common.json) {
        json_t *jobs = json_array(), *unreadable = json_array();
        for (size_t i = 0; i < o.list.len; i++)
            json_array_append_new(jobs, job_json(&o.list.at[i]));
        slip_jobs_unreadable(&o.jobs, add_path, unreadable);
        slip_json_print(
            json_pack("{s:i,s:o,s:o}", "schema", 1, "jobs", jobs, "unreadable", unreadable));
        return 0;
    }
    for (size_t i = 0; i < o.list.len; i++)
        print_line(&o.list.at[i]);
    slip_jobs_unreadable(&o.jobs, print_unreadable, NULL);
    return 0;
}

static int run_show(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    struct slip_error err = { 0 };
    SLIP_AUTO(opened) o = { .jobs = { .lock = -1 } };
    if (args->len != 1)
        return slip_cli_usage(cli, "say which: slipway jobs show ID");
    if (open_jobs(cli, &o, &err) < 0)
        return slip_cli_fail(cli, &err);
    const struct slip_job *job = find_job(&o, args->at[0], &err);
    if (!job)
        return slip_cli_fail(cli, &err);
    if (cli->common.json) {
        slip_json_print(json_pack("{s:i,s:o,s:o}", "schema", 1, "job", job_json(job), "report",
                                  job->report ? json_loads(job->report, 0, NULL) : json_null()));
        return 0;
    }
    print_line(job);
    print_field("commit", job->commit);
    print_field("remote", job->remote_url);
    print_field("rules", job->rules);
    print_field("follows", next_step(job));
    print_field("hint", job->hint);
    if (job->text)
        fputs(job->text, stdout);
    return 0;
}

static int run_retry(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    struct slip_error err = { 0 };
    SLIP_AUTO(opened) o = { .jobs = { .lock = -1 } };
    if (args->len != 1)
        return slip_cli_usage(cli, "say which: slipway jobs retry ID");
    if (open_jobs(cli, &o, &err) < 0)
        return slip_cli_fail(cli, &err);
    struct slip_job *job = find_job(&o, args->at[0], &err);
    if (job && job->state <= SLIP_JOB_RUNNING) {
        slip_fail(&err, SLIP_E_USAGE, "'%s' is %s already", job->ref,
                  slip_job_state_name(job->state));
        slip_hint(&err, "to have it tried now: slipway sync --jobs-only");
        return slip_cli_fail(cli, &err);
    }
    if (!job || slip_jobs_retry(&o.jobs, job, &err) < 0
        || slip_start_finisher(cli, &o.jobs, &err) < 0)
        return slip_cli_fail(cli, &err);
    slip_cli_say(cli, "%s waits again; to watch: slipway wait %s", job->ref, job->id);
    return 0;
}

static int run_drop(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    struct slip_error err = { 0 };
    SLIP_AUTO(opened) o = { .jobs = { .lock = -1 } };
    if (args->len != 1)
        return slip_cli_usage(cli, "say which: slipway jobs drop ID");
    if (open_jobs(cli, &o, &err) < 0)
        return slip_cli_fail(cli, &err);
    struct slip_job *job = find_job(&o, args->at[0], &err);
    if (!job && slip_jobs_drop(&o.jobs, args->at[0])) {
        slip_cli_say(cli, "%s is forgotten; it was no job that could be read", args->at[0]);
        return 0;
    }
    if (!job)
        return slip_cli_fail(cli, &err);
    slip_jobs_drop(&o.jobs, job->id);
    slip_cli_say(cli, "%s (%s) is forgotten; names that were written stay", job->id, job->ref);
    return 0;
}

const struct slip_command slip_command_jobs_list = {
    .name = "jobs list",
    .trade = "repair",
    .synopsis = "jobs list",
    .summary = "print pushes whose names are still to be written, or could not be",
    .json = true,
    .run = run_list,
};
const struct slip_command slip_command_jobs_show = {
    .name = "jobs show",
    .trade = "repair",
    .synopsis = "jobs show ID|REF",
    .summary = "print one of them",
    .json = true,
    .run = run_show,
};
const struct slip_command slip_command_jobs_retry = {
    .name = "jobs retry",
    .trade = "repair",
    .synopsis = "jobs retry ID|REF",
    .summary = "try again what failed or was not accepted",
    .run = run_retry,
};
const struct slip_command slip_command_jobs_drop = {
    .name = "jobs drop",
    .trade = "repair",
    .synopsis = "jobs drop ID|REF",
    .summary = "forget one of them",
    .run = run_drop,
};
